// Two at once: on one source, on one target, while one deletes, recovers, receives or builds. One
// wins, the other is told so, and no file is lost.
#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "crash/census.hpp"
#include "support/fault_file_system.hpp"
#include "support/processes.hpp"

namespace xnatarchive {
namespace {

constexpr int kFiles = 2;  // in each part
const std::string kModes[] = {"two processes", "two engines", "two threads"};

using Action = std::function<Status(ArchiveEngine&)>;

/// The codes of the two that raced.
struct Outcome {
  Code first;
  Code second;

  bool OneWon() const { return (first == Code::kOk) != (second == Code::kOk); }
  Code loser() const { return first == Code::kOk ? second : first; }
};

/// A root with the studies a race needs: in/a and in/b are series 1 and 2 of one session, in/other
/// is another study that would have the same label.
class RaceRoot {
 public:
  RaceRoot() {
    fixture.options.threads = 1;
    Write("a", 1, 1);
    Write("b", 1, 2);
    Write("other", 2, 1);
  }

  EngineFixture fixture;

  std::string Receive(const std::string& part) { return fixture.Import(part).uris[0]; }
  Action Import(const std::string& part) const {
    return [request = fixture.Request(part)](ArchiveEngine& engine) {
      return engine.Import(request).status();
    };
  }

  /// One more object of part a, as somebody would copy it there.
  void CopyIntoArchive() {
    DicomSpec spec = EngineFixture::Spec(1);
    spec.instance = kFiles + 1;
    fixture.tree.Write("root/archive/DEMO/arc001/S1/SCANS/1/DICOM/copied.dcm", MakeDicom(spec));
  }

  /// The part is whole, and where: in the prearchive or in the archive.
  bool Waits(const std::string& part) const { return Census(fixture).Waiting(part) == kFiles; }
  bool Archived(const std::string& part) const { return Census(fixture).Archived(part) == kFiles; }
  int total() const { return Census(fixture).total(); }

