#include <algorithm>
#include <map>
#include <utility>

#include "archive/read_catalog.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/session_place.hpp"

namespace xnatarchive {
namespace {

std::string Count(const std::optional<std::int64_t>& count) {
  return count ? std::to_string(*count) : "";
}

Table SessionTable(const SessionDocument& document, const std::string& uri) {
  Table table;
  table.columns = {"ID",      "kind",       "xsiType",   "type", "series_description",
                   "quality", "file_count", "file_size", "URI"};
  const auto sum = [](const std::vector<Resource>& resources,
                      std::optional<std::int64_t> Resource::*member) {
    std::optional<std::int64_t> total;
    for (const Resource& resource : resources) {
      if (resource.*member) total = total.value_or(0) + *(resource.*member);
    }
    return Count(total);
  };
  for (const Scan& scan : document.scans) {
    table.rows.push_back({scan.id, "scan", scan.xsi_type, scan.type, scan.Get("series_description"),
                          scan.Get("quality"), sum(scan.resources, &Resource::file_count),
                          sum(scan.resources, &Resource::file_size), uri + "/scans/" + scan.id});
  }
  for (const Resource& resource : document.resources) {
    table.rows.push_back({resource.label, "resource", resource.xsi_type, "", "", "",
                          Count(resource.file_count), Count(resource.file_size),
                          uri + "/resources/" + resource.label});
  }
  return table;
}

Table ResourceTable(const std::vector<Resource>& resources, const std::string& uri) {
  Table table;
  table.columns = {"label", "format", "content", "file_count", "file_size", "URI"};
  for (const Resource& resource : resources) {
    table.rows.push_back({resource.label, resource.format, resource.content,
                          Count(resource.file_count), Count(resource.file_size),
                          uri + "/resources/" + resource.label});
  }
  return table;
}

void AddFiles(const Catalog& catalog, const std::string& uri, Table* table) {
  for (const Catalog& set : catalog.sets) AddFiles(set, uri, table);
  for (const CatalogEntry& entry : catalog.entries) {
    const std::string path(entry.RelativePath());
    table->rows.push_back({std::string(BaseName(path)), std::string(entry.Meta("SIZE")),
                           std::string(entry.digest), std::string(entry.Meta("XXH3")),
                           std::string(entry.format), std::string(entry.uid),
                           uri + "/files/" + path});
  }
}

Result<Table> FileTable(const SessionPlace& place, const Resource& resource,
                        const std::string& uri) {
  const std::string path = JoinPath(place.directory, resource.uri);
  Result<Catalog> catalog = ReadCatalog(*place.tree, path);
  if (!catalog.ok()) return std::move(catalog).status().WithPath(path);
  CompletePaths(ParentPath(path), &*catalog);
  Table table;
  table.columns = {"Name", "Size", "digest", "xxh3", "format", "UID", "URI"};
  AddFiles(*catalog, uri, &table);
  return table;
}

/// What a URI names inside a session: the session, a scan, or a resource of either.
Result<Table> ListInSession(const SessionPlace& place, const ParsedUri& uri) {
  XNA_ASSIGN_OR_RETURN(const SessionDocument document, ReadDocument(place));
  XNA_ASSIGN_OR_RETURN(const ResourceOwnerPlace owner, FindOwner(place, document, uri));
  if (!uri.resource.empty()) {
    XNA_ASSIGN_OR_RETURN(const Resource* resource, FindResource(owner, uri.resource));
    return FileTable(place, *resource, owner.uri + "/resources/" + resource->label);
  }
  if (!uri.scan.empty() || uri.collection == "resources") {
    return ResourceTable(*owner.resources, owner.uri);
  }
  return SessionTable(document, owner.uri);
}

Table PrearchiveTable(const std::vector<PrearchiveSession>& rows) {
  Table table;
  table.columns = {"folderName", "project", "timestamp", "name",
                   "subject",    "status",  "uploaded",  "URI"};
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    table.rows.push_back(
        {row->folder, row->project.empty() ? std::string(kUnassigned) : row->project,
         row->timestamp, row->label, row->subject, std::string(PrearchiveStateName(row->state)),
         FormatTableTime(row->uploaded_ms), PrearchiveUri(*row)});
  }
  return table;
}

/// Of one project. Its subjects are read once, however many experiments there are.
Result<Table> ExperimentTable(Store& store, const std::string& project,
                              const std::vector<ExperimentRow>& rows) {
  XNA_ASSIGN_OR_RETURN(const std::vector<SubjectRow> subjects, store.ListSubjects(project));
  std::map<std::string_view, std::string_view> labels;
  for (const SubjectRow& subject : subjects) labels.emplace(subject.id, subject.label);
  Table table;
  table.columns = {"label", "ID",    "subject", "date",        "xsiType", "status",
                   "scans", "files", "bytes",   "insert_date", "URI"};
  for (const ExperimentRow& row : rows) {
    const auto at = labels.find(row.subject_id);
    const std::string label(at != labels.end() ? at->second : row.subject_id);
    table.rows.push_back({row.label, row.id, label, row.date, row.xsi_type,
                          row.status == ExperimentStatus::kQuarantine ? "quarantine" : "active",
                          std::to_string(row.scan_count), std::to_string(row.file_count),
                          std::to_string(row.bytes), FormatTableTime(row.inserted_ms),
                          ExperimentUri(row.project, label, row.label)});
  }
  return table;
}

Result<Table> ProjectTable(Store& store, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(std::vector<ProjectRow> rows, store.ListProjects());
  XNA_RETURN_IF_ERROR(hooks.KeepReadable(&rows, &ProjectRow::id));
  Table table;
  table.columns = {"ID", "prearchive_code", "quarantine_code", "URI"};
  for (const ProjectRow& row : rows) {
    table.rows.push_back({row.id, std::to_string(static_cast<int>(row.prearchive_code)),
                          row.quarantine ? "1" : "0", "/data/archive/projects/" + row.id});
  }
  return table;
}

Result<Table> SubjectTable(Store& store, const std::string& project) {
  XNA_ASSIGN_OR_RETURN(const std::vector<SubjectRow> rows, store.ListSubjects(project));
  Table table;
  table.columns = {"label", "ID", "insert_date", "URI"};
  for (const SubjectRow& row : rows) {
    table.rows.push_back({row.label, row.id, FormatTableTime(row.inserted_ms),
                          "/data/archive/projects/" + project + "/subjects/" + row.label});
  }
  return table;
}

/// Whether the last word of a URI names the level this URI lists, or nothing.
bool ListsItsLevel(const ParsedUri& uri) {
  if (!uri.reconstruction.empty() || !uri.assessor.empty()) return false;
  const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
    return uri.collection.empty() ||
           std::find(words.begin(), words.end(), uri.collection) != words.end();
  };
  switch (uri.kind) {
    case UriKind::kPrearchive:
    case UriKind::kArchive:
      return is_one_of({"projects"});
    case UriKind::kProject:
      return is_one_of({"subjects", "experiments"});
    case UriKind::kSubject:
      return is_one_of({"experiments"});
    case UriKind::kPrearchiveSession:
    case UriKind::kExperiment:
      return is_one_of({"scans", "resources"});
    case UriKind::kScan:
      return is_one_of({"resources"});
    case UriKind::kResource:
      return is_one_of({"files"});
    default:
      return uri.collection.empty();
  }
}

}  // namespace

