// The archive as clients read it: projects, subjects, sessions, scans, resources.
#include <doctest/doctest.h>

#include <regex>

#include "rest_fixture.hpp"

namespace xnatarchive {
namespace {

/// Sessions S1 and S2 of project DEMO, one series of one image each.
struct ArchiveFixture : RestFixture {
  ArchiveFixture() {
    for (int study = 1; study <= 2; ++study) {
      const std::string folder = "study" + std::to_string(study);
      WriteStudy(folder, study, 1, 1);
      Must(Archive(Import(folder).uris.at(0)));
    }
  }

  std::string Csv(const std::string& target) {
    const std::string answer =
        Get(target + (target.find('?') == std::string::npos ? "?" : "&") + "format=csv");
    const std::string head = "200\nContent-Type: text/csv;charset=UTF-8\n\n";
    return answer.rfind(head, 0) == 0 ? answer.substr(head.size()) : answer;
  }

  /// When a session was archived, as listings have it.
  std::string Inserted(const std::string& label) {
    const std::string csv = Csv("/data/experiments?columns=insert_date&label=" + label);
    std::smatch cell;
    const std::regex row("\"(20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+)\",");
    return std::regex_search(csv, cell, row) ? cell[1].str() : "no time: " + csv;
  }
};

const std::string kSession1 = "/data/projects/DEMO/subjects/Test_Subject1/experiments/S1";

}  // namespace

TEST_SUITE("rest.archive") {
  TEST_CASE("projects are listed, read and made") {
    ArchiveFixture fixture;
    CHECK(
        fixture.Get("/data/projects") ==
        fixture.JsonAnswer(
            R"({"ResultSet":{"Result":[{"ID":"DEMO","secondary_ID":"DEMO","name":"DEMO",)"
            R"("description":"","pi_firstname":"","pi_lastname":"","URI":"/data/projects/DEMO"}],)"
            R"("totalRecords":"1"}})"));
    const std::string item = fixture.JsonAnswer(
        R"({"items":[{"children":[],"meta":{"xsi:type":"xnat:projectData","isHistory":false},)"
        R"("data_fields":{"ID":"DEMO","secondary_ID":"DEMO","name":"DEMO"}}]})");
    CHECK(fixture.Get("/data/projects/DEMO?format=json") == item);
    Must(fixture.engine->SetSetting("aliases", "other, Demonstration", "DEMO"));
    CHECK(fixture.Get("/REST/archive/projects/demonstration") == item);
    const std::string plain = "\nContent-Type: text/plain;charset=UTF-8\n\nNEW";
    CHECK(fixture.Send("PUT", "/data/projects/NEW") == "201" + plain);
    CHECK(fixture.Send("PUT", "/data/projects/NEW?event_reason=x") == "200" + plain);
    CHECK(fixture.Csv("/data/projects").find("\"NEW\"") != std::string::npos);
    CHECK(fixture.Send("PUT", "/data/projects/N%20W").substr(0, 3) == "400");
    CHECK(fixture.Brief(fixture.Get("/data/projects/NONE")) == "404 project.not-found");
  }

  TEST_CASE("the two codes of a project are read and set") {
    ArchiveFixture fixture;
    const std::string project = "/data/projects/DEMO";
    const auto code = [&](const char* name) { return fixture.Get(project + "/" + name + "_code"); };
    const std::string plain = "text/plain;charset=UTF-8";
    CHECK(code("prearchive") == fixture.Text(200, plain, "0"));
    CHECK(fixture.Send("PUT", project + "/prearchive_code/5") == "200\n\n");
    CHECK(code("prearchive") == fixture.Text(200, plain, "5"));
    CHECK(fixture.Send("PUT", "/data/archive" + project.substr(5) + "/quarantine_code/true") ==
          "200\n\n");
    CHECK(code("quarantine") == fixture.Text(200, plain, "1"));
    CHECK(fixture.Send("PUT", project + "/quarantine_code/0") == "200\n\n");
    for (const char* bad : {"/prearchive_code/1", "/prearchive_code/x", "/quarantine_code/2"}) {
      CAPTURE(bad);
      CHECK(fixture.Brief(fixture.Send("PUT", project + bad)) == "400 setting.bad-value");
    }
    CHECK(fixture.Brief(fixture.Send("PUT", "/data/projects/NONE/prearchive_code/4")) ==
          "404 project.not-found");
    CHECK(code("prearchive") == fixture.Text(200, plain, "5"));
  }

  TEST_CASE("subjects are listed and read, by label in a project and by ID anywhere") {
    ArchiveFixture fixture;
    const std::string columns =
        "\"ID\",\"project\",\"label\",\"insert_date\",\"insert_user\",\"URI\"\n";
    // When the first session of the subject came.
    const std::string rows = "\"XNAT_S00001\",\"DEMO\",\"Test_Subject1\",\"" +
                             fixture.Inserted("S1") +
                             "\",\"\",\"/data/subjects/XNAT_S00001\"\n"
                             "\"XNAT_S00002\",\"DEMO\",\"Test_Subject2\",\"" +
                             fixture.Inserted("S2") + "\",\"\",\"/data/subjects/XNAT_S00002\"\n";
    CHECK(fixture.Csv("/data/projects/DEMO/subjects") == columns + rows);
    CHECK(fixture.Csv("/data/subjects") == columns + rows);
    // xnatctl's transfer reads it, and reads no other form.
    CHECK(fixture.Inserted("S1").substr(0, 7) != "no time");
    CHECK(
        fixture
            .Send("POST", "/data/services/archive?subject=Test_Subject1&src=" + fixture.Receive(3))
            .substr(0, 3) == "200");
    CHECK(fixture.Csv("/data/subjects") == columns + rows);
    CHECK(fixture.Send("PUT", "/data/projects/DEMO/subjects/Zoe").substr(0, 3) == "201");
    const std::string unseen = fixture.Csv("/data/subjects").substr((columns + rows).size());
    CHECK(unseen.substr(0, 30) == "\"XNAT_S00003\",\"DEMO\",\"Zoe\",\"20");
    for (const char* target :
         {"/data/projects/DEMO/subjects/Test_Subject2", "/data/projects/DEMO/subjects/XNAT_S00002",
          "/data/archive/subjects/XNAT_S00002?format=json"}) {
      CAPTURE(target);
      CHECK(fixture.Get(target) ==
            fixture.JsonAnswer(
                R"({"items":[{"children":[],"meta":{"xsi:type":"xnat:subjectData",)"
                R"("isHistory":false},"data_fields":{"ID":"XNAT_S00002","project":"DEMO",)"
                R"("label":"Test_Subject2"}}]})"));
    }
    CHECK(fixture.Brief(fixture.Get("/data/subjects/Test_Subject2")) == "404 uri.not-found");
    CHECK(fixture.Brief(fixture.Get("/data/projects/NONE/subjects")) == "404 uri.not-found");
    const std::string experiments = "/subjects/XNAT_S00002/experiments";
    const std::string of_subject = fixture.Csv("/data/projects/DEMO" + experiments);
    CHECK(of_subject.find("\"S2\"") != std::string::npos);
    CHECK(of_subject.find("\"S1\"") == std::string::npos);
    CHECK(fixture.Csv("/data" + experiments) == of_subject);
    CHECK(fixture.Brief(fixture.Get("/data/subjects/Test_Subject2/experiments")) ==
          "404 uri.not-found");
  }

  TEST_CASE("a subject is made, and fine when it is there") {
    ArchiveFixture fixture;
    const std::string subject = "/data/projects/DEMO/subjects/NEW";
    const std::string plain = "\nContent-Type: text/plain;charset=UTF-8\n\nXNAT_S00003";
    // xnatpy's words.
    CHECK(fixture.Send("PUT", subject + "?xsiType=xnat:subjectData&req_format=qs&" +
                                  "xnat:subjectData/label=NEW") == "201" + plain);
    CHECK(fixture.Send("PUT", subject) == "200" + plain);
    CHECK(fixture.Get("/data/subjects/XNAT_S00003").find(R"("label":"NEW")") != std::string::npos);
    CHECK(fixture.Brief(fixture.Send("PUT", subject + "2?xnat:subjectData/group=x")) ==
          "501 rest.no-subject-fields");
    CHECK(fixture.Brief(fixture.Send("PUT", subject + "?label=OLD")) ==
          "501 rest.no-subject-fields");
    CHECK(fixture.Brief(fixture.Send("PUT", subject + "?label=NEW")) == "200");
    CHECK(fixture.Brief(fixture.Send("PUT", subject + "%202")) == "400 subject.bad-label");
    CHECK(fixture.Brief(fixture.Send("PUT", "/data/projects/NONE/subjects/NEW")) ==
          "404 project.not-found");
    CHECK(fixture.Csv("/data/subjects").find("NEW2") == std::string::npos);
  }

  TEST_CASE("sessions are listed with the columns that are asked for") {
    ArchiveFixture fixture;
    const std::string date = Must(fixture.engine->Document("/experiments/XNAT_E00001")).Get("date");
    const std::string all =
        "\"ID\",\"project\",\"date\",\"xsiType\",\"label\",\"insert_date\",\"URI\"\n"
        "\"XNAT_E00001\",\"DEMO\",\"" +
        date + "\",\"xnat:mrSessionData\",\"S1\",\"" + fixture.Inserted("S1") +
        "\",\"/data/experiments/XNAT_E00001\"\n"
        "\"XNAT_E00002\",\"DEMO\",\"" +
        date + "\",\"xnat:mrSessionData\",\"S2\",\"" + fixture.Inserted("S2") +
        "\",\"/data/experiments/XNAT_E00002\"\n";
    CHECK(fixture.Csv("/data/projects/DEMO/experiments") == all);
    CHECK(fixture.Csv("/data/experiments") == all);
    // xnatctl's refresh.
    CHECK(fixture.Get("/data/projects/DEMO/experiments?columns=ID,subject_ID,label&format=json") ==
          fixture.JsonAnswer(
              R"({"ResultSet":{"Result":[{"ID":"XNAT_E00001","subject_ID":"XNAT_S00001",)"
              R"("label":"S1","URI":"/data/experiments/XNAT_E00001"},{"ID":"XNAT_E00002",)"
              R"("subject_ID":"XNAT_S00002","label":"S2","URI":"/data/experiments/XNAT_E00002"}],)"
              R"("totalRecords":"2"}})"));
    CHECK(fixture.Csv("/data/projects/DEMO/subjects/Test_Subject2/experiments?columns=label,age") ==
          "\"label\",\"age\",\"URI\"\n\"S2\",\"\",\"/data/experiments/XNAT_E00002\"\n");
    CHECK(fixture.Csv("/data/projects/DEMO/experiments?label=S1&columns=label") ==
          "\"label\",\"URI\"\n\"S1\",\"/data/experiments/XNAT_E00001\"\n");
    CHECK(fixture.Csv("/data/experiments?label=S3&columns=URI") == "\"URI\"\n");
    // pyxnat: columns as XML paths, and the type that all sessions extend.
    CHECK(fixture.Csv("/data/experiments?xsiType=xnat:subjectAssessorData&project=DEMO&label=S1"
                      "&columns=ID,xnat:subjectAssessorData/subject_id") ==
          "\"ID\",\"xnat:subjectAssessorData/subject_id\",\"URI\"\n"
          "\"XNAT_E00001\",\"XNAT_S00001\",\"/data/experiments/XNAT_E00001\"\n");
    CHECK(fixture.Csv("/data/experiments?xsiType=xnat:petSessionData&columns=ID") ==
          "\"ID\",\"URI\"\n");
    CHECK(fixture.Brief(fixture.Get("/data/projects/NONE/experiments")).substr(0, 3) == "404");
    CHECK(fixture.Brief(fixture.Get("/data/projects/DEMO/subjects/NONE/experiments")) ==
          "404 uri.not-found");
  }

  TEST_CASE("one session is XML, or JSON by label and by ID with its scans and resources") {
    ArchiveFixture fixture;
    const std::string xml = Must(fixture.engine->DocumentXml("/experiments/XNAT_E00001"));
    CHECK(fixture.Get(kSession1) == fixture.Text(200, "text/xml;charset=UTF-8", xml));
    CHECK(fixture.Get("/data/experiments/XNAT_E00001?format=xml") ==
          fixture.Text(200, "text/xml;charset=UTF-8", xml));
    const std::string json = fixture.Get(kSession1 + "?format=json");
    for (const char* target : {"/data/experiments/XNAT_E00001?format=json",
                               "/data/projects/DEMO/experiments/S1?format=json",
                               "/REST/archive/projects/DEMO/experiments/XNAT_E00001?format=json"}) {
      CAPTURE(target);
      CHECK(fixture.Get(target) == json);
    }
    const std::string head = R"({"items":[{"children":[{"field":"scans/scan","items":[{)"
                             R"("children":[{"field":"file","items":[{"children":[],"meta":)"
                             R"({"xsi:type":"xnat:resourceCatalog","isHistory":false},)"
                             R"("data_fields":{"xnat_abstractresource_id":"DICOM","label":"DICOM",)"
                             R"("URI":"SCANS/1/DICOM/scan_1_catalog.xml","format":"DICOM",)"
                             R"("content":"RAW","file_count":1,"file_size":)";
    CHECK(json.find(head) != std::string::npos);
    for (const char* part :
         {R"("meta":{"xsi:type":"xnat:mrScanData","isHistory":false},"data_fields":{"ID":"1",)"
          R"("xnat_imagescandata_id":"1","image_session_ID":"XNAT_E00001","UID":")",
          R"("meta":{"xsi:type":"xnat:mrSessionData","isHistory":false},"data_fields":)"
          R"({"ID":"XNAT_E00001","label":"S1","project":"DEMO","UID":")",
          R"("subject_ID":"XNAT_S00001")", R"("scanner/manufacturer":")", R"("modality":"MR")"}) {
      CAPTURE(part);
      CHECK(json.find(part) != std::string::npos);
    }
    CHECK(fixture.Brief(fixture.Get("/data/experiments/NONE?format=json")) == "404 uri.not-found");
    CHECK(fixture.Brief(fixture.Get(kSession1 + "?format=pdf")) == "400 rest.bad-format");
    CHECK(fixture.Brief(fixture.Get("/data/projects/DEMO/subjects/Test_Subject2/experiments/S1")) ==
          "404 uri.not-found");
  }

  TEST_CASE("scans and resources are listed, and a scan is an item") {
    ArchiveFixture fixture;
    const SessionDocument document = Must(fixture.engine->Document("/experiments/XNAT_E00001"));
    const Scan& scan = document.scans.at(0);
    CHECK(fixture.Csv(kSession1 + "/scans") ==
          "\"xnat_imagescandata_id\",\"ID\",\"type\",\"quality\",\"xsiType\",\"note\","
          "\"series_description\",\"URI\"\n\"1\",\"1\",\"" +
              scan.type + "\",\"" + scan.Get("quality") +
              "\",\"xnat:mrScanData\",\"\",\"t1_mprage_sag_1\"," +
              "\"/data/experiments/XNAT_E00001/scans/1\"\n");
    const std::string columns =
        "\"xnat_abstractresource_id\",\"label\",\"element_name\",\"category\",\"cat_id\","
        "\"cat_desc\",\"file_count\",\"file_size\",\"tags\",\"content\",\"format\"\n";
    const std::string row = "\"DICOM\",\"DICOM\",\"xnat:resourceCatalog\",\"scans\",\"1\",\"" +
                            scan.type + "\",\"1\",\"" +
                            std::to_string(*scan.resources.at(0).file_size) +
                            "\",\"\",\"RAW\",\"DICOM\"\n";
    CHECK(fixture.Csv("/data/experiments/XNAT_E00001/scans/1/resources") == columns + row);
    CHECK(fixture.Csv("/data/experiments/XNAT_E00001/resources") == columns);
    CHECK(fixture.Csv("/data/experiments/XNAT_E00001/resources?all=true") == columns + row);
    const std::string item = fixture.Get("/data/experiments/XNAT_E00001/scans/1?format=json");
    CHECK(item.find(R"("meta":{"xsi:type":"xnat:mrScanData","isHistory":false},"data_fields":)"
                    R"({"ID":"1","xnat_imagescandata_id":"1","image_session_ID":"XNAT_E00001")") !=
          std::string::npos);
    for (const char* below : {"/scans/9", "/scans/9/resources", "/scans/9/files",
                              "/scans/1/resources/NONE/files", "/resources/NONE/files"}) {
      CAPTURE(below);
      CHECK(fixture.Brief(fixture.Get(kSession1 + below)) == "404 uri.not-found");
    }
  }

  TEST_CASE("what may not be read is not listed, refused by name, and not found by ID alone") {
    ArchiveFixture fixture;
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string& user, Permission permission, const std::string&, const Cancelled&) {
          const bool allowed = user == "ann" && permission == Permission::kRead;
          return allowed ? Status() : Status(Code::kPermission, "host.no", "no");
        });
    fixture.Reopen();
    CHECK(fixture.Brief(fixture.Get(kSession1)) == "200");
    CHECK(fixture.Brief(fixture.Send("PUT", "/data/projects/NEW")) == "403 access.denied");
    CHECK(fixture.Brief(fixture.Send("PUT", "/data/projects/DEMO/prearchive_code/4")) ==
          "403 access.denied");
    fixture.user = "bob";
    for (const char* target : {"/data/projects", "/data/subjects", "/data/experiments"}) {
      CAPTURE(target);
      CHECK(fixture.Get(target).find("\"Result\":[]") != std::string::npos);
    }
    for (const char* target :
         {"/data/projects/DEMO", "/data/projects/NONE", "/data/projects/DEMO/subjects",
          "/data/projects/DEMO/experiments", "/data/projects/DEMO/prearchive_code",
          "/data/projects/DEMO/experiments/S1", "/data/projects/DEMO/experiments/NONE",
          "/data/projects/DEMO/experiments/S1/scans",
          "/data/projects/DEMO/experiments/S1/scans/1/resources/DICOM/files/1.dcm",
          "/data/projects/DEMO/experiments/S1/files?format=zip"}) {
      CAPTURE(target);
      CHECK(fixture.Brief(fixture.Get(target)) == "403 access.denied");
    }
    for (const char* target :
         {"/data/experiments/XNAT_E00001", "/data/experiments/XNAT_E00001/scans",
          "/data/subjects/XNAT_S00001",
          "/data/experiments/XNAT_E00001/scans/1/resources/DICOM/files/1.dcm"}) {
      CAPTURE(target);
      CHECK(fixture.Brief(fixture.Get(target)) == "404 uri.not-found");
    }
  }
}

}  // namespace xnatarchive
