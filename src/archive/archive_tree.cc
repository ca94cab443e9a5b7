#include "archive/archive_tree.hpp"

#include <algorithm>
#include <set>

#include "archive/describe_session.hpp"
#include "archive/quarantine_mark.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xml/session_xml.hpp"
#include "xml/subject_xml.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint64_t kDocumentBytesMax = 256u << 20;

Result<std::vector<std::string>> Subdirectories(const Directory& tree, const std::string& path) {
  std::vector<std::string> names;
  Result<std::vector<DirectoryEntry>> entries = tree.List(path);
  if (!entries.ok()) {
    if (entries.status().code() == Code::kNotFound) return names;
    return std::move(entries).status();
  }
  for (DirectoryEntry& entry : *entries) {
    if (entry.kind == FileKind::kDirectory && !StartsWith(entry.name, ".")) {
      names.push_back(std::move(entry.name));
    }
  }
  return names;
}

ExperimentRow RowOf(const SessionDocument& document, const std::string& project,
                    const std::string& path, const FileInfo& info) {
  ExperimentRow row;
  row.id = document.id;
  row.project = project;
  row.label = BaseName(path);
  row.subject_id = document.Get("subject_ID");
  row.xsi_type = document.xsi_type;
  row.uid = document.uid;
  row.modality = document.Get("@modality");
  row.date = document.Get("date");
  row.path = path;
  SetTotals(document, &row);
  row.inserted_ms = row.modified_ms = info.mtime_ns / 1'000'000;
  return row;
}

Status ScanSubjects(const Directory& archive, const std::string& project, ArchiveTree* found) {
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> labels,
                       Subdirectories(archive, JoinPath(project, "subjects")));
  for (const std::string& label : labels) {
    const std::string path = SubjectDocumentPath(project, label);
    const Result<std::string> bytes = ReadSubjectXml(archive, project, label);
    if (!bytes.ok() && bytes.status().code() == Code::kNotFound) continue;  // resources only
    Result<SubjectDocument> subject = bytes.ok() ? ParseSubject(*bytes) : bytes.status();
    if (subject.ok()) {
      const Result<FileInfo> info = archive.Stat(path);
      found->subjects.push_back(
          {subject->id, project, label, info.ok() ? info->mtime_ns / 1'000'000 : 0});
    } else {
      found->unreadable.emplace_back(path, std::move(subject).status());
    }
  }
  return Status();
}

Status ScanSessions(const Directory& archive, const std::string& project, ArchiveTree* found) {
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> arcs, Subdirectories(archive, project));
  for (const std::string& arc : arcs) {
    if (!StartsWith(arc, "arc")) continue;
    const std::string arc_path = JoinPath(project, arc);
    XNA_ASSIGN_OR_RETURN(const std::vector<std::string> labels, Subdirectories(archive, arc_path));
    for (const std::string& label : labels) {
      const std::string path = JoinPath(arc_path, label);
      const std::string document_path = JoinPath(path, kSessionDocument);
      Result<SessionDocument> document = ReadSessionDocument(archive, path);
      if (document.ok() && document->id.empty()) {
        document = Status(Code::kCorruption, "session.no-id", "the archived session has no ID");
      }
      const Result<FileInfo> info = archive.Stat(document_path);
      if (document.ok() && info.ok()) {
        found->experiments.push_back(RowOf(*document, project, path, *info));
        XNA_ASSIGN_OR_RETURN(const bool quarantined, HasQuarantineMark(archive, path));
        if (quarantined) found->experiments.back().status = ExperimentStatus::kQuarantine;
        continue;
      }
      IgnoreError(info.status(), "the document's failure says the same");
      found->unreadable.emplace_back(document_path,
                                     document.ok() ? info.status() : std::move(document).status());
    }
  }
  return Status();
}

void AddUnknownSubjects(ArchiveTree* found) {
  std::set<std::pair<std::string, std::string>> known;  // project and ID
  for (const SubjectRow& subject : found->subjects) known.emplace(subject.project, subject.id);
  for (const ExperimentRow& experiment : found->experiments) {
    const std::string& id = experiment.subject_id;
    if (!id.empty() && known.emplace(experiment.project, id).second) {
      found->subjects.push_back({id, experiment.project, id, experiment.inserted_ms});
    }
  }
}

}  // namespace

Result<SessionDocument> ReadSessionDocument(const Directory& archive,
                                            const std::string& session_directory) {
  XNA_ASSIGN_OR_RETURN(const std::string bytes, ReadSessionXml(archive, session_directory));
  Result<SessionDocument> document = ParseSession(bytes);
  if (document.ok()) return document;
  return std::move(document).status().WithPath(JoinPath(session_directory, kSessionDocument));
}

Result<std::string> ReadSessionXml(const Directory& archive, const std::string& session_directory) {
  return archive.ReadFile(JoinPath(session_directory, kSessionDocument), kDocumentBytesMax);
}

void SetTotals(const SessionDocument& document, ExperimentRow* row) {
  row->scan_count = static_cast<std::int64_t>(document.scans.size());
  row->file_count = row->bytes = 0;
  const auto add = [&](const std::vector<Resource>& resources) {
    for (const Resource& resource : resources) {
      row->file_count += resource.file_count.value_or(0);
      row->bytes += resource.file_size.value_or(0);
    }
  };
  add(document.resources);
  for (const Scan& scan : document.scans) add(scan.resources);
}

std::string SessionDirectory(const std::string& project, const std::string& label) {
  return project + "/arc001/" + label;
}

std::string SubjectDocumentPath(const std::string& project, const std::string& label) {
  return project + "/subjects/" + label + "/" + std::string(kSubjectDocument);
}

Result<std::string> ReadSubjectXml(const Directory& archive, const std::string& project,
                                   const std::string& label) {
  return archive.ReadFile(SubjectDocumentPath(project, label), kDocumentBytesMax);
}

std::string WriteSubjectDocument(const SubjectRow& subject) {
  return WriteSubject({subject.id, subject.project, subject.label});
}

Result<ArchiveTree> ScanArchive(const Directory& archive) {
  ArchiveTree found;
  XNA_ASSIGN_OR_RETURN(found.projects, Subdirectories(archive, ""));
  found.projects.erase(std::remove_if(found.projects.begin(), found.projects.end(),
                                      [](const std::string& id) { return !IsValidLabel(id); }),
                       found.projects.end());
  for (const std::string& project : found.projects) {
    XNA_RETURN_IF_ERROR(ScanSubjects(archive, project, &found));
    XNA_RETURN_IF_ERROR(ScanSessions(archive, project, &found));
  }
  AddUnknownSubjects(&found);
  return found;
}

}  // namespace xnatarchive
