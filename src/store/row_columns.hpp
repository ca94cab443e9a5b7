// row_columns.hpp - which member of a row is which column, and how enums are stored.
//
// A value that the library could not have written throws, and is reported as a damaged store.
#ifndef XNATARCHIVE_STORE_ROW_COLUMNS_HPP_
#define XNATARCHIVE_STORE_ROW_COLUMNS_HPP_

#include <soci/soci.h>

#include <optional>
#include <string>
#include <type_traits>

#include "base/named_values.hpp"
#include "store/rows.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {

/// A column visitor that does nothing.
struct IgnoreColumn {
  template <typename T>
  void operator()(const char*, T&) const {}
};

/// True when T is Row, const or not.
template <typename T, typename Row>
using EnableIfRow = std::enable_if_t<std::is_same_v<std::remove_const_t<T>, Row>, int>;

// Calls visit(column name, member) for each column, in the order of the table.

template <typename T, typename Visit, EnableIfRow<T, ProjectRow> = 0>
void VisitColumns(T& row, Visit&& visit) {
  visit("id", row.id);
  visit("prearchive_code", row.prearchive_code);
  visit("quarantine_code", row.quarantine);
  visit("autorun", row.autorun);
}

template <typename T, typename Visit, EnableIfRow<T, SubjectRow> = 0>
void VisitColumns(T& row, Visit&& visit) {
  visit("id", row.id);
  visit("project", row.project);
  visit("label", row.label);
  visit("inserted", row.inserted_ms);
}

template <typename T, typename Visit, EnableIfRow<T, ExperimentRow> = 0>
void VisitColumns(T& row, Visit&& visit) {
  visit("id", row.id);
  visit("project", row.project);
  visit("label", row.label);
  visit("subject_id", row.subject_id);
  visit("xsi_type", row.xsi_type);
  visit("uid", row.uid);
  visit("modality", row.modality);
  visit("date", row.date);
  visit("status", row.status);
  visit("path", row.path);
  visit("scan_count", row.scan_count);
  visit("file_count", row.file_count);
  visit("bytes", row.bytes);
  visit("inserted", row.inserted_ms);
  visit("modified", row.modified_ms);
}

template <typename T, typename Visit, EnableIfRow<T, PrearchiveSession> = 0>
void VisitColumns(T& row, Visit&& visit) {
  visit("project", row.project);
  visit("timestamp", row.timestamp);
  visit("lastmod", row.last_modified_ms);
  visit("uploaded", row.uploaded_ms);
  visit("scan_date", row.scan_date);
  visit("scan_time", row.scan_time);
  visit("subject", row.subject);
  visit("folder_name", row.folder);
  visit("name", row.label);
  visit("tag", row.study_uid);
  visit("status", row.state);
  visit("url", row.url);
  visit("autoarchive", row.auto_archive);
  visit("prevent_anon", row.prevent_anon);
  visit("prevent_auto_commit", row.prevent_auto_commit);
  visit("source", row.source);
  visit("visit", row.visit);
  visit("protocol", row.protocol);
  visit("timezone", row.time_zone);
  visit("row_key", row.key);
  visit("row_version", row.version);
  visit("parameters", row.parameters);
  visit("archive_pending", row.archive_pending);
}

template <typename T, typename Visit, EnableIfRow<T, AuditRow> = 0>
void VisitColumns(T& row, Visit&& visit) {
  visit("id", row.id);
  visit("operation_id", row.operation_id);
  visit("type", row.type);
  visit("status", row.status);
  visit("project", row.project);
  visit("experiment_id", row.experiment_id);
  visit("label", row.label);
  visit("username", row.user);
  visit("justification", row.justification);
  visit("started", row.started_ms);
  visit("ended", row.ended_ms);
  visit("reason", row.reason);
  visit("detail", row.detail);
  visit("origin", row.origin);
  visit("prearchive", row.prearchive);
  visit("files", row.files);
  visit("bytes", row.bytes);
}

template <typename T, typename Visit, EnableIfRow<T, JobRow> = 0>
void VisitColumns(T& row, Visit&& visit) {
  visit("id", row.id);
  visit("kind", row.kind);
  visit("username", row.user);
  visit("origin", row.origin);
  visit("created", row.created_ms);
  visit("cancel_requested", row.cancel_requested);
}

template <typename T, typename Visit, EnableIfRow<T, QueuedSource> = 0>
void VisitColumns(T& row, Visit&& visit) {
  visit("src", row.src);
  visit("created", row.queued_ms);
}

