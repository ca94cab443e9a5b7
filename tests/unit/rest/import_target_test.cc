// services/import: single objects, uploads that are archived at once, and those into a session that
// waits.
#include <doctest/doctest.h>

#include "import_fixture.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kDicom = "application/dicom";

DicomSpec Object(int study, int instance) {
  DicomSpec spec = EngineFixture::Spec(study);
  spec.instance = instance;
  return spec;
}

struct TargetFixture : ImportFixture {
  std::string Post(const std::string& query, const std::string& bytes, const std::string& type) {
    return Send("POST", kImport + "?" + query, bytes, type);
  }
  PrearchiveState State() { return Must(engine->FindPrearchiveSession(Waiting())).state; }
  std::size_t Files(const std::string& path) {
    return Must(engine->List(path + "/scans/1/resources/DICOM/files")).rows.size();
  }
  std::vector<std::string> CommitIdle() {
    Must(engine->SetSetting("session_idle_minutes", "0"));
    return Must(engine->CommitIdle()).archived;
  }
};

const std::string kArchived = "/data/archive/projects/UP/subjects/S/experiments/";

}  // namespace

TEST_SUITE("rest.services_import_target") {
  TEST_CASE("an object by its media type is one of several: its session is complete when idle") {
    for (const char* type :
         {"application/dicom", "application/x-mirc", "application/x-mirc-dicom; charset=x"}) {
      CAPTURE(type);
      TargetFixture fixture;
      Must(fixture.engine->SetSetting("prearchive_code", "4", "UP"));
      for (int instance = 1; instance <= 2; ++instance) {
        const std::string answer =
            fixture.Post("project=UP&subject=S&session=G", MakeDicom(Object(1, instance)), type);
        CHECK(answer == fixture.Uri("/data" + fixture.Waiting()));
        CHECK(fixture.State() == PrearchiveState::kReceiving);
      }
      CHECK(fixture.CommitIdle() == std::vector<std::string>{kArchived + "G"});
    }
  }

  TEST_CASE("a named handler goes before the media type, and a commit builds one object, too") {
    TargetFixture fixture;
    CHECK(fixture.Brief(fixture.Post("import-handler=DICOM-zip&project=UP&session=A", fixture.zip,
                                     kDicom)) == "200");
    CHECK(fixture.State() == PrearchiveState::kReady);
    Must(fixture.engine->DeletePrearchiveSession(fixture.Waiting()));
    CHECK(fixture.Brief(fixture.Post("action=commit&project=UP&session=B", MakeDicom(Object(1, 1)),
                                     kDicom)) == "200");
    CHECK(fixture.State() == PrearchiveState::kReady);
  }

  TEST_CASE("prearchive_code=1 archives, and adds to what is archived already") {
    TargetFixture fixture;
    const std::string query = "prearchive_code=1&project=UP&subject=S&session=C";
    const auto post = [&](const std::string& more, const DicomSpec& spec) {
      return fixture.Post(query + more, MakeDicom(spec), "");
    };
    CHECK(post("", Object(1, 1)) == fixture.Uri(kArchived + "C"));
    CHECK(post("", Object(1, 2)) == fixture.Uri(kArchived + "C"));
    CHECK(fixture.Files("/projects/UP/subjects/S/experiments/C") == 2);
    // Appending replaces nothing, and what the sender says goes before.
    DicomSpec other = Object(1, 1);
    other.values[0x00081030] = "another description";
    const auto refused = [&](const std::string& answer) {
      const bool conflict = answer.find("409\n") == 0;
      Must(fixture.engine->DeletePrearchiveSession(fixture.Waiting()));
      return conflict;
    };
    CHECK(refused(post("", other)));
    CHECK(refused(post("&overwrite=none", Object(1, 3))));
    // A project that overwrites, does.
    Must(fixture.engine->SetSetting("prearchive_code", "5", "UP"));
    CHECK(post("", other) == fixture.Uri(kArchived + "C"));
    CHECK(Must(fixture.engine->History()).size() == 1);
  }

  TEST_CASE("an upload into a waiting session goes into that one, however it is named") {
    TargetFixture fixture;
    CHECK(fixture.Brief(fixture.Post("project=UP&subject=S&session=D", MakeDicom(Object(1, 1)),
                                     "")) == "200");
    const std::string path = fixture.Waiting();
    const PrearchiveSession row = Must(fixture.engine->FindPrearchiveSession(path));
    const std::string parts =
        "project=UP&PREARC_TIMESTAMP=" + row.timestamp + "&PREARC_SESSION_FOLDER=D";
    int instance = 1;
    for (const std::string& query : {"dest=" + path, "dest=/data" + path, parts}) {
      CAPTURE(query);
      CHECK(fixture.Post(query, MakeDicom(Object(1, ++instance)), "") ==
            fixture.Uri("/data" + path));
      CHECK(fixture.Waiting() == path);
      CHECK(fixture.Files(path) == static_cast<std::size_t>(instance));
    }
    // Of two that wait with one study and label it is the one that was named.
    CHECK(fixture.Brief(fixture.Post("project=DEMO&subject=S&session=D", MakeDicom(Object(1, 1)),
                                     "")) == "200");
    const std::string demo = "/prearchive/projects/DEMO/" +
                             Must(fixture.engine->PrearchiveSessions("DEMO")).at(0).timestamp +
                             "/D";
    const std::string second = Must(fixture.engine->MovePrearchiveSession(demo, "UP")).substr(5);
    for (const std::string& named : {path, second}) {
      CHECK(fixture.Post("dest=" + named, MakeDicom(Object(1, 9)), "") ==
            fixture.Uri("/data" + named));
    }
  }

  TEST_CASE("XNAT's other names and spellings count, and what makes no difference is passed over") {
    TargetFixture fixture;
    const auto kept = [&](const std::string& query, const char* name) {
      const std::string target = "PROJECT_ID=UP&SUBJECT_ID=S&EXPT_LABEL=D&label=D&session=&";
      CHECK(fixture.Brief(fixture.Post(target + query, MakeDicom(Object(1, 1)), "")) == "200");
      const auto row = Must(fixture.engine->FindPrearchiveSession(fixture.Waiting()));
      CHECK(row.project + "/" + row.subject + "/" + row.label == "UP/S/D");
      Must(fixture.engine->DeletePrearchiveSession(fixture.Waiting()));
      return row.Parameter(name);
    };
    CHECK(kept("quarantine=1", "quarantine") == "true");
    CHECK(kept("quarantine=FALSE", "quarantine") == "FALSE");
    CHECK(kept("triggerPipelines=0", "triggerPipelines") == "false");
    CHECK(kept("tiggerPipelines=false", "triggerPipelines") == "false");  // xnatpy's
    CHECK(kept("overwrite=Override&overwrite_files=true", "overwrite") == "Override");
    // xnatctl's transfer, and XNAT's own.
    CHECK(kept("destination=/archive&transaction=1&Custom-Processing=true&prearc-importer=DICOM",
               "AA") == "");
  }

  TEST_CASE("what would not count is refused, and nothing is received") {
    TargetFixture fixture;
    const std::string before = fixture.Dump();
    const struct {
      const char* query;
      const char* answer;
    } cases[] = {
        {"PROJECT_ID=DEMO", "400 rest.contradiction"},
        {"subject=A&SUBJECT_ID=B", "400 rest.contradiction"},
        {"session=A&EXPT_LABEL=B", "400 rest.contradiction"},
        {"overwrite=apend", "400 rest.bad-value"},
        {"overwrite=delete&overwrite_files=false", "400 rest.contradiction"},
        {"prearchive_code=4", "400 rest.bad-value"},
        {"prearc-importer=ECAT", "501 rest.no-such-importer"},
        {"import-handler=XAR", "404 import.unknown-handler"},
        {"newProject=DEMO", "400 rest.unused-parameter"},
        {"overrideLock=true", "400 rest.unused-parameter"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.query);
      const std::string query = "project=UP&" + std::string(row.query);
      CHECK(fixture.Brief(fixture.Post(query, MakeDicom(Object(1, 1)), "")) == row.answer);
      CHECK(fixture.Dump() == before);
    }
  }

  TEST_CASE("dest=/archive archives where the parameters say, and where the data says") {
    for (const char* dest : {"dest=/archive", "dest=/data/archive"}) {
      CAPTURE(dest);
      TargetFixture fixture;
      CHECK(fixture.Post(dest + std::string("&PROJECT_ID=UP&SUBJECT_ID=S&EXPT_LABEL=D"),
                         MakeDicom(Object(1, 1)), "") == fixture.Uri(kArchived + "D"));
      DicomSpec spec = Object(2, 1);
      spec.values[0x00081030] = "UP";
      const std::string answer = fixture.Post(dest, MakeDicom(spec), "");
      CHECK(answer.find("\r\n") != std::string::npos);
      CHECK(answer.find("/data/archive/projects/UP/subjects/") != std::string::npos);
      CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
    }
  }

  TEST_CASE("what can not go into the waiting session it was sent to goes nowhere") {
    TargetFixture fixture;
    CHECK(fixture.Brief(fixture.Post("project=UP&subject=S&session=D", MakeDicom(Object(1, 1)),
                                     "")) == "200");
    const std::string path = fixture.Waiting();
    const std::string timestamp = Must(fixture.engine->FindPrearchiveSession(path)).timestamp;
    const std::string at = "PREARC_TIMESTAMP=" + timestamp;
    const std::string in = "&PREARC_SESSION_FOLDER=D";
    const struct {
      std::string query;
      const char* answer;
    } cases[] = {
        {"dest=" + path, "409 import.other-study"},
        {"project=UP&" + at + in, "409 import.other-study"},
        {"dest=" + path + "&session=OTHER", "400 import.contradiction"},
        {"dest=" + path + "&project=DEMO", "400 import.contradiction"},
        {"dest=" + path + "x", "404 prearchive.not-found"},
        {"project=UP&" + at + in + "x", "404 prearchive.not-found"},
        {"project=UP&" + at, "400 rest.bad-target"},
        {"project=UP" + in, "400 rest.bad-target"},
        {at + in, "400 rest.bad-target"},
        {"project=UP&dest=/prearchive/projects/UP&" + at + in, "400 rest.bad-target"},
        {"dest=/prearchive/projects/UP/" + timestamp, "400 import.bad-dest"},
    };
    const std::string before = fixture.tree.Dump("root/prearchive/UP");
    for (const auto& row : cases) {
      CAPTURE(row.query);
      CHECK(fixture.Brief(fixture.Post(row.query, MakeDicom(Object(2, 1)), "")) == row.answer);
      CHECK(fixture.Waiting() == path);
      CHECK(fixture.tree.Dump("root/prearchive/UP") == before);
    }
  }

  TEST_CASE("an upload into an Unassigned session stays there, whatever project its data names") {
    TargetFixture fixture;
    const auto object = [](int instance) {
      DicomSpec spec = Object(1, instance);
      spec.values[0x00081030] = "NOBODY";
      return spec;
    };
    CHECK(fixture.Brief(fixture.Post("session=U", MakeDicom(object(1)), "")) == "200");
    const auto rows = Must(fixture.engine->PrearchiveSessions("Unassigned"));
    REQUIRE(rows.size() == 1);
    Project named;
    named.id = "NOBODY";  // from now on there is one
    Must(fixture.engine->AddProject(named));
    const std::string path = "/prearchive/projects/Unassigned/" + rows[0].timestamp + "/U";
    CHECK(fixture.Post("dest=" + path, MakeDicom(object(2)), "") == fixture.Uri("/data" + path));
    CHECK(fixture.Files(path) == 2);
    CHECK(Must(fixture.engine->PrearchiveSessions()).size() == 1);
  }
}

}  // namespace xnatarchive
