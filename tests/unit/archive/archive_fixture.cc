#include "unit/archive/archive_fixture.hpp"

#include <stdexcept>
#include <utility>

#include "archive/operation_home.hpp"
#include "archive/planner.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

void Require(const Status& status) {
  if (!status.ok()) throw std::runtime_error("fixture: " + status.ToString());
}

template <typename T>
T Require(Result<T> result) {
  Require(result.status());
  return std::move(result).value();
}

/// The lines of a dump but those of ".xa".
std::string WithoutOwn(const std::string& dump) {
  std::string visible;
  for (const std::string& line : Split(dump, '\n')) {
    if (line.empty() || StartsWith(line, ".xa/")) continue;
    visible += line + "\n";
  }
  return visible;
}

Scan MakeScan(const std::string& id, const std::string& uid, const std::string& label) {
  Scan scan;
  scan.xsi_type = "xnat:mrScanData";
  scan.id = id;
  scan.uid = uid;
  scan.Set("series_description", "T" + id + "_MPRAGE");
  Resource resource;
  resource.label = label;
  resource.format = label;
  resource.uri = "SCANS/" + id + "/" + label + "/" + (label == "DICOM" ? "scan_" + id : label) +
                 "_catalog.xml";
  scan.resources.push_back(resource);
  return scan;
}

CatalogEntry MakeEntry(const std::string& uri, const std::string& uid, std::int64_t number) {
  CatalogEntry entry;
  entry.uri = uri;
  entry.dicom = !uid.empty();
  entry.uid = uid;
  if (entry.dicom) entry.instance_number = number;
  return entry;
}

}  // namespace

TestTrees::TestTrees(FileSystem& fs) {
  disk.MakeDirectories("archive");
  disk.MakeDirectories("prearchive");
  trees = OpenTrees(disk.path(), fs);
}

std::string TestTrees::Visible() const {
  return "archive:\n" + WithoutOwn(disk.Dump("archive")) + "prearchive:\n" +
         WithoutOwn(disk.Dump("prearchive"));
}

std::string TestTrees::Leftovers() const {
  std::string found;
  for (const char* tree : {"archive", "prearchive"}) {
    for (const std::string_view own : {kOperationsDirectory, kTrashDirectory}) {
      const std::string path = JoinPath(tree, own);
      if (disk.Exists(path)) found += disk.Dump(path);
    }
  }
  return found;
}

Trees OpenTrees(const std::string& disk_path, FileSystem& fs) {
  Trees trees;
  trees.archive = Require(Directory::Open(fs, disk_path + "/archive"));
  trees.prearchive = Require(Directory::Open(fs, disk_path + "/prearchive"));
  return trees;
}

std::string SourceOf(const std::string& label) { return JoinPath(kTimestamp, label); }
std::string DestinationOf(const std::string& label) { return "DEMO/arc001/" + label; }
std::string IndexOf(const std::string& label) {
  return JoinPath(kTimestamp, ".xa-" + label + ".index");
}

std::vector<std::string> SessionKeys(const std::string& label) {
  return {PrearchiveLockKey("DEMO", BaseName(kTimestamp), label), ArchiveLockKey("DEMO", label)};
}

void WriteAt(const Directory& tree, const std::string& path, std::string_view bytes) {
  Require(tree.MakeDirectories(ParentPath(path)));
  File file = Require(tree.Create(path));
  Require(file.Write(bytes.data(), bytes.size()));
  Require(file.SetModificationTime(1'710'771'722'123'456'789));
  Require(file.Close());
}

SessionDocument TestDocument(const std::string& label) {
  SessionDocument document;
  document.xsi_type = "xnat:mrSessionData";
  document.uid = "2.25.1";
  document.project = "DEMO";
  document.label = label;
  document.Set("subject_ID", "SUBJ");
  document.Set("prearchivePath", "/data/prearchive/" + SourceOf(label));
  document.scans.push_back(MakeScan("1", "2.25.1.1", "DICOM"));
  document.scans.push_back(MakeScan("2", "2.25.1.2", "NIFTI"));
  Resource notes;
  notes.label = "NOTES";
  notes.uri = "RESOURCES/NOTES/NOTES_catalog.xml";
  document.resources.push_back(notes);
  return document;
}

