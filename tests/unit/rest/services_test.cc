// services/archive, services/validate-archive and services/refresh/catalog, as clients call them.
#include <doctest/doctest.h>

#include "rest_fixture.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

const std::string kArchive = "/data/services/archive";
const std::string kValidate = "/data/services/validate-archive";
const std::string kRefresh = "/data/services/refresh/catalog";
const std::string kRefreshXapi = "/xapi/archive/catalogs/refresh";

std::string Experiment(const std::string& subject, const std::string& label) {
  return "/data/archive/projects/DEMO/subjects/" + subject + "/experiments/" + label;
}

/// A copy of the session, with other bytes in one file or the same in all.
std::string ReceiveAgain(RestFixture& fixture, const std::string& folder, bool same_bytes) {
  fixture.WriteStudy(folder, 1);
  if (!same_bytes) {
    DicomSpec spec = EngineFixture::Spec(1);
    spec.series = spec.instance = 1;
    spec.values[0x00081030] = "another description";
    fixture.tree.Write("in/" + folder + "/study1/s1/1.dcm", MakeDicom(spec));
  }
  return fixture.Import(folder).uris.at(0).substr(5);
}

}  // namespace

TEST_SUITE("rest.services_archive") {
  TEST_CASE("one session is archived, however the client sends what it wants") {
    // Each with its own session: %s is its path.
    const struct {
      const char* client;
      const char* query;
      const char* body;  // null: none
      const char* type;
      const char* subject;
      const char* label;
    } cases[] = {
        {"xnatpy",
         "src=/data%s&auto-archive=false&overwrite=none&quarantine=false&triggerPipelines=true"
         "&project=DEMO&subject=Sub+1&session=E1",
         "", "", "Sub_1", "E1"},
        {"pyxnat", "", "src=%s&overwrite=append", kForm, "Test_Subject2", "S2"},
        {"xnatctl", "",
         "src=%s&dest=%2Farchive%2Fprojects%2FDEMO%2Fsubjects%2FX%252D1%2Fexperiments"
         "%2FE%252D3&overwrite=delete",
         kForm, "X-1", "E-3"},
        {"curl, all in the URL", "src=/REST%s", nullptr, "", "Test_Subject4", "S4"},
        {"a form in a multipart body", "src=%s",
         "--B\r\nContent-Disposition: form-data; name=\"session\"\r\n\r\nE5\r\n--B--",
         "multipart/form-data; boundary=B", "Test_Subject5", "E5"},
        {"XNAT's other names",
         "src=%s&PROJECT_ID=DEMO&SUBJECT_ID=X7&EXPT_LABEL=E7&label=E7&session="
         "&overwrite_files=true&async=true&http-session-listener=1",
         nullptr, "", "X7", "E7"},
        {"pages", "XNAT_CSRF=abc&timestamp=1",
         "src=%s&xnat%3AmrSessionData%2Flabel=E6&label=E1&EXPT_LABEL=E1&format=json", kForm,
         "Test_Subject7", "E6"},
    };
    RestFixture fixture;
    int study = 0;
    for (const auto& row : cases) {
      CAPTURE(row.client);
      const std::string src = fixture.Receive(++study);
      const auto fill = [&](const char* pattern) {
        std::string text = pattern;
        const std::size_t at = text.find("%s");
        if (at != std::string::npos) text.replace(at, 2, src);
        return text;
      };
      std::optional<std::string> body;
      if (row.body != nullptr) body = fill(row.body);
      CHECK(fixture.Send("POST", kArchive + "?" + fill(row.query), body, row.type) ==
            fixture.Uri(Experiment(row.subject, row.label)));
    }
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
  }

  TEST_CASE("a session is named by project, timestamp and folder, too") {
    RestFixture fixture;
    for (int study = 1; study <= 2; ++study) {
      const std::string src = fixture.Receive(study);
      const PrearchiveSession row = Must(fixture.engine->PrearchiveSessions()).at(0);
      // The second is named in both ways, and the same is meant.
      CHECK(fixture.Send("POST", kArchive,
                         "project=DEMO&PREARC_TIMESTAMP=" + row.timestamp +
                             "&PREARC_SESSION_FOLDER=" + row.folder +
                             (study == 2 ? "&src=/data" + src : ""),
                         kForm) == fixture.Uri(Experiment("Test_Subject" + std::to_string(study),
                                                          "S" + std::to_string(study))));
    }
  }

  TEST_CASE("redirect=true is answered with 303 and the place, nothing else is") {
    RestFixture fixture;
    const std::string src = fixture.Receive(1);
    fixture.rest_options.site_url = "https://x.example";
    fixture.Serve();
    const std::string uri = Experiment("Test_Subject1", "S1");
    CHECK(fixture.Send("POST", kArchive + "?redirect=true&src=" + src) ==
          "303\nContent-Type: text/uri-list\nLocation: https://x.example" + uri + "\n\n" + uri +
              "\r\n");
    Must(fixture.engine->SetSetting("prearchive_code", "4", "DEMO"));
    // XNAT redirects whenever the project archives by itself; scripts do not expect it.
    Must(fixture.engine->SetSetting("prearchive_code", "0", "DEMO"));
    const std::string second = fixture.Receive(2);
    Must(fixture.engine->SetSetting("prearchive_code", "4", "DEMO"));
    CHECK(fixture.Send("POST", kArchive + "?src=" + second) ==
          fixture.Uri(Experiment("Test_Subject2", "S2")));
  }

  TEST_CASE(
      "overwrite does what the documentation says, and a conflict is 409 and changes nothing") {
    RestFixture fixture;
    const std::string first = fixture.Receive(1);
    const std::string uri = Experiment("Test_Subject1", "S1");
    CHECK(fixture.Send("POST", kArchive + "?src=" + first) == fixture.Uri(uri));
    const std::string same = ReceiveAgain(fixture, "same", true);
    CHECK(fixture.Brief(fixture.Send("POST", kArchive + "?src=" + same)) ==
          "409 archive.session-exists");
    CHECK(fixture.Send("POST", kArchive + "?overwrite=Append&src=" + same) == fixture.Uri(uri));
    const std::string other = ReceiveAgain(fixture, "other", false);
    const std::string before = fixture.tree.Dump("root/archive/DEMO");
    CHECK(fixture.Brief(fixture.Send("POST", kArchive + "?overwrite=append&src=" + other))
              .substr(0, 3) == "409");
    CHECK(fixture.Brief(fixture.Send("POST", kArchive + "?overwrite=delete&subject=SOMEBODY&src=" +
                                                 other)) == "409 archive.subject-changes");
    CHECK(fixture.tree.Dump("root/archive/DEMO") == before);
    CHECK(fixture.Send("POST", kArchive + "?overwrite=delete&src=" + other) == fixture.Uri(uri));
    CHECK(fixture.Brief(fixture.Send("POST", kArchive + "?overwrite=apend&src=" + other)) ==
          "400 rest.bad-value");
  }

  TEST_CASE("what can not be archived says why, and the session stays") {
    RestFixture fixture;
    const std::string src = fixture.Receive(1);
    const std::string before = fixture.Dump();
    const struct {
      std::string query;
      const char* answer;
    } cases[] = {
        {"", "404 rest.no-source"},
        {"src=", "404 rest.no-source"},
        {"project=DEMO&folder=S1", "404 rest.no-source"},
        {"src=/prearchive/projects/DEMO/20200101_000000000/S1", "404 prearchive.not-found"},
        {"src=/prearchive/projects/DEMO", "400 uri.not-a-prearchive-session"},
        {"src=/archive/projects/DEMO/subjects/A/experiments/B", "400 uri.not-a-prearchive-session"},
        {"src=/prearchive/projects/DEMO/../../etc", "400 uri.malformed"},
        {"src=/prearchive/projects/DEMO/%252e%252e/S1", "400 uri.malformed"},
        {"src=%00", "400 rest.bad-encoding"},
        {"src=" + src + "&dest=/prearchive/projects/DEMO", "400 archive.bad-dest"},
        {"src=" + src + "&dest=nonsense", "400 uri.malformed"},
        {"src=" + src + "&project=NONE", "400 archive.unknown-project"},
        {"src=" + src + "&xnat:mrSessionData/project=NONE", "400 archive.unknown-project"},
        {"src=" + src + "&dest=/archive/projects/DEMO/subjects/A/experiments/B" +
             "&xnat:mrSessionData/label=C",
         "400 archive.contradiction"},
        {"src=" + src + "&dest=/archive/projects/DEMO/subjects/A&label=C" +
             "&xnat:mrSessionData/subject_id=C",
         "400 archive.contradiction"},
        {"src=" + src + "&overwrite=append&overwrite=delete", "400 rest.double-parameter"},
        {"src=" + src + "&xnat:mrSessionData/no/such/path[=1", "400 archive.bad-field"},
        {"src=" + src + "&project=DEMO&PROJECT_ID=OTHER", "400 rest.contradiction"},
        {"src=" + src + "&subject=A&SUBJECT_ID=B", "400 rest.contradiction"},
        {"src=" + src + "&EXPT_LABEL=A&label=B", "400 rest.contradiction"},
        {"src=" + src + "&overwrite=delete&overwrite_files=false", "400 rest.contradiction"},
        {"src=" + src + "&PREARC_SESSION_FOLDER=S1", "400 rest.contradiction"},
        {"src=" + src + "&PREARC_TIMESTAMP=20200101_000000000&PREARC_SESSION_FOLDER=S1",
         "400 rest.contradiction"},
        {"src=" + src + "&newProject=OTHER", "400 rest.unused-parameter"},
        {"src=" + src + "&overrideLock=true", "400 rest.unused-parameter"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.query);
      CHECK(fixture.Brief(fixture.Send("POST", kArchive + "?" + row.query)) == row.answer);
    }
    for (const std::string name : {"session", "EXPT_LABEL", "label"}) {
      const std::string answer = fixture.Send(
          "POST", kArchive + "?src=" + src +
                      "&dest=/archive/projects/DEMO/subjects/A/experiments/B&" + name + "=C");
      CHECK(answer.find("dest and parameter " + name + " name different things") !=
            std::string::npos);
    }
    CHECK(fixture.Brief(fixture.Send("POST", kArchive, "{\"src\":\"x\"}", kJson)) ==
          "415 rest.bad-media-type");
    CHECK(fixture.tree.Dump("root/archive").find("S1") == std::string::npos);
    CHECK(Must(fixture.engine->PrearchiveSessions()).size() == 1);
  }

  TEST_CASE("several sessions are a job, and the answer is the table of their rows") {
    RestFixture fixture;
    const std::string a = fixture.Receive(1);
    const std::string b = fixture.Receive(2);
    Must(fixture.engine->Build(a));  // the other one is built when its turn comes
    const std::string answer =
        fixture.Send("POST", kArchive + "?format=csv", "src=" + a + "&src=" + b, kForm);
    const auto state_in = [](const std::string& table, const std::string& path) {
      const std::string row = table.substr(0, table.find(",\"" + path + "\""));
      return row.substr(row.rfind(',') + 1);
    };
    const std::string listing = fixture.Get("/data/prearchive?format=csv");
    for (const std::string& table : {answer, listing}) {
      CHECK(state_in(table, a) == "\"QUEUED_ARCHIVING\"");
      CHECK(state_in(table, b) == "\"QUEUED_ARCHIVING\"");
    }
    const std::string job = Must(fixture.engine->Jobs()).at(0).id;
    CHECK(answer.substr(0, answer.find("\n\n")) ==
          "200\nContent-Type: text/csv;charset=UTF-8\nX-Job: " + job);
    CHECK(answer.find("\"" + a + "\"") != std::string::npos);
    CHECK(answer.find("\"" + b + "\"") != std::string::npos);
    while (Must(fixture.engine->RunOneJobItem())) {
    }
    CHECK(Must(fixture.engine->FindJob(job)).state == JobState::kDone);
    CHECK(Must(fixture.engine->FindJob(job)).user == "ann");
    CHECK(fixture.Brief(fixture.Send("POST", kArchive, "src=" + a + "&src=" + b, kForm)) ==
          "404 prearchive.not-found");
  }

  TEST_CASE("what the policy forbids is 403, whether or not it exists") {
    RestFixture fixture;
    const std::string src = fixture.Receive(1);
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string& user, Permission, const std::string&, const Cancelled&) {
          return user == "ann" ? Status() : Status(Code::kPermission, "host.no", "no");
        });
    fixture.Reopen();
    fixture.user = "bob";
    const std::string denied =
        fixture.Error(403, "access.denied", "the access policy does not allow this");
    for (const std::string& service : {kArchive, kValidate}) {
      CHECK(fixture.Send("POST", service + "?src=" + src) == denied);
      CHECK(fixture.Send("POST", service + "?src=/prearchive/projects/NO/20200101_000000000/S") ==
            denied);
    }
    CHECK(fixture.Brief(fixture.Send("POST", kRefresh + "?resource=/archive/projects/DEMO")) ==
          "403 access.denied");
    fixture.user = "ann";
    CHECK(fixture.Send("POST", kArchive + "?src=" + src) ==
          fixture.Uri(Experiment("Test_Subject1", "S1")));
  }

  TEST_CASE("validation is a table in three forms, and changes nothing") {
    RestFixture fixture;
    const std::string first = fixture.Receive(1);
    CHECK(fixture.Send("POST", kValidate + "?format=json", "src=" + first, kForm) ==
          fixture.JsonAnswer(R"({"ResultSet":{"Result":[],"totalRecords":"0"}})"));
    CHECK(fixture.Send("POST", kArchive + "?src=" + first) ==
          fixture.Uri(Experiment("Test_Subject1", "S1")));
    const std::string again = ReceiveAgain(fixture, "same", true);
    Must(fixture.engine->Build(again));
    const std::string before = fixture.Dump();
    const std::string message = "Session already exists, retry with overwrite enabled";
    const std::string all = fixture.Send("POST", "/REST/services/validate-archive?XNAT_CSRF=x",
                                         "src=" + again + "&redirect=true&format=json", kForm);
    CHECK(all.find(R"({"ResultSet":{"Result":[{"code":"1","type":"CONFLICT","message":")") !=
          std::string::npos);
    const std::string csv = fixture.Send("POST", kValidate + "?format=csv", "src=" + again, kForm);
    CHECK(csv.find("\n\n\"code\",\"type\",\"message\"\n\"1\",\"CONFLICT\",\"") !=
          std::string::npos);
    const std::string xml = fixture.Send("POST", kValidate + "?format=xml", "src=" + again, kForm);
    CHECK(xml.find("<columns><column>code</column><column>type</column><column>message</column>"
                   "</columns><rows><row><cell>1</cell><cell>CONFLICT</cell>") !=
          std::string::npos);
    CHECK(fixture.Brief(fixture.Send("POST", kValidate + "?format=html&src=" + again)) ==
          "400 rest.bad-format");
    CHECK(fixture.Send("POST", kValidate, "src=" + again + "&src=" + again, kForm) ==
          fixture.Error(400, "rest.several-sources",
                        "Cannot validate multiple sessions in one request."));
    CHECK(fixture.Dump() == before);
  }

  TEST_CASE(
      "a document that can not be read is a row of validation's table, and refused with 400") {
    RestFixture fixture;
    const std::string src = fixture.Receive(1);
    Must(fixture.engine->Build(src));
    const std::string row = Must(fixture.engine->FindPrearchiveSession(src)).url;
    fixture.tree.Write("root/prearchive/" + row + ".xml", "<xnat:MRSession");
    const std::string table = fixture.Send("POST", kValidate + "?format=csv&src=" + src);
    CHECK(table.find("200") == 0);
    CHECK(table.find("\"13\",\"FAIL\",\"the session document is invalid: ") != std::string::npos);
    CHECK(fixture.Brief(fixture.Send("POST", kArchive + "?src=" + src)) ==
          "400 archive.bad-document");
  }

  TEST_CASE("validation tells the plan when that is asked for") {
    RestFixture fixture;
    const std::string uri = Experiment("Test_Subject1", "S1");
    CHECK(fixture.Send("POST", kArchive + "?src=" + fixture.Receive(1)) == fixture.Uri(uri));
    const std::string other = ReceiveAgain(fixture, "other", false);
    const std::string answer =
        fixture.Send("POST", kValidate + "?plan=true&overwrite=delete&src=" + other);
    CHECK(answer.find(R"("blocked":false,"uri":")" + uri + R"(","merges":true)") !=
          std::string::npos);
    CHECK(answer.find(R"("identical":5,"replaced":1,"conflicting":0,"bytesAdded":)") !=
          std::string::npos);
    CHECK(answer.find(R"("findings":[])") != std::string::npos);
    const std::string refused = fixture.Send("POST", kValidate + "?plan=true&src=" + other);
    CHECK(refused.find(R"("findings":[{"code":1,"type":"CONFLICT","reason":)"
                       R"("archive.session-exists","message":")") != std::string::npos);
  }

  TEST_CASE("one session is a job when that is asked for, and is followed as one") {
    RestFixture fixture;
    const std::string src = fixture.Receive(1);
    RestRequest request = fixture.Ask("POST", kArchive + "?job=true&quarantine=true&src=" + src);
    const RestResponse answer = fixture.service->Handle(request);
    CHECK(answer.status == 200);
    std::string id;
    for (const auto& [name, value] : answer.headers) {
      if (name == "X-Job") id = value;
    }
    CHECK(Must(fixture.engine->FindJob(id)).items.size() == 1);
    CHECK(Must(fixture.engine->PrearchiveSessions()).size() == 1);
    CHECK(Must(fixture.engine->RunOneJobItem()));
    const std::string events = fixture.Get("/xapi/event_tracking/" + id);
    CHECK(events.find(R"("succeeded":true,"finalMessage":"Archive:)" +
                      Experiment("Test_Subject1", "S1") + "\"") != std::string::npos);
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
  }
}

