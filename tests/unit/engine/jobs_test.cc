// Jobs: submitted now, worked off later, by whoever comes, each session once.
#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "engine/job_request.hpp"
#include "unit/engine/held_lock.hpp"
#include "unit/engine/jobs_fixture.hpp"

namespace xnatarchive {
namespace {

constexpr int kSoonMs = 60'000;

}  // namespace

TEST_SUITE("engine.job_request") {
  TEST_CASE("a request comes back from its text whole, whatever characters it holds") {
    ArchiveRequest request;
    request.src = "/prearchive/projects/P/20240318_150212847/S";
    request.dest = "/archive/projects/P/subjects/A=B%\n";
    request.overwrite = Overwrite::kDelete;
    request.quarantine = true;
    request.wait_ms = 1500;
    request.trigger_pipelines = false;
    request.parameters = {{"a=b", "c=d"}, {"event_reason", "two\nlines"}, {"", ""}};
    request.fields = {{"xnat:x[@a=b]", "1"}, {"xnat:x[@a=b]", "2"}, {"a", "\xC3\xA9%0A"}};
    const ArchiveRequest read = Must(ReadJobRequest(WriteJobRequest(request)));
    CHECK(read.src == request.src);
    CHECK(read.dest == request.dest);
    CHECK(read.overwrite == request.overwrite);
    CHECK(read.quarantine);
    CHECK(read.wait_ms == 1500);
    CHECK_FALSE(read.trigger_pipelines);
    CHECK(read.parameters == request.parameters);
    CHECK(read.fields == request.fields);
    request = ArchiveRequest();
    request.overwrite = Overwrite::kAppend;
    CHECK(Must(ReadJobRequest(WriteJobRequest(request))).overwrite == Overwrite::kAppend);
  }

  TEST_CASE("a request of a newer version is refused and not done by half") {
    for (const char* text : {"colour=red\n", "overwrite=never\n", "src", "src=%ZZ\n"}) {
      CAPTURE(text);
      CHECK(ReadJobRequest(text).status().reason() == "job.newer-request");
    }
  }

  TEST_CASE("counts come back from their text, and other texts are none") {
    FileCounts counts;
    counts.added = 1;
    counts.identical = 2;
    counts.replaced = 3;
    counts.bytes_added = 1ull << 40;
    counts.bytes_replaced = 5;
    const auto read = ReadFileCounts(WriteFileCounts(counts));
    REQUIRE(read.has_value());
    CHECK(WriteFileCounts(*read) == WriteFileCounts(counts));
    CHECK(read->bytes_added == counts.bytes_added);
    for (const char* text : {"", "1 2 3", "1 2 3 4 5 x", "1 2 3 4 5 -6"}) {
      CHECK_FALSE(ReadFileCounts(text).has_value());
    }
  }
}

TEST_SUITE("engine.jobs") {
  TEST_CASE("a session is told as queued until a worker takes it, or it is in no job any more") {
    JobsFixture fixture(2);
    const auto state = [&](std::size_t i) {
      return PrearchiveStateName(
          Must(fixture.engine->FindPrearchiveSession(fixture.sources[i])).state);
    };
    const std::string job = fixture.Submit();
    CHECK(fixture.Waiting() == Strings{"S1 QUEUED_ARCHIVING", "S2 QUEUED_ARCHIVING"});
    CHECK(state(0) == "QUEUED_ARCHIVING");
    // In the store they are what they were: nobody has to take that back.
    CHECK(Must(fixture.DirectStore().ListPrearchive()).at(0).state == PrearchiveState::kReady);
    fixture.TakeAndDie();
    CHECK(fixture.Waiting() == Strings{"S1 READY", "S2 QUEUED_ARCHIVING"});
    Must(fixture.engine->Recover());  // its worker is dead: it is queued again
    CHECK(fixture.Waiting() == Strings{"S1 QUEUED_ARCHIVING", "S2 QUEUED_ARCHIVING"});
    Must(fixture.engine->Reindex());
    CHECK(fixture.Waiting() == Strings{"S1 QUEUED_ARCHIVING", "S2 QUEUED_ARCHIVING"});
    Must(fixture.engine->CancelJob(job));
    CHECK(fixture.Waiting() == Strings{"S1 READY", "S2 READY"});
    CHECK(state(0) == "READY");
  }

  TEST_CASE("a queued session to which files come, or that is moved, says that; a failed one why") {
    JobsFixture fixture(2);
    Project other;
    other.id = "OTHER";
    Must(fixture.engine->AddProject(other));
    fixture.Submit();
    fixture.WriteStudy("more", 1, 1, 3);
    Must(fixture.engine->Import(fixture.Request("more")));
    CHECK(fixture.Waiting() == Strings{"S1 RECEIVING", "S2 QUEUED_ARCHIVING"});
    Must(fixture.engine->MovePrearchiveSession(fixture.sources[1], "OTHER"));
    CHECK(fixture.Waiting() == Strings{"S1 RECEIVING", "S2 READY"});
    fixture.RunAll();
    CHECK(fixture.Archived() == Strings{"S1"});
    fixture.WriteStudy("again", 1, 1, 2);
    const Strings again = Must(fixture.engine->Import(fixture.Request("again"))).uris;
    Must(fixture.engine->Build(again.at(0)));
    fixture.Submit(again);
    CHECK(fixture.Waiting() == Strings{"S1 QUEUED_ARCHIVING", "S2 READY"});
    fixture.RunAll();
    CHECK(fixture.Waiting() == Strings{"S1 CONFLICT", "S2 READY"});
  }

  TEST_CASE("a session that was not built yet is told as queued, until another file comes") {
    JobsFixture fixture(1);
    fixture.WriteStudy("more", 1, 1, 3);
    const Strings uris = Must(fixture.engine->Import(fixture.Request("more"))).uris;
    CHECK(fixture.Waiting() == Strings{"S1 RECEIVING"});
    fixture.Submit(uris);
    CHECK(fixture.Waiting() == Strings{"S1 QUEUED_ARCHIVING"});
    fixture.WriteStudy("still more", 1, 1, 4);
    Must(fixture.engine->Import(fixture.Request("still more")));
    CHECK(fixture.Waiting() == Strings{"S1 RECEIVING"});
    fixture.RunAll();
    CHECK(fixture.Waiting().empty());
    CHECK(fixture.Archived() == Strings{"S1"});
  }

  TEST_CASE("submitting archives nothing; working the job off does, in order") {
    JobsFixture fixture(2);
    CallOptions ann;
    ann.user = "ann";
    ann.origin = "10.0.0.7";
    const auto requests = JobsFixture::RequestsFor(fixture.sources);
    const std::string id = Must(fixture.engine->Submit(requests, ann));
    CHECK(fixture.Archived().empty());
    Job job = Must(fixture.engine->FindJob(id));
    CHECK(JobsFixture::Tell(job) == Strings{"queued", "queued", "queued"});
    CHECK(job.kind + " " + job.user + " " + job.origin == "archive ann 10.0.0.7");
    CHECK(job.created_ms > 0);
    CHECK(job.started_ms + job.ended_ms == 0);
    CHECK(Must(fixture.engine->RunOneJobItem()));
    CHECK(fixture.Archived() == Strings{"S1"});
    job = Must(fixture.engine->FindJob(id));
    CHECK(JobsFixture::Tell(job) == Strings{"running", JobsFixture::Done(1), "queued"});
    CHECK(job.items_done == 1);
    CHECK(job.ended_ms == 0);
    CHECK(Must(fixture.engine->RunOneJobItem()));
    CHECK_FALSE(Must(fixture.engine->RunOneJobItem()));
    job = Must(fixture.engine->FindJob(id));
    CHECK(JobsFixture::Tell(job) == Strings{"done", JobsFixture::Done(1), JobsFixture::Done(2)});
    CHECK(job.items_done == job.items_total);
    CHECK(job.started_ms >= job.created_ms);
    CHECK(job.ended_ms >= job.started_ms);
    REQUIRE(job.items[0].counts.has_value());
    CHECK(job.items[0].counts->added == 2);
    CHECK(job.items[0].src == fixture.sources[0]);
    CHECK(Must(fixture.engine->Audit("/projects/DEMO")).rows.back().at(5) == "ann");
  }

  TEST_CASE("a job without sessions, with one twice, or with something else is refused") {
    JobsFixture fixture(1);
    const std::string& src = fixture.sources[0];
    const auto reason = [&](const Strings& sources) {
      const auto submitted = fixture.engine->Submit(JobsFixture::RequestsFor(sources));
      CHECK(submitted.status().code() == Code::kInvalidArgument);
      return std::string(submitted.status().reason());
    };
    CHECK(reason({}) == "job.empty");
    CHECK(reason({src, src.substr(std::string("/data").size())}) == "job.same-source");
    CHECK(reason({src, "/archive/projects/DEMO"}) == "uri.not-a-prearchive-session");
    CHECK(reason({"nonsense"}) == "uri.malformed");
    CHECK(Must(fixture.engine->Jobs()).empty());
  }

  TEST_CASE("a session that fails does not stop the others") {
    JobsFixture fixture(2);
    const std::string gone = "/prearchive/projects/DEMO/20200101_000000000/S9";
    const std::string id = fixture.Submit({fixture.sources[0], gone, fixture.sources[1]});
    CHECK(fixture.RunAll() == 3);
    const Job job = Must(fixture.engine->FindJob(id));
    CHECK(JobsFixture::Tell(job) == Strings{"failed", JobsFixture::Done(1),
                                            "failed prearchive.not-found", JobsFixture::Done(2)});
    CHECK(job.items[1].status.code() == Code::kNotFound);
    CHECK_FALSE(job.items[1].status.message().empty());
    CHECK_FALSE(job.items[1].counts.has_value());
    CHECK(job.items_done == 3);
  }

  TEST_CASE("each session is archived as its request says") {
    JobsFixture fixture(2);
    auto requests = JobsFixture::RequestsFor(fixture.sources);
    requests[0].quarantine = true;
    requests[1].fields = {{"xnat:mrSessionData/note", "as asked"}};
    requests[1].dest = "/archive/projects/DEMO/subjects/ELSE/experiments/OTHER";
    const std::string id = Must(fixture.engine->Submit(requests));
    CHECK(fixture.RunAll() == 2);
    CHECK(fixture.Tell(id) ==
          Strings{"done", JobsFixture::Done(1),
                  "done /data/archive/projects/DEMO/subjects/ELSE/experiments/OTHER"});
    CHECK(Must(fixture.engine->Document("/experiments/XNAT_E00002")).Get("note") == "as asked");
    CHECK(fixture.tree.Exists("root/archive/DEMO/arc001/S1/.xa-quarantine"));
  }

  TEST_CASE("queued sessions survive the engine, and are seen by others newest first") {
    JobsFixture fixture(2);
    const std::string first = fixture.Submit({fixture.sources[0]});
    const std::string second = fixture.Submit({fixture.sources[1]});
    fixture.Open();
    Strings ids;
    for (const Job& job : Must(fixture.engine->Jobs())) ids.push_back(job.id);
    CHECK(ids == Strings{second, first});
    CHECK(fixture.RunAll() == 2);
    CHECK(fixture.Tell(first) == Strings{"done", JobsFixture::Done(1)});
    CHECK(fixture.engine->FindJob("9").status().reason() == "job.not-found");
    CHECK(fixture.engine->FindJob("").status().reason() == "job.not-found");
  }

  TEST_CASE("many threads of two engines archive every session once") {
    constexpr int kSessions = 12;
    JobsFixture fixture(kSessions);
    const auto other = Must(ArchiveEngine::Open(fixture.options));
    const std::string id = fixture.Submit();
    std::atomic<int> items{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; ++t) {
      ArchiveEngine& engine = t % 2 == 0 ? *fixture.engine : *other;
      threads.emplace_back([&] {
        while (Must(engine.RunOneJobItem())) ++items;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(items == kSessions);
    Strings expected = {"done"};
    for (int study = 1; study <= kSessions; ++study) expected.push_back(JobsFixture::Done(study));
    CHECK(fixture.Tell(id) == expected);
    CHECK(fixture.Transfers() == kSessions);
    CHECK(fixture.Waiting().empty());
  }

  TEST_CASE("a session that is locked for a while is waited for; one that stays locked fails") {
    JobsFixture fixture(2);
    const std::string id = fixture.Submit();
    const HeldLock stays(fixture, fixture.sources[1]);
    {
      CallOptions call;
      std::optional<HeldLock> held(std::in_place, fixture, fixture.sources[0]);
      call.progress = [&](const Progress& progress) {
        if (progress.phase == "wait") held.reset();
        return true;
      };
      CHECK(Must(fixture.engine->RunOneJobItem(call)));
      CHECK_FALSE(held.has_value());
    }
    CHECK(fixture.RunAll() == 1);
    CHECK(fixture.Tell(id) == Strings{"failed", JobsFixture::Done(1), "failed operation.locked"});
  }

  TEST_CASE("a worker that is told to stop puts its session back") {
    JobsFixture fixture(1);
    fixture.HangInValidator();
    const std::string id = fixture.Submit();
    CallOptions call;
    call.progress = [&](const Progress&) { return fixture.hanging == 0; };
    CHECK(fixture.engine->RunOneJobItem(call).status().reason() == "job.stopped");
    CHECK(fixture.Tell(id) == Strings{"queued", "queued"});
    CHECK(fixture.Waiting() == Strings{"S1 QUEUED_ARCHIVING"});
    fixture.options.validators.clear();
    fixture.Open();
    CHECK(fixture.RunAll() == 1);
    CHECK(fixture.Tell(id) == Strings{"done", JobsFixture::Done(1)});
  }

  TEST_CASE("a hook that says cancelled although nobody asked for it is a failure") {
    JobsFixture fixture(1);
    fixture.options.validators = {std::make_shared<TestValidator>(
        [](const SessionCandidate&, const Cancelled&, std::vector<Finding>*) {
          return Status(Code::kCancelled, "mood", "not today");
        })};
    fixture.Open();
    const std::string id = fixture.Submit();
    CHECK(fixture.RunAll() == 1);
    CHECK(fixture.Tell(id) == Strings{"failed", "failed mood"});
  }
}

TEST_SUITE("engine.jobs.wait") {
  TEST_CASE("a job that nobody works off is waited for as long as asked, and goes on") {
    JobsFixture fixture(1);
    const std::string id = fixture.Submit();
    for (const std::int64_t timeout_ms : {0, 120}) {
      const Result<Job> job = fixture.engine->WaitForJob(id, timeout_ms);
      CHECK(job.status().code() == Code::kLocked);
      CHECK(job.status().reason() == "job.timeout");
    }
    CallOptions call;
    call.progress = [](const Progress&) { return false; };
    CHECK(fixture.engine->WaitForJob(id, -1, call).status().reason() == "job.wait-cancelled");
    CHECK(fixture.engine->WaitForJob("9", -1).status().reason() == "job.not-found");
    CHECK(fixture.Tell(id) == Strings{"queued", "queued"});
    CHECK(fixture.RunAll() == 1);
    CHECK(JobsFixture::Tell(Must(fixture.engine->WaitForJob(id, 0))) ==
          Strings{"done", JobsFixture::Done(1)});
  }

  TEST_CASE("an engine with workers of its own works off what is submitted, here and elsewhere") {
    JobsFixture fixture(4);
    fixture.options.job_workers = 2;
    fixture.Open();
    EngineOptions without = fixture.options;
    without.job_workers = 0;
    const auto other = Must(ArchiveEngine::Open(without));
    const std::string first = fixture.Submit({fixture.sources[0], fixture.sources[1]});
    const std::string second =
        Must(other->Submit(JobsFixture::RequestsFor({fixture.sources[2], fixture.sources[3]})));
    CallOptions call;
    std::uint64_t told = 0;
    call.progress = [&](const Progress& progress) {
      CHECK(progress.phase == "job");
      CHECK(progress.files_done >= told);
      CHECK(progress.files_total == 2);
      told = progress.files_done;
      return true;
    };
    CHECK(JobsFixture::Tell(Must(other->WaitForJob(first, kSoonMs, call))) ==
          Strings{"done", JobsFixture::Done(1), JobsFixture::Done(2)});
    CHECK(told == 2);
    CHECK(JobsFixture::Tell(Must(fixture.engine->WaitForJob(second, kSoonMs))) ==
          Strings{"done", JobsFixture::Done(3), JobsFixture::Done(4)});
  }

  TEST_CASE("an engine that is closed stops its workers, and their sessions are queued again") {
    JobsFixture fixture(3);
    fixture.options.job_workers = 2;
    fixture.HangInValidator();
    const std::string id = fixture.Submit();
    while (fixture.hanging < 2) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    fixture.options.job_workers = 0;
    fixture.options.validators.clear();
    fixture.Open();
    CHECK(fixture.Tell(id) == Strings{"queued", "queued", "queued", "queued"});
    CHECK(Must(fixture.DirectStore().ListJobItems(1)).at(0).deaths == 0);
    CHECK(fixture.RunAll() == 3);
    CHECK(fixture.Tell(id).front() == "done");
  }

  TEST_CASE("workers can be stopped before the engine is closed, and take nothing any more") {
    for (const bool wait : {true, false}) {
      CAPTURE(wait);
      JobsFixture fixture(2);
      fixture.options.job_workers = 1;
      fixture.HangInValidator();
      const std::string first = fixture.Submit({fixture.sources[0]});
      fixture.WaitUntilHanging();
      fixture.engine->StopJobWorkers(wait);
      if (wait) CHECK(fixture.hanging == 0);
      fixture.engine->StopJobWorkers(true);
      CHECK(fixture.Tell(first) == Strings{"queued", "queued"});
      const std::string second = fixture.Submit({fixture.sources[1]});
      CHECK(fixture.Tell(second) == Strings{"queued", "queued"});
      fixture.options.job_workers = 0;
      fixture.options.validators.clear();
      fixture.Open();
      fixture.engine->StopJobWorkers(true);  // there are none
      CHECK(fixture.RunAll() == 2);
    }
  }

  TEST_CASE("handlers can be registered while the engine's own workers are at work") {
    JobsFixture fixture(2);
    const std::string id = fixture.Submit();
    fixture.options.job_workers = 2;
    fixture.Open();
    Must(fixture.engine->Register(std::make_unique<TestHandler>(
        "mine", [](ImportSource&, SessionDrafts&) { return Status(); })));
    CHECK(Must(fixture.engine->WaitForJob(id, kSoonMs)).state == JobState::kDone);
  }
}

TEST_SUITE("engine.jobs.access") {
  TEST_CASE("a job is seen by its user, and by who may read all its projects; others find none") {
    JobsFixture fixture(1);
    fixture.options.access_policy =
        std::make_shared<TestPolicy>([](const std::string& user, Permission permission,
                                        const std::string& project, const Cancelled&) {
          const bool allowed =
              user == "root" || (user == "ann" && project == "DEMO") ||
              (user == "reader" && project == "DEMO" && permission == Permission::kRead);
          return allowed ? Status() : Status(Code::kPermission, "no", "no");
        });
    fixture.Open();
    const auto as = [](const std::string& user) {
      CallOptions call;
      call.user = user;
      return call;
    };
    const auto requests = JobsFixture::RequestsFor(fixture.sources);
    CHECK(fixture.engine->Submit(requests, as("reader")).status().reason() == "access.denied");
    const std::string id = Must(fixture.engine->Submit(requests, as("ann")));
    for (const char* user : {"ann", "reader", "root"}) {
      CHECK(Must(fixture.engine->Jobs(as(user))).size() == 1);
      CHECK(fixture.engine->FindJob(id, as(user)).ok());
    }
    for (const char* user : {"bob", ""}) {
      CHECK(Must(fixture.engine->Jobs(as(user))).empty());
      CHECK(fixture.engine->FindJob(id, as(user)).status().reason() == "job.not-found");
      CHECK(fixture.engine->WaitForJob(id, 0, as(user)).status().reason() == "job.not-found");
      CHECK(fixture.engine->CancelJob(id, as(user)).reason() == "job.not-found");
    }
    CHECK(fixture.engine->CancelJob(id, as("reader")).reason() == "access.denied");
    CHECK(fixture.engine->RunOneJobItem(as("ann")).status().reason() == "access.denied");
    CHECK(Must(fixture.engine->RunOneJobItem(as("root"))));
    CHECK(JobsFixture::Tell(Must(fixture.engine->FindJob(id, as("ann")))) ==
          Strings{"done", JobsFixture::Done(1)});
    const Job done = Must(fixture.engine->FindJob(id, as("root")));
    CHECK(done.user == "ann");
  }
}

}  // namespace xnatarchive