void WriteSession(const Directory& tree, const std::string& directory, const std::string& label) {
  const auto write = [&](const std::string& path, std::string_view bytes) {
    WriteAt(tree, JoinPath(directory, path), bytes);
  };
  Catalog dicom;
  dicom.dicom = true;
  dicom.uid = "2.25.1.1";
  for (std::int64_t i = 1; i <= 3; ++i) {
    const std::string name = "image" + std::to_string(i) + ".dcm";
    dicom.entries.push_back(MakeEntry(name, "2.25.1.1." + std::to_string(i), i));
    write("SCANS/1/DICOM/" + name, "DICM" + std::string(static_cast<std::size_t>(i) * 700, 'x'));
  }
  write("SCANS/1/DICOM/scan_1_catalog.xml", WriteCatalog(dicom, CatalogStyle::kPretty));
  Catalog nifti;
  nifti.id = "NIFTI";
  nifti.entries.push_back(MakeEntry("sub/brain.nii", "", 0));
  write("SCANS/2/NIFTI/sub/brain.nii", "nii");
  write("SCANS/2/NIFTI/NIFTI_catalog.xml", WriteCatalog(nifti, CatalogStyle::kPretty));
  Catalog notes;
  notes.id = "NOTES";
  notes.entries.push_back(MakeEntry("a.txt", "", 0));
  write("RESOURCES/NOTES/a.txt", "");
  write("RESOURCES/NOTES/NOTES_catalog.xml", WriteCatalog(notes, CatalogStyle::kPretty));
  write("logs/1710771722123.log", "received");
  WriteAt(tree, directory + ".xml", WriteSession(TestDocument(label)));
}

void WriteSession(TestTrees& disk, const std::string& label) {
  const Trees trees = OpenTrees(disk.disk.path());
  WriteSession(trees.prearchive, SourceOf(label), label);
  WriteAt(trees.prearchive, IndexOf(label), "index");
}

Status ReceiveTestSession(const Trees& trees, const Acknowledge& acknowledge,
                          const std::string& label) {
  XNA_ASSIGN_OR_RETURN(Operation operation, Operation::Begin(trees, Tree::kPrearchive, "receive",
                                                             SessionKeys(label), acknowledge));
  for (const auto& [tree, path] : {std::pair(Tree::kPrearchive, SourceOf(label)),
                                   std::pair(Tree::kArchive, DestinationOf(label))}) {
    XNA_ASSIGN_OR_RETURN(const bool there, trees[tree].Exists(path));
    if (there) return Status(Code::kConflict, "test.received", "the session was received before");
  }
  const std::string staged = operation.stage() + "/session";
  WriteSession(trees.prearchive, staged, label);
  WriteAt(trees.prearchive, staged + ".index", "index");
  const auto prearchive = [](std::string path) {
    return TreePath{Tree::kPrearchive, std::move(path)};
  };
  OperationPlan plan;
  plan.facts = {{"label", label}};
  plan.steps = {
      {StepKind::kMakeDirectory, {}, prearchive("DEMO")},
      {StepKind::kMakeDirectory, {}, prearchive(kTimestamp)},
      {StepKind::kMove, prearchive(staged + ".index"), prearchive(IndexOf(label))},
      {StepKind::kMove, prearchive(staged + ".xml"), prearchive(SourceOf(label) + ".xml")},
      {StepKind::kMove, prearchive(staged), prearchive(SourceOf(label))}};
  return operation.Commit(std::move(plan), acknowledge);
}

Result<ArchiveOutcome> ArchiveTestSession(const Trees& trees, const Acknowledge& acknowledge,
                                          const ArchiveOptions& options) {
  const std::string source = SourceOf(options.label);
  XNA_ASSIGN_OR_RETURN(
      Operation operation,
      Operation::Begin(trees, Tree::kArchive, "archive", SessionKeys(options.label), acknowledge));
  XNA_ASSIGN_OR_RETURN(const std::string xml, trees.prearchive.ReadFile(source + ".xml", 1 << 20));
  SessionDraft draft;
  XNA_ASSIGN_OR_RETURN(draft.document, ParseSession(xml));
  draft.document.id = "XNAT_E00001";
  draft.document.Set("subject_ID", "XNAT_S00001");
  XNA_ASSIGN_OR_RETURN(const Directory session, trees.prearchive.OpenSubdirectory(source));
  ArchiveExecution input;
  XNA_ASSIGN_OR_RETURN(input.session, DescribeSession(session, "", std::move(draft),
                                                      options.checksum, options.threads));
  XNA_RETURN_IF_ERROR(PlanArchive(input.session, nullptr, {}).ToStatus());
  input.source = source;
  input.side_cars = {source + ".xml", IndexOf(options.label)};
  input.destination = DestinationOf(options.label);
  input.documents = {{"DEMO/subjects/SUBJ/subject.xml", "<subject/>"}};
  input.event = {"alice", "42", 1'718'910'191'482};
  input.checksum = options.checksum;
  input.threads = options.threads;
  input.one_file_system = options.one_file_system;
  input.progress = options.progress;
  input.facts = [&](const SessionDocument&) {
    return std::vector<std::pair<std::string, std::string>>{{"label", options.label}};
  };
  return ExecuteArchive(trees, operation, std::move(input), acknowledge);
}

Status AcknowledgeNothing(const OperationPlan&) { return Status(); }

}  // namespace xnatarchive
