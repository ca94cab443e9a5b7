// The prearchive as clients see it: listings in three forms, one session, its parts, its actions.
#include <doctest/doctest.h>

#include "base/time.hpp"
#include "rest_fixture.hpp"

namespace xnatarchive {
namespace {

const std::string kRoot = "/data/prearchive";
const std::string kColumns =
    R"("project","timestamp","lastmod","uploaded","scan_date","scan_time","subject","folderName",)"
    R"("name","tag","status","url","autoarchive","prevent_anon","prevent_auto_commit","SOURCE",)"
    R"("VISIT","PROTOCOL","TIMEZONE")"
    "\n";

/// The row's values, as XNAT's table has them.
std::vector<std::string> Values(const PrearchiveSession& row) {
  const std::string project = row.project.empty() ? "Unassigned" : row.project;
  return {project,
          row.timestamp,
          FormatTableTime(row.last_modified_ms),
          FormatTableTime(row.uploaded_ms),
          row.scan_date,
          row.scan_time,
          row.subject,
          row.folder,
          row.label,
          row.study_uid,
          std::string(PrearchiveStateName(row.state)),
          "/prearchive/projects/" + project + "/" + row.timestamp + "/" + row.folder,
          "",
          "false",
          "false",
          "DICOM-zip",
          "",
          "",
          ""};
}

std::string JsonRow(const PrearchiveSession& row) {
  const std::vector<std::string> names = {
      "project",   "timestamp", "lastmod",     "uploaded",     "scan_date",
      "scan_time", "subject",   "folderName",  "name",         "tag",
      "status",    "url",       "autoarchive", "prevent_anon", "prevent_auto_commit",
      "SOURCE",    "VISIT",     "PROTOCOL",    "TIMEZONE"};
  const std::vector<std::string> values = Values(row);
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "{\"" : ",\"") + names[i] + "\":\"" + values[i] + "\"";
  }
  return text + "}";
}

std::string CsvRow(const PrearchiveSession& row) {
  std::string text;
  for (const std::string& value : Values(row)) text += (text.empty() ? "\"" : ",\"") + value + "\"";
  return text + "\n";
}

std::string JsonTable(const std::vector<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += (text.empty() ? "" : ",") + row;
  return RestFixture::JsonAnswer("{\"ResultSet\":{\"Result\":[" + text + "],\"totalRecords\":\"" +
                                 std::to_string(rows.size()) + "\"}}");
}

struct PrearchiveFixture : RestFixture {
  std::vector<PrearchiveSession> rows;  // newest first

  PrearchiveFixture() {
    Receive(1);
    Receive(2);
    Project other;
    other.id = "OTHER";
    Must(engine->AddProject(other));
    WriteStudy("other", 3);
    ImportRequest request = Request("other");
    request.parameters["project"] = "OTHER";
    Must(engine->Import(request));
    rows = Must(engine->PrearchiveSessions());
  }
  std::string Path(std::size_t i) const {
    return kRoot + "/projects/" + rows[i].project + "/" + rows[i].timestamp + "/" + rows[i].folder;
  }
};

}  // namespace