TEST_SUITE("rest.services_refresh") {
  TEST_CASE("options come repeated, in a list, as switches, or in the path") {
    RestFixture fixture;
    const std::string uri = Experiment("Test_Subject1", "S1");
    CHECK(fixture.Send("POST", kArchive + "?src=" + fixture.Receive(1)) == fixture.Uri(uri));
    const std::string scan = "root/archive/DEMO/arc001/S1/SCANS/1/DICOM/";
    const std::string ok = "200\n\n";
    const struct {
      const char* method;
      std::string target;
      std::optional<std::string> body;
      const char* type;
      bool appends;
    } cases[] = {
        {"POST", kRefresh + "?resource=" + uri + "&options=checksum&options=append", "", "", true},
        {"POST", kRefresh + "?resource=" + uri + "&options=checksum%2Cappend", {}, "", true},
        {"POST", kRefresh, "resource=" + uri + "&append=", kForm, true},
        {"POST", kRefresh + "?options=populateStats%2Cappend&XNAT_CSRF=1&timestamp=2",
         "resource=" + uri, kForm, true},
        {"POST", kRefresh + "?resource=" + uri, {}, "", true},
        {"POST", kRefresh + "?options=Append&resource=" + uri, {}, "", true},  // no known word
        {"POST", kRefresh + "?resource=" + uri + "&options=checksum&append=false", {}, "", false},
        {"PUT", "/xapi/archive/catalogs/refresh", "[\"" + uri + "\"]", kJson, true},
        {"PUT", "/xapi/archive/catalogs/refresh/Checksum,Append", "[\"" + uri + "\"]", kJson, true},
        {"PUT", "/xapi/archive/catalogs/refresh/All", "[\"" + uri + "\"]", kJson, true},
        {"PUT", "/xapi/archive/catalogs/refresh/Checksum", "[\"" + uri + "\"]", kJson, false},
    };
    int file = 0;
    for (const auto& row : cases) {
      CAPTURE(row.target);
      CAPTURE(row.body.value_or(""));
      const std::string name = "extra" + std::to_string(++file) + ".txt";
      fixture.tree.Write(scan + name, "bytes");
      CHECK(fixture.Send(row.method, row.target, row.body, row.type) == ok);
      const std::string catalog = fixture.tree.Read(scan + "scan_1_catalog.xml");
      CHECK((catalog.find(name) != std::string::npos) == row.appends);
      fixture.tree.Remove(scan + name);
    }
  }

  TEST_CASE("when one catalog can not be refreshed the answer says which were") {
    RestFixture fixture;
    const std::string uri = Experiment("Test_Subject1", "S1");
    CHECK(fixture.Send("POST", kArchive + "?src=" + fixture.Receive(1)) == fixture.Uri(uri));
    const std::string scans = "root/archive/DEMO/arc001/S1/SCANS/";
    fixture.tree.Remove(scans + "2/DICOM/scan_2_catalog.xml");
    const std::string target = kRefresh + "?resource=" + uri;
    const std::string none = fixture.Send("POST", target);
    CHECK(fixture.Brief(none) == "500 catalog.missing");
    CHECK(none.find("X-Disk-State") == std::string::npos);
    fixture.tree.Write(scans + "1/DICOM/extra.txt", "bytes");
    const std::string one = fixture.Send("POST", target);
    CHECK(fixture.Brief(one) == "500 catalog.missing");
    CHECK(one.find("\nX-Disk-State: partial\n") != std::string::npos);
    CHECK(one.find("refreshed " + uri + "/scans/1/resources/DICOM, not " + uri +
                   "/scans/2/resources/DICOM: ") != std::string::npos);
    CHECK(fixture.tree.Read(scans + "1/DICOM/scan_1_catalog.xml").find("extra.txt") !=
          std::string::npos);
  }

  TEST_CASE("short URIs, IDs and labels name the same; nothing to refresh is fine") {
    RestFixture fixture;
    const std::string uri = Experiment("Test_Subject1", "S1");
    CHECK(fixture.Send("POST", kArchive + "?src=" + fixture.Receive(1)) == fixture.Uri(uri));
    const std::string ok = "200\n\n";
    for (const char* resource :
         {"/archive/experiments/XNAT_E00001", "/archive/experiments/XNAT_E00001/scans/1",
          "/data/archive/projects/DEMO/subjects/XNAT_S00001/experiments/XNAT_E00001",
          "/archive/projects/DEMO", "/REST/archive/subjects/XNAT_S00001", ""}) {
      CAPTURE(resource);
      CHECK(fixture.Send("POST", kRefresh + "?resource=" + resource) == ok);
    }
    CHECK(fixture.Send("POST", kRefresh) == ok);
  }

  TEST_CASE("what can not be refreshed says why, with its own status") {
    RestFixture fixture;
    const std::string uri = Experiment("Test_Subject1", "S1");
    CHECK(fixture.Send("POST", kArchive + "?src=" + fixture.Receive(1)) == fixture.Uri(uri));
    const struct {
      const char* resource;
      const char* answer;
    } cases[] = {
        {"nonsense", "400 uri.malformed"},
        {"/prearchive/projects/DEMO", "400 uri.not-in-archive"},
        {"/archive/experiments/NONE", "404 uri.not-found"},
        {"/archive/projects/NONE", "404 project.not-found"},
        {"/archive/experiments/XNAT_E00001/scans/99", "404 uri.not-found"},
        {"/archive/experiments/XNAT_E00001/scans/1/resources/DICOM/files/1.dcm",
         "400 uri.is-a-file"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.resource);
      CHECK(fixture.Brief(fixture.Send("POST", kRefresh + "?resource=" + row.resource)) ==
            row.answer);
      CHECK(fixture.Brief(fixture.Send("PUT", "/xapi/archive/catalogs/refresh",
                                       "[\"" + std::string(row.resource) + "\"]", kJson)) ==
            row.answer);
    }
    const std::string put = kRefreshXapi;
    CHECK(fixture.Brief(fixture.Send("PUT", put + "/append", "[]", kJson)) ==
          "400 refresh.bad-option");
    for (const char* body : {"", "{}", "[1]", "[\"/archive\"", "\"x\"", "nonsense"}) {
      CAPTURE(body);
      CHECK(fixture.Brief(fixture.Send("PUT", put, body, kJson)) == "400 rest.bad-json");
    }
    CHECK(fixture.Brief(fixture.Send("PUT", put, std::string(100000, '['), kJson)) ==
          "400 rest.bad-json");
    CHECK(fixture.Brief(fixture.Send("PUT", put, "a=b", kForm)) == "415 rest.bad-media-type");
    CHECK(fixture.Send("PUT", put, "[]", kJson) == "200\n\n");
  }

  TEST_CASE("of a good and a damaged resource the good one is refreshed, and the error is told") {
    RestFixture fixture;
    const std::string uri = Experiment("Test_Subject1", "S1");
    CHECK(fixture.Send("POST", kArchive + "?src=" + fixture.Receive(1)) == fixture.Uri(uri));
    const std::string session = "root/archive/DEMO/arc001/S1/";
    fixture.tree.Write(session + "SCANS/1/DICOM/scan_1_catalog.xml", "damaged");
    const std::string list = "[\"" + uri + "/scans/1\",\"" + uri + "/scans/2\"]";
    const struct {
      const char* method;
      std::string target;
      std::string body;
      const char* type;
    } cases[] = {
        {"POST", kRefresh, "resource=" + uri, kForm},
        {"POST", kRefresh, "resource=" + uri + "/scans/1&resource=" + uri + "/scans/2", kForm},
        {"PUT", kRefreshXapi, list, kJson},
    };
    int file = 0;
    for (const auto& row : cases) {
      CAPTURE(row.body);
      const std::string name = "extra" + std::to_string(++file) + ".txt";
      fixture.tree.Write(session + "SCANS/2/DICOM/" + name, "bytes");
      const std::string answer = fixture.Send(row.method, row.target, row.body, row.type);
      CHECK(fixture.Brief(answer) == "500 catalog.bad-xml");
      CHECK(answer.find("/scans/1/resources/DICOM") != std::string::npos);
      CHECK(fixture.tree.Read(session + "SCANS/2/DICOM/scan_2_catalog.xml").find(name) !=
            std::string::npos);
      CHECK(fixture.tree.Read(session + "SCANS/1/DICOM/scan_1_catalog.xml") == "damaged");
    }
  }

  TEST_CASE("a resource that lists no files is refused where it is named, whatever else is") {
    RestFixture fixture;
    const std::string uri = Experiment("Test_Subject1", "S1");
    CHECK(fixture.Send("POST", kArchive + "?src=" + fixture.Receive(1)) == fixture.Uri(uri));
    const std::string path = "root/archive/DEMO/arc001/S1/session.xml";
    SessionDocument document = Must(ParseSession(fixture.tree.Read(path)));
    Resource resource;
    resource.label = "IMAGES";
    resource.xsi_type = "xnat:resourceSeries";
    document.resources.push_back(resource);
    fixture.tree.Write(path, WriteSession(document));
    const std::string named = uri + "/resources/IMAGES";
    CHECK(fixture.Send("POST", kRefresh + "?resource=" + uri) == "200\n\n");
    for (const std::string& query :
         {"?resource=" + named, "?resource=" + uri + "/scans/1&resource=" + named}) {
      CAPTURE(query);
      CHECK(fixture.Brief(fixture.Send("POST", kRefresh + query)) == "501 refresh.not-a-catalog");
    }
    CHECK(fixture.Brief(fixture.Send("PUT", kRefreshXapi, "[\"" + uri + "\",\"" + named + "\"]",
                                     kJson)) == "501 refresh.not-a-catalog");
  }
}

}  // namespace xnatarchive
