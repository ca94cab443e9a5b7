// A transform that does what it may not: the call fails with a reason that says what, and the
// session waits as it did, every file of it.
#include <doctest/doctest.h>

#include "unit/engine/transform_fixture.hpp"

namespace xnatarchive {
namespace {

struct Case {
  const char* reason;
  Edit edit;
};

void Ignore(const Status& status) { IgnoreError(status, "as a bad host does"); }

std::string FirstOf(SessionFiles& files) { return First(files, kScan1); }

Edit Replaces(const std::string& path) {
  return [path](SessionFiles& files, SessionDocument*) {
    return files.Replace(path, Rewritten(1, 1, 1));
  };
}

std::vector<Case> MisuseOfFiles() {
  return {
      {"transform.no-such-file", Replaces("../../../../outside.dcm")},
      {"transform.no-such-file", Replaces("/etc/passwd")},
      {"transform.no-such-file", Replaces("SCANS/1/DICOM/none.dcm")},
      {"transform.no-such-file", Replaces("")},
      {"transform.no-such-file", Replaces("SCANS/1/DICOM/scan_1_catalog.xml")},
      {"transform.no-such-file",
       [](SessionFiles& files, SessionDocument*) { return files.Read("../x").status(); }},
      {"transform.no-such-file",
       [](SessionFiles& files, SessionDocument*) {
         Ignore(files.Reject("SCANS"));
         return Status();
       }},
      {"transform.decided-twice",
       [](SessionFiles& files, SessionDocument*) {
         Ignore(files.Replace(FirstOf(files), Rewritten(1, 1, 1)));
         Ignore(files.Replace(FirstOf(files), Rewritten(1, 1, 1)));
         return Status();
       }},
      {"transform.decided-twice",
       [](SessionFiles& files, SessionDocument*) {
         Ignore(files.Reject(FirstOf(files)));
         return files.Replace(FirstOf(files), Rewritten(1, 1, 1));
       }},
      {"dicom.not-dicom",
       [](SessionFiles& files, SessionDocument*) {
         Ignore(files.Replace(FirstOf(files), std::string(1000, 'x')));
         return Status();
       }},
      {"dicom.truncated",
       [](SessionFiles& files, SessionDocument*) { return files.Replace(FirstOf(files), ""); }},
      {"transform.threw",
       [](SessionFiles& files, SessionDocument*) -> Status {
         Ignore(files.Replace(FirstOf(files), Rewritten(1, 1, 1)));
         throw 42;
       }},
      {"host.no",
       [](SessionFiles& files, SessionDocument*) -> Status {
         Ignore(files.Reject(FirstOf(files)));
         return Status(Code::kNotFound, "host.no", "not this one");
       }},
  };
}

std::vector<Case> MisuseOfTheDocument() {
  return {
      {"transform.bad-document",
       [](SessionFiles&, SessionDocument* document) {
         document->Set("a<b", "no XML name");
         return Status();
       }},
      {"transform.other-session",
       [](SessionFiles&, SessionDocument* document) {
         document->id = "XNAT_E00077";
         return Status();
       }},
      {"transform.other-session",
       [](SessionFiles&, SessionDocument* document) {
         document->xsi_type = "xnat:petSessionData";
         return Status();
       }},
      {"transform.other-session",
       [](SessionFiles&, SessionDocument* document) {
         document->label = "../up";
         return Status();
       }},
      {"transform.other-session",
       [](SessionFiles&, SessionDocument* document) {
         document->scans.at(0).id = "../../up";
         return Status();
       }},
      {"transform.other-session",
       [](SessionFiles&, SessionDocument* document) {
         *document = SessionDocument();
         return Status();
       }},
  };
}

void CheckCosts(const Case& c) {
  CAPTURE(c.reason);
  TransformFixture fixture;
  fixture.Use(c.edit);
  const std::string before = fixture.tree.Dump("root/prearchive/DEMO");
  const Status validated = fixture.engine->Validate(fixture.Request()).status();
  const Status archived = fixture.engine->Archive(fixture.Request()).status();
  for (const Status* status : {&validated, &archived}) {
    CHECK(status->reason() == c.reason);
    CHECK(status->code() == Code::kHandlerFailed);
    CHECK(status->disk_state() == DiskState::kUnchanged);
  }
  CHECK(fixture.tree.Dump("root/prearchive/DEMO") == before);
  CHECK(fixture.Archived().empty());
  CHECK(fixture.LeftOvers().empty());
  CHECK(Must(fixture.engine->FindPrearchiveSession(fixture.src)).state == PrearchiveState::kReady);
  fixture.Use(RewriteAll(7));
  CHECK(Must(fixture.engine->Archive(fixture.Request())).files == 6);  // no lock is left
}

}  // namespace

TEST_SUITE("engine.transform") {
  TEST_CASE("rubbish costs the call: trees, rows and locks are as before, and the reason is its") {
    for (const Case& c : MisuseOfFiles()) CheckCosts(c);
    for (const Case& c : MisuseOfTheDocument()) CheckCosts(c);
  }

  TEST_CASE("a name that can not be recorded costs the call") {
    TransformFixture fixture;
    const auto nothing = [](SessionFiles&, SessionDocument*) { return Status(); };
    for (const std::string& name :
         {std::string(), std::string(65, 'x'), std::string("two\nlines"), std::string("\xFF")}) {
      fixture.Use(nothing, name);
      CHECK(fixture.engine->Archive(fixture.Request()).status().reason() == "transform.bad-name");
    }
    fixture.Use(nothing, std::string(64, 'x'));
    Must(fixture.engine->Archive(fixture.Request()));
  }

  TEST_CASE("what comes to the waiting session meanwhile is not lost with it") {
    for (const char* change : {"added", "changed", "removed"}) {
      CAPTURE(change);
      TransformFixture fixture;
      std::string folder =
          "root/prearchive/DEMO/" + fixture.src.substr(fixture.src.find("/DEMO/") + 6);
      fixture.Use([&](SessionFiles& files, SessionDocument*) {
        const std::string path = First(files, kScan1);
        const std::string on_disk = folder + "/" + path;
        const std::string bytes = Must(files.Read(path));
        if (change == std::string("added")) fixture.tree.Write(folder + "/new.txt", "new");
        if (change == std::string("changed")) fixture.tree.Write(on_disk, bytes + "more");
        if (change == std::string("removed")) fixture.tree.Remove(on_disk);
        return files.Replace(path, Rewritten(1, 1, 1));
      });
      const Status refused = fixture.engine->Archive(fixture.Request()).status();
      CHECK(refused.reason() == "archive.source-changed");
      CHECK(refused.disk_state() == DiskState::kUnchanged);
      CHECK(fixture.Archived().empty());
      CHECK(fixture.LeftOvers().empty());
      if (change == std::string("added")) CHECK(fixture.tree.Read(folder + "/new.txt") == "new");
    }
  }
}

}  // namespace xnatarchive
