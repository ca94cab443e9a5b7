// jobs_fixture.hpp - sessions that wait to be submitted, and workers that stop or die with one.
#ifndef XNATARCHIVE_TESTS_UNIT_ENGINE_JOBS_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_ENGINE_JOBS_FIXTURE_HPP_

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "store/store.hpp"
#include "support/engine_fixture.hpp"
#include "support/processes.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {

using Strings = std::vector<std::string>;

/// Sessions S1, S2, ... wait in the prearchive, built.
struct JobsFixture : EngineFixture {
  Strings sources;

  explicit JobsFixture(int sessions, FileSystem* fs = nullptr) : EngineFixture(fs) {
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

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ENGINE_JOBS_FIXTURE_HPP_
