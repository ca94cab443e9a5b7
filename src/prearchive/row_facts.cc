#include "prearchive/row_facts.hpp"

#include <string>

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

std::string Prefix(std::size_t n) { return "row." + std::to_string(n) + "."; }

Status BadRow(const std::string& what) {
  return Status(Code::kCorruption, "plan.bad-row", "plan has no valid fact " + what);
}

}  // namespace

void AppendRowFacts(const PrearchiveSession& row, std::size_t n, OperationPlan* plan) {
  const std::string prefix = Prefix(n);
  const auto add = [&](const char* name, std::string value) {
    plan->facts.emplace_back(prefix + name, std::move(value));
  };
  add("state", std::string(PrearchiveStateName(row.state)));
  for (const TextColumn& column : kTextColumns) add(column.name, row.*column.member);
  add("lastmod", std::to_string(row.last_modified_ms));
  add("uploaded", std::to_string(row.uploaded_ms));
  add("autoarchive", row.auto_archive ? std::string(PrearchiveCodeName(*row.auto_archive)) : "");
  add("prevent_anon", row.prevent_anon ? "1" : "0");
  add("prevent_auto_commit", row.prevent_auto_commit ? "1" : "0");
}

Result<std::vector<PrearchiveSession>> RowsFromFacts(const OperationPlan& plan) {
  std::vector<PrearchiveSession> rows;
  for (;;) {
    const std::string prefix = Prefix(rows.size());
    const std::string state_name = plan.Fact(prefix + "state");
    if (state_name.empty()) return rows;
    PrearchiveSession row;
    const auto state = ParsePrearchiveState(state_name);
    if (!state) return BadRow(prefix + "state");
    row.state = *state;
    for (const TextColumn& column : kTextColumns) {
      row.*column.member = plan.Fact(prefix + column.name);
    }
    const auto last_modified = ParseInt(plan.Fact(prefix + "lastmod"));
    const auto uploaded = ParseInt(plan.Fact(prefix + "uploaded"));
    if (!last_modified || !uploaded) return BadRow(prefix + "lastmod");
    row.last_modified_ms = *last_modified;
    row.uploaded_ms = *uploaded;
    row.auto_archive = ParsePrearchiveCode(plan.Fact(prefix + "autoarchive"));
    row.prevent_anon = plan.Fact(prefix + "prevent_anon") == "1";
    row.prevent_auto_commit = plan.Fact(prefix + "prevent_auto_commit") == "1";
    rows.push_back(std::move(row));
  }
}

}  // namespace xnatarchive
