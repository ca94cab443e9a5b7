// Moving waiting sessions between projects, and setting their states.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <set>

#include "base/text.hpp"
#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"
#include "unit/engine/held_lock.hpp"

namespace xnatarchive {
namespace {

struct MoveFixture : EngineFixture {
  MoveFixture() {
    Project other;
    other.id = "OTHER";
    Must(engine->AddProject(other));
  }
  PrearchiveSession Row(const std::string& uri) { return Must(engine->FindPrearchiveSession(uri)); }
  std::string Move(const std::string& src, const char* project = "OTHER") {
    return Must(engine->MovePrearchiveSession(src, project));
  }
  std::string Receive(int study, const char* project = "DEMO") {
    WriteStudy(std::to_string(study), study, 2, 2);
    ImportRequest request = Request(std::to_string(study));
    request.parameters["project"] = project;
    return Must(engine->Import(request)).uris[0];
  }
  /// Names and contents below the session's directory, but its log.
  std::string Files(const std::string& uri) {
    std::string dump = tree.Dump("root/prearchive/" + Row(uri).url + "/SCANS");
    return dump;
  }
  /// Inode numbers of the session's images, by path: a copy would have another.
  std::map<std::string, ino_t> Inodes(const std::string& uri) {
    const std::string scans = tree.path() + "/root/prearchive/" + Row(uri).url + "/SCANS";
    std::map<std::string, ino_t> inodes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scans)) {
      struct stat info {};
      if (!EndsWith(entry.path().native(), ".dcm")) continue;
      REQUIRE(::stat(entry.path().c_str(), &info) == 0);
      inodes[entry.path().lexically_relative(scans)] = info.st_ino;
    }
    return inodes;
  }
  std::string SetState(const std::string& uri, std::optional<PrearchiveState> wanted = {}) {
    const auto row = engine->SetPrearchiveState(uri, wanted);
    return row.ok() ? std::string(PrearchiveStateName(row->state))
                    : std::string(row.status().reason());
  }
};

}  // namespace

