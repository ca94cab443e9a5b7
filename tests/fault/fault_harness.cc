#include "fault/fault_harness.hpp"

#include <stdexcept>
#include <utility>

#include "unit/archive/merge_fixture.hpp"

namespace xnatarchive {
namespace {

/// One disk with a scenario on it, and a store that counts acknowledgements.
class Run {
 public:
  explicit Run(const Scenario& scenario)
      : scenario_(scenario), fs_(*scenario.file_system), disk_(fs_) {
    scenario.prepare(disk_);
    fs_.Reset();
  }

  FaultFileSystem& fs() { return fs_; }
  std::string Visible() const { return disk_.Visible() + "history:\n" + HistoryOf(disk_); }
  std::string Leftovers() const { return disk_.Leftovers(); }
  int acknowledged() const { return acknowledged_; }

  Status Execute() { return scenario_.run(disk_.trees, Counter()); }
  Status Recover() { return scenario_.recover(disk_.trees, Counter()); }

 private:
  Acknowledge Counter() {
    return [this](const OperationPlan&) {
      ++acknowledged_;
      return Status();
    };
  }

  const Scenario& scenario_;
  FaultFileSystem fs_;
  TestTrees disk_;
  int acknowledged_ = 0;
};

/// The states before and after, and the number of calls between them.
struct Model {
  std::string before;
  std::string after;
  std::uint64_t calls = 0;
};

Model MakeModel(const Scenario& scenario) {
  Run run(scenario);
  Model model;
  model.before = run.Visible();
  const Status status = run.Execute();
  if (!status.ok()) throw std::runtime_error(scenario.name + ": " + status.ToString());
  model.calls = run.fs().calls();
  model.after = run.Visible();
  if (model.after == model.before) throw std::runtime_error(scenario.name + " does nothing");
  if (!run.Leftovers().empty()) throw std::runtime_error(scenario.name + ": " + run.Leftovers());
  return model;
}

/// Checks the state after recovery; returns what is wrong, or nothing.
std::string CheckRecovered(const Run& run, const Model& model) {
  const std::string state = run.Visible();
  if (state != model.before && state != model.after) return "a state between:\n" + state;
  const bool after = state == model.after;
  if (after != (run.acknowledged() > 0)) return after ? "not acknowledged" : "acknowledged, undone";
  if (!run.Leftovers().empty()) return "leftovers:\n" + run.Leftovers();
  return std::string();
}

/// Checks what a call that was not killed said about the disk.
std::string CheckTruth(const Status& status, bool unchanged_now, bool after_recovery) {
  if (status.ok()) return after_recovery ? "" : "said ok";
  switch (status.disk_state()) {
    case DiskState::kUnchanged:
    case DiskState::kRolledBack:
      return unchanged_now && !after_recovery ? "" : "said unchanged";
    case DiskState::kCommitted:
      return after_recovery ? "" : "said committed";
    case DiskState::kRecoveryPending:
      return after_recovery ? "" : "said recovery pending";
  }
  return "said nothing known";
}

std::string RunOnce(const Scenario& scenario, const Model& model, Fault fault, int error,
                    std::uint64_t n) {
  Run run(scenario);
  switch (fault) {
    case Fault::kKill:
      run.fs().KillAt(n);
      break;
    case Fault::kKillHalfWrite:
      run.fs().KillAt(n, true);
      break;
    case Fault::kErrorOnce:
      run.fs().FailAt(n, error, FaultFileSystem::Duration::kOnce);
      break;
    case Fault::kErrorForEver:
      run.fs().FailAt(n, error, FaultFileSystem::Duration::kPersistent);
      break;
  }
  const Status status = run.Execute();
  const bool unchanged = run.Visible() == model.before;
  const std::string call = run.fs().fault_call();
  run.fs().Reset();
  const Status recovered = run.Recover();
  std::string wrong = recovered.ok() ? CheckRecovered(run, model) : recovered.ToString();
  const bool killed = fault == Fault::kKill || fault == Fault::kKillHalfWrite;
  if (killed) {
    IgnoreError(status, "nobody was left to hear it");
  } else if (wrong.empty()) {
    wrong = CheckTruth(status, unchanged, run.Visible() == model.after);
  }
  if (wrong.empty()) return wrong;
  return scenario.name + ", call " + std::to_string(n) + " (" + call + "): " + wrong + " [" +
         status.ToString() + ", " + std::string(DiskStateName(status.disk_state())) + "]";
}

}  // namespace

Status Recover(const Trees& trees, const Acknowledge& acknowledge) {
  const Result<RecoveryReport> report = RecoverOperations(trees, acknowledge);
  if (!report.ok()) return report.status();
  if (!report->busy.empty()) return Status(Code::kInternal, "test.busy", report->busy[0]);
  if (!report->failed.empty()) return Status(Code::kInternal, "test.failed", report->failed[0]);
  return Status();
}

FaultReport FailEveryCall(const Scenario& scenario, Fault fault, int error, std::uint64_t step) {
  const Model model = MakeModel(scenario);
  FaultReport report;
  report.calls = model.calls;
  const auto first = 1 + static_cast<std::uint64_t>(error) % step;
  for (std::uint64_t n = first; n <= model.calls; n += step) {
    std::string wrong = RunOnce(scenario, model, fault, error, n);
    ++report.runs;
    if (!wrong.empty()) report.violations.push_back(std::move(wrong));
  }
  return report;
}

FaultReport KillTwice(const Scenario& scenario, std::uint64_t stride) {
  const Model model = MakeModel(scenario);
  FaultReport report;
  report.calls = model.calls;
  for (std::uint64_t n = 1; n <= model.calls; n += kFaultStep) {
    for (std::uint64_t k = 1 + n % stride;; k += stride) {
      Run run(scenario);
      run.fs().KillAt(n);
      IgnoreError(run.Execute(), "killed");
      run.fs().Reset();
      run.fs().KillAt(k);
      IgnoreError(run.Recover(), "killed again");
      if (!run.fs().triggered()) break;  // recovery makes fewer calls than that
      run.fs().Reset();
      const Status recovered = run.Recover();
      const std::string wrong = recovered.ok() ? CheckRecovered(run, model) : recovered.ToString();
      ++report.runs;
      if (wrong.empty()) continue;
      report.violations.push_back(scenario.name + ", calls " + std::to_string(n) + " and " +
                                  std::to_string(k) + " of recovery: " + wrong);
    }
  }
  return report;
}

}  // namespace xnatarchive
