// Processes that receive, build, archive and delete whole sessions with the engine, and die at any
// moment: every file is in exactly one place, with its digest, and what was told to be done is
// done.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "crash/census.hpp"
#include "support/processes.hpp"

namespace xnatarchive {
namespace {

constexpr int kWorkers = 3;
constexpr int kSessions = 6;
constexpr int kParts = 2;  // imports that make up one session
constexpr int kFiles = 3;  // in each part
/// Sessions that may also be deleted while they wait. They are received again.
constexpr int kDeletable = 2;

std::string Label(int session) { return "S" + std::to_string(session); }
std::string Part(int session, int part) { return Label(session) + "-" + std::to_string(part); }

void WriteParts(EngineFixture& fixture) {
  for (int session = 0; session < kSessions; ++session) {
    DicomSpec spec = EngineFixture::Spec(session + 1);
    spec.values[0x00100020] = Label(session);
    for (spec.series = 1; spec.series <= kParts; ++spec.series) {
      for (spec.instance = 1; spec.instance <= kFiles; ++spec.instance) {
        fixture.tree.Write(
            "in/" + Part(session, spec.series - 1) + "/" + std::to_string(spec.instance) + ".dcm",
            MakeDicom(spec));
      }
    }
  }
}

/// One process. Works until all sessions are archived, or until it is killed.
class Worker {
 public:
  Worker(const EngineFixture& fixture, const Pipe& pipe, int number, unsigned seed)
      : fixture_(fixture), pipe_(pipe), number_(number), random_(seed) {
    EngineOptions options = fixture.options;
    options.recover_on_open = true;
    engine_ = Must(ArchiveEngine::Open(options));
  }

  int Run() {
    for (std::set<int> done; done.size() < kSessions;) {
      const int session = Random(kSessions);
      if (Finished(session)) {
        done.insert(session);
        continue;
      }
      const Status status = Step(session);
      // Others may be at it, or have been since we looked.
      const Code code = status.code();
      if (code != Code::kOk && code != Code::kLocked && code != Code::kNotFound) {
        dprintf(STDERR_FILENO, "worker %d: %s\n", number_, status.ToString().c_str());
        return 2;
      }
    }
    return 0;
  }

 private:
  int Random(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  std::string Archived(int session) const { return "root/archive/DEMO/arc001/" + Label(session); }
  static std::string Scan(int part) { return "/SCANS/" + std::to_string(part + 1); }

  bool Finished(int session) const {
    const std::string path = Archived(session);
    for (int part = 0; part < kParts; ++part) {
      if (!fixture_.tree.Exists(path + Scan(part))) return false;
    }
    return true;
  }

  /// A part has one worker that receives it, when it is nowhere: it moves from the prearchive to
  /// the archive only, so looking in this order does not miss it.
  Status ReceiveMissingPart(int session, const std::string& waiting) {
    for (int part = 0; part < kParts; ++part) {
      if (!waiting.empty() && fixture_.tree.Exists(waiting + Scan(part))) continue;
      if (fixture_.tree.Exists(Archived(session) + Scan(part))) continue;
      const auto report = engine_->Import(fixture_.Request(Part(session, part)));
      if (report.ok()) pipe_.Tell("received " + Part(session, part));
      return report.status();
    }
    return Status();
  }

  Status Step(int session) {
    const auto rows = engine_->PrearchiveSessions("DEMO");
    if (!rows.ok()) return rows.status();
    const auto row = std::find_if(rows->begin(), rows->end(), [&](const PrearchiveSession& each) {
      return each.folder == Label(session);
    });
    const bool waits = row != rows->end();
    const std::string place = waits ? "DEMO/" + row->timestamp + "/" + row->folder : "";
    if (session % kWorkers == number_ && (!waits || Random(2) == 0)) {
      return ReceiveMissingPart(session, waits ? "root/prearchive/" + place : "");
    }
    if (!waits) return Status();
    const std::string uri = "/prearchive/projects/" + place;
    const int choice = Random(8);
    if (choice < 2) return engine_->Build(uri);
    if (choice == 2 && session < kDeletable) return engine_->DeletePrearchiveSession(uri);
    ArchiveRequest request;
    request.src = uri;
    request.overwrite = Overwrite::kAppend;  // what comes after its session was archived
    const auto report = engine_->Archive(request);
    if (report.ok()) pipe_.Tell("archived " + Label(session));
    return report.status();
  }

  const EngineFixture& fixture_;
  const Pipe& pipe_;
  const int number_;
  std::mt19937 random_;
  std::unique_ptr<ArchiveEngine> engine_;
};

struct Counts {
  int kills = 0;
  int roots = 0;
  std::size_t finished = 0;   // operations that recovery redid to the end
  std::size_t discarded = 0;  // that had not begun to change anything
};

/// Each part is whole, in one place or nowhere, and where it was told to be.
void CheckParts(EngineFixture& fixture, const std::set<std::string>& told, Counts* counts) {
  RecoverySummary summary;
  CHECK(WhatIsWrong(fixture, &summary) == "");
  counts->finished += summary.finished.size();
  counts->discarded += summary.discarded.size();
  const Census census(fixture);
  int found = 0;
  for (int session = 0; session < kSessions; ++session) {
    int archived = 0;
    for (int part = 0; part < kParts; ++part) {
      const std::string name = Part(session, part);
      CAPTURE(name);
      const int in_archive = census.Archived(name);
      const int in_prearchive = census.Waiting(name);
      CHECK((in_archive == 0 || in_archive == kFiles));
      CHECK((in_prearchive == 0 || in_prearchive == kFiles));
      CHECK(in_archive + in_prearchive <= kFiles);
      if (told.count("received " + name) > 0 && session >= kDeletable) {
        CHECK(in_archive + in_prearchive == kFiles);
      }
      archived += in_archive;
      found += in_archive + in_prearchive;
    }
    if (told.count("archived " + Label(session)) > 0) CHECK(archived > 0);
  }
  CHECK(census.total() == found);
}

}  // namespace

TEST_SUITE("crash.kill") {
  TEST_CASE("processes on one root, each killed at any moment: no file is lost, none is twice") {
    const int wanted = Times(200, 1000);
    std::mt19937 random(Seed());
    Counts counts;
    for (; counts.kills < wanted; ++counts.roots) {
      EngineFixture fixture;
      fixture.options.threads = 1;
      fixture.engine.reset();  // a child must not inherit an open store
      WriteParts(fixture);
      std::set<std::string> told;
      for (bool finished = false; !finished;) {
        Pipe pipe;
        std::vector<pid_t> workers;
        for (int number = 0; number < kWorkers; ++number) {
          const auto seed = static_cast<unsigned>(random());
          workers.push_back(Fork([&] { return Worker(fixture, pipe, number, seed).Run(); }));
        }
        std::shuffle(workers.begin(), workers.end(), random);
        finished = true;
        for (const pid_t worker : workers) {
          usleep(static_cast<useconds_t>(random() % 40000));
          kill(worker, SIGKILL);
          const int code = Wait(worker);
          REQUIRE((code == -SIGKILL || code == 0));
          finished = finished && code == 0;
          counts.kills += code == 0 ? 0 : 1;
        }
        for (const std::string& line : pipe.Lines()) told.insert(line);
        CheckParts(fixture, told, &counts);
      }
    }
    MESSAGE("kills: " << counts.kills << " processes on " << counts.roots << " roots; recovery "
                      << "finished " << counts.finished << " operations and discarded "
                      << counts.discarded);
  }
}

}  // namespace xnatarchive