Result<Table> ArchiveEngine::Core::List(std::string_view text, Hooks& hooks) const {
  XNA_ASSIGN_OR_RETURN(const SessionUri parsed, ParseSessionUri(text.empty() ? "/projects" : text));
  const ParsedUri& uri = parsed.session;
  if (!ListsItsLevel(parsed.inside)) {
    return Status(Code::kInvalidArgument, "uri.no-listing", "this level can not be listed");
  }
  XNA_RETURN_IF_ERROR(hooks.AuthorizeUri(uri));
  switch (uri.kind) {
    case UriKind::kPrearchive: {
      XNA_ASSIGN_OR_RETURN(auto rows, store.ListPrearchive());
      XNA_RETURN_IF_ERROR(hooks.KeepReadable(&rows, &PrearchiveSession::project));
      return PrearchiveTable(rows);
    }
    case UriKind::kPrearchiveProject:
    case UriKind::kPrearchiveTimestamp: {
      XNA_ASSIGN_OR_RETURN(auto rows, store.ListPrearchive(uri.project));
      rows.erase(std::remove_if(rows.begin(), rows.end(),
                                [&](const PrearchiveSession& row) {
                                  return !uri.timestamp.empty() && row.timestamp != uri.timestamp;
                                }),
                 rows.end());
      return PrearchiveTable(rows);
    }
    case UriKind::kArchive:
      return ProjectTable(store, hooks);
    case UriKind::kProject:
    case UriKind::kSubject: {
      XNA_ASSIGN_OR_RETURN(const auto project, store.FindProject(uri.project));
      if (!project) return NoSuch("project");
      std::string subject_id;
      if (uri.kind == UriKind::kSubject) {
        XNA_ASSIGN_OR_RETURN(const auto subject, store.FindSubject(uri.project, uri.subject));
        if (!subject) return NoSuch("subject");
        subject_id = subject->id;
      } else if (uri.collection != "experiments") {
        return SubjectTable(store, uri.project);
      }
      XNA_ASSIGN_OR_RETURN(const auto rows, store.ListExperiments(uri.project, subject_id));
      return ExperimentTable(store, uri.project, rows);
    }
    case UriKind::kPrearchiveSession:
    case UriKind::kExperiment:
    case UriKind::kScan:
    case UriKind::kResource: {
      if (uri.kind != UriKind::kPrearchiveSession && uri.experiment.empty()) {
        return Status(Code::kUnsupported, "uri.no-listing",
                      "resources of projects and subjects can not be listed yet");
      }
      XNA_ASSIGN_OR_RETURN(const SessionPlace place, FindSession(*this, uri, hooks));
      return ListInSession(place, parsed.inside);
    }
    case UriKind::kReconstruction:
    case UriKind::kAssessor:
    case UriKind::kFile:
      break;
  }
  return Status(Code::kInvalidArgument, "uri.no-listing", "a file has no level below it");
}

Result<std::string> ArchiveEngine::Core::DocumentXml(std::string_view text, Hooks& hooks) const {
  XNA_ASSIGN_OR_RETURN(const ParsedUri uri, ParseUri(text));
  if (uri.kind != UriKind::kPrearchiveSession && uri.kind != UriKind::kExperiment) {
    return Status(Code::kInvalidArgument, "uri.not-a-session",
                  "expected the URI of a prearchive session or an experiment");
  }
  XNA_RETURN_IF_ERROR(hooks.AuthorizeUri(uri));
  XNA_ASSIGN_OR_RETURN(const SessionPlace place, FindSession(*this, uri, hooks));
  return place.tree->ReadFile(place.document, kXmlBytesMax);
}

}  // namespace xnatarchive
