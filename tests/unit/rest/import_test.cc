// services/import: uploads as clients send them, and uploads that are broken in every way.
#include <doctest/doctest.h>

#include <new>
#include <regex>
#include <thread>

#include "import_fixture.hpp"
#include "unit/engine/export_fixture.hpp"

namespace xnatarchive {
TEST_SUITE("rest.services_import") {
  TEST_CASE("uploads are received, whatever they are sent as") {
    ImportFixture fixture;
    const struct {
      const char* client;
      std::string query;
      std::string body;
      const char* type;
      const char* folder;
    } cases[] = {
        {"xnatpy", "overwrite=none&quarantine=false&triggerPipelines=true&project=UP&session=A",
         fixture.zip, "application/zip", "A"},
        {"xnatctl",
         "import-handler=DICOM-zip&Ignore-Unparsable=true&project=UP&subject=S&session=B"
         "&overwrite=delete&overwrite_files=true&quarantine=false&triggerPipelines=true"
         "&rename=false&Direct-Archive=false&inbody=true",
         fixture.zip, "application/x-tar", "B"},
        {"desktop",
         "import-handler=DICOM-zip&PROJECT_ID=UP&SUBJECT_ID=S&EXPT_LABEL=C&VISIT=&SUBTYPE="
         "&overwrite=none&rename=true&prevent_anon=true&prevent_auto_commit=true&SOURCE=uploader"
         "&autoArchive=AutoArchive&XNAT_CSRF=x",
         fixture.zip, "application/zip", "C"},
        {"curl -F", "",
         fixture.Multipart(fixture.Field("project", "UP") + fixture.Field("session", "D"),
                           fixture.zip),
         kMultipart, "D"},
        {"curl --data-binary", "inbody=true&dest=/prearchive/projects/UP&session=E", fixture.zip,
         kForm, "E"},
        {"SI", "import-handler=SI&project=UP&label=F", fixture.zip, "application/zip", "F"},
        {"gradual", "import-handler=gradual-DICOM&project=UP&session=G",
         MakeDicom(EngineFixture::Spec(1)), "application/dicom", "G"},
        {"no type", "project=UP&session=H", fixture.zip, "", "H"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.client);
      const std::string answer =
          fixture.Send("POST", kImport + "?" + row.query, row.body, row.type);
      const std::string path = fixture.Waiting();
      CHECK(answer == fixture.Uri("/data" + path));
      CHECK(path.substr(path.rfind('/') + 1) == row.folder);
      const bool goes_on = row.query.find("prevent_auto_commit=true") != std::string::npos ||
                           row.query.find("gradual-DICOM") != std::string::npos;
      CHECK((Must(fixture.engine->FindPrearchiveSession(path)).state == PrearchiveState::kReady) ==
            !goes_on);
      Must(fixture.engine->DeletePrearchiveSession(path));
    }
  }

  TEST_CASE("values for the document are in it after every build; unknown paths are told of") {
    ImportFixture fixture;
    const std::string query =
        "?project=UP&session=A&xnat:mrSessionData/note=seen%20once&xnat:mrSessionData/frob=x";
    fixture.Send("POST", kImport + query, fixture.zip, "application/zip");
    const std::string path = fixture.Waiting();
    CHECK(Must(fixture.engine->Document(path)).Get("note") == "seen once");
    Must(fixture.engine->Build(path));
    CHECK(Must(fixture.engine->Document(path)).Get("note") == "seen once");
    const std::string url = Must(fixture.engine->FindPrearchiveSession(path)).url;
    const std::string log = fixture.tree.Read("root/prearchive/" + url + "/dcmtoxnat.log");
    CHECK(log.find("xnat:mrSessionData/frob") != std::string::npos);
    CHECK(log.find("=x") == std::string::npos);
  }

  TEST_CASE("a commit builds what was received, and dest in the archive archives it") {
    ImportFixture fixture;
    const std::string answer = fixture.Send("POST", kImport + "?action=commit&project=UP&session=A",
                                            fixture.zip, "application/zip");
    CHECK(answer == fixture.Uri("/data" + fixture.Waiting()));
    CHECK(Must(fixture.engine->FindPrearchiveSession(fixture.Waiting())).state ==
          PrearchiveState::kReady);
    CHECK(fixture.Send("POST", kImport + "?dest=/archive/projects/UP/subjects/S/experiments/B",
                       fixture.zip, "application/zip") ==
          fixture.Uri("/data/archive/projects/UP/subjects/S/experiments/B"));
    CHECK(fixture.Send("POST",
                       kImport + "?prearchive_code=1&project=UP&subject=S&session=C"
                                 "&quarantine=true",
                       fixture.zip, "application/zip") ==
          fixture.Uri("/data/archive/projects/UP/subjects/S/experiments/C"));
    CHECK(fixture.Get("/data/projects/UP/experiments?columns=label,quarantine_status&sortBy=label"
                      "&format=csv") ==
          fixture.Text(200, "text/csv;charset=UTF-8",
                       "\"label\",\"quarantine_status\",\"URI\"\n"
                       "\"B\",\"active\",\"/data/experiments/XNAT_E00002\"\n"
                       "\"C\",\"quarantine\",\"/data/experiments/XNAT_E00003\"\n"));
  }

  TEST_CASE("Direct-Archive archives what it brings, and needs to know where") {
    ImportFixture fixture;
    const auto send = [&](const std::string& query) {
      return fixture.Send("POST", kImport + "?" + query, fixture.zip, "application/zip");
    };
    const std::string archived = "/data/archive/projects/UP/subjects/S/experiments/";
    const std::string here = "&project=UP&subject=S&session=";
    CHECK(send("Direct-Archive=true" + here + "A") == fixture.Uri(archived + "A"));
    CHECK(send("Direct-Archive=True&AA=false" + here + "B") == fixture.Uri(archived + "B"));
    CHECK(send("Direct-Archive=true&dest=/archive/projects/UP/subjects/S/experiments/C") ==
          fixture.Uri(archived + "C"));
    CHECK(fixture.Brief(send("Direct-Archive=true" + here + "A")) == "409 archive.session-exists");
    Must(fixture.engine->DeletePrearchiveSession(fixture.Waiting()));
    CHECK(send("Direct-Archive=true&overwrite=delete" + here + "A") == fixture.Uri(archived + "A"));
    for (const char* no : {"Direct-Archive=false", "Direct-Archive=", "Direct-Archive=0"}) {
      CAPTURE(no);
      const std::string answer = send(no + here + "D");
      CHECK(answer == fixture.Uri("/data" + fixture.Waiting()));
      Must(fixture.engine->DeletePrearchiveSession(fixture.Waiting()));
    }
    const std::string before = fixture.Dump();
    CHECK(fixture.Brief(send("Direct-Archive=true&subject=S&session=E")) == "400 rest.no-project");
    CHECK(fixture.Dump() == before);
  }

  TEST_CASE("Direct-Archive of single files archives their session when no more come") {
    ImportFixture fixture;
    for (int instance = 1; instance <= 3; ++instance) {
      DicomSpec spec = EngineFixture::Spec(1);
      spec.instance = instance;
      const std::string answer =
          fixture.Send("POST",
                       kImport +
                           "?import-handler=gradual-DICOM&Direct-Archive=true&project=UP"
                           "&subject=S&session=G",
                       MakeDicom(spec), "application/dicom");
      CHECK(answer == fixture.Uri("/data" + fixture.Waiting()));
    }
    Must(fixture.engine->SetSetting("session_idle_minutes", "0"));
    CHECK(Must(fixture.engine->CommitIdle()).archived ==
          std::vector<std::string>{"/data/archive/projects/UP/subjects/S/experiments/G"});
  }

  TEST_CASE("an upload that is not built is received all the same, and only a commit says so") {
    ImportFixture fixture;
    for (const auto& [action, answer] :
         {std::pair<std::string, std::string>("none", "200"), {"commit", "499 build.cancelled"}}) {
      CAPTURE(action);
      RestRequest request = fixture.Ask("POST", kImport + "?project=UP&action=" + action);
      request.body = BodyOf(fixture.zip);
      request.progress = [](const Progress& progress) { return progress.phase != "build"; };
      const RestResponse response = fixture.service->Handle(request);
      CHECK(fixture.Brief(RestFixture::Show(response)) == answer);
      CHECK(response.text.find("/data" + fixture.Waiting()) != std::string::npos);
      CHECK((RestFixture::Show(response).find("\nX-Disk-State: partial\n") != std::string::npos) ==
            (action == "commit"));
      Must(fixture.engine->DeletePrearchiveSession(fixture.Waiting()));
    }
  }

  TEST_CASE("uploads of one session at the same time are all received") {
    ImportFixture fixture;
    fixture.options.threads = 1;
    fixture.Reopen();
    constexpr int kSenders = 4;
    constexpr int kFiles = 6;
    std::vector<std::string> answers(kSenders * kFiles);
    std::vector<std::thread> senders;
    for (int sender = 0; sender < kSenders; ++sender) {
      senders.emplace_back([&, sender] {
        for (int file = 0; file < kFiles; ++file) {
          DicomSpec spec = EngineFixture::Spec(7);
          spec.series = sender + 1;
          spec.instance = file + 1;
          answers[static_cast<std::size_t>(sender * kFiles + file)] = fixture.Send(
              "POST", kImport + "?project=UP&session=ALL", MakeDicom(spec), "application/dicom");
        }
      });
    }
    for (std::thread& sender : senders) sender.join();
    const std::string path = fixture.Waiting();
    for (const std::string& answer : answers) CHECK(answer == fixture.Uri("/data" + path));
    Must(fixture.engine->Build(path));
    CHECK(fixture.Get("/data" + path + "/files?format=json").find("\"totalRecords\":\"24\"") !=
          std::string::npos);
  }

  TEST_CASE("a conflict with what is archived is 409, and the upload waits") {
    ImportFixture fixture;
    const std::string target = kImport + "?dest=/archive/projects/UP/subjects/S/experiments/B";
    CHECK(fixture.Brief(fixture.Send("POST", target, fixture.zip, "")) == "200");
    const std::string again = fixture.Send("POST", target, fixture.zip, "");
    CHECK(fixture.Brief(again) == "409 archive.session-exists");
    const std::string uri = "/data" + fixture.Waiting();
    CHECK(again.find("received as " + uri + ": not archived: " + uri + ": ") != std::string::npos);
    CHECK(again.find("\nX-Disk-State: partial\n") != std::string::npos);
    CHECK(fixture.Brief(fixture.Send("POST", target + "&overwrite=append", fixture.zip, "")) ==
          "200");
    // A project that archives by itself: the upload has succeeded all the same.
    Must(fixture.engine->SetSetting("prearchive_code", "4", "UP"));
    DicomSpec spec = EngineFixture::Spec(1);
    spec.values[0x00081030] = "another description";
    const std::string other = fixture.Send("POST", kImport + "?project=UP&subject=S&session=B",
                                           MakeDicom(spec), "application/dicom");
    CHECK(other == fixture.Uri("/data" + fixture.Waiting()));
  }

  TEST_CASE("an upload that is refused or breaks off leaves nothing behind") {
    ImportFixture fixture;
    const std::string field = fixture.Field("project", "UP");
    const std::string half = fixture.zip.substr(0, fixture.zip.size() / 2);
    const std::string p = "project=UP";
    const struct {
      const char* what;
      std::string query;
      std::optional<std::string> body;
      const char* type;
      const char* answer;
    } cases[] = {
        {"no body", p, {}, "", "400 rest.no-file"},
        {"an empty body", p, "", "application/zip", "400 rest.no-file"},
        {"a form", p, "a=b", kForm, "400 rest.no-file"},
        {"no file part", p, field + "--B--", kMultipart, "400 rest.no-file"},
        {"an empty file part", p, fixture.Multipart(field, ""), kMultipart, "400 rest.no-file"},
        {"no boundary", p, fixture.Multipart(field, fixture.zip), "multipart/form-data",
         "400 multipart.malformed"},
        {"another boundary", p, fixture.Multipart(field, fixture.zip),
         "multipart/form-data; boundary=C", "400 multipart.malformed"},
        {"no end", p, fixture.Multipart(field, fixture.zip, ""), kMultipart,
         "400 multipart.malformed"},
        {"a field behind the file", p, fixture.Multipart("", fixture.zip, "\r\n" + field + "--B--"),
         kMultipart, "400 rest.field-after-file"},
        {"two files", p, fixture.Multipart("", fixture.zip, "\r\n" + fixture.Multipart("", "x")),
         kMultipart, "400 rest.several-files"},
        {"fields that differ", p, fixture.Multipart(fixture.Field("project", "DEMO"), fixture.zip),
         kMultipart, "400 rest.double-parameter"},
        {"a field that is no text", p,
         fixture.Multipart(fixture.Field("session", "\xFF"), fixture.zip), kMultipart,
         "400 rest.bad-encoding"},
        {"a field that is too large", p,
         fixture.Multipart(fixture.Field("session", std::string(5 << 20, 'x')), fixture.zip),
         kMultipart, "413 rest.body-too-large"},
        {"part headers that are too large", p,
         "--B\r\nX: " + std::string(20000, 'x') + "\r\n\r\n\r\n--B--", kMultipart,
         "400 multipart.headers-too-large"},
        {"half a zip", p, half, "application/zip", "400 container.corrupt"},
        {"half a zip in a part", p, fixture.Multipart("", half), kMultipart,
         "400 container.corrupt"},
        {"text", p, "hello", "text/plain", "400 container.unknown-format"},
        {"an unknown handler", p + "&import-handler=NONE", fixture.zip, "",
         "404 import.unknown-handler"},
        {"an unknown project", "project=NONE", fixture.zip, "", "404 project.not-found"},
        {"a bad dest", p + "&dest=/archive/../..", fixture.zip, "", "400 uri.malformed"},
        {"a dest that contradicts", p + "&dest=/archive/projects/DEMO", fixture.zip, "",
         "400 import.contradiction"},
        {"a form that can not be read", p, "a=%zz", kForm, "400 rest.no-file"},
        {"a file of the user cache, where there is none",
         p + "&src=/user/cache/resources/X/files/F",
         {},
         "",
         "501 rest.no-user-cache"},
        {"a value that is no text", p + "&xnat:mrSessionData/note=%01", fixture.zip, "",
         "400 rest.bad-encoding"},
    };
    const std::string before = fixture.Dump();
    for (const auto& row : cases) {
      CAPTURE(row.what);
      CHECK(fixture.Brief(fixture.Send("POST", kImport + "?" + row.query, row.body, row.type)) ==
            row.answer);
      CHECK(fixture.Dump() == before);
    }
  }

  TEST_CASE(
      "a zip with something that is no DICOM is refused, or that is skipped when one says so") {
    ImportFixture fixture;
    const std::string zip =
        MakeZip({{"a/1.dcm", MakeDicom(EngineFixture::Spec(1))}, {"a/readme.txt", "no image"}});
    const std::string text = MakeZip({{"readme.txt", "no image"}});
    const std::string before = fixture.Dump();
    for (const char* refuses :
         {"", "&Ignore-Unparsable=false", "&action=commit&Ignore-Unparsable=false"}) {
      CAPTURE(refuses);
      CHECK(fixture.Brief(fixture.Send("POST", kImport + "?project=UP" + refuses, zip)) ==
            "400 dicom.not-dicom");
      CHECK(fixture.Dump() == before);
    }
    for (const char* skips : {"&Ignore-Unparsable=true", "&action=commit"}) {
      CAPTURE(skips);
      CHECK(fixture.Brief(fixture.Send("POST", kImport + "?project=UP" + skips, text)) ==
            "400 import.nothing");
      CHECK(fixture.Dump() == before);
    }
    for (const char* skips : {"&Ignore-Unparsable=true", "&action=commit"}) {
      CAPTURE(skips);
      const std::string answer = fixture.Send("POST", kImport + "?project=UP" + skips, zip);
      CHECK(answer == fixture.Uri("/data" + fixture.Waiting()));
      CHECK(fixture.FileNames() == "1.dcm ");
      Must(fixture.engine->DeletePrearchiveSession(fixture.Waiting()));
    }
  }

  TEST_CASE("files have the names their sender gave them, and with rename=true XNAT's own") {
    ImportFixture fixture;
    const DicomSpec spec = EngineFixture::Spec(1);
    const std::string zip = MakeZip({{"a/b c.dcm", MakeDicom(spec)}});
    const struct {
      const char* query;
      std::string names;
    } cases[] = {
        {"", "b_c\\.dcm "},
        {"&rename=false", "b_c\\.dcm "},
        {"&rename=true", StudyUid(spec) + "-1-1-[0-9a-z]{1,7}\\.dcm "},
    };
    for (const auto& row : cases) {
      CAPTURE(row.query);
      CHECK(fixture.Brief(fixture.Send("POST", kImport + "?project=UP" + row.query, zip)) == "200");
      CAPTURE(fixture.FileNames());
      CHECK(std::regex_match(fixture.FileNames(), std::regex(row.names)));
      Must(fixture.engine->DeletePrearchiveSession(fixture.Waiting()));
    }
  }

  TEST_CASE("a sender that is gone at any byte ends the import, and sending again succeeds") {
    ImportFixture fixture;
    const std::string before = fixture.Dump();
    const std::string body = fixture.Multipart(fixture.Field("project", "UP"), fixture.zip);
    for (std::size_t good = 0; good < body.size(); good += good < 300 ? 1 : body.size() / 50) {
      CAPTURE(good);
      RestRequest request = fixture.Ask("POST", kImport);
      request.headers.emplace_back("Content-Type", kMultipart);
      const InputStream stream = BodyOf(body.substr(0, good), 1000);
      request.body = [&](void* buffer, std::size_t size) -> Result<std::size_t> {
        Result<std::size_t> count = stream(buffer, size);
        if (count.ok() && *count > 0) return count;
        return Status(Code::kCancelled, "upload.aborted", "the sender is gone");
      };
      CHECK(fixture.Brief(RestFixture::Show(fixture.service->Handle(request))) ==
            "499 upload.aborted");
      CHECK(fixture.Dump() == before);
    }
    CHECK(fixture.Brief(fixture.Send("POST", kImport, body, kMultipart)) == "200");
  }

  TEST_CASE("a body that throws is a failure of the host, and Handle throws nothing") {
    ImportFixture fixture;
    const std::string before = fixture.Dump();
    for (const char* type : {"application/zip", kMultipart, kForm}) {
      for (const char* target : {"/data/services/import?project=UP", "/data/services/archive"}) {
        RestRequest request = fixture.Ask("POST", target);
        request.headers.emplace_back("Content-Type", type);
        request.body = [](void*, std::size_t) -> Result<std::size_t> { throw 42; };
        CHECK(RestFixture::Show(fixture.service->Handle(request)) ==
              fixture.Error(500, "rest.internal",
                            "the host's body function failed, or the library is wrong"));
        request.body = [](void*, std::size_t) -> Result<std::size_t> { throw std::bad_alloc(); };
        CHECK(RestFixture::Show(fixture.service->Handle(request)) ==
              fixture.Error(503, "rest.no-memory", "memory ran out"));
      }
    }
    CHECK(fixture.Dump() == before);
  }

  TEST_CASE("HTML and SQL in every field is text like any other") {
    ImportFixture fixture;
    const std::string evil = "<script>alert('x')</script>\"; DROP TABLE prearchive; --";
    const std::string label = "_script_alert__x____script____DROP_TABLE_prearchive__--";
    const std::string body =
        fixture.Multipart(fixture.Field("project", "UP") + fixture.Field("subject", evil) +
                              fixture.Field("session", evil) + fixture.Field("SOURCE", evil) +
                              fixture.Field("VISIT", evil),
                          fixture.zip);
    const std::string answer = fixture.Send("POST", kImport, body, kMultipart);
    CHECK(answer == fixture.Uri("/data" + fixture.Waiting()));
    CHECK(answer.find("/" + label + "\r\n") != std::string::npos);
    const std::string listing = fixture.Get("/data/prearchive/projects/UP?format=xml");
    CHECK(listing.find("<script>") == std::string::npos);
    const std::string error =
        fixture.Get("/data/prearchive/projects/%3Cscript%3E?format=xml&sortBy=<b>");
    CHECK(error.find("text/plain") != std::string::npos);
  }
}

}  // namespace xnatarchive
