#include "engine/events.hpp"

#include <string>
#include <utility>

#include "archive/experiment_facts.hpp"
#include "engine/core.hpp"
#include "prearchive/row_facts.hpp"

namespace xnatarchive {
namespace {

std::vector<Event> PrearchiveEvents(EventKind kind, const OperationPlan& plan) {
  std::vector<Event> events;
  const Result<std::vector<PrearchiveSession>> rows = RowsFromFacts(plan);
  if (!rows.ok()) return events;
  const std::vector<SessionCounts> counts = CountsFromFacts(plan, rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const PrearchiveSession& row = (*rows)[i];
    Event& event = events.emplace_back();
    event.kind = kind;
    event.user = plan.Fact(kUserFact);
    event.project = row.project;
    event.subject = row.subject;
    event.label = row.label;
    event.uri = PrearchiveUri(row);
    event.scans = counts[i].scans;
    event.files = counts[i].files;
    event.bytes = counts[i].bytes;
  }
  return events;
}

std::vector<Event> ExperimentEvents(EventKind kind, Store& store, const OperationPlan& plan) {
  const Result<ExperimentFacts> facts = ReadExperimentFacts(plan);
  if (!facts.ok()) return {};
  const ExperimentRow& experiment = facts->experiment;
  Event event;
  event.kind = kind;
  event.project = experiment.project;
  event.subject = facts->subject.label;
  event.label = experiment.label;
  event.experiment_id = experiment.id;
  event.uri = "/data/archive/projects/" + event.project + "/subjects/" + event.subject +
              "/experiments/" + event.label;
  event.audit_id = facts->audit_id;
  event.scans = static_cast<std::uint64_t>(experiment.scan_count);
  event.files = static_cast<std::uint64_t>(experiment.file_count);
  event.bytes = static_cast<std::uint64_t>(experiment.bytes);
  const Result<std::vector<AuditRow>> records = store.ListAudit(experiment.id);
  if (!records.ok()) return {event};
  for (const AuditRow& record : *records) {
    if (record.id != facts->audit_id || record.operation_id != facts->operation_id) continue;
    event.user = record.user;
    if (record.type == "Merged" || record.type == "Restored") event.kind = EventKind::kMerged;
  }
  return {event};
}

}  // namespace

std::vector<Event> EventsOf(Store& store, const OperationPlan& plan) {
  if (plan.kind == "receive") return PrearchiveEvents(EventKind::kReceived, plan);
  if (plan.kind == "build") return PrearchiveEvents(EventKind::kBuilt, plan);
  if (plan.kind == "delete") return PrearchiveEvents(EventKind::kDeleted, plan);
  if (plan.kind == "move") return PrearchiveEvents(EventKind::kMoved, plan);
  if (plan.kind == "archive") return ExperimentEvents(EventKind::kArchived, store, plan);
  if (plan.kind == "refresh") return ExperimentEvents(EventKind::kRefreshed, store, plan);
  return {};
}

Event PipelineEvent(const PipelineRequest& request, std::int64_t audit_id, const Status& status) {
  Event event;
  event.kind = EventKind::kPipelineFinished;
  event.user = request.user;
  event.project = request.project;
  event.subject = request.subject_label;
  event.label = request.session_label;
  event.experiment_id = request.experiment_id;
  event.uri = request.uri;
  event.audit_id = audit_id;
  event.status = status;
  return event;
}

}  // namespace xnatarchive