TEST_SUITE("rest.prearchive") {
  TEST_CASE("listings have XNAT's columns, in json, csv and xml") {
    PrearchiveFixture fixture;
    const auto& rows = fixture.rows;
    REQUIRE(rows.size() == 3);
    const std::string all = JsonTable({JsonRow(rows[0]), JsonRow(rows[1]), JsonRow(rows[2])});
    for (const char* target : {"", "/projects", "?format=json", "/", "/projects/OTHER,DEMO"}) {
      CAPTURE(target);
      CHECK(fixture.Get(kRoot + target) == all);
    }
    CHECK(fixture.Get("/REST/prearchive/projects/OTHER") == JsonTable({JsonRow(rows[0])}));
    CHECK(fixture.Get(kRoot + "?tag=" + rows[1].study_uid) == JsonTable({JsonRow(rows[1])}));
    CHECK(fixture.Get(kRoot + "/experiments?recent=1") == JsonTable({JsonRow(rows[0])}));
    CHECK(fixture.Get(kRoot + "/experiments?recent=true") == all);
    CHECK(fixture.Brief(fixture.Get(kRoot + "/experiments?recent=0")) == "400 rest.bad-value");
    CHECK(fixture.Brief(fixture.Get(kRoot + "/experiments")) == "400 rest.bad-value");
    CHECK(fixture.Get(kRoot + "?sortBy=project,folderName&sortOrder=DESC") ==
          JsonTable({JsonRow(rows[0]), JsonRow(rows[1]), JsonRow(rows[2])}));
    CHECK(fixture.Get(kRoot + "/projects?format=csv&sortBy=folderName") ==
          fixture.Text(200, "text/csv;charset=UTF-8",
                       kColumns + CsvRow(rows[2]) + CsvRow(rows[1]) + CsvRow(rows[0])));
    const std::string xml = fixture.Get(kRoot + "/projects/OTHER?format=xml");
    CHECK(xml.find("<ResultSet totalRecords=\"1\"><results><columns><column>project</column>") !=
          std::string::npos);
    CHECK(xml.find("<rows><row><cell>OTHER</cell><cell>" + rows[0].timestamp + "</cell>") !=
          std::string::npos);
    CHECK(fixture.Brief(fixture.Get(kRoot + "?sortBy=nothing")) == "400 rest.bad-sort");
    CHECK(fixture.Brief(fixture.Get(kRoot + "?sortBy=tag&sortOrder=up")) == "400 rest.bad-sort");
    CHECK(fixture.Brief(fixture.Get(kRoot + "?format=pdf")) == "400 rest.bad-format");
  }

  TEST_CASE("one session is its row, or its document; its scans and files can be listed") {
    PrearchiveFixture fixture;
    const std::string path = fixture.Path(1);
    CHECK(fixture.Get(path + "?format=json") == JsonTable({JsonRow(fixture.rows[1])}));
    CHECK(fixture.Send("POST", path + "?action=build&format=single") ==
          fixture.Text(200, "text/plain;charset=UTF-8", path));
    CHECK(fixture.Get(path + "?format=xml") ==
          fixture.Text(200, "text/xml;charset=UTF-8", Must(fixture.engine->DocumentXml(path))));
    CHECK(fixture.Get(path + "/scans?format=csv") ==
          fixture.Text(200, "text/csv;charset=UTF-8",
                       "\"ID\",\"xsiType\",\"series_description\"\n"
                       "\"1\",\"xnat:mrScanData\",\"t1_mprage_sag_1\"\n"
                       "\"2\",\"xnat:mrScanData\",\"t1_mprage_sag_2\"\n"));
    const Table files = Must(fixture.engine->List(path + "/scans/1/resources/DICOM/files"));
    std::int64_t bytes = 0;
    std::string rows;
    for (const auto& row : files.rows) {
      bytes += std::stoll(row[1]);
      rows += "\"" + row[0] + "\",\"" + row[1] + "\",\"" + path +
              "/scans/1/resources/DICOM/files/" + row[0] + "\",\"DICOM\",\"\",\"DICOM\",\"RAW\"," +
              "\"DICOM\",\"" + row[2] + "\"\n";
    }
    CHECK(fixture.Get(path + "/scans/1/resources?format=csv") ==
          fixture.Text(200, "text/csv;charset=UTF-8",
                       "\"xnat_abstractresource_id\",\"label\",\"element_name\",\"category\","
                       "\"cat_id\",\"cat_desc\",\"file_count\",\"file_size\",\"tags\",\"content\","
                       "\"format\"\n\"DICOM\",\"DICOM\",\"xnat:resourceCatalog\",\"scans\",\"1\","
                       "\"\",\"3\",\"" +
                           std::to_string(bytes) + "\",\"\",\"RAW\",\"DICOM\"\n"));
    CHECK(fixture.Get(path + "/scans/1/resources/DICOM/files?format=csv") ==
          fixture.Text(200, "text/csv;charset=UTF-8",
                       "\"Name\",\"Size\",\"URI\",\"collection\",\"file_tags\",\"file_format\","
                       "\"file_content\",\"cat_ID\",\"digest\"\n" +
                           rows));
    const std::string file = path + "/scans/1/resources/DICOM/files/" + files.rows[0][0];
    CHECK(RestFixture::Body(fixture.service->Handle(fixture.Ask("GET", file))).size() ==
          std::stoull(files.rows[0][1]));
  }

  TEST_CASE("a session, its scans, one scan or one resource come as a zip") {
    PrearchiveFixture fixture;
    const std::string path = fixture.Path(1);
    Must(fixture.engine->Build(path));
    ExportRequest request;
    request.path = fixture.tree.path() + "/session.zip";
    const struct {
      const char* exported;
      const char* target;
    } cases[] = {{"", ""},
                 {"/scans", "/scans/ALL/files"},
                 {"/scans/1", "/scans/1"},
                 {"/scans/2", "/scans/2/files"},
                 {"/scans/1/resources/DICOM", "/scans/1/resources/DICOM/files"}};
    for (const auto& row : cases) {
      CAPTURE(row.target);
      request.uri = path + row.exported;
      Must(fixture.engine->Export(request));
      CHECK(fixture.Get(path + row.target + "?format=zip") ==
            "200\nContent-Type: application/zip\n"
            "Content-Disposition: attachment; filename=\"S2.zip\"\n\n" +
                fixture.tree.Read("session.zip"));
      fixture.tree.Remove("session.zip");
    }
    const std::string none = kRoot + "/projects/DEMO/20200101_000000000/S1?format=zip";
    CHECK(fixture.Brief(fixture.Get(none)) == "404 prearchive.not-found");
  }

  TEST_CASE("what is not there or not built is 404, and what can not be done says so") {
    PrearchiveFixture fixture;
    const std::string path = fixture.Path(1);
    const std::string none = kRoot + "/projects/DEMO/20200101_000000000/S1";
    for (const char* below :
         {"", "?format=xml", "/scans", "/resources", "/logs", "/logs/last", "/scans/1/resources",
          "/scans/1/resources/DICOM/files", "/scans/1/resources/DICOM/files/a.dcm"}) {
      CAPTURE(below);
      CHECK(fixture.Get(none + below).substr(0, 3) == "404");
    }
    for (const char* below : {"?format=xml", "/scans", "/scans/1/resources"}) {
      CAPTURE(below);
      CHECK(fixture.Get(path + below).substr(0, 3) == "404");  // no document yet
    }
    CHECK(fixture.Send("DELETE", none).substr(0, 3) == "404");
    CHECK(fixture.Send("POST", none + "?action=build").substr(0, 3) == "404");
    CHECK(fixture.Brief(fixture.Send("POST", path)) == "400 rest.bad-value");
    CHECK(fixture.Brief(fixture.Send("POST", path + "?action=dance")) == "400 rest.bad-value");
    CHECK(fixture.Brief(fixture.Send("POST", path + "?action=move&newProject=NONE")) ==
          "404 project.not-found");
    CHECK(fixture.Brief(fixture.Send("POST", path + "?action=move")) == "400 rest.no-project");
    CHECK(fixture.Brief(fixture.Send("POST", path + "?action=set-status&status=DANCING")) ==
          "400 prearchive.bad-state");
    CHECK(fixture.Brief(fixture.Send("POST", path + "?action=set-status&status=_ARCHIVING")) ==
          "400 prearchive.bad-state");
    CHECK(fixture.Brief(fixture.Send("POST", path + "?action=set-status&status=READY")) ==
          "409 prearchive.not-built");
    CHECK(fixture.Brief(fixture.Get(kRoot + "/projects/DEMO/nonsense/S1")) == "400 uri.malformed");
    CHECK(Must(fixture.engine->PrearchiveSessions()).size() == 3);
  }

  TEST_CASE("a session is deleted, alone or with others") {
    PrearchiveFixture fixture;
    CHECK(fixture.Send("DELETE", fixture.Path(0)) == "200\n\n");
    const std::string a = fixture.Path(1).substr(5);
    const std::string b = fixture.Path(2).substr(5);
    // pyxnat: slashes as they are, and a word of its own.
    CHECK(fixture.Send("POST", "/data/services/prearchive/delete?format=csv",
                       "src=" + a + "&async=false", kForm) ==
          fixture.Text(200, "text/csv;charset=UTF-8", kColumns + CsvRow(fixture.rows[1])));
    CHECK(fixture
              .Brief(fixture.Send("POST", "/data/services/prearchive/delete",
                                  "src=" + b + "&src=" + a, kForm))
              .substr(0, 3) == "404");
    CHECK(Must(fixture.engine->PrearchiveSessions()).size() == 1);
    CHECK(fixture.Brief(fixture.Send("POST", "/data/services/prearchive/delete")) ==
          "400 rest.no-source");
  }

  TEST_CASE("sessions are rebuilt together, and the answer is what they are now") {
    PrearchiveFixture fixture;
    CHECK(fixture.rows[1].state == PrearchiveState::kReceiving);
    const std::string answer =
        fixture.Send("POST", "/data/services/prearchive/rebuild?async=true&src=/data" +
                                 fixture.Path(1).substr(5) + "&src=" + fixture.Path(2));
    const auto now = Must(fixture.engine->PrearchiveSessions("DEMO"));
    CHECK(now[0].state == PrearchiveState::kReady);
    CHECK(answer == JsonTable({JsonRow(now[0]), JsonRow(now[1])}));
  }

  TEST_CASE("a session is moved with 301 and no Location, several with their rows") {
    PrearchiveFixture fixture;
    const std::string service = "/data/services/prearchive/move";
    CHECK(fixture.Brief(fixture.Send("POST", service + "?src=" + fixture.Path(1))) ==
          "400 rest.no-project");
    CHECK(fixture.Brief(fixture.Send("POST", service + "?newProject=OTHER")) ==
          "400 rest.no-source");
    const std::string timestamp = fixture.rows[1].timestamp;
    CHECK(fixture.Send("POST", fixture.Path(1) + "?action=move&newProject=OTHER") ==
          "301\nContent-Type: text/plain;charset=UTF-8\n\n/data/prearchive/projects/OTHER/" +
              timestamp + "/S2");
    const std::string answer =
        fixture.Send("POST", service + "?async=true",
                     "newProject=OTHER&src=" + fixture.Path(0) + "&src=" + fixture.Path(2), kForm);
    const auto now = Must(fixture.engine->PrearchiveSessions("OTHER"));
    REQUIRE(now.size() == 3);
    CHECK(answer.find("\"project\":\"OTHER\"") != std::string::npos);
    CHECK(Must(fixture.engine->PrearchiveSessions("DEMO")).empty());
  }

  TEST_CASE("a state is set, and reset to what the files say") {
    PrearchiveFixture fixture;
    const std::string text = "200\nContent-Type: text/plain;charset=UTF-8\n\n";
    const std::string path = fixture.Path(1);
    const auto state = [&] { return Must(fixture.engine->FindPrearchiveSession(path)).state; };
    Must(fixture.engine->Build(path));
    CHECK(fixture.Send("POST", path + "?action=set-status&status=ERROR") == text + path);
    CHECK(state() == PrearchiveState::kError);
    CHECK(fixture.Send("POST", path + "?action=reset-status") == text + path);
    CHECK(state() == PrearchiveState::kReady);
  }

  TEST_CASE("a commit stays with 200 or archives with 301 and no Location") {
    PrearchiveFixture fixture;
    const std::string text = "\nContent-Type: text/plain;charset=UTF-8\n\n";
    CHECK(fixture.Send("POST", fixture.Path(1) + "?action=commit&SOURCE=uploader&XNAT_CSRF=x", "{}",
                       kJson) == "200" + text + fixture.Path(1));
    Must(fixture.engine->SetSetting("prearchive_code", "4", "DEMO"));
    CHECK(fixture.Send("POST", fixture.Path(1) + "?action=commit",
                       R"({"xnat:mrSessionData/note":"seen","SOURCE":"x"})", kJson) ==
          "301" + text + "/data/archive/projects/DEMO/subjects/Test_Subject2/experiments/S2");
    CHECK(Must(fixture.engine->Document("/experiments/XNAT_E00001")).Get("note") == "seen");
    // What the request says goes before the project; pyxnat sends the action as a form.
    CHECK(fixture.Send("POST", fixture.Path(2) + "?AA=false", "action=commit", kForm) ==
          "200" + text + fixture.Path(2));
    // Values are in the document of one that stays, too, and after a later build.
    const auto note = [&] { return Must(fixture.engine->Document(fixture.Path(2))).Get("note"); };
    CHECK(fixture.Send("POST", fixture.Path(2) + "?action=commit&AA=false",
                       R"({"xnat:mrSessionData/note":"seen"})",
                       kJson) == "200" + text + fixture.Path(2));
    CHECK(note() == "seen");
    CHECK(fixture.Send("POST", fixture.Path(2) + "?action=commit&AA=false",
                       R"({"xnat:mrSessionData/note":"seen again"})",
                       kJson) == "200" + text + fixture.Path(2));
    Must(fixture.engine->Build(fixture.Path(2)));
    CHECK(note() == "seen again");
    CHECK(fixture.Brief(fixture.Send("POST", fixture.Path(2) + "?action=commit&AA=false",
                                     R"({"xnat:mrSessionData/note":"\u0001"})", kJson)) ==
          "400 import.bad-value");
    CHECK(note() == "seen again");
    for (const char* body : {"[]", "{", R"({"xnat:mrSessionData/note":1})"}) {
      CAPTURE(body);
      CHECK(fixture.Brief(fixture.Send("POST", fixture.Path(2) + "?action=commit", body, kJson)) ==
            "400 rest.bad-json");
    }
  }

  TEST_CASE("a commit archives as the uploads said") {
    PrearchiveFixture fixture;
    fixture.WriteStudy("more", 3, 2, 4);
    ImportRequest request = fixture.Request("more");
    request.parameters["project"] = "OTHER";
    request.parameters["prevent_auto_commit"] = "true";
    request.parameters["autoArchive"] = "AutoArchive";
    request.parameters["quarantine"] = "true";
    CHECK(Must(fixture.engine->Import(request)).uris == std::vector<std::string>{fixture.Path(0)});
    CHECK(fixture.Send("POST", fixture.Path(0) + "?action=commit").substr(0, 3) == "301");
    CHECK(fixture.Get("/data/projects/OTHER/experiments?columns=ID,quarantine_status")
              .find("quarantine") != std::string::npos);
  }

  TEST_CASE("what a commit is told goes before what the uploads said, and is never passed over") {
    PrearchiveFixture fixture;
    const std::string path = fixture.Path(0);  // of OTHER
    Must(fixture.engine->SetSetting("prearchive_code", "4", "OTHER"));
    const struct {
      const char* query;
      const char* body;
      const char* answer;
    } cases[] = {
        {"&overwrite=apend", "", "400 rest.bad-value"},
        {"", R"({"overwrite":"apend"})", "400 rest.bad-value"},
        {"&session=A", "", "400 rest.unused-parameter"},
        {"", R"({"session":"A"})", "400 rest.unused-parameter"},
        {"&overwrite=append", R"({"overwrite":"delete"})", "400 rest.double-parameter"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.query + std::string(row.body));
      CHECK(fixture.Brief(fixture.Send("POST", path + "?action=commit" + row.query, row.body,
                                       kJson)) == row.answer);
      CHECK(Must(fixture.engine->FindPrearchiveSession(path)).state == PrearchiveState::kReceiving);
    }
    CHECK(fixture
              .Send("POST", path + "?action=commit&xnat:mrSessionData/note=told",
                    R"({"quarantine":true,"files":[1,2],"VISIT":null})", kJson)
              .substr(0, 3) == "301");
    CHECK(fixture.Get("/data/projects/OTHER/experiments?columns=quarantine_status&format=csv")
              .find("\"quarantine\"") != std::string::npos);
    CHECK(Must(fixture.engine->Document("/experiments/XNAT_E00001")).Get("note") == "told");
    // Another session of that label: code 4 would append.
    ImportRequest again = fixture.Request("again");
    fixture.WriteStudy("again", 3, 2, 4);
    again.parameters["project"] = "OTHER";
    again.parameters["prevent_auto_commit"] = "true";
    const std::string second = Must(fixture.engine->Import(again)).uris.at(0);
    CHECK(fixture.Brief(fixture.Send("POST", second, "action=commit&overwrite=none", kForm)) ==
          "409 archive.session-exists");
    CHECK(fixture.Send("POST", second + "?action=commit", "overwrite=append", kForm).substr(0, 3) ==
          "301");
  }

  TEST_CASE("the log of a session is listed by number, and with details what it says") {
    PrearchiveFixture fixture;
    fixture.Send("POST", "/data/services/archive?src=" + fixture.Path(1));
    const std::string src = fixture.Receive(2);  // the label is archived by now
    CHECK(fixture.Brief(fixture.Send("POST", "/data/services/archive?src=" + src)) ==
          "409 archive.session-exists");
    const auto log = Must(fixture.engine->PrearchiveLog(src));
    REQUIRE_FALSE(log.empty());
    const std::string last = std::to_string(log.size());
    CHECK(fixture.Get("/data" + src + "/logs?format=csv&sortBy=id&sortOrder=desc")
              .find("\n\n\"id\"\n\"" + last + "\"\n") != std::string::npos);
    const std::string details = fixture.Get("/data" + src + "/logs?template=details&format=csv");
    CHECK(details.find("\n\n\"id\",\"date\",\"entry\"\n\"1\",\"" + log[0].substr(0, 19) +
                       "\",\"") != std::string::npos);
    for (const std::string& number : {last, std::string("last")}) {
      CHECK(fixture.Get("/data" + src + "/logs/" + number) ==
            fixture.Text(200, "text/plain;charset=UTF-8", log.back()));
    }
    for (const char* number : {"0", "99", "x", "-1"}) {
      CHECK(fixture.Brief(fixture.Get("/data" + src + "/logs/" + number)) == "404 rest.no-log");
    }
  }

  TEST_CASE("rows of projects that may not be read are left out, and named ones are refused") {
    PrearchiveFixture fixture;
    const std::string path = fixture.Path(1);
    const std::string hidden = fixture.Path(0);
    const auto rows = fixture.rows;
    fixture.options.access_policy =
        std::make_shared<TestPolicy>([](const std::string&, Permission permission,
                                        const std::string& project, const Cancelled&) {
          return project == "DEMO" && permission == Permission::kRead
                     ? Status()
                     : Status(Code::kPermission, "host.no", "no");
        });
    fixture.Reopen();
    CHECK(fixture.Get(kRoot) == JsonTable({JsonRow(rows[1]), JsonRow(rows[2])}));
    const std::string denied = "403 access.denied";
    for (const std::string& target :
         {kRoot + "/projects/OTHER", kRoot + "/projects/NONE", kRoot + "/projects/Unassigned",
          hidden, hidden + "/scans", hidden + "/logs"}) {
      CAPTURE(target);
      CHECK(fixture.Brief(fixture.Get(target)) == denied);
    }
    CHECK(fixture.Brief(fixture.Send("DELETE", path)) == denied);
    CHECK(fixture.Brief(fixture.Send("POST", path + "?action=build")) == denied);
    CHECK(fixture.Brief(fixture.Send("POST", path + "?action=commit")) == denied);
    CHECK(fixture.Brief(fixture.Send("PUT", kRoot)) == denied);
    CHECK(fixture.Brief(fixture.Send("POST", "/data/services/import?project=DEMO", "x", "")) ==
          denied);
  }

  TEST_CASE("a rescan forgets what is not in the tree any more") {
    PrearchiveFixture fixture;
    const PrearchiveSession& gone = fixture.rows[1];
    fixture.tree.Remove("root/prearchive/DEMO/" + gone.timestamp);
    const std::string answer = fixture.Send("PUT", kRoot);
    const auto now = Must(fixture.engine->PrearchiveSessions());
    REQUIRE(now.size() == 2);
    CHECK(answer == JsonTable({JsonRow(now[0]), JsonRow(now[1])}));
  }
}

}  // namespace xnatarchive
