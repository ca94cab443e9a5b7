#include "archive/experiment_facts.hpp"

#include "archive/archive_tree.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kOperationFact = "audit.operation_id";

/// Calls `f(name, member)` for every text, in the order they are written.
template <typename Facts, typename F>
void ForEachText(Facts& facts, const F& f) {
  f("experiment.id", facts.experiment.id);
  f("experiment.project", facts.experiment.project);
  f("experiment.label", facts.experiment.label);
  f("experiment.subject_id", facts.experiment.subject_id);
  f("experiment.xsi_type", facts.experiment.xsi_type);
  f("experiment.uid", facts.experiment.uid);
  f("experiment.modality", facts.experiment.modality);
  f("experiment.date", facts.experiment.date);
  f("experiment.path", facts.experiment.path);
  f("subject.id", facts.subject.id);
  f("subject.project", facts.subject.project);
  f("subject.label", facts.subject.label);
  f(kOperationFact, facts.operation_id);
  f("prearchive.project", facts.prearchive.project);
  f("prearchive.timestamp", facts.prearchive.timestamp);
  f("prearchive.folder", facts.prearchive.folder);
}

template <typename Facts, typename F>
void ForEachNumber(Facts& facts, const F& f) {
  f("experiment.scan_count", facts.experiment.scan_count);
  f("experiment.file_count", facts.experiment.file_count);
  f("experiment.bytes", facts.experiment.bytes);
  f("experiment.inserted_ms", facts.experiment.inserted_ms);
  f("experiment.modified_ms", facts.experiment.modified_ms);
  f("audit.id", facts.audit_id);
}

/// Nothing to complete is fine: the records have ended already, or the store was lost.
Status CompleteAudit(Store& store, const std::string& operation_id) {
  XNA_ASSIGN_OR_RETURN(const std::vector<AuditRow> open, store.ListOpenAudit());
  for (const AuditRow& record : open) {
    if (record.operation_id != operation_id) continue;
    XNA_RETURN_IF_ERROR(store.CloseAudit(record.id, AuditStatus::kComplete));
  }
  return Status();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> WriteExperimentFacts(
    const ExperimentFacts& facts) {
  std::vector<std::pair<std::string, std::string>> texts;
  ForEachText(facts,
              [&](const char* name, const std::string& value) { texts.emplace_back(name, value); });
  ForEachNumber(facts, [&](const char* name, std::int64_t value) {
    texts.emplace_back(name, std::to_string(value));
  });
  texts.emplace_back("experiment.quarantine",
                     facts.experiment.status == ExperimentStatus::kQuarantine ? "1" : "0");
  return texts;
}

std::vector<std::pair<std::string, std::string>> WriteExperimentFacts(
    ExperimentFacts facts, const SessionDocument& archived) {
  SetTotals(archived, &facts.experiment);
  facts.experiment.uid = archived.uid;
  facts.experiment.xsi_type = archived.xsi_type;
  facts.experiment.modality = archived.Get("@modality");
  facts.experiment.date = archived.Get("date");
  return WriteExperimentFacts(facts);
}

Result<ExperimentFacts> ReadExperimentFacts(const OperationPlan& plan) {
  ExperimentFacts facts;
  ForEachText(facts, [&](const char* name, std::string& value) { value = plan.Fact(name); });
  std::string bad = facts.experiment.id.empty() ? "experiment.id" : "";
  ForEachNumber(facts, [&](const char* name, std::int64_t& value) {
    const auto number = ParseInt(plan.Fact(name));
    if (number) {
      value = *number;
    } else {
      bad = name;
    }
  });
  if (!bad.empty()) {
    return Status(Code::kCorruption, "plan.bad-experiment", "plan has no valid fact " + bad);
  }
  facts.experiment.status = plan.Fact("experiment.quarantine") == "1"
                                ? ExperimentStatus::kQuarantine
                                : ExperimentStatus::kActive;
  return facts;
}

std::vector<std::pair<std::string, std::string>> WriteRefreshFacts(
    const std::string& operation_id) {
  return {{kOperationFact, operation_id}};
}

Status AcknowledgeRefresh(Store& store, const OperationPlan& plan) {
  if (!plan.Fact("experiment.id").empty()) return AcknowledgeArchive(store, plan);
  return store.Transaction(
      [&](Store& transaction) { return CompleteAudit(transaction, plan.Fact(kOperationFact)); });
}

Status AcknowledgeArchive(Store& store, const OperationPlan& plan) {
  XNA_ASSIGN_OR_RETURN(ExperimentFacts facts, ReadExperimentFacts(plan));
  facts.subject.inserted_ms = facts.experiment.inserted_ms;
  return store.Transaction([&](Store& transaction) -> Status {
    XNA_ASSIGN_OR_RETURN(const auto subject,
                         transaction.FindSubject(facts.subject.project, facts.subject.id));
    if (!subject) XNA_RETURN_IF_ERROR(transaction.AddSubject(facts.subject));
    XNA_RETURN_IF_ERROR(transaction.UpsertExperiment(facts.experiment));
    XNA_RETURN_IF_ERROR(transaction.RemovePrearchive(facts.prearchive));
    return CompleteAudit(transaction, facts.operation_id);
  });
}

}  // namespace xnatarchive
