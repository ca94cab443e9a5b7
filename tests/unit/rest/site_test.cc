// What clients ask for when they connect, and how they follow a job.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "rest_fixture.hpp"
#include "xnatarchive/version.hpp"

namespace xnatarchive {

TEST_SUITE("rest.site") {
  TEST_CASE("a client that connects is told who it is and what this is") {
    RestFixture fixture;
    const std::string plain = "text/plain;charset=UTF-8";
    CHECK(fixture.Get("/") ==
          fixture.Text(200, plain, "xnatarchive " + std::string(Version()) + "\n"));
    CHECK(fixture.Get("/data/auth") == fixture.Text(200, plain, "User 'ann' is logged in"));
    CHECK(fixture.Get("/data/version").substr(0, 3) == "404");  // 200 would mean XNAT 1.6
    CHECK(fixture.Get("/xapi/siteConfig/buildInfo?format=json") ==
          fixture.JsonAnswer("{\"version\":\"1.8.10\",\"xnatarchive\":\"" + std::string(Version()) +
                             "\"}"));
    CHECK(fixture.Get("/xapi/siteConfig/buildInfo/version") == fixture.Text(200, plain, "1.8.10"));
    CHECK(fixture.Get("/xapi/users/username") == fixture.Text(200, plain, "ann"));
    CHECK(fixture.Get("/xapi/users/ann?format=json") ==
          fixture.JsonAnswer(R"({"username":"ann","enabled":true})"));
    CHECK(fixture.Brief(fixture.Get("/xapi/users/bob")) == "404 rest.no-user");
    CHECK(fixture.Get("/data/search/elements?format=json") ==
          fixture.JsonAnswer(R"({"ResultSet":{"Result":[],"totalRecords":"0"}})"));
    CHECK(fixture.Get("/xapi/schemas?format=json") == fixture.JsonAnswer(R"(["xnat"])"));
    fixture.user.clear();
    CHECK(fixture.Get("/data/auth") == fixture.Text(200, plain, "User 'guest' is logged in"));
  }

  TEST_CASE("the schema declares what sessions, scans and resources are") {
    RestFixture fixture;
    const std::string xsd = fixture.Get("/xapi/schemas/xnat");
    CHECK(xsd.rfind("200\nContent-Type: text/xml;charset=UTF-8\n\n<?xml", 0) == 0);
    for (const char* type : {"mrSessionData", "mrScanData", "petmrSessionData", "resourceCatalog",
                             "projectData", "subjectData", "otherDicomSessionData"}) {
      CAPTURE(type);
      CHECK(xsd.find("<xs:complexType name=\"" + std::string(type) + "\">") != std::string::npos);
    }
    CHECK(fixture.Brief(fixture.Get("/xapi/schemas/xdat")) == "404 rest.no-route");
  }
}

TEST_SUITE("rest.progress") {
  TEST_CASE("a job is followed by its ID, in both of XNAT's forms") {
    RestFixture fixture;
    const std::string a = fixture.Receive(1);
    const std::string b = "/prearchive/projects/DEMO/20200101_000000000/S9";
    ArchiveRequest first;
    first.src = a;
    ArchiveRequest second;
    second.src = b;
    CallOptions call;
    call.user = "ann";
    const std::string id = Must(fixture.engine->Submit({first, second}, call));
    CHECK(fixture.Get("/data/status/" + id) ==
          fixture.JsonAnswer(R"({"msgs":[[{"status":"QUEUED","msg":")" + a +
                             R"("},{"status":"QUEUED","msg":")" + b + R"("}]]})"));
    std::string events = fixture.Get("/xapi/event_tracking/" + id);
    CHECK(events.find(R"("succeeded":null,"finalMessage":null,"done":0,"total":2,)"
                      R"("filesDone":0,"filesTotal":0})") != std::string::npos);
    while (Must(fixture.engine->RunOneJobItem())) {
    }
    const Job job = Must(fixture.engine->FindJob(id));
    const std::string uri = "/data/archive/projects/DEMO/subjects/Test_Subject1/experiments/S1";
    const Status why = job.items[1].status;
    CHECK_FALSE(why.ok());
    const std::string failed =
        b + ": " + std::string(why.reason()) + ": " + std::string(why.message());
    CHECK(fixture.Get("/REST/status/" + id) ==
          fixture.JsonAnswer(R"({"msgs":[[{"status":"COMPLETED","msg":"Archive:)" + uri +
                             R"("},{"status":"FAILED","msg":")" + failed + R"("}]]})"));
    CHECK(fixture.Get("/xapi/event_tracking/" + id + "/payload") ==
          fixture.JsonAnswer(R"({"entryList":[{"status":"Completed","eventTime":)" +
                             std::to_string(job.items[0].ended_ms) + R"(,"message":"Archive:)" +
                             uri + R"("},{"status":"Failed","eventTime":)" +
                             std::to_string(job.items[1].ended_ms) + R"(,"message":")" + failed +
                             R"("}]})"));
    events = fixture.Get("/xapi/event_tracking/" + id);
    CHECK(events.find(R"("succeeded":false,"finalMessage":"Archive:)" + uri +
                      R"(","done":2,"total":2,"filesDone":0,"filesTotal":0})") !=
          std::string::npos);
    for (const char* target : {"/data/status/99", "/data/status/x", "/xapi/event_tracking/99",
                               "/xapi/event_tracking/-1/payload"}) {
      CAPTURE(target);
      CHECK(fixture.Brief(fixture.Get(target)) == "404 job.not-found");
    }
  }

  TEST_CASE("of a session that is being archived, its files and those that are done are told") {
    RestFixture fixture;
    std::atomic<bool> seen{false};
    fixture.options.pipeline_launcher =
        std::make_shared<TestLauncher>([&](const PipelineRequest&, const Cancelled& cancelled) {
          while (!seen && !cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
          return PipelineResult();
        });
    fixture.options.job_workers = 1;
    fixture.Reopen();
    Must(fixture.engine->SetSetting("autorun", "wait", "DEMO"));
    ArchiveRequest request;
    request.src = fixture.Receive(1);
    const std::string target = "/xapi/event_tracking/" + Must(fixture.engine->Submit({request}));
    const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    std::string events;
    do {
      events = fixture.Get(target);
    } while (events.find(R"("filesDone":0,)") != std::string::npos &&
             std::chrono::steady_clock::now() < patience);
    seen = true;
    CHECK(events.find(R"("succeeded":null,"finalMessage":null,"done":0,"total":1,)"
                      R"("filesDone":6,"filesTotal":6})") != std::string::npos);
    CHECK(events.find("InProgress") != std::string::npos);
  }

  TEST_CASE("a job of somebody else is not found by who may not read its projects") {
    RestFixture fixture;
    ArchiveRequest request;
    request.src = fixture.Receive(1);
    CallOptions call;
    call.user = "ann";
    const std::string id = Must(fixture.engine->Submit({request}, call));
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string& user, Permission, const std::string&, const Cancelled&) {
          return user == "ann" ? Status() : Status(Code::kPermission, "host.no", "no");
        });
    fixture.Reopen();
    CHECK(fixture.Get("/data/status/" + id).substr(0, 3) == "200");
    fixture.user = "bob";
    CHECK(fixture.Brief(fixture.Get("/data/status/" + id)) == "404 job.not-found");
  }
}

}  // namespace xnatarchive
