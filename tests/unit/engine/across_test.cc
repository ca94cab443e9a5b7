// Archive and prearchive on two real file systems: what comes of it is what one file system gives.
#include <doctest/doctest.h>

#include <optional>

#include "dicom/header.hpp"
#include "support/test_hooks.hpp"
#include "unit/engine/findings_fixture.hpp"

namespace xnatarchive {
namespace {

using Fixture = FindingsFixture;

/// A directory on another file system than `tree`; none where there is none.
std::unique_ptr<TempTree> OnAnotherFileSystem(TempTree& tree) {
  const std::uint64_t device = Must(tree.dir().Stat("")).device;
  for (const char* base : {"/dev/shm", "/tmp", "/var/tmp"}) {
    if (!Directory::Open(PosixFileSystem(), base).ok()) continue;
    auto other = std::make_unique<TempTree>(PosixFileSystem(), base);
    if (Must(other->dir().Stat("")).device != device) return other;
  }
  return nullptr;
}

/// Paths and sizes, and of DICOM files what is in them: catalogs and documents tell the time.
std::string WithoutTimes(const std::string& dump) {
  std::string text;
  for (const std::string& line : Split(dump, '\n')) {
    const bool dicom = line.find(".dcm ") != std::string::npos;
    const bool history =
        StartsWith(line, ".xa/history/") && line.find('/', 12) != std::string::npos;
    if (StartsWith(line, ".xa/") && !history) continue;
    const std::string path = history ? "history" + line.substr(line.find('/', 12)) : line;
    text += (dicom ? path : path.substr(0, path.rfind(' '))) + "\n";
  }
  return text;
}

/// New, appended to, replaced in, sent again, and a scan renamed.
void ArchiveAndMerge(Fixture& fixture) {
  const auto merge = [&](const std::vector<DicomSpec>& objects, Overwrite overwrite) {
    ArchiveRequest request;
    request.src = fixture.Receive(objects);
    request.overwrite = overwrite;
    return Must(fixture.engine->Archive(request)).counts;
  };
  DicomSpec changed = Fixture::Object(1, 1);
  changed.values[0x00204000] = "changed";
  fixture.ArchiveNow({Fixture::Object(1, 1), Fixture::Object(1, 2)});
  CHECK(merge({Fixture::Object(1, 3), Fixture::Object(2, 1)}, Overwrite::kAppend).added == 2);
  CHECK(merge({changed, Fixture::Object(1, 2)}, Overwrite::kDelete).replaced == 1);
  CHECK(merge({changed, Fixture::Object(1, 3)}, Overwrite::kAppend).identical == 2);
  CHECK(merge({Fixture::Object(3, 1, "1")}, Overwrite::kAppend).added == 1);
}

/// Rewrites the third object of series 1, and leaves everything else as it is.
std::shared_ptr<SessionTransform> RewritesTheThird() {
  return std::make_shared<TestTransform>([](const SessionCandidate&, SessionFiles& files,
                                            SessionDocument*, const Cancelled&) -> Status {
    DicomSpec third = Fixture::Object(1, 3);
    for (const std::string& path : files.Paths()) {
      if (!EndsWith(path, ".dcm")) continue;
      const auto header = ReadHeader(Must(files.Read(path)), Completeness::kWholeFile);
      if (Must(header).Get(kTagSOPInstanceUID) != InstanceUid(third)) continue;
      third.values[0x00204000] = "rewritten";
      return files.Replace(path, MakeDicom(third));
    }
    return Status();
  });
}

void CheckAcross(const std::shared_ptr<SessionTransform>& transform) {
  Fixture one;
  one.options.session_transform = transform;
  one.Open();
  ArchiveAndMerge(one);
  Fixture two;
  two.options.session_transform = transform;
  const std::unique_ptr<TempTree> other = OnAnotherFileSystem(two.tree);
  if (other == nullptr) {
    MESSAGE("skipped: there is no second file system");
    return;
  }
  two.engine.reset();
  two.tree.Remove("root");
  two.options.archive_path = other->path() + "/archive";
  Must(ArchiveEngine::Init(two.options, InitOptions{}));
  two.Open();
  Project project;
  project.id = "DEMO";
  Must(two.engine->AddProject(project));
  ArchiveAndMerge(two);
  const std::string expected = WithoutTimes(one.tree.Dump("root/archive"));
  CHECK(expected.find("history/SCANS/1/DICOM/") != std::string::npos);
  CHECK(WithoutTimes(other->Dump("archive")) == expected);
  CHECK(Must(two.engine->PrearchiveSessions()).empty());
  CHECK(two.tree.Dump("root/prearchive").find(".dcm") == std::string::npos);
  CHECK(other->Dump("archive/.xa/ops").empty());
  CHECK(other->Dump("archive/.xa/trash").empty());
  const std::string record = Must(two.engine->History()).at(0).id;
  CHECK(Must(two.engine->RestoreHistory(record)).counts.replaced == 1);
}

}  // namespace

TEST_SUITE("engine.across") {
  TEST_CASE("merging from one file system to another gives what merging on one gives") {
    CheckAcross(nullptr);
  }

  TEST_CASE("the same with files that are rewritten on their way") {
    CheckAcross(RewritesTheThird());
  }
}

}  // namespace xnatarchive
