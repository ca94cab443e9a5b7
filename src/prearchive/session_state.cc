#include "prearchive/session_state.hpp"

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "prearchive/session_paths.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint64_t kDocumentBytesMax = 256u << 20;

/// The document beside a session; kNotFound when there is none.
Result<SessionDocument> ReadDocument(const Directory& prearchive, const SessionPaths& paths) {
  XNA_ASSIGN_OR_RETURN(const std::string bytes,
                       prearchive.ReadFile(paths.document, kDocumentBytesMax));
  return ParseSession(bytes);
}

/// Files that came after the last build are in the index and not in the document.
bool HasNewerFiles(const Directory& prearchive, const SessionPaths& paths) {
  const Result<FileInfo> index = prearchive.Stat(paths.index);
  const Result<FileInfo> document = prearchive.Stat(paths.document);
  return index.ok() && document.ok() && index->mtime_ns > document->mtime_ns;
}

PrearchiveState StateOf(const Directory& prearchive, const SessionPaths& paths,
                        const Result<SessionDocument>& document) {
  if (document.ok()) {
    return HasNewerFiles(prearchive, paths) ? PrearchiveState::kReceiving : PrearchiveState::kReady;
  }
  return document.status().code() == Code::kNotFound ? PrearchiveState::kReceiving
                                                     : PrearchiveState::kError;
}

PrearchiveSession RowFromFiles(const Directory& prearchive, const PrearchiveId& id) {
  const SessionPaths paths(id);
  const Result<SessionDocument> document = ReadDocument(prearchive, paths);
  PrearchiveSession row;
  row.project = id.project;
  row.timestamp = id.timestamp;
  row.folder = id.folder;
  row.label = id.folder;
  row.url = paths.directory;
  row.state = StateOf(prearchive, paths, document);
  row.uploaded_ms = ParseTimestamp(id.timestamp).value_or(0);
  row.last_modified_ms = row.uploaded_ms;
  if (!document.ok()) return row;
  const auto first = [](std::string a, std::string b) { return a.empty() ? b : a; };
  row.label = first(document->label, first(document->Get("dcmPatientId"), id.folder));
  row.subject = first(document->Get("subject_ID"), document->Get("dcmPatientName"));
  row.study_uid = document->uid;
  row.scan_time = document->Get("time");
  const std::string date = document->Get("date");
  if (!date.empty()) row.scan_date = date + " " + first(row.scan_time, "00:00:00") + ".0";
  row.visit = document->Get("@visit_id");
  row.protocol = document->Get("@protocol");
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

Result<PrearchiveState> StateFromFiles(const Directory& prearchive, const PrearchiveId& id) {
  const SessionPaths paths(id);
  return StateOf(prearchive, paths, ReadDocument(prearchive, paths));
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
