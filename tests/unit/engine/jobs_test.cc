// Jobs: submitted now, worked off later, by whoever comes, each session once.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "archive/operation_home.hpp"
#include "archive/trees.hpp"
#include "engine/job_request.hpp"
#include "store/store.hpp"
#include "support/engine_fixture.hpp"
#include "support/processes.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

using Strings = std::vector<std::string>;

constexpr int kSoonMs = 60'000;

/// Sessions S1, S2, ... wait in the prearchive, built.
struct JobsFixture : EngineFixture {
  Strings sources;

  explicit JobsFixture(int sessions) {
    for (int study = 1; study <= sessions; ++study) {
      const std::string folder = std::to_string(study);
      WriteStudy(folder, study, 1, 2);
      sources.push_back(EngineFixture::Import(folder).uris.at(0));
      Must(engine->Build(sources.back()));
    }
  }

  static std::vector<ArchiveRequest> RequestsFor(const Strings& sources) {
    std::vector<ArchiveRequest> requests;
    for (const std::string& src : sources) requests.emplace_back().src = src;
    return requests;
  }
  std::string Submit() { return Must(engine->Submit(RequestsFor(sources))); }
  std::string Submit(const Strings& some) { return Must(engine->Submit(RequestsFor(some))); }

  /// Works off what there is; the number of items.
  int RunAll() {
    int items = 0;
    while (Must(engine->RunOneJobItem())) ++items;
    return items;
  }

  /// The job's state, then a line for each item: state, and URI or reason.
  static Strings Tell(const Job& job) {
    Strings lines = {std::string(JobStateName(job.state))};
    for (const JobItem& item : job.items) {
      lines.push_back(std::string(JobStateName(item.state)) +
                      (item.state == JobState::kDone ? " " + item.uri : "") +
                      (item.status.ok() ? "" : " " + std::string(item.status.reason())));
    }
    return lines;
  }
  Strings Tell(const std::string& id) const { return Tell(Must(engine->FindJob(id))); }
  static std::string Done(int study) {
    const std::string number = std::to_string(study);
    return "done /data/archive/projects/DEMO/subjects/Test_Subject" + number + "/experiments/S" +
           number;
  }

