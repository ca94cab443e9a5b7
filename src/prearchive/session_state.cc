#include "prearchive/session_state.hpp"

#include <algorithm>
#include <utility>

#include "base/named_values.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "prearchive/join_session.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

/// When an index was written last; 0 when there is none.
std::int64_t IndexedNs(const Directory& prearchive, const SessionPaths& paths) {
  std::int64_t latest = 0;
  for (const std::string& path : {paths.index, paths.late_index}) {
    const Result<FileInfo> index = prearchive.Stat(path);
    if (index.ok()) latest = std::max(latest, index->mtime_ns);
  }
  return latest;
}

/// Files that came after the last build are in an index and not in the document.
bool HasNewerFiles(const Directory& prearchive, const SessionPaths& paths) {
  const Result<FileInfo> document = prearchive.Stat(paths.document);
  return document.ok() && IndexedNs(prearchive, paths) > document->mtime_ns;
}

PrearchiveState StateOf(const Directory& prearchive, const SessionPaths& paths,
                        const Result<SessionDocument>& document) {
  if (document.ok()) {
    return HasNewerFiles(prearchive, paths) ? PrearchiveState::kReceiving : PrearchiveState::kReady;
  }
  return document.status().code() == Code::kNotFound ? PrearchiveState::kReceiving
                                                     : PrearchiveState::kError;
}

std::string First(std::string a, std::string b) { return a.empty() ? b : a; }

/// What the document of a built session says; empty without one.
void FillFromDocument(const SessionDocument& document, PrearchiveSession* row) {
  row->label = First(document.label, document.Get("dcmPatientId"));
  row->subject = First(document.Get("subject_ID"), document.Get("dcmPatientName"));
  row->study_uid = document.uid;
  row->scan_time = document.Get("time");
  const std::string date = document.Get("date");
  if (!date.empty()) row->scan_date = date + " " + First(row->scan_time, "00:00:00") + ".0";
  row->visit = document.Get("@visit_id");
  row->protocol = document.Get("@protocol");
}

/// The document knows more of the study, the index what the session was sent for.
PrearchiveSession RowFromFiles(const Directory& prearchive, const PrearchiveId& id) {
  const SessionPaths paths(id);
  const Result<SessionDocument> document = ReadDocument(prearchive, paths);
  const FileIndex index = CachedIndex(prearchive, paths);
  PrearchiveSession row;
  if (document.ok()) FillFromDocument(*document, &row);
  row.project = id.project;
  row.timestamp = id.timestamp;
  row.folder = id.folder;
  row.url = paths.directory;
  row.label = First(index.Fact("label"), First(row.label, id.folder));
  row.subject = First(index.Fact("subject"), row.subject);
  row.source = index.Fact("source");
  row.auto_archive = ParsePrearchiveCode(index.Fact("auto_archive"));
  row.visit = First(index.Fact("visit"), row.visit);
  row.protocol = First(index.Fact("protocol"), row.protocol);
  row.time_zone = index.Fact("time_zone");
  row.prevent_anon = index.Fact("prevent_anon") == "1";
  row.prevent_auto_commit = index.Fact("prevent_auto_commit") == "1";
  row.parameters = ParseNamedValues(index.Fact("parameters")).value_or(NamedValues());
  row.study_uid = First(row.study_uid, index.Fact("study_uid"));
  row.scan_date = First(row.scan_date, index.Fact("scan_date"));
  row.scan_time = First(row.scan_time, index.Fact("scan_time"));
  row.state = StateOf(prearchive, paths, document);
  row.uploaded_ms = ParseTimestamp(id.timestamp).value_or(0);
  row.last_modified_ms = std::max(row.uploaded_ms, IndexedNs(prearchive, paths) / 1'000'000);
  return row;
}

Status ScanTimestamp(const Directory& prearchive, const std::string& project,
                     const std::string& timestamp, std::vector<PrearchiveSession>* rows) {
  XNA_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                       prearchive.List(JoinPath(project, timestamp)));
  for (const DirectoryEntry& entry : entries) {
    if (entry.kind != FileKind::kDirectory || StartsWith(entry.name, ".")) continue;
    rows->push_back(RowFromFiles(prearchive, {project, timestamp, entry.name}));
  }
  return Status();
}

}  // namespace

Result<SessionDocument> ReadDocument(const Directory& prearchive, const SessionPaths& paths) {
  XNA_ASSIGN_OR_RETURN(const std::string bytes,
                       prearchive.ReadFile(paths.document, kDocumentBytesMax));
  return ParseSession(bytes);
}

Result<PrearchiveState> StateFromFiles(const Directory& prearchive, const PrearchiveId& id) {
  const SessionPaths paths(id);
  return StateOf(prearchive, paths, ReadDocument(prearchive, paths));
}

Result<PrearchiveSession> ReleaseRow(const Directory& prearchive, Store& store,
                                     const PrearchiveSession& row) {
  XNA_ASSIGN_OR_RETURN(const PrearchiveState state, StateFromFiles(prearchive, row.Id()));
  return store.ChangePrearchiveState(row.Id(), {row.state}, state);
}

Result<std::vector<PrearchiveSession>> ScanPrearchive(
    const Directory& prearchive, const std::function<bool(const std::string&)>& is_project) {
  std::vector<PrearchiveSession> rows;
  XNA_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, prearchive.List(""));
  for (const DirectoryEntry& entry : entries) {
    if (entry.kind != FileKind::kDirectory) continue;
    if (ParseTimestamp(entry.name)) {
      XNA_RETURN_IF_ERROR(ScanTimestamp(prearchive, "", entry.name, &rows));
    } else if (is_project(entry.name)) {
      XNA_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> timestamps,
                           prearchive.List(entry.name));
      for (const DirectoryEntry& timestamp : timestamps) {
        if (timestamp.kind != FileKind::kDirectory || !ParseTimestamp(timestamp.name)) continue;
        XNA_RETURN_IF_ERROR(ScanTimestamp(prearchive, entry.name, timestamp.name, &rows));
      }
    }
  }
  return rows;
}

}  // namespace xnatarchive
