// experiment_facts.hpp - what the store has to learn about an archived session, inside its plan
// file, so that recovery can tell it without the process that made the plan.
#ifndef XNATARCHIVE_ARCHIVE_EXPERIMENT_FACTS_HPP_
#define XNATARCHIVE_ARCHIVE_EXPERIMENT_FACTS_HPP_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "archive/operation.hpp"
#include "store/store.hpp"
#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// The store's part of one "archive" or "refresh" plan.
struct ExperimentFacts {
  ExperimentRow experiment;
  SubjectRow subject;         ///< Added when the store does not have it.
  std::int64_t audit_id = 0;  ///< Record to complete, if it is of `operation_id`.
  std::string operation_id;   ///< After the store was lost, record numbers start again.
  PrearchiveId prearchive;    ///< Row to remove.
};

std::vector<std::pair<std::string, std::string>> WriteExperimentFacts(const ExperimentFacts& facts);
/// The same once the archived document is known, which says what the experiment is.
std::vector<std::pair<std::string, std::string>> WriteExperimentFacts(
    ExperimentFacts facts, const SessionDocument& archived);
/// kCorruption "plan.bad-experiment" when a fact is missing or not a number.
Result<ExperimentFacts> ReadExperimentFacts(const OperationPlan& plan);

/// What the plan of a refresh outside a session tells: the operation, whose audit records end.
std::vector<std::pair<std::string, std::string>> WriteRefreshFacts(const std::string& operation_id);

/// Brings the store up to date in one transaction. Repeatable.
Status AcknowledgeRefresh(Store& store, const OperationPlan& plan);
Status AcknowledgeArchive(Store& store, const OperationPlan& plan);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_EXPERIMENT_FACTS_HPP_