TEST_SUITE("engine.move") {
  TEST_CASE("a READY session is READY in the other project, archives there, and can be found") {
    MoveFixture fixture;
    const std::string src = fixture.Receive(1);
    Must(fixture.engine->Build(src));
    const PrearchiveSession before = fixture.Row(src);
    const std::string files = fixture.Files(src);
    const std::string moved = fixture.Move(src);
    CHECK(moved == "/data/prearchive/projects/OTHER/" + before.timestamp + "/S1");
    CHECK(fixture.engine->FindPrearchiveSession(src).status().code() == Code::kNotFound);
    const PrearchiveSession row = fixture.Row(moved);
    CHECK(row.state == PrearchiveState::kReady);
    CHECK(row.label == before.label);
    CHECK(row.subject == before.subject);
    CHECK(row.key == before.key);
    CHECK(row.uploaded_ms == before.uploaded_ms);
    CHECK(fixture.Files(moved) == files);
    const SessionDocument document = Must(fixture.engine->Document(moved));
    CHECK(document.project == "OTHER");
    CHECK(document.label == "S1");
    CHECK(document.Get("prearchivePath") == fixture.options.root + "/prearchive/" + row.url);
    CHECK_FALSE(fixture.tree.Exists("root/prearchive/DEMO"));
    CHECK(Must(fixture.engine->PrearchiveLog(moved)).back().find("Moved from") !=
          std::string::npos);
    CHECK(Must(fixture.engine->Audit(moved)).rows.size() == 1);
    const ArchiveReport archived = Must(fixture.Archive(moved));
    CHECK(archived.uri ==
          "/data/archive/projects/OTHER/subjects/" + row.subject + "/experiments/S1");
    std::string trail;  // from the upload on
    for (const auto& record : Must(fixture.engine->Audit(archived.uri)).rows) {
      trail += record[3] + " " + record[9] + " ";
    }
    CHECK(trail == "Received 4 Built 4 Moved 4 Moved 4 Transferred 4 ");
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string&, Permission, const std::string& project, const Cancelled&) {
          return project == "DEMO" ? Status(Code::kPermission, "no", "no") : Status();
        });
    fixture.Open();  // where it waited first, not everybody may know of
    CHECK(Must(fixture.engine->Audit(archived.uri)).rows.size() == 2);
  }

  TEST_CASE("a session whose project nobody knew is taken out of Unassigned, unbuilt as it is") {
    MoveFixture fixture;
    const std::string src = fixture.Receive(1, "Unassigned");
    const std::string moved = fixture.Move(src, "DEMO");
    CHECK(fixture.Row(moved).state == PrearchiveState::kReceiving);
    fixture.WriteStudy("more", 1, 3, 2);
    CHECK(fixture.Import("more").uris[0] == moved);  // what comes later joins it there
    CHECK(Must(fixture.Archive(moved)).files == 6);
  }

  TEST_CASE(
      "a session that files came to after its build stays RECEIVING, for the tree alone, too") {
    MoveFixture fixture;
    const std::string src = fixture.Receive(1);
    Must(fixture.engine->Build(src));
    fixture.WriteStudy("more", 1, 3, 2);
    CHECK(fixture.Import("more").uris[0] == src);
    const std::string moved = fixture.Move(src);
    CHECK(fixture.Row(moved).state == PrearchiveState::kReceiving);
    fixture.LoseStore();
    Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
    fixture.Open();
    Must(fixture.engine->Reindex());
    CHECK(fixture.Row(moved).state == PrearchiveState::kReceiving);
    CHECK(Must(fixture.Archive(moved)).files == 6);
  }

  TEST_CASE("files are moved, not copied, also out of Unassigned") {
    MoveFixture fixture;
    for (const char* from : {"DEMO", "Unassigned"}) {
      CAPTURE(from);
      const std::string src = fixture.Receive(from == std::string("DEMO") ? 1 : 2, from);
      Must(fixture.engine->Build(src));
      const auto before = fixture.Inodes(src);
      CHECK(before.size() == 4);
      CHECK(fixture.Inodes(fixture.Move(src)) == before);
    }
  }

  TEST_CASE("two sessions of one name and time stay two") {
    MoveFixture fixture;
    const std::string a = fixture.Move(fixture.Receive(1));
    const PrearchiveSession row = fixture.Row(a);
    fixture.WriteStudy("b", 2, 1, 1);
    ImportRequest request = fixture.Request("b");
    request.parameters["session"] = "S1";
    const std::string b = Must(fixture.engine->Import(request)).uris[0];
    fixture.tree.Write("root/prearchive/OTHER/" + fixture.Row(b).timestamp + "/S1/other", "x");
    const std::string moved = fixture.Move(b);
    CHECK(moved != a);
    CHECK(fixture.Row(moved).timestamp != fixture.Row(a).timestamp);
    CHECK(fixture.tree.Dump("root/prearchive/" + fixture.Row(moved).url).find("other") ==
          std::string::npos);
    CHECK(Must(fixture.engine->PrearchiveSessions("OTHER")).size() == 2);
  }

  TEST_CASE("what is moved where it is stays; what can not be moved is as it was") {
    MoveFixture fixture;
    const std::string src = fixture.Receive(1);
    const std::string before = fixture.Files(src);
    CHECK(fixture.Move(src, "DEMO") == src);
    const auto reason = [&](const std::string& uri, const char* project) {
      return std::string(fixture.engine->MovePrearchiveSession(uri, project).status().reason());
    };
    CHECK(reason(src, "NONE") == "project.not-found");
    CHECK(reason(src, "Unassigned") == "project.not-found");
    CHECK(reason("/prearchive/projects/DEMO/20200101_000000000/S1", "OTHER") ==
          "prearchive.not-found");
    CHECK(reason("/archive/projects/DEMO", "OTHER") == "uri.not-a-prearchive-session");
    {
      const HeldLock lock(fixture, src);
      CHECK(reason(src, "OTHER") == "operation.locked");
    }
    CHECK(fixture.Row(src).state == PrearchiveState::kReceiving);
    CHECK(Must(fixture.engine->PrearchiveSessions()).size() == 1);
    CHECK(fixture.Files(src) == before);
  }

  TEST_CASE("who may edit there and delete here may move") {
    MoveFixture fixture;
    const std::string src = fixture.Receive(1);
    std::set<std::pair<Permission, std::string>> denied;
    fixture.options.access_policy =
        std::make_shared<TestPolicy>([&](const std::string&, Permission permission,
                                         const std::string& project, const Cancelled&) {
          return denied.count({permission, project}) == 0
                     ? Status()
                     : Status(Code::kPermission, "host.no", "no");
        });
    fixture.Open();
    for (const auto& question : {std::pair<Permission, std::string>{Permission::kEdit, "OTHER"},
                                 {Permission::kDelete, "DEMO"}}) {
      denied = {question};
      CHECK(fixture.engine->MovePrearchiveSession(src, "OTHER").status().reason() ==
            "access.denied");
    }
    denied = {{Permission::kDelete, "OTHER"}, {Permission::kAdmin, "DEMO"}};
    CHECK(fixture.engine->MovePrearchiveSession(src, "OTHER").ok());
  }

  TEST_CASE("the listener is told where it is now") {
    MoveFixture fixture;
    const std::string src = fixture.Receive(1);
    std::vector<Event> events;
    fixture.options.event_sink = std::make_shared<TestSink>(
        [&](const Event& event, const Cancelled&) { events.push_back(event); });
    fixture.Open();
    const std::string moved = fixture.Move(src);
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == EventKind::kMoved);
    CHECK(events[0].uri == moved);
    CHECK(events[0].project == "OTHER");
  }

  TEST_CASE("a conflict with the project it leaves is forgotten") {
    MoveFixture fixture;
    const std::string first = fixture.Receive(1);
    Must(fixture.Archive(first));
    const std::string again = fixture.Receive(1);
    REQUIRE_FALSE(fixture.Archive(again).ok());
    CHECK(fixture.Row(again).state == PrearchiveState::kConflict);
    const std::string moved = fixture.Move(again);
    CHECK(fixture.Row(moved).state == PrearchiveState::kReady);
    Must(fixture.Archive(moved));
  }

  TEST_CASE("a state is set as far as the files allow, and never one of an operation") {
    MoveFixture fixture;
    using State = PrearchiveState;
    const std::string src = fixture.Receive(1);
    CHECK(fixture.SetState(src) == "RECEIVING");
    CHECK(fixture.SetState(src, State::kReady) == "prearchive.not-built");
    Must(fixture.engine->Build(src));
    CHECK(fixture.SetState(src, State::kConflict) == "CONFLICT");
    CHECK(fixture.SetState(src, State::kError) == "ERROR");
    CHECK(fixture.SetState(src) == "READY");
    CHECK(fixture.SetState(src, State::kReceiving) == "RECEIVING");
    CHECK(fixture.SetState(src) == "RECEIVING");
    CHECK(fixture.SetState(src, State::kReady) == "prearchive.not-built");
    for (std::size_t i = 0; i < kPrearchiveStateCount; ++i) {
      const auto state = static_cast<State>(i);
      if (state == State::kReady || state == State::kReceiving || state == State::kConflict ||
          state == State::kError) {
        continue;
      }
      CHECK(fixture.SetState(src, state) == "prearchive.bad-state");
    }
    const HeldLock lock(fixture, src);
    CHECK(fixture.SetState(src, State::kError) == "operation.locked");
  }
}

}  // namespace xnatarchive
