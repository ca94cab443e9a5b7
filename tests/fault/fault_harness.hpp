// fault_harness.hpp - runs a scenario with every call to the disk failing in turn.
//
// The rule it checks: whatever fails, after recovery the trees are as before or as after, nothing
// in between, and what the failed call said about the disk was true.
#ifndef XNATARCHIVE_TESTS_FAULT_FAULT_HARNESS_HPP_
#define XNATARCHIVE_TESTS_FAULT_FAULT_HARNESS_HPP_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "archive/operation.hpp"
#include "support/fault_file_system.hpp"
#include "unit/archive/archive_fixture.hpp"

namespace xnatarchive {

/// One change to the trees. The same every time: it is compared with itself.
struct Scenario {
  std::string name;
  std::function<void(TestTrees&)> prepare;  ///< Makes the state before; on the real disk.
  std::function<Status(const Trees&, const Acknowledge&)> run;
  std::function<Status(const Trees&, const Acknowledge&)> recover;
  FileSystem* file_system = &PosixFileSystem();  ///< What the calls go to that do not fail.
};

/// The library's own recovery: fails when it could not finish everything.
Status Recover(const Trees& trees, const Acknowledge& acknowledge);

enum class Fault {
  kKill,           ///< The process dies; nothing reaches the disk any more.
  kKillHalfWrite,  ///< The same in the middle of a write.
  kErrorOnce,
  kErrorForEver,  ///< Until recovery.
};

struct FaultReport {
  std::uint64_t runs = 0;
  std::uint64_t calls = 0;  ///< Changing calls of an undisturbed run.
  std::vector<std::string> violations;
};

/// Runs `scenario` once for each of its changing calls (or of every `step`), failing there.
/// `error` is for the error faults.
FaultReport FailEveryCall(const Scenario& scenario, Fault fault, int error = 0,
                          std::uint64_t step = kFaultStep);

/// The same with a kill, and then for each run kills recovery at each of its calls, too. Takes
/// every `stride`-th pair.
FaultReport KillTwice(const Scenario& scenario, std::uint64_t stride);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_FAULT_FAULT_HARNESS_HPP_
