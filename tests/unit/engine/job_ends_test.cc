// Jobs that are cancelled, and workers that die.
#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "support/fault_file_system.hpp"
#include "unit/engine/jobs_fixture.hpp"

namespace xnatarchive {

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

  TEST_CASE("whichever call to the disk fails, the job says done where the session is archived") {
    for (const bool dies : {true, false}) {
      std::uint64_t n = 1;
      for (bool triggered = true; triggered; ++n) {
        CAPTURE(dies);
        CAPTURE(n);
        FaultFileSystem disk;
        JobsFixture fixture(1, &disk);
        const std::string id = fixture.Submit();
        disk.Reset();
        if (dies) disk.KillAt(n);
        if (!dies) disk.FailAt(n, EIO, FaultFileSystem::Duration::kOnce);
        IgnoreError(fixture.engine->RunOneJobItem().status(), "the job has the outcome");
        triggered = disk.triggered();
        disk.Reset();
        fixture.Open();
        fixture.RunAll();
        const Job job = Must(fixture.engine->FindJob(id));
        if (fixture.Archived().empty()) {
          CHECK(job.state == JobState::kFailed);
          CHECK(job.items[0].status.disk_state() == DiskState::kUnchanged);
          CHECK(fixture.Waiting() == Strings{"S1 READY"});
        } else {
          CHECK(JobsFixture::Tell(job) == Strings{"done", JobsFixture::Done(1)});
          CHECK(fixture.Waiting().empty());
        }
      }
      CHECK(n > 20);
    }
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

}  // namespace xnatarchive