  /// Labels of what is archived, and of what waits with its state.
  Strings Archived() const {
    const Table table = Must(engine->List("/projects/DEMO/experiments"));
    const auto label = std::find(table.columns.begin(), table.columns.end(), "label");
    Strings labels;
    for (const auto& row : table.rows) {
      labels.push_back(row.at(static_cast<std::size_t>(label - table.columns.begin())));
    }
    return labels;
  }
  Strings Waiting() const {
    Strings lines;
    for (const PrearchiveSession& row : Must(engine->PrearchiveSessions())) {
      lines.push_back(row.label + " " + std::string(PrearchiveStateName(row.state)));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  /// How often a session was archived, as the audit trail tells.
  std::size_t Transfers() const {
    std::size_t count = 0;
    for (const auto& row : Must(engine->Audit()).rows) {
      if (std::find(row.begin(), row.end(), "Transferred") != row.end()) ++count;
    }
    return count;
  }

  Store DirectStore() const {
    return Must(Store::Open("sqlite3://" + options.root + "/store.sqlite3"));
  }
  /// An item in the hands of a worker that is dead: nobody holds that lock.
  void TakeAndDie() {
    Store store = DirectStore();
    REQUIRE(Must(store.TakeJobItem("nobody-holds-this-lock")).has_value());
  }

  /// A worker process that dies in this hook, with whatever it had done by then.
  void DieInProcess(const std::function<void(EngineOptions&)>& set_hooks) {
    EngineOptions theirs = options;
    set_hooks(theirs);
    const pid_t child = Fork([&] {
      const auto worker = Must(ArchiveEngine::Open(theirs));
      Must(worker->RunOneJobItem());
      return 1;
    });
    REQUIRE(Wait(child) == 42);
  }
  void DieBefore() {
    DieInProcess([](EngineOptions& theirs) {
      theirs.validators.push_back(
          std::make_shared<TestValidator>([](const SessionCandidate&, const Cancelled&,
                                             std::vector<Finding>*) -> Status { _exit(42); }));
    });
  }
  void DieAfter() {
    DieInProcess([](EngineOptions& theirs) {
      theirs.event_sink = std::make_shared<TestSink>([](const Event& event, const Cancelled&) {
        if (event.kind == EventKind::kArchived) _exit(42);
      });
    });
  }

  /// Every archive call hangs in a validator until it is cancelled; `hanging` tells how many do.
  std::atomic<int> hanging{0};
  void HangInValidator() {
    options.validators = {std::make_shared<TestValidator>(
        [this](const SessionCandidate&, const Cancelled& cancelled, std::vector<Finding>*) {
          ++hanging;
          while (!cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
          --hanging;
          return Status();
        })};
    Open();
  }
  void WaitUntilHanging() const {
    while (hanging == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
};

}  // namespace

TEST_SUITE("engine.job_request") {
  TEST_CASE("a request comes back from its text whole, whatever characters it holds") {
    ArchiveRequest request;
    request.src = "/prearchive/projects/P/20240318_150212847/S";
    request.dest = "/archive/projects/P/subjects/A=B%\n";
    request.overwrite = Overwrite::kDelete;
    request.quarantine = true;
    request.trigger_pipelines = false;
    request.parameters = {{"a=b", "c=d"}, {"event_reason", "two\nlines"}, {"", ""}};
    request.fields = {{"xnat:x[@a=b]", "1"}, {"xnat:x[@a=b]", "2"}, {"a", "\xC3\xA9%0A"}};
    const ArchiveRequest read = Must(ReadJobRequest(WriteJobRequest(request)));
    CHECK(read.src == request.src);
    CHECK(read.dest == request.dest);
    CHECK(read.overwrite == request.overwrite);
    CHECK(read.quarantine);
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
    const Trees trees{
        Must(Directory::Open(PosixFileSystem(), fixture.options.root + "/archive")),
        Must(Directory::Open(PosixFileSystem(), fixture.options.root + "/prearchive"))};
    const auto lock = [&](const PrearchiveSession& row) {
      return Must(LockSession(trees, PrearchiveLockKey(row.project, row.timestamp, row.folder)));
    };
    const std::string id = fixture.Submit();
    const FileLock stays = lock(Must(fixture.engine->FindPrearchiveSession(fixture.sources[1])));
    {
      CallOptions call;
      std::optional<FileLock> held(
          lock(Must(fixture.engine->FindPrearchiveSession(fixture.sources[0]))));
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
    CHECK(fixture.Waiting() == Strings{"S1 READY"});
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

TEST_SUITE("engine.jobs.cancel") {
  TEST_CASE("before it began: no session is archived, and none is left to work off") {
    JobsFixture fixture(2);
    const std::string id = fixture.Submit();
    Must(fixture.engine->CancelJob(id));
    CHECK(fixture.Tell(id) ==
          Strings{"cancelled", "cancelled job.cancelled", "cancelled job.cancelled"});
    CHECK(Must(fixture.engine->FindJob(id)).cancel_requested);
    CHECK(fixture.RunAll() == 0);
    CHECK(fixture.Waiting() == Strings{"S1 READY", "S2 READY"});
    CHECK(fixture.engine->CancelJob("9").reason() == "job.not-found");
  }

  TEST_CASE("while another engine archives: it stops, and the session waits as before") {
    JobsFixture fixture(2);
    fixture.HangInValidator();
    const std::string id = fixture.Submit();
    const auto other = Must(ArchiveEngine::Open(fixture.options));
    std::thread worker([&] { CHECK(Must(other->RunOneJobItem())); });
    fixture.WaitUntilHanging();
    CHECK(fixture.Tell(id) == Strings{"running", "running", "queued"});
    Must(fixture.engine->CancelJob(id));
    worker.join();
    CHECK(fixture.Tell(id) ==
          Strings{"cancelled", "cancelled job.cancelled", "cancelled job.cancelled"});
    CHECK(fixture.RunAll() == 0);
    CHECK(fixture.Waiting() == Strings{"S1 READY", "S2 READY"});
    CHECK(fixture.Archived().empty());
  }

  TEST_CASE("after it ended: nothing changes") {
    JobsFixture fixture(1);
    const std::string id = fixture.Submit();
    fixture.RunAll();
    const Strings before = fixture.Tell(id);
    Must(fixture.engine->CancelJob(id));
    CHECK(fixture.Tell(id) == before);
    CHECK_FALSE(Must(fixture.engine->FindJob(id)).cancel_requested);
  }

  TEST_CASE("after a worker died: the next one says whether it was archived") {
    JobsFixture fixture(2);
    const std::string id = fixture.Submit();
    fixture.DieAfter();
    fixture.TakeAndDie();  // with the second
    Must(fixture.engine->CancelJob(id));
    CHECK(fixture.RunAll() == 2);
    CHECK(fixture.Tell(id) ==
          Strings{"cancelled", JobsFixture::Done(1), "cancelled job.cancelled"});
    CHECK(fixture.Waiting() == Strings{"S2 READY"});
  }
}

TEST_SUITE("engine.jobs.death") {
  TEST_CASE("a session whose worker died before it was archived is archived by the next") {
    JobsFixture fixture(2);
    const std::string id = fixture.Submit();
    fixture.DieBefore();
    CHECK(fixture.Tell(id) == Strings{"running", "running", "queued"});
    CHECK(fixture.RunAll() == 2);
    CHECK(fixture.Tell(id) == Strings{"done", JobsFixture::Done(1), JobsFixture::Done(2)});
    CHECK(fixture.Transfers() == 2);
    CHECK(fixture.Archived() == Strings{"S1", "S2"});
  }

  TEST_CASE("a session whose worker died after it was archived is done, and archived once") {
    JobsFixture fixture(2);
    const std::string id = fixture.Submit();
    fixture.DieAfter();
    CHECK(fixture.Archived() == Strings{"S1"});
    CHECK(fixture.Tell(id) == Strings{"running", "running", "queued"});
    CHECK(fixture.RunAll() == 2);
    const Job job = Must(fixture.engine->FindJob(id));
    CHECK(JobsFixture::Tell(job) == Strings{"done", JobsFixture::Done(1), JobsFixture::Done(2)});
    CHECK_FALSE(job.items[0].counts.has_value());
    CHECK(job.items[1].counts.has_value());
    CHECK(fixture.Transfers() == 2);
  }

  TEST_CASE("Open and Recover queue what a dead worker had, once") {
    JobsFixture fixture(1);
    const std::string id = fixture.Submit();
    fixture.TakeAndDie();
    SUBCASE("Open") { fixture.Open(); }
    SUBCASE("Recover") { CHECK(Must(fixture.engine->Recover()).failed.empty()); }
    CHECK(fixture.Tell(id) == Strings{"queued", "queued"});
    CHECK(Must(fixture.DirectStore().ListJobItems(1)).at(0).deaths == 1);
    CHECK(fixture.RunAll() == 1);
    CHECK(fixture.Tell(id) == Strings{"done", JobsFixture::Done(1)});
  }

  TEST_CASE("a session that was archived by somebody else meanwhile is not this job's success") {
    JobsFixture fixture(1);
    const std::string id = fixture.Submit();
    Must(fixture.Archive(fixture.sources[0]));
    CHECK(fixture.RunAll() == 1);
    CHECK(fixture.Tell(id) == Strings{"failed", "failed prearchive.not-found"});
  }

  TEST_CASE("a session whose worker lives is left to it, by every other engine") {
    JobsFixture fixture(1);
    fixture.HangInValidator();
    const std::string id = fixture.Submit();
    std::atomic<bool> stop{false};
    CallOptions call;
    call.progress = [&](const Progress&) { return !stop; };
    std::thread worker(
        [&] { CHECK(fixture.engine->RunOneJobItem(call).status().reason() == "job.stopped"); });
    fixture.WaitUntilHanging();
    const auto other = Must(ArchiveEngine::Open(fixture.options));
    CHECK(Must(other->Recover()).failed.empty());
    CHECK_FALSE(Must(other->RunOneJobItem()));
    CHECK(fixture.Tell(id) == Strings{"running", "running"});
    stop = true;
    worker.join();
    CHECK(fixture.Tell(id) == Strings{"queued", "queued"});
  }

  TEST_CASE("a session that three workers died with fails, and is left where it is") {
    JobsFixture fixture(2);
    const std::string id = fixture.Submit();
    for (int death = 0; death < 3; ++death) {
      fixture.TakeAndDie();
      Must(fixture.engine->Recover());
    }
    CHECK(fixture.RunAll() == 2);
    CHECK(fixture.Tell(id) == Strings{"failed", "failed job.workers-died", JobsFixture::Done(2)});
    CHECK(fixture.Waiting() == Strings{"S1 READY"});
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
