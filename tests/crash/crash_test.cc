// Real processes, killed for real, and processes that want the same session.
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/processes.hpp"
#include "unit/archive/archive_fixture.hpp"

namespace xnatarchive {
namespace {

constexpr int kSessions = 12;

std::string Label(int i) { return "S" + std::to_string(i); }

/// Tells the parent one line per acknowledged operation, "receive S3".
Acknowledge Teller(const Pipe& pipe) {
  return [&pipe](const OperationPlan& plan) {
    return pipe.Tell(plan.kind + " " + plan.Fact("label")) ? Status()
                                                           : Status(Code::kIo, "test.pipe", "pipe");
  };
}

/// Receives and archives every session that is not archived yet, in a random order, until all are.
int ArchiveAll(const std::string& path, const Acknowledge& tell, unsigned seed) {
  const Trees trees = OpenTrees(path);
  std::mt19937 random(seed);
  for (std::set<int> done; done.size() < kSessions;) {
    const int i = static_cast<int>(random() % kSessions);
    ArchiveOptions options;
    options.label = Label(i);
    options.one_file_system = random() % 2 == 0;
    const Result<bool> archived = trees.archive.Exists(DestinationOf(options.label));
    const Result<bool> received = trees.prearchive.Exists(SourceOf(options.label));
    if (!archived.ok() || !received.ok()) return 1;
    if (*archived && !*received) {
      done.insert(i);
      continue;
    }
    Status status = *received ? ArchiveTestSession(trees, tell, options).status()
                              : ReceiveTestSession(trees, tell, options.label);
    // Others may be at it, or have been since we looked.
    const Code code = status.code();
    if (code != Code::kOk && code != Code::kLocked && code != Code::kNotFound &&
        code != Code::kConflict) {
      dprintf(STDERR_FILENO, "%s\n", status.ToString().c_str());
      return 2;
    }
  }
  return 0;
}

/// The dumps of a session in the prearchive and in the archive, whole.
struct Whole {
  std::string received;
  std::string archived;
};

std::map<int, Whole> WholeSessions() {
  std::map<int, Whole> whole;
  TestTrees disk;
  for (int i = 0; i < kSessions; ++i) {
    REQUIRE(ReceiveTestSession(disk.trees, AcknowledgeNothing, Label(i)).ok());
    whole[i].received = disk.disk.Dump("prearchive/" + SourceOf(Label(i)));
    ArchiveOptions options;
    options.label = Label(i);
    REQUIRE(ArchiveTestSession(disk.trees, AcknowledgeNothing, options).ok());
    whole[i].archived = disk.disk.Dump("archive/" + DestinationOf(Label(i)));
  }
  return whole;
}

/// Each session is whole and in one place, and where it was acknowledged to be.
void CheckSessions(const TestTrees& disk, const std::map<int, Whole>& whole,
                   const std::set<std::string>& told) {
  for (int i = 0; i < kSessions; ++i) {
    const std::string label = Label(i);
    const std::string source = "prearchive/" + SourceOf(label);
    const std::string destination = "archive/" + DestinationOf(label);
    const bool received = disk.disk.Exists(source);
    const bool archived = disk.disk.Exists(destination);
    INFO(label);
    CHECK_FALSE((received && archived));
    CHECK(disk.disk.Exists(source + ".xml") == received);
    CHECK(disk.disk.Exists("prearchive/" + IndexOf(label)) == received);
    if (received) CHECK(disk.disk.Dump(source) == whole.at(i).received);
    if (archived) CHECK(disk.disk.Dump(destination) == whole.at(i).archived);
    CHECK((told.count("archive " + label) > 0) == archived);
    if (told.count("receive " + label) > 0) CHECK((received || archived));
  }
  CHECK(disk.Leftovers().empty());
}

}  // namespace

TEST_SUITE("crash.processes") {
  TEST_CASE("killed at a random moment, again and again: every session is whole and in one place") {
    std::mt19937 random(Seed());
    const std::map<int, Whole> whole = WholeSessions();
    int kills = 0;
    for (int disk_number = 0; disk_number < 16; ++disk_number) {
      TestTrees disk;
      std::set<std::string> told;
      for (bool finished = false; !finished;) {
        Pipe pipe;
        const auto seed = static_cast<unsigned>(random());
        const pid_t child = Fork([&] { return ArchiveAll(disk.disk.path(), Teller(pipe), seed); });
        usleep(static_cast<useconds_t>(random() % 8000));
        kill(child, SIGKILL);
        const int code = Wait(child);
        REQUIRE((code == -SIGKILL || code == 0));
        finished = code == 0;
        kills += finished ? 0 : 1;
        const Result<RecoveryReport> report = RecoverOperations(disk.trees, Teller(pipe));
        REQUIRE(report.ok());
        CHECK(report->failed == std::vector<std::string>());
        CHECK(report->busy.empty());
        for (const std::string& line : pipe.Lines()) told.insert(line);
        CheckSessions(disk, whole, told);
      }
    }
    MESSAGE(kills << " kills");
    CHECK(kills > 16);
  }

  TEST_CASE("two processes after one source: exactly one archives it") {
    for (int round = 0; round < 60; ++round) {
      TestTrees disk;
      WriteSession(disk);
      int gate[2];
      REQUIRE(pipe(gate) == 0);
      const auto race = [&] {
        close(gate[1]);
        const Trees trees = OpenTrees(disk.disk.path());
        char byte;
        if (read(gate[0], &byte, 1) != 0) return 3;  // returns when the parent closes its end
        const Result<ArchiveOutcome> outcome = ArchiveTestSession(trees, AcknowledgeNothing);
        const Code code = outcome.status().code();
        if (code == Code::kOk) return 0;
        return code == Code::kLocked || code == Code::kNotFound || code == Code::kConflict ? 1 : 2;
      };
      const pid_t first = Fork(race);
      const pid_t second = Fork(race);
      close(gate[0]);
      close(gate[1]);
      const std::multiset<int> codes = {Wait(first), Wait(second)};
      CHECK(codes == std::multiset<int>{0, 1});
      CHECK(disk.disk.Exists("archive/" + DestinationOf("S1")));
      CHECK_FALSE(disk.disk.Exists("prearchive/DEMO"));
      CHECK(disk.Leftovers().empty());
    }
  }

  TEST_CASE("several processes on all sessions, one killed now and then: the others go on") {
    std::mt19937 random(Seed());
    const std::map<int, Whole> whole = WholeSessions();
    for (int round = 0; round < 6; ++round) {
      TestTrees disk;
      Pipe pipe;
      std::vector<pid_t> workers;
      for (int w = 0; w < 3; ++w) {
        const auto seed = static_cast<unsigned>(random());
        workers.push_back(Fork([&] { return ArchiveAll(disk.disk.path(), Teller(pipe), seed); }));
      }
      usleep(static_cast<useconds_t>(random() % 10000));
      kill(workers[0], SIGKILL);
      for (const pid_t worker : workers) {
        const int code = Wait(worker);
        CHECK((code == 0 || (worker == workers[0] && code == -SIGKILL)));
      }
      const Result<RecoveryReport> report = RecoverOperations(disk.trees, Teller(pipe));
      REQUIRE(report.ok());
      CHECK(report->failed == std::vector<std::string>());
      CheckSessions(disk, whole, pipe.Lines());
    }
  }
}

}  // namespace xnatarchive
