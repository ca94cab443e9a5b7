// Audit trail, history, quarantine and verification, over REST.
#include <doctest/doctest.h>

#include "rest_fixture.hpp"

namespace xnatarchive {
namespace {

const std::string kSession = "/data/archive/projects/DEMO/subjects/Test_Subject1/experiments/S1";

/// S1 of project DEMO, archived by "ann", one image.
struct RecordsFixture : RestFixture {
  std::string waiting = ReceiveOne("one");

  RecordsFixture() {
    if (Send("POST", "/data/services/archive?src=" + waiting) != Uri(kSession)) {
      throw std::runtime_error("was not archived");
    }
  }

  /// The same image with other bytes, when `note` is another.
  std::string ReceiveOne(const std::string& note) {
    DicomSpec spec = Spec(1);
    spec.values[0x00104000] = note;  // PatientComments
    tree.Write("in/" + note + "/1.dcm", MakeDicom(spec));
    const std::string path = Import(note).uris.at(0).substr(5);
    Must(engine->Build(path));
    return path;
  }

  /// Rows of the answer, without the head that is in `columns`.
  std::string Rows(const std::string& target, const std::string& columns) {
    const std::string head = "200\nContent-Type: text/csv;charset=UTF-8\n\n" + columns + "\n";
    const std::string answer = Get(target + "?format=csv");
    return answer.rfind(head, 0) == 0 ? answer.substr(head.size()) : answer;
  }
};

const std::string kHistoryColumns =
    R"("id","time","user","project","label","experiment_id","files","bytes")";

}  // namespace

TEST_SUITE("rest.records") {
  TEST_CASE("the audit trail is listed for everything, a project, and a session before and after") {
    RecordsFixture fixture;
    const std::string answer = fixture.Get("/data/audit");
    CHECK(
        answer.find(R"("type":"Transferred","status":"Complete","user":"ann","origin":"127.0.0.1",)"
                    R"("project":"DEMO","label":"S1","files":"1")") != std::string::npos);
    CHECK(fixture.Get("/data/projects/DEMO/audit") == answer);
    CHECK(fixture.Get("/data/archive/projects/DEMO/audit") == answer);
    CHECK(fixture.Get("/data/experiments/XNAT_E00001/audit") == answer);
    CHECK(fixture.Get(kSession + "/audit") == answer);
    CHECK(fixture.Get("/data" + fixture.waiting + "/audit").find("\"label\":\"S1\"") !=
          std::string::npos);
    CHECK(fixture.Brief(fixture.Get("/data/experiments/NONE/audit")) == "404 uri.not-found");
    CHECK(fixture.Brief(fixture.Get("/data/projects/NONE/audit")) == "404 project.not-found");
  }

  TEST_CASE("what a merge replaced is listed, put back, and removed") {
    RecordsFixture fixture;
    CHECK(fixture.Rows("/data/history", kHistoryColumns) == "");
    const std::string again = fixture.ReceiveOne("two");
    CHECK(fixture.Send("POST", "/data/services/archive?overwrite=delete&src=" + again) ==
          fixture.Uri(kSession));
    const auto entries = Must(fixture.engine->History());
    REQUIRE(entries.size() == 1);
    const std::string rows = fixture.Rows("/data/history", kHistoryColumns);
    CHECK(rows.rfind("\"" + entries[0].id + "\",", 0) == 0);
    CHECK(rows.find(R"(,"ann","DEMO","S1","XNAT_E00001","1",)") != std::string::npos);
    CHECK(fixture.Rows("/data/projects/DEMO/history", kHistoryColumns) == rows);
    CHECK(fixture.Rows(kSession + "/history", kHistoryColumns) == rows);
    CHECK(fixture.Brief(fixture.Send("POST", "/data/history/" + entries[0].id + "?action=x")) ==
          "400 rest.bad-value");
    CHECK(fixture.Send("POST", "/data/history/" + entries[0].id + "?action=restore") ==
          fixture.Uri(kSession));
    const auto swapped = Must(fixture.engine->History());
    REQUIRE(swapped.size() == 1);
    CHECK(fixture.Send("DELETE", "/data/history/" + swapped[0].id) == "200\n\n");
    CHECK(Must(fixture.engine->History()).empty());
    CHECK(fixture.Brief(fixture.Send("DELETE", "/data/history/" + swapped[0].id)) ==
          "404 history.not-found");
  }

  TEST_CASE("a session is released from quarantine by who administers its project") {
    RestFixture fixture;
    CHECK(fixture.Send("POST", "/data/services/archive?quarantine=true&src=" +
                                   fixture.Receive(1)) == fixture.Uri(kSession));
    const auto status = [&] {
      return fixture.Get("/data/experiments?columns=quarantine_status&format=csv");
    };
    CHECK(status().find("\"quarantine\"") != std::string::npos);
    CHECK(fixture.Brief(fixture.Send("PUT", kSession)) == "501 rest.no-such-action");
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string& user, Permission permission, const std::string&, const Cancelled&) {
          const bool allowed = user == "root" || permission != Permission::kAdmin;
          return allowed ? Status() : Status(Code::kPermission, "host.no", "no");
        });
    fixture.Reopen();
    CHECK(fixture.Brief(fixture.Send("PUT", kSession + "?activate=true")) == "403 access.denied");
    CHECK(status().find("\"quarantine\"") != std::string::npos);
    fixture.user = "root";
    CHECK(fixture.Send("PUT", kSession + "?activate=true") == "200\n\n");
    CHECK(fixture.Send("PUT", "/data/experiments/XNAT_E00001?activate=true") == "200\n\n");
    CHECK(status().find("\"active\"") != std::string::npos);
  }

  TEST_CASE("verification tells what was read and what is wrong") {
    RecordsFixture fixture;
    const std::string verify = "/data/services/verify?resource=" + kSession;
    const std::string size = std::to_string(Must(fixture.engine->Verify({})).bytes);
    const std::string read = R"({"sessions":1,"catalogs":1,"files":1,"bytes":)" + size +
                             R"(,"filesRead":1,"bytesRead":)" + size +
                             R"(,"filesWithoutDigest":0,"problems":[)";
    CHECK(fixture.Send("POST", verify) == fixture.JsonAnswer(read + "],\"busy\":[]}"));
    const auto files = Must(fixture.engine->List(kSession + "/scans/1/resources/DICOM"));
    const std::string name = files.rows.at(0).at(0);
    fixture.tree.Write("root/archive/DEMO/arc001/S1/SCANS/1/DICOM/" + name,
                       std::string(std::stoul(size), 'x'));
    const std::string damaged = fixture.Send("POST", verify);
    CHECK(damaged.find(read + R"({"kind":"changed","uri":")") != std::string::npos);
    CHECK(fixture.Brief(fixture.Send("POST", "/data/services/verify")) == "400 verify.no-resource");
    CHECK(fixture.Brief(
              fixture.Send("POST", "/data/services/verify?resource=/archive/experiments/NONE")) ==
          "404 uri.not-found");
  }
}

}  // namespace xnatarchive
