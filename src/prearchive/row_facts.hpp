// row_facts.hpp - a prearchive row inside a plan file, so that recovery can bring the store up to
// date without the process that made the plan.
#ifndef XNATARCHIVE_PREARCHIVE_ROW_FACTS_HPP_
#define XNATARCHIVE_PREARCHIVE_ROW_FACTS_HPP_

#include <string_view>
#include <vector>

#include "archive/operation.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {

/// Appends the row's columns to the plan's facts, as row number `n`.
void AppendRowFacts(const PrearchiveSession& row, std::size_t n, OperationPlan* plan);

/// Reads back all rows of a plan, in order. kCorruption "plan.bad-row" when one is not whole.
Result<std::vector<PrearchiveSession>> RowsFromFacts(const OperationPlan& plan);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_ROW_FACTS_HPP_
