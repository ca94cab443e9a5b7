// Moving a session on a disk that stops at every call that changes it: afterwards the session is in
// one project, whole, with one row and a document that names where it is.
#include <doctest/doctest.h>

#include "support/engine_fixture.hpp"
#include "support/fault_file_system.hpp"

namespace xnatarchive {
namespace {

std::string ProjectOf(const EngineFixture& fixture) {
  const auto rows = Must(fixture.engine->PrearchiveSessions());
  REQUIRE(rows.size() == 1);
  const PrearchiveSession& row = rows[0];
  CHECK(row.state == PrearchiveState::kReady);
  const std::string uri =
      "/prearchive/projects/" + row.project + "/" + row.timestamp + "/" + row.folder;
  const SessionDocument document = Must(fixture.engine->Document(uri));
  CHECK(document.project == row.project);
  CHECK(document.Get("prearchivePath") == fixture.options.root + "/prearchive/" + row.url);
  const std::string other = row.project == "DEMO" ? "OTHER" : "DEMO";
  CHECK_FALSE(fixture.tree.Exists("root/prearchive/" + other));
  const std::string dump = fixture.tree.Dump("root/prearchive/" + row.url);
  std::size_t files = 0;
  for (std::size_t at = 0; (at = dump.find(".dcm ", at)) != std::string::npos; ++at) ++files;
  CHECK(files == 3);
  for (const char* place : {"root/prearchive/.xa/ops", "root/prearchive/.xa/trash"}) {
    if (fixture.tree.Exists(place)) CHECK(fixture.tree.Dump(place).empty());
  }
  return row.project;
}

}  // namespace

TEST_SUITE("engine.move.fault") {
  TEST_CASE("a move that was stopped anywhere has happened, or not, and says the truth") {
    std::uint64_t runs = 0;
    for (const FaultMode& mode : kFaultModes) {
      for (std::uint64_t n = 1;; n += kFaultStep) {
        CAPTURE(mode.name);
        CAPTURE(n);
        EngineFixture fixture;
        Project other;
        other.id = "OTHER";
        Must(fixture.engine->AddProject(other));
        fixture.WriteStudy("a", 1, 1, 3);
        const std::string src = fixture.Import("a").uris[0];
        Must(fixture.engine->Build(src));
        FaultFileSystem disk;
        fixture.Open(&disk);
        disk.Reset();
        mode.Arm(n, &disk);
        const Result<std::string> moved = fixture.engine->MovePrearchiveSession(src, "OTHER");
        const bool triggered = disk.triggered();
        CAPTURE(disk.fault_call());
        CAPTURE(moved.status().ToString());
        fixture.Open();  // a healthy disk; recovers
        const std::string project = ProjectOf(fixture);
        if (moved.ok()) CHECK(project == "OTHER");
        if (moved.status().disk_state() == DiskState::kUnchanged && !moved.ok()) {
          CHECK(project == "DEMO");
        }
        if (moved.status().disk_state() == DiskState::kRecoveryPending) CHECK(project == "OTHER");
        ++runs;
        if (!triggered) {
          CHECK(n > 1);
          break;
        }
      }
    }
    MESSAGE(runs << " runs");
  }
}

}  // namespace xnatarchive
