// exit_status.hpp - what the process tells its caller, in one table.
#ifndef XNATARCHIVE_EXAMPLES_CLI_EXIT_STATUS_HPP_
#define XNATARCHIVE_EXAMPLES_CLI_EXIT_STATUS_HPP_

#include "xnatarchive/status.hpp"

/// Scripts match these; they never change.
enum ExitStatus : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitNotFound = 3,
  kExitConflict = 4,
  kExitLocked = 5,
  kExitInvalidInput = 6,
  kExitNotPermitted = 7,
};

/// Returns the exit status for a failure, kExitDone for kOk. Codes of a newer library are
/// kExitFailed.
ExitStatus ExitStatusFor(xnatarchive::Code code) noexcept;

/// What each status says, in its order from kExitDone on.
constexpr const char* kExitStatusMeanings[] = {
    "done",   "failed",        "usage",        "not found", "conflict (verify: damage)",
    "locked", "invalid input", "not permitted"};

#endif  // XNATARCHIVE_EXAMPLES_CLI_EXIT_STATUS_HPP_
