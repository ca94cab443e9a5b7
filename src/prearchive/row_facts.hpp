// row_facts.hpp - a prearchive row inside a plan file, so that recovery can bring the store up to
// date, and tell what happened, without the process that made the plan.
#ifndef XNATARCHIVE_PREARCHIVE_ROW_FACTS_HPP_
#define XNATARCHIVE_PREARCHIVE_ROW_FACTS_HPP_

#include <cstdint>
#include <string>
#include <vector>

#include "archive/operation.hpp"
#include "prearchive/file_index.hpp"
#include "store/store.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {

/// What an operation did to a session, in numbers.
struct SessionCounts {
  std::uint64_t scans = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

/// The files that an index tells of, without scans.
SessionCounts CountsOf(const FileIndex& index);

/// The facts that tell who asked for the operation, from where, and its ID.
inline constexpr const char* kUserFact = "user";
inline constexpr const char* kOriginFact = "origin";
inline constexpr const char* kOperationFact = "operation";

/// Appends who asked for the operation, from where, and its ID.
void AppendActorFacts(const Actor& actor, const std::string& operation_id, OperationPlan* plan);

/// Appends the row's columns to the plan's facts, as row number `n`.
void AppendRowFacts(const PrearchiveSession& row, const SessionCounts& counts, std::size_t n,
                    OperationPlan* plan);

/// Reads back all rows of a plan, in order. kCorruption "plan.bad-row" when one is not whole.
Result<std::vector<PrearchiveSession>> RowsFromFacts(const OperationPlan& plan);
/// The same for the numbers of the first `rows` rows; one that is not there is 0.
std::vector<SessionCounts> CountsFromFacts(const OperationPlan& plan, std::size_t rows);

/// The audit record of something done to a prearchive session.
AuditRow PrearchiveRecord(const char* type, const Actor& actor, const PrearchiveSession& row);

/// Adds the audit records of a plan, one for each of its rows. Repeatable. In the transaction of
/// the acknowledgement: a commit of its own would cost more than all the rest of it.
Status AuditRows(Store& transaction, const char* type, const OperationPlan& plan,
                 const std::vector<PrearchiveSession>& rows);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_ROW_FACTS_HPP_
