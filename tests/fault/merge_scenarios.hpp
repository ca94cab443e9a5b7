// merge_scenarios.hpp - real merges into an archived session, for the fault harness.
#ifndef XNATARCHIVE_TESTS_FAULT_MERGE_SCENARIOS_HPP_
#define XNATARCHIVE_TESTS_FAULT_MERGE_SCENARIOS_HPP_

#include <vector>

#include "fault/fault_harness.hpp"

namespace xnatarchive {

/// A new scan, more files for a scan, a replaced file, one under another name, a renamed scan, and
/// an upload sent again: each on one file system and across two.
std::vector<Scenario> MergeScenarios();

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_FAULT_MERGE_SCENARIOS_HPP_
