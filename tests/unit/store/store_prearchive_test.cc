#include <doctest/doctest.h>

#include "base/time.hpp"
#include "unit/store/store_testing.hpp"

namespace xnatarchive {
namespace {

using State = PrearchiveState;

PrearchiveSession Session(const std::string& project, const std::string& folder) {
  PrearchiveSession session;
  session.project = project;
  session.timestamp = "20240318_150212847";
  session.last_modified_ms = 1'710'000'001'000;
  session.uploaded_ms = 1'710'000'000'847;
  session.scan_date = "2024-03-18 14:05:37.0";
  session.scan_time = "14:05:37";
  session.subject = "O'Brien";
  session.folder = folder;
  session.label = folder;
  session.study_uid = "2.25.301";
  session.state = State::kReady;
  session.url = project + "/20240318_150212847/" + folder;
  session.auto_archive = PrearchiveCode::kAutoArchiveOverwrite;
  session.prevent_anon = true;
  session.prevent_auto_commit = true;
  session.source = "uploader";
  session.visit = "v1";
  session.protocol = "sub";
  session.time_zone = "Europe/Berlin";
  return session;
}

std::string Text(const PrearchiveSession& s) {
  const std::string code =
      s.auto_archive.has_value() ? std::string(PrearchiveCodeName(*s.auto_archive)) : "none";
  std::string text;
  for (const std::string& part : {s.project,
                                  s.timestamp,
                                  std::to_string(s.last_modified_ms),
                                  std::to_string(s.uploaded_ms),
                                  s.scan_date,
                                  s.scan_time,
                                  s.subject,
                                  s.folder,
                                  s.label,
                                  s.study_uid,
                                  std::string(PrearchiveStateName(s.state)),
                                  s.url,
                                  code,
                                  std::string(s.prevent_anon ? "1" : "0"),
                                  std::string(s.prevent_auto_commit ? "1" : "0"),
                                  s.source,
                                  s.visit,
                                  s.protocol,
                                  s.time_zone,
                                  std::to_string(s.key),
                                  std::to_string(s.version)}) {
    text += part + "|";
  }
  return text;
}
std::string Text(const Result<std::optional<PrearchiveSession>>& result) {
  if (!result.ok()) return Outcome(result);
  return result->has_value() ? Text(**result) : "none";
}
std::string Folders(const Result<std::vector<PrearchiveSession>>& result) {
  if (!result.ok()) return Outcome(result);
  std::string text;
  for (const PrearchiveSession& session : *result) {
    text += session.project + "/" + session.folder + " ";
  }
  return text;
}

}  // namespace

TEST_SUITE("store.prearchive") {
  TEST_CASE("a session comes back as it was put in, and so does one of empty values") {
    const TempTree tree;
    Store store = OpenStore(tree);
    PrearchiveSession full = Session("P1", "O'Brien_MR1");
    REQUIRE(store.InsertPrearchive(full).ok());
    CHECK(full.key == 1);
    CHECK(full.version == 1);
    PrearchiveSession empty;
    REQUIRE(store.InsertPrearchive(empty).ok());
    CHECK(empty.key == 2);

    Store other = OpenStore(tree);
    CHECK(Text(other.FindPrearchive(full.Id())) == Text(full));
    CHECK(Text(other.FindPrearchive({})) == Text(empty));
    CHECK(Text(other.FindPrearchive({"P1", "20240318_150212847", "none"})) == "none");
    CHECK(Text(other.FindPrearchive({"", "20240318_150212847", "O'Brien_MR1"})) == "none");
  }

  TEST_CASE("project, timestamp and folder are unique, for Unassigned sessions too") {
    const TempTree tree;
    Store store = OpenStore(tree);
    for (const char* project : {"P1", "", "P2"}) {
      PrearchiveSession session = Session(project, "S");
      CHECK(store.InsertPrearchive(session).ok());
      PrearchiveSession again = Session(project, "S");
      CHECK(Outcome(store.InsertPrearchive(again)) == "already_exists/prearchive.exists");
      CHECK(again.key == 0);
    }
    PrearchiveSession spelled = Session("Unassigned", "S");  // the same as ""
    CHECK(Outcome(store.InsertPrearchive(spelled)) == "already_exists/prearchive.exists");
    CHECK(Folders(store.ListPrearchive()) == "P1/S /S P2/S ");
  }

  TEST_CASE("sessions are listed by project and found by study, oldest first") {
    const TempTree tree;
    Store store = OpenStore(tree);
    PrearchiveSession late = Session("P1", "late");
    late.uploaded_ms += 10;
    PrearchiveSession early = Session("P1", "early");
    PrearchiveSession loose = Session("", "loose");
    PrearchiveSession other = Session("P1", "other");
    other.study_uid = "9.9";
    for (PrearchiveSession* session : {&late, &early, &loose, &other}) {
      REQUIRE(store.InsertPrearchive(*session).ok());
    }
    CHECK(Folders(store.ListPrearchive()) == "P1/early /loose P1/other P1/late ");
    CHECK(Folders(store.ListPrearchive("P1")) == "P1/early P1/other P1/late ");
    CHECK(Folders(store.ListPrearchive("")) == "/loose ");
    CHECK(Folders(store.ListPrearchive("none")).empty());
    CHECK(Folders(store.FindPrearchiveByStudy("P1", "2.25.301")) == "P1/early P1/late ");
    CHECK(Folders(store.FindPrearchiveByStudy("P1", "2.25.301", "late")) == "P1/late ");
    CHECK(Folders(store.FindPrearchiveByStudy("", "2.25.301")) == "/loose ");
    CHECK(Folders(store.FindPrearchiveByStudy("P2", "2.25.301")).empty());
  }

  TEST_CASE("a state is changed only from an expected one, and only as the table allows") {
    const TempTree tree;
    Store store = OpenStore(tree);
    PrearchiveSession session = Session("P1", "S");
    REQUIRE(store.InsertPrearchive(session).ok());
    const PrearchiveId id = session.Id();
    const auto change = [&](std::vector<State> expected, State to) {
      const Result<PrearchiveSession> changed = store.ChangePrearchiveState(id, expected, to);
      return Outcome(changed);
    };
    const std::int64_t before = NowMs();
    const auto changed =
        store.ChangePrearchiveState(id, {State::kError, State::kReady}, State::kArchiving);
    REQUIRE(changed.ok());
    CHECK(changed->last_modified_ms >= before);
    session.state = State::kArchiving;
    session.version = 2;
    session.last_modified_ms = changed->last_modified_ms;
    CHECK(Text(*changed) == Text(session));
    CHECK(Text(store.FindPrearchive(id)) == Text(session));

    CHECK(change({State::kReady}, State::kDeleting) == "locked/prearchive.locked");
    CHECK(change({State::kArchiving}, State::kLockedArchiving) == "ok");
    CHECK(change({State::kReady}, State::kDeleting) == "locked/prearchive.locked");
    CHECK(change({State::kLockedArchiving}, State::kDeleting) ==
          "conflict/prearchive.bad-transition");
    CHECK(change({State::kLockedArchiving}, State::kConflict) == "ok");
    CHECK(change({State::kReady}, State::kArchiving) == "conflict/prearchive.unexpected-state");
    CHECK(change({}, State::kReady) == "conflict/prearchive.unexpected-state");
    const auto none = store.ChangePrearchiveState({"P1", "x", "y"}, {State::kReady}, State::kError);
    CHECK(Outcome(none) == "not_found/prearchive.not-found");
    CHECK((*store.FindPrearchive(id))->version == 4);
  }

  TEST_CASE("a row is updated only by who read its present version") {
    const TempTree tree;
    Store store = OpenStore(tree);
    PrearchiveSession mine = Session("P1", "S");
    REQUIRE(store.InsertPrearchive(mine).ok());
    PrearchiveSession yours = mine;

    yours.subject = "other";
    CHECK(store.UpdatePrearchive(yours).ok());
    CHECK(yours.version == 2);
    CHECK(yours.last_modified_ms == mine.last_modified_ms);
    CHECK(Text(store.FindPrearchive(yours.Id())) == Text(yours));

    mine.subject = "mine";
    CHECK(Outcome(store.UpdatePrearchive(mine)) == "conflict/prearchive.changed");
    CHECK(mine.version == 1);
    CHECK(Text(store.FindPrearchive(yours.Id())) == Text(yours));

    yours.state = State::kLockedArchiving;
    CHECK(Outcome(store.UpdatePrearchive(yours)) == "conflict/prearchive.bad-transition");
    yours.state = State::kBuilding;
    const std::int64_t before = NowMs();
    CHECK(store.UpdatePrearchive(yours).ok());
    CHECK(yours.last_modified_ms >= before);
    CHECK(Text(store.FindPrearchive(yours.Id())) == Text(yours));

    PrearchiveSession unknown = Session("P1", "unknown");
    CHECK(Outcome(store.UpdatePrearchive(unknown)) == "not_found/prearchive.not-found");
  }

  TEST_CASE("a session moves to another project as the same row, unless its place is taken") {
    const TempTree tree;
    Store store = OpenStore(tree);
    PrearchiveSession loose = Session("", "S");
    PrearchiveSession taken = Session("P2", "S");
    REQUIRE(store.InsertPrearchive(loose).ok());
    REQUIRE(store.InsertPrearchive(taken).ok());
    loose.project = "P2";
    CHECK(Outcome(store.UpdatePrearchive(loose)) == "already_exists/prearchive.exists");
    loose.project = "P1";
    CHECK(store.UpdatePrearchive(loose).ok());
    CHECK(Text(store.FindPrearchive(loose.Id())) == Text(loose));
    CHECK(Folders(store.ListPrearchive()) == "P1/S P2/S ");
  }

  TEST_CASE("removing is repeatable; clearing keeps the numbers of gone rows from coming back") {
    const TempTree tree;
    Store store = OpenStore(tree);
    PrearchiveSession one = Session("P1", "one");
    PrearchiveSession two = Session("", "two");
    REQUIRE(store.InsertPrearchive(one).ok());
    REQUIRE(store.InsertPrearchive(two).ok());
    CHECK(store.RemovePrearchive(two.Id()).ok());
    CHECK(store.RemovePrearchive(two.Id()).ok());
    CHECK(Folders(store.ListPrearchive()) == "P1/one ");
    CHECK(store.ClearPrearchive().ok());
    CHECK(Folders(store.ListPrearchive()).empty());
    REQUIRE(store.InsertPrearchive(one).ok());
    CHECK(one.key == 3);
  }
}

}  // namespace xnatarchive