template <typename T, typename Visit, EnableIfRow<T, JobItemRow> = 0>
void VisitColumns(T& row, Visit&& visit) {
  visit("job_id", row.job);
  visit("item", row.number);
  visit("src", row.src);
  visit("request", row.request);
  visit("status", row.state);
  visit("owner", row.owner);
  visit("deaths", row.deaths);
  visit("audit_mark", row.audit_mark);
  visit("started", row.started_ms);
  visit("ended", row.ended_ms);
  visit("files_done", row.files_done);
  visit("files_total", row.files_total);
  visit("uri", row.uri);
  visit("counts", row.counts);
  visit("code", row.code);
  visit("reason", row.reason);
  visit("message", row.message);
  visit("path", row.path);
  visit("disk_state", row.disk_state);
}

// How an enum is stored: ToColumn gives its text, FromColumn reads it and says whether it could.

inline std::string ToColumn(PrearchiveState value) {
  return std::string(PrearchiveStateName(value));
}
inline bool FromColumn(const std::string& text, PrearchiveState& value) {
  const auto state = ParsePrearchiveState(text);
  value = state.value_or(value);
  return state.has_value();
}

inline std::string ToColumn(PrearchiveCode value) {
  return std::to_string(static_cast<int>(value));
}
inline bool FromColumn(const std::string& text, PrearchiveCode& value) {
  const auto code = ParsePrearchiveCode(text);
  value = code.value_or(value);
  return code.has_value();
}

inline std::string ToColumn(const std::optional<PrearchiveCode>& value) {
  return value.has_value() ? std::string(PrearchiveCodeName(*value)) : "";
}
inline bool FromColumn(const std::string& text, std::optional<PrearchiveCode>& value) {
  value = ParsePrearchiveCode(text);
  return value.has_value() || text.empty();
}

inline std::string ToColumn(ExperimentStatus value) {
  return value == ExperimentStatus::kActive ? "active" : "quarantine";
}
inline bool FromColumn(const std::string& text, ExperimentStatus& value) {
  value = text == "active" ? ExperimentStatus::kActive : ExperimentStatus::kQuarantine;
  return text == ToColumn(value);
}

inline std::string ToColumn(AuditStatus value) {
  if (value == AuditStatus::kInProgress) return "In Progress";
  return value == AuditStatus::kComplete ? "Complete" : "Failed";
}
inline bool FromColumn(const std::string& text, AuditStatus& value) {
  value = text == "In Progress" ? AuditStatus::kInProgress
          : text == "Complete"  ? AuditStatus::kComplete
                                : AuditStatus::kFailed;
  return text == ToColumn(value);
}

inline std::string ToColumn(JobState value) { return std::string(JobStateName(value)); }
inline bool FromColumn(const std::string& text, JobState& value) {
  const auto state = ParseJobState(text);
  value = state.value_or(value);
  return state.has_value();
}

inline std::string ToColumn(const NamedValues& value) { return WriteNamedValues(value); }
inline bool FromColumn(const std::string& text, NamedValues& value) {
  auto values = ParseNamedValues(text);
  if (values.has_value()) value = *std::move(values);
  return values.has_value();
}

inline std::string ToColumn(bool value) { return value ? "1" : "0"; }
inline bool FromColumn(const std::string& text, bool& value) {
  value = text == "1";
  return text == ToColumn(value);
}

/// Lets SOCI bind a T as text.
template <typename T>
struct TextConversion {
  using base_type = std::string;
  static void from_base(const std::string& text, soci::indicator, T& value) {
    if (!FromColumn(text, value)) throw soci::soci_error("a column holds an unknown value");
  }
  static void to_base(const T& value, std::string& text, soci::indicator& state) {
    text = ToColumn(value);
    state = soci::i_ok;
  }
};

}  // namespace xnatarchive

namespace soci {

template <>
struct type_conversion<xnatarchive::PrearchiveState>
    : xnatarchive::TextConversion<xnatarchive::PrearchiveState> {};
template <>
struct type_conversion<xnatarchive::PrearchiveCode>
    : xnatarchive::TextConversion<xnatarchive::PrearchiveCode> {};
template <>
struct type_conversion<std::optional<xnatarchive::PrearchiveCode>>
    : xnatarchive::TextConversion<std::optional<xnatarchive::PrearchiveCode>> {};
template <>
struct type_conversion<xnatarchive::ExperimentStatus>
    : xnatarchive::TextConversion<xnatarchive::ExperimentStatus> {};
template <>
struct type_conversion<xnatarchive::AuditStatus>
    : xnatarchive::TextConversion<xnatarchive::AuditStatus> {};
template <>
struct type_conversion<xnatarchive::JobState> : xnatarchive::TextConversion<xnatarchive::JobState> {
};
template <>
struct type_conversion<xnatarchive::NamedValues>
    : xnatarchive::TextConversion<xnatarchive::NamedValues> {};
template <>
struct type_conversion<bool> : xnatarchive::TextConversion<bool> {};

}  // namespace soci

#endif  // XNATARCHIVE_STORE_ROW_COLUMNS_HPP_
