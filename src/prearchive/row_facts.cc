#include "prearchive/row_facts.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/named_values.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

/// The text columns: one list for writing and reading.
struct TextColumn {
  const char* name;
  std::string PrearchiveSession::*member;
};
constexpr TextColumn kTextColumns[] = {
    {"project", &PrearchiveSession::project},
    {"timestamp", &PrearchiveSession::timestamp},
    {"scan_date", &PrearchiveSession::scan_date},
    {"scan_time", &PrearchiveSession::scan_time},
    {"subject", &PrearchiveSession::subject},
    {"folder", &PrearchiveSession::folder},
    {"label", &PrearchiveSession::label},
    {"study_uid", &PrearchiveSession::study_uid},
    {"url", &PrearchiveSession::url},
    {"source", &PrearchiveSession::source},
    {"visit", &PrearchiveSession::visit},
    {"protocol", &PrearchiveSession::protocol},
    {"time_zone", &PrearchiveSession::time_zone},
};

struct CountFact {
  const char* name;
  std::uint64_t SessionCounts::*member;
};
constexpr CountFact kCountFacts[] = {
    {"scans", &SessionCounts::scans},
    {"files", &SessionCounts::files},
    {"bytes", &SessionCounts::bytes},
};

std::string Prefix(std::size_t n) { return "row." + std::to_string(n) + "."; }

Status BadRow(const std::string& what) {
  return Status(Code::kCorruption, "plan.bad-row", "plan has no valid fact " + what);
}

}  // namespace

void AppendRowFacts(const PrearchiveSession& row, const SessionCounts& counts, std::size_t n,
                    OperationPlan* plan) {
  const std::string prefix = Prefix(n);
  const auto add = [&](const char* name, std::string value) {
    plan->facts.emplace_back(prefix + name, std::move(value));
  };
  add("state", std::string(PrearchiveStateName(row.state)));
  for (const TextColumn& column : kTextColumns) add(column.name, row.*column.member);
  for (const CountFact& count : kCountFacts) add(count.name, std::to_string(counts.*count.member));
  add("lastmod", std::to_string(row.last_modified_ms));
  add("uploaded", std::to_string(row.uploaded_ms));
  add("autoarchive", row.auto_archive ? std::string(PrearchiveCodeName(*row.auto_archive)) : "");
  add("prevent_anon", row.prevent_anon ? "1" : "0");
  add("prevent_auto_commit", row.prevent_auto_commit ? "1" : "0");
  add("archive_pending", row.archive_pending ? "1" : "0");
  add("parameters", WriteNamedValues(row.parameters));
}

Result<std::vector<PrearchiveSession>> RowsFromFacts(const OperationPlan& plan) {
  // One pass: a plan may have thousands of rows of many facts each.
  const std::map<std::string_view, std::string_view> facts(plan.facts.begin(), plan.facts.end());
  const auto fact = [&](const std::string& name) {
    const auto at = facts.find(name);
    return at == facts.end() ? std::string_view() : at->second;
  };
  std::vector<PrearchiveSession> rows;
  for (;;) {
    const std::string prefix = Prefix(rows.size());
    const std::string_view state_name = fact(prefix + "state");
    if (state_name.empty()) return rows;
    PrearchiveSession row;
    const auto state = ParsePrearchiveState(state_name);
    if (!state) return BadRow(prefix + "state");
    row.state = *state;
    for (const TextColumn& column : kTextColumns) row.*column.member = fact(prefix + column.name);
    const auto last_modified = ParseInt(fact(prefix + "lastmod"));
    const auto uploaded = ParseInt(fact(prefix + "uploaded"));
    if (!last_modified || !uploaded) return BadRow(prefix + "lastmod");
    row.last_modified_ms = *last_modified;
    row.uploaded_ms = *uploaded;
    row.auto_archive = ParsePrearchiveCode(fact(prefix + "autoarchive"));
    row.prevent_anon = fact(prefix + "prevent_anon") == "1";
    row.prevent_auto_commit = fact(prefix + "prevent_auto_commit") == "1";
    row.archive_pending = fact(prefix + "archive_pending") == "1";
    auto parameters = ParseNamedValues(fact(prefix + "parameters"));
    if (!parameters) return BadRow(prefix + "parameters");
    row.parameters = *std::move(parameters);
    rows.push_back(std::move(row));
  }
}

std::vector<SessionCounts> CountsFromFacts(const OperationPlan& plan, std::size_t rows) {
  const std::map<std::string_view, std::string_view> facts(plan.facts.begin(), plan.facts.end());
  std::vector<SessionCounts> counts(rows);
  for (std::size_t n = 0; n < rows; ++n) {
    for (const CountFact& count : kCountFacts) {
      const auto at = facts.find(Prefix(n) + count.name);
      const auto number = at == facts.end() ? std::nullopt : ParseInt(at->second);
      counts[n].*count.member = static_cast<std::uint64_t>(number.value_or(0));
    }
  }
  return counts;
}

SessionCounts CountsOf(const FileIndex& index) {
  SessionCounts counts;
  counts.files = index.files.size();
  for (const IndexedFile& file : index.files) counts.bytes += file.size;
  return counts;
}

void AppendActorFacts(const Actor& actor, const std::string& operation_id, OperationPlan* plan) {
  plan->facts.emplace_back(kUserFact, actor.user);
  plan->facts.emplace_back(kOriginFact, actor.origin);
  plan->facts.emplace_back(kOperationFact, operation_id);
}

AuditRow PrearchiveRecord(const char* type, const Actor& actor, const PrearchiveSession& row) {
  AuditRow record;
  record.type = type;
  record.status = AuditStatus::kComplete;
  record.project = row.project;
  record.label = row.label;
  record.user = actor.user;
  record.origin = actor.origin;
  record.prearchive = PrearchivePlace(row.Id());
  return record;
}

Status AuditRows(Store& transaction, const char* type, const OperationPlan& plan,
                 const std::vector<PrearchiveSession>& rows) {
  const Actor actor{plan.Fact(kUserFact), plan.Fact(kOriginFact)};
  const std::vector<SessionCounts> counts = CountsFromFacts(plan, rows.size());
  for (std::size_t n = 0; n < rows.size(); ++n) {
    AuditRow record = PrearchiveRecord(type, actor, rows[n]);
    record.operation_id = plan.Fact(kOperationFact);
    record.files = static_cast<std::int64_t>(counts[n].files);
    record.bytes = static_cast<std::int64_t>(counts[n].bytes);
    XNA_RETURN_IF_ERROR(transaction.AddAudit(record));
  }
  return Status();
}

}  // namespace xnatarchive
