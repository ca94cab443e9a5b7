#include "unit/archive/merge_fixture.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "archive/history.hpp"
#include "archive/merge_session.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

void Require(const Status& status) {
  if (!status.ok()) throw std::runtime_error("merge fixture: " + status.ToString());
}

CatalogEntry EntryOf(const TestFile& file, std::int64_t number) {
  CatalogEntry entry;
  entry.uri = file.path;
  entry.dicom = !file.uid.empty();
  entry.uid = file.uid;
  if (entry.dicom) entry.instance_number = number;
  return entry;
}

Catalog CatalogOf(const TestResource& resource) {
  Catalog catalog;
  catalog.dicom = resource.label == "DICOM";
  if (!catalog.dicom) catalog.id = resource.label;
  for (const TestFile& file : resource.files) {
    if (!file.listed) continue;
    catalog.entries.push_back(EntryOf(file, static_cast<std::int64_t>(catalog.entries.size()) + 1));
  }
  if (catalog.dicom && !catalog.entries.empty()) {
    catalog.dimensions = CatalogDimensions{};
    catalog.dimensions->x = catalog.dimensions->y = 4;
    catalog.dimensions->z = static_cast<std::int64_t>(catalog.entries.size());
  }
  return catalog;
}

/// What a build would have written: digests, size and time of every file.
void AddDigests(const Directory& directory, const TestResource& resource, Catalog* catalog) {
  for (CatalogEntry& entry : catalog->entries) {
    const auto file = std::find_if(resource.files.begin(), resource.files.end(),
                                   [&](const TestFile& one) { return entry.uri == one.path; });
    if (!file->on_disk) continue;
    const Digests digests =
        Hasher(Checksum::kMd5AndXxh3).Hash(file->bytes.data(), file->bytes.size());
    const auto info = directory.Stat(file->path);
    Require(info.status());
    entry.digest = digests.md5;
    entry.SetMeta("SIZE", std::to_string(info->size));
    entry.SetMeta("MTIME", std::to_string(info->mtime_ns));
    entry.SetMeta("XXH3", digests.xxh3);
  }
}

Resource ResourceOf(const TestResource& resource) {
  Resource made;
  made.label = resource.label;
  made.format = resource.label;
  made.uri = CatalogPathOf(resource);
  return made;
}

SessionDocument DocumentOf(const TestSession& session) {
  SessionDocument document;
  document.xsi_type = "xnat:mrSessionData";
  document.uid = "2.25.1";
  document.project = "DEMO";
  document.label = "S1";
  document.Set("subject_ID", "SUBJ");
  for (const TestScan& scan : session.scans) {
    Scan made;
    made.xsi_type = scan.xsi_type;
    made.id = scan.id;
    made.uid = scan.uid;
    document.scans.push_back(made);
  }
  for (const TestResource& resource : session.resources) {
    Scan* scan = document.FindScan(resource.scan_id);
    (scan == nullptr ? document.resources : scan->resources).push_back(ResourceOf(resource));
  }
  return document;
}

Result<SessionDocument> ReadDocument(const Directory& tree, const std::string& path) {
  XNA_ASSIGN_OR_RETURN(const std::string xml, tree.ReadFile(path, 1 << 20));
  return ParseSession(xml);
}

}  // namespace

std::string DirectoryOf(const TestResource& resource) {
  if (resource.scan_id.empty()) return "RESOURCES/" + resource.label;
  return "SCANS/" + resource.scan_id + "/" + resource.label;
}

std::string CatalogPathOf(const TestResource& resource) {
  std::string name = resource.label;
  if (!resource.scan_id.empty()) {
    name = "scan_" + resource.scan_id + (name == "DICOM" ? "" : "_" + name);
  }
  return DirectoryOf(resource) + "/" + name + "_catalog.xml";
}

SessionDraft DraftOf(const TestSession& session) {
  SessionDraft draft;
  draft.document = DocumentOf(session);
  for (const TestResource& resource : session.resources) {
    ResourceDraft made;
    made.scan_id = resource.scan_id;
    made.label = resource.label;
    made.format = resource.label;
    made.directory = DirectoryOf(resource);
    made.catalog_path = CatalogPathOf(resource);
    made.catalog = CatalogOf(resource);
    draft.resources.push_back(std::move(made));
  }
  return draft;
}

