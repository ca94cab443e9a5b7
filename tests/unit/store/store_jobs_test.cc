#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "unit/store/store_testing.hpp"

namespace xnatarchive {
namespace {

using Strings = std::vector<std::string>;

JobItemRow Item(const std::string& src) {
  JobItemRow item;
  item.src = src;
  item.request = "src=" + src + "\n";
  return item;
}

std::int64_t Add(Store& store, const Strings& sources) {
  JobRow job;
  job.kind = "archive";
  job.user = "ann";
  job.origin = "cli";
  std::vector<JobItemRow> items;
  for (const std::string& src : sources) items.push_back(Item(src));
  const Result<std::int64_t> id = store.AddJob(job, items);
  REQUIRE(id.ok());
  return *id;
}

JobItemRow Take(Store& store, const std::string& owner) {
  const Result<std::optional<JobItemRow>> item = store.TakeJobItem(owner);
  REQUIRE(item.ok());
  REQUIRE(item->has_value());
  return **item;
}

/// "JOB.ITEM SRC STATE OWNER DEATHS" of every item.
Strings Items(Store& store) {
  const Result<std::vector<JobItemRow>> items = store.ListJobItems(std::nullopt);
  REQUIRE(items.ok());
  Strings lines;
  for (const JobItemRow& item : *items) {
    lines.push_back(std::to_string(item.job) + "." + std::to_string(item.number) + " " + item.src +
                    " " + std::string(JobStateName(item.state)) + " '" + item.owner + "' " +
                    std::to_string(item.deaths));
  }
  return lines;
}

JobItemRow Cancelled() {
  JobItemRow outcome;
  outcome.code = static_cast<std::int64_t>(Code::kCancelled);
  outcome.reason = "job.cancelled";
  outcome.message = "the job was cancelled";
  return outcome;
}

}  // namespace

TEST_SUITE("store.jobs") {
  TEST_CASE("every state has a name, and no other text is one") {
    for (const JobState state : {JobState::kQueued, JobState::kRunning, JobState::kDone,
                                 JobState::kFailed, JobState::kCancelled}) {
      CHECK(ParseJobState(JobStateName(state)) == state);
    }
    CHECK_FALSE(ParseJobState("").has_value());
    CHECK_FALSE(ParseJobState("QUEUED").has_value());
  }

  TEST_CASE("jobs are numbered, found, listed newest first, and survive the process") {
    const TempTree tree;
    const std::int64_t before = NowMs();
    {
      Store store = OpenStore(tree);
      CHECK(Add(store, {"a", "b"}) == 1);
      CHECK(Add(store, {"c"}) == 2);
    }
    Store store = OpenStore(tree);
    const auto jobs = store.ListJobs();
    REQUIRE(jobs.ok());
    REQUIRE(jobs->size() == 2);
    CHECK(jobs.value()[0].id == 2);
    const JobRow& first = jobs.value()[1];
    CHECK(first.kind + "/" + first.user + "/" + first.origin == "archive/ann/cli");
    CHECK(first.created_ms >= before);
    CHECK_FALSE(first.cancel_requested);
    CHECK(Items(store) == Strings{"1.1 a queued '' 0", "1.2 b queued '' 0", "2.1 c queued '' 0"});
    const auto found = store.FindJob(2);
    REQUIRE(found.ok());
    CHECK(found->has_value());
    const auto none = store.FindJob(3);
    REQUIRE(none.ok());
    CHECK_FALSE(none->has_value());
    const auto items = store.ListJobItems(1);
    REQUIRE(items.ok());
    CHECK(items->size() == 2);
  }

  TEST_CASE("items are taken in the order they came, and by nobody twice") {
    const TempTree tree;
    Store store = OpenStore(tree);
    Add(store, {"a", "b"});
    Add(store, {"c"});
    CHECK(*store.HasQueuedJobItem());
    CHECK(Take(store, "w1").src == "a");
    CHECK(Take(store, "w2").src == "b");
    CHECK(Take(store, "w1").src == "c");
    CHECK_FALSE(*store.HasQueuedJobItem());
    const auto none = store.TakeJobItem("w3");
    REQUIRE(none.ok());
    CHECK_FALSE(none->has_value());
    CHECK(Items(store) ==
          Strings{"1.1 a running 'w1' 0", "1.2 b running 'w2' 0", "2.1 c running 'w1' 0"});
    const auto running = store.ListRunningJobItems();
    REQUIRE(running.ok());
    CHECK(running->size() == 3);
  }

  TEST_CASE("only its owner can end an item or put it back, and only once") {
    const TempTree tree;
    Store store = OpenStore(tree);
    Add(store, {"a", "b"});
    JobItemRow mine = Take(store, "w1");
    JobItemRow others = mine;
    others.owner = "w2";
    others.state = JobState::kFailed;
    CHECK(Outcome(store.EndJobItem(others)) == "conflict/job.changed");
    CHECK(Outcome(store.RequeueJobItem(others)) == "conflict/job.changed");
    mine.state = JobState::kDone;
    mine.uri = "/data/archive/projects/P/subjects/S/experiments/E";
    mine.counts = "1 2 3 4 5 6";
    CHECK(Outcome(store.EndJobItem(mine)) == "ok");
    CHECK(Outcome(store.EndJobItem(mine)) == "conflict/job.changed");
    CHECK(Outcome(store.RequeueJobItem(mine)) == "conflict/job.changed");
    CHECK(Items(store) == Strings{"1.1 a done '' 0", "1.2 b queued '' 0"});
    const auto items = store.ListJobItems(1);
    REQUIRE(items.ok());
    const JobItemRow& ended = items->front();
    CHECK(ended.uri == mine.uri);
    CHECK(ended.counts == mine.counts);
    CHECK(ended.ended_ms >= ended.started_ms);
    CHECK(ended.started_ms > 0);
  }

  TEST_CASE("an item that is put back is taken again, and keeps when it was taken first") {
    const TempTree tree;
    Store store = OpenStore(tree);
    Add(store, {"a", "b"});
    AuditRow record;
    record.type = "Received";
    REQUIRE(store.OpenAudit(record).ok());
    JobItemRow dead = Take(store, "w1");
    CHECK(dead.audit_mark == 1);
    ++dead.deaths;
    CHECK(Outcome(store.RequeueJobItem(dead)) == "ok");
    CHECK(Outcome(store.RequeueJobItem(dead)) == "conflict/job.changed");
    CHECK(Items(store) == Strings{"1.1 a queued '' 1", "1.2 b queued '' 0"});
    REQUIRE(store.OpenAudit(record).ok());
    const JobItemRow again = Take(store, "w2");
    CHECK(again.src == "a");
    CHECK(again.audit_mark == 1);
    CHECK(again.started_ms == dead.started_ms);
    CHECK(Take(store, "w3").audit_mark == 2);
  }

  TEST_CASE("progress is written for the owner, who learns of a wish to cancel") {
    const TempTree tree;
    Store store = OpenStore(tree);
    const std::int64_t id = Add(store, {"a"});
    JobItemRow item = Take(store, "w1");
    item.files_done = 3;
    item.files_total = 10;
    CHECK_FALSE(*store.NoteJobProgress(item));
    JobItemRow others = item;
    others.owner = "w2";
    others.files_done = 9;
    CHECK_FALSE(*store.NoteJobProgress(others));
    const auto items = store.ListJobItems(id);
    REQUIRE(items.ok());
    CHECK(items->front().files_done == 3);
    CHECK(items->front().files_total == 10);
    CHECK(Outcome(store.CancelJob(id, Cancelled())) == "ok");
    CHECK(*store.NoteJobProgress(item));
  }

  TEST_CASE("cancelling ends what is queued, leaves what is running or ended, and is not undone") {
    const TempTree tree;
    Store store = OpenStore(tree);
    const std::int64_t id = Add(store, {"a", "b", "c", "d"});
    Add(store, {"other"});
    JobItemRow done = Take(store, "w1");
    done.state = JobState::kDone;
    REQUIRE(store.EndJobItem(done).ok());
    JobItemRow dead = Take(store, "w2");
    ++dead.deaths;
    REQUIRE(store.RequeueJobItem(dead).ok());
    CHECK(Take(store, "w3").src == "b");
    JobItemRow died_with = Take(store, "w4");
    ++died_with.deaths;
    REQUIRE(store.RequeueJobItem(died_with).ok());
    CHECK(Outcome(store.CancelJob(id, Cancelled())) == "ok");
    CHECK(Items(store) == Strings{"1.1 a done '' 0", "1.2 b running 'w3' 1", "1.3 c queued '' 1",
                                  "1.4 d cancelled '' 0", "2.1 other queued '' 0"});
    const auto items = store.ListJobItems(id);
    REQUIRE(items.ok());
    CHECK(items->back().reason == "job.cancelled");
    CHECK(items->back().code == static_cast<std::int64_t>(Code::kCancelled));
    CHECK(items->back().ended_ms > 0);
    CHECK(Outcome(store.CancelJob(99, Cancelled())) == "not_found/job.not-found");
  }

  TEST_CASE("cancelling a job that has ended has no effect") {
    const TempTree tree;
    Store store = OpenStore(tree);
    const std::int64_t id = Add(store, {"a"});
    JobItemRow item = Take(store, "w1");
    item.state = JobState::kFailed;
    REQUIRE(store.EndJobItem(item).ok());
    CHECK(Outcome(store.CancelJob(id, Cancelled())) == "ok");
    CHECK(Items(store) == Strings{"1.1 a failed '' 0"});
    const auto job = store.FindJob(id);
    REQUIRE(job.ok());
    CHECK_FALSE((*job)->cancel_requested);
  }

  TEST_CASE("of many threads on two connections each takes items of its own, and none is left") {
    constexpr int kItems = 60;
    const TempTree tree;
    Store stores[] = {OpenStore(tree), OpenStore(tree)};
    Strings sources;
    for (int i = 0; i < kItems; ++i) sources.push_back("s" + std::to_string(i));
    Add(stores[0], sources);
    std::vector<Strings> taken(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < taken.size(); ++t) {
      threads.emplace_back([&, t] {
        const std::string owner = "w" + std::to_string(t);
        for (;;) {
          const auto item = stores[t % 2].TakeJobItem(owner);
          if (!item.ok() || !*item) return;
          taken[t].push_back((*item)->src);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::multiset<std::string> all;
    for (const Strings& some : taken) all.insert(some.begin(), some.end());
    CHECK(all == std::multiset<std::string>(sources.begin(), sources.end()));
  }
}

}  // namespace xnatarchive