 private:
  void Write(const std::string& part, int study, int series) {
    DicomSpec spec = EngineFixture::Spec(study);
    spec.values[0x00100020] = "S1";
    spec.series = series;
    for (spec.instance = 1; spec.instance <= kFiles; ++spec.instance) {
      fixture.tree.Write("in/" + part + "/" + std::to_string(spec.instance) + ".dcm",
                         MakeDicom(spec));
    }
  }
};

Action Archive(const std::string& src) {
  return [src](ArchiveEngine& engine) {
    ArchiveRequest request;
    request.src = src;
    return engine.Archive(request).status();
  };
}

Action Merge(const std::string& src) {
  return [src](ArchiveEngine& engine) {
    ArchiveRequest request;
    request.src = src;
    request.overwrite = Overwrite::kAppend;
    return engine.Archive(request).status();
  };
}

/// Of session S1, everything.
Action Refresh() {
  return [](ArchiveEngine& engine) -> Status {
    RefreshRequest request;
    request.resources = {"/archive/projects/DEMO/experiments/S1"};
    const Result<RefreshReport> report = engine.Refresh(request);
    if (!report.ok()) return report.status();
    for (const CatalogOutcome& catalog : report->catalogs) {
      if (!catalog.status.ok()) return catalog.status;
    }
    return Status();
  };
}

Action Build(const std::string& src) {
  return [src](ArchiveEngine& engine) { return engine.Build(src); };
}

Action Delete(const std::string& src) {
  return [src](ArchiveEngine& engine) { return engine.DeletePrearchiveSession(src); };
}

/// The same a little later: what it races with is longer.
Action Later(std::uint64_t microseconds, const Action& action) {
  return [microseconds, action](ArchiveEngine& engine) {
    usleep(static_cast<useconds_t>(microseconds));
    return action(engine);
  };
}

Action Recover() {
  return [](ArchiveEngine& engine) {
    const auto summary = engine.Recover();
    if (summary.ok() && !summary->failed.empty()) {
      return Status(Code::kInternal, "test.recovery-failed", summary->failed[0]);
    }
    return summary.status();
  };
}

Outcome RaceProcesses(const EngineOptions& options, const Action& first, const Action& second) {
  int gate[2];
  REQUIRE(pipe(gate) == 0);
  const auto run = [&](const Action& action) {
    return Fork([&] {
      close(gate[1]);
      const auto engine = Must(ArchiveEngine::Open(options));
      char byte;
      if (read(gate[0], &byte, 1) != 0) return 99;  // ends when the parent closes its end
      return static_cast<int>(action(*engine).code());
    });
  };
  const pid_t a = run(first);
  const pid_t b = run(second);
  usleep(15000);  // both have opened the root by then
  close(gate[0]);
  close(gate[1]);
  return {static_cast<Code>(Wait(a)), static_cast<Code>(Wait(b))};
}

Outcome RaceThreads(ArchiveEngine& one, ArchiveEngine& two, const Action& first,
                    const Action& second) {
  std::atomic<int> ready{0};
  const auto run = [&](ArchiveEngine& engine, const Action& action, Code* code) {
    ++ready;
    while (ready < 2) std::this_thread::yield();
    *code = action(engine).code();
  };
  Outcome outcome{Code::kInternal, Code::kInternal};
  std::thread thread([&] { run(two, second, &outcome.second); });
  run(one, first, &outcome.first);
  thread.join();
  return outcome;
}

/// Lets the two run at the same moment in the way number `mode`; closes the root's engine.
Outcome Race(EngineFixture& fixture, int mode, const Action& first, const Action& second) {
  fixture.engine.reset();
  EngineOptions options = fixture.options;
  options.recover_on_open = false;
  if (mode == 0) return RaceProcesses(options, first, second);
  const auto one = Must(ArchiveEngine::Open(options));
  if (mode == 2) return RaceThreads(*one, *one, first, second);
  const auto two = Must(ArchiveEngine::Open(options));
  return RaceThreads(*one, *two, first, second);
}

/// Runs `round` as often as asked, in each mode, and reports who won.
void Rounds(const std::string& name, const std::function<Outcome(RaceRoot&, int mode)>& round) {
  int races = 0;
  int first = 0;
  int second = 0;
  for (int mode = 0; mode < 3; ++mode) {
    CAPTURE(kModes[mode]);
    for (int i = 0; i < Times(15, 500); ++i, ++races) {
      RaceRoot root;
      const Outcome outcome = round(root, mode);
      CAPTURE(CodeName(outcome.first));
      CAPTURE(CodeName(outcome.second));
      first += outcome.first == Code::kOk ? 1 : 0;
      second += outcome.second == Code::kOk ? 1 : 0;
      CHECK(WhatIsWrong(root.fixture) == "");
    }
  }
  MESSAGE("races, " << name << ": " << races << ", the first succeeded " << first
                    << " times, the second " << second << " times");
}

bool IsLockedOrGone(Code code) { return code == Code::kLocked || code == Code::kNotFound; }

}  // namespace

TEST_SUITE("crash.races") {
  TEST_CASE("one source is archived by one of two") {
    Rounds("archive against archive", [](RaceRoot& root, int mode) {
      const std::string src = root.Receive("a");
      Must(root.fixture.engine->Build(src));
      const Outcome outcome = Race(root.fixture, mode, Archive(src), Archive(src));
      CHECK(outcome.OneWon());
      CHECK(IsLockedOrGone(outcome.loser()));
      CHECK(root.Archived("a"));
      CHECK(root.total() == kFiles);
      return outcome;
    });
  }

  TEST_CASE("one target is taken by one of two; the other session waits on, whole") {
    Rounds("two sessions of one label", [](RaceRoot& root, int mode) {
      const std::string one = root.Receive("a");
      const std::string two = root.Receive("other");
      REQUIRE(one != two);
      const Outcome outcome = Race(root.fixture, mode, Archive(one), Archive(two));
      CHECK(outcome.OneWon());
      CHECK((outcome.loser() == Code::kLocked || outcome.loser() == Code::kConflict));
      const bool first = outcome.first == Code::kOk;
      CHECK(root.Archived(first ? "a" : "other"));
      CHECK(root.Waits(first ? "other" : "a"));
      CHECK(root.total() == 2 * kFiles);
      return outcome;
    });
  }

  TEST_CASE("a session is deleted or archived, not both") {
    Rounds("archive against delete", [](RaceRoot& root, int mode) {
      const std::string src = root.Receive("a");
      Must(root.fixture.engine->Build(src));
      const Outcome outcome = Race(root.fixture, mode, Archive(src), Delete(src));
      CHECK(outcome.OneWon());
      CHECK(IsLockedOrGone(outcome.loser()));
      CHECK(root.Archived("a") == (outcome.first == Code::kOk));
      CHECK(root.total() == (outcome.first == Code::kOk ? kFiles : 0));
      return outcome;
    });
  }

  TEST_CASE("what comes in while its session is archived is in it, or waits, or is refused") {
    std::mt19937 random(Seed());
    Rounds("archive against import", [&](RaceRoot& root, int mode) {
      const std::string src = root.Receive("a");
      Must(root.fixture.engine->Build(src));
      const Outcome outcome =
          Race(root.fixture, mode, Later(random() % 10000, Archive(src)), root.Import("b"));
      CHECK((outcome.first == Code::kOk || outcome.first == Code::kLocked));
      CHECK((outcome.second == Code::kOk || outcome.second == Code::kLocked));
      CHECK(root.Archived("a") == (outcome.first == Code::kOk));
      CHECK((root.Waits("a") || root.Archived("a")));
      CHECK((root.Waits("b") || root.Archived("b")) == (outcome.second == Code::kOk));
      CHECK(root.total() == (outcome.second == Code::kOk ? 2 : 1) * kFiles);
      return outcome;
    });
  }

  TEST_CASE("what comes in while its session is built is archived with it") {
    std::mt19937 random(Seed());
    Rounds("build against import", [&](RaceRoot& root, int mode) {
      const std::string src = root.Receive("a");
      const Outcome outcome =
          Race(root.fixture, mode, Later(random() % 10000, Build(src)), root.Import("b"));
      CHECK((outcome.first == Code::kOk || outcome.first == Code::kLocked));
      CHECK((outcome.second == Code::kOk || outcome.second == Code::kLocked));
      root.fixture.Open();
      CHECK(Archive(src)(*root.fixture.engine).ok());
      CHECK(root.Archived("a"));
      CHECK(root.Archived("b") == (outcome.second == Code::kOk));
      return outcome;
    });
  }

  TEST_CASE("a session is merged into and refreshed, one after the other, and nothing is lost") {
    std::mt19937 random(Seed());
    Rounds("merge against refresh", [&](RaceRoot& root, int mode) {
      CHECK(Archive(root.Receive("a"))(*root.fixture.engine).ok());
      root.CopyIntoArchive();
      const std::string src = root.Receive("b");
      Must(root.fixture.engine->Build(src));
      const Outcome outcome =
          Race(root.fixture, mode, Merge(src), Later(random() % 5000, Refresh()));
      CHECK((outcome.first == Code::kOk || outcome.first == Code::kLocked));
      CHECK((outcome.second == Code::kOk || outcome.second == Code::kLocked));
      root.fixture.Open();
      if (outcome.first != Code::kOk) CHECK(Merge(src)(*root.fixture.engine).ok());
      if (outcome.second != Code::kOk) CHECK(Refresh()(*root.fixture.engine).ok());
      CHECK(root.Archived("a"));
      CHECK(root.Archived("b"));
      CHECK(root.total() == 2 * kFiles + 1);
      return outcome;
    });
  }

  TEST_CASE("a dead archiver's work is finished once, whoever comes first") {
    std::mt19937 random(Seed());
    Rounds("recovery against archive", [&](RaceRoot& root, int mode) {
      const std::string src = root.Receive("a");
      Must(root.fixture.engine->Build(src));
      FaultFileSystem disk;
      root.fixture.Open(&disk);
      disk.Reset();
      disk.KillAt(20 + random() % 40);  // most of them after the plan
      IgnoreError(Archive(src)(*root.fixture.engine), "killed, or too late for that");
      root.fixture.options.file_system = nullptr;
      const Outcome outcome = Race(root.fixture, mode, Recover(), Archive(src));
      CHECK(outcome.first == Code::kOk);
      CHECK((outcome.second == Code::kOk || IsLockedOrGone(outcome.second)));
      CHECK(root.total() == kFiles);
      CHECK(WhatIsWrong(root.fixture) == "");
      if (outcome.second == Code::kOk) CHECK(root.Archived("a"));
      root.fixture.Open();
      if (root.Waits("a")) CHECK(Archive(src)(*root.fixture.engine).ok());
      CHECK(root.Archived("a"));
      return outcome;
    });
  }
}

}  // namespace xnatarchive