void WriteIncoming(const Trees& trees, const TestSession& session, bool known_digests) {
  const Directory& tree = trees.prearchive;
  const std::string source = SourceOf("S1");
  Require(tree.MakeDirectories(source));
  for (const TestResource& resource : session.resources) {
    const std::string directory = JoinPath(source, DirectoryOf(resource));
    Require(tree.MakeDirectories(directory));
    for (const TestFile& file : resource.files) {
      if (file.on_disk) WriteAt(tree, JoinPath(directory, file.path), file.bytes);
    }
    Catalog catalog = CatalogOf(resource);
    if (known_digests) {
      const Result<Directory> opened = tree.OpenSubdirectory(directory);
      Require(opened.status());
      AddDigests(*opened, resource, &catalog);
    }
    WriteAt(tree, JoinPath(source, CatalogPathOf(resource)),
            WriteCatalog(catalog, CatalogStyle::kPretty));
  }
  for (const TestFile& file : session.others) {
    WriteAt(tree, JoinPath(source, file.path), file.bytes);
  }
  WriteAt(tree, source + ".xml", WriteSession(DocumentOf(session)));
  WriteAt(tree, IndexOf("S1"), "index");
}

void ArchiveBefore(const Trees& trees, const TestSession& session) {
  TestSession whole = session;
  for (TestResource& resource : whole.resources) {
    for (TestFile& file : resource.files) file.on_disk = true;
  }
  WriteIncoming(trees, whole);
  Require(ArchiveTestSession(trees, AcknowledgeNothing).status());
  for (const TestResource& resource : session.resources) {
    for (const TestFile& file : resource.files) {
      const std::string path = JoinPath(DirectoryOf(resource), file.path);
      if (!file.on_disk) Require(trees.archive.RemoveFile(JoinPath(DestinationOf("S1"), path)));
    }
  }
}

MergeOptions MergeWith(Overwrite overwrite, bool one_file_system) {
  MergeOptions options;
  options.policy.merge.overwrite = overwrite;
  options.one_file_system = one_file_system;
  return options;
}

Result<ArchiveOutcome> MergeTestSession(const Trees& trees, const Acknowledge& acknowledge,
                                        const MergeOptions& options, ArchivePlan* plan) {
  const std::string source = SourceOf("S1");
  const std::string destination = DestinationOf("S1");
  XNA_ASSIGN_OR_RETURN(Operation operation, Operation::Begin(trees, Tree::kArchive, "archive",
                                                             SessionKeys(), acknowledge));
  ExistingSession existing;
  existing.directory = destination;
  XNA_ASSIGN_OR_RETURN(existing.document,
                       ReadDocument(trees.archive, destination + "/session.xml"));
  SessionDraft draft;
  XNA_ASSIGN_OR_RETURN(draft.document, ReadDocument(trees.prearchive, source + ".xml"));
  draft.document.id = existing.document.id;
  draft.document.Set("subject_ID", existing.document.Get("subject_ID"));
  XNA_ASSIGN_OR_RETURN(const Directory session, trees.prearchive.OpenSubdirectory(source));
  XNA_ASSIGN_OR_RETURN(const Directory archived, trees.archive.OpenSubdirectory(destination));
  MergeExecution input;
  XNA_ASSIGN_OR_RETURN(input.archive.session, DescribeSession(session, "", std::move(draft),
                                                              options.checksum, options.threads));
  const CompareOptions compare{options.policy.merge.identity, options.checksum, options.threads};
  XNA_RETURN_IF_ERROR(
      CompareWithExisting(session, archived, compare, &input.archive.session, &existing));
  input.plan = PlanArchive(input.archive.session, &existing, options.policy);
  if (plan != nullptr) *plan = input.plan;
  XNA_RETURN_IF_ERROR(input.plan.ToStatus());
  input.existing = std::move(existing);
  input.archive.source = source;
  input.archive.side_cars = {source + ".xml", IndexOf("S1")};
  input.archive.destination = destination;
  input.archive.event = {"bob", "43", 1'718'910'200'000};
  input.archive.checksum = options.checksum;
  input.archive.threads = options.threads;
  input.archive.one_file_system = options.one_file_system;
  input.archive.facts = [](const SessionDocument&) {
    return std::vector<std::pair<std::string, std::string>>{{"label", "S1"}};
  };
  return ExecuteMerge(trees, operation, std::move(input), acknowledge);
}

std::string HistoryOf(const TestTrees& disk) {
  const std::string history = "archive/" + std::string(kHistoryDirectory);
  if (!disk.disk.Exists(history)) return std::string();
  std::string text;
  for (const std::string& line : Split(disk.disk.Dump(history), '\n')) {
    if (line.find("/" + std::string(kHistoryCatalog)) != std::string::npos) {
      text += "ID/history_catalog.xml\n";
    } else if (!line.empty()) {
      text += "ID" + line.substr(line.find('/')) + "\n";
    }
  }
  return text;
}

}  // namespace xnatarchive
