#include "engine/transform_session.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "dicom/header.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

/// A file the transform may decide about.
struct OfferedFile {
  std::uint64_t size = 0;
  bool in_catalog = false;
  bool dicom = false;
};

Status Misuse(std::string_view reason, std::string message) {
  return Status(Code::kHandlerFailed, reason, std::move(message));
}

/// Notes what the transform wants. Its first failure is kept: a transform that goes on after one
/// does not hide it.
class EditRecorder : public SessionFiles {
 public:
  EditRecorder(const Directory& source, const Directory& archive, const std::string& stage,
               Checksum checksum, const DescribedSession& session)
      : source_(source), archive_(archive), stage_(stage), hasher_(checksum) {
    for (std::size_t r = 0; r < session.draft.resources.size(); ++r) {
      const ResourceDraft& resource = session.draft.resources[r];
      Offer(resource.directory, resource.catalog_path, session.inventory.resources[r]);
      ForEachEntry(resource.catalog, [&](const CatalogEntry& entry) {
        const auto at = offered_.find(JoinPath(resource.directory, entry.RelativePath()));
        if (at == offered_.end()) return;
        at->second.in_catalog = true;
        at->second.dicom = entry.dicom;
      });
    }
    Offer("", "", session.inventory.others);
    for (const auto& [path, file] : offered_) paths_.push_back(path);
    std::sort(paths_.begin(), paths_.end());
  }

  const std::vector<std::string>& Paths() const override { return paths_; }

  Result<std::string> Read(const std::string& path) override {
    const auto at = offered_.find(path);
    if (at == offered_.end()) return Keep(NoSuchFile());
    Result<std::string> bytes = source_.ReadFile(path, at->second.size);
    if (!bytes.ok()) return Keep(bytes.status());
    return bytes;
  }

  Status Replace(const std::string& path, std::string_view bytes) override {
    return Keep(Rewrite(path, bytes));
  }

  Status Reject(const std::string& path) override {
    Status checked = CheckUndecided(path);
    if (checked.ok()) edits_.rejected.insert(path);
    return Keep(std::move(checked));
  }

  const Status& failure() const { return failure_; }
  SessionEdits Take() { return std::move(edits_); }

 private:
  void Offer(const std::string& directory, std::string_view catalog_path,
             const std::vector<SessionFile>& files) {
    for (const SessionFile& file : files) {
      std::string path = JoinPath(directory, file.path);
      if (path == catalog_path || IsReplacedInArchive(path)) continue;
      offered_[std::move(path)].size = file.size;
    }
  }

  static Status NoSuchFile() {
    return Misuse("transform.no-such-file", "the host's transform named a file that is not there");
  }

  Status Keep(Status status) {
    if (!status.ok() && failure_.ok()) failure_ = status;
    return status;
  }

  Status CheckUndecided(const std::string& path) const {
    if (offered_.count(path) == 0) return NoSuchFile();
    if (edits_.rejected.count(path) == 0 && edits_.rewritten.count(path) == 0) return Status();
    return Misuse("transform.decided-twice", "the host's transform decided about a file twice")
        .WithPath(path);
  }

  Status Rewrite(const std::string& path, std::string_view bytes) {
    XNA_RETURN_IF_ERROR(CheckUndecided(path));
    const OfferedFile& offered = offered_.at(path);
    if (!offered.in_catalog) {
      return Misuse("transform.not-in-catalog", "no catalog names a file that was rewritten")
          .WithPath(path);
    }
    RewrittenFile file;
    if (offered.dicom) XNA_RETURN_IF_ERROR(ReadIdentity(path, bytes, &file));
    file.digests = hasher_.Hash(bytes.data(), bytes.size());
    file.info.size = bytes.size();
    if (!stage_.empty()) XNA_RETURN_IF_ERROR(Write(bytes, &file));
    edits_.rewritten.emplace(path, std::move(file));
    return Status();
  }

  static Status ReadIdentity(const std::string& path, std::string_view bytes, RewrittenFile* file) {
    const Result<DicomHeader> header = ReadHeader(bytes, Completeness::kWholeFile);
    if (!header.ok()) {
      return Misuse(header.status().reason(), std::string(header.status().message()))
          .WithPath(path);
    }
    file->dicom = true;
    file->study_uid = header->Get(kTagStudyInstanceUID);
    file->series_uid = header->Get(kTagSeriesInstanceUID);
    file->sop_instance_uid = header->Get(kTagSOPInstanceUID);
    file->instance_number = ParseInt(header->Get(kTagInstanceNumber));
    return Status();
  }

  Status Write(std::string_view bytes, RewrittenFile* file) const {
    file->staged = JoinPath(stage_, "rewritten-" + std::to_string(edits_.rewritten.size()));
    XNA_ASSIGN_OR_RETURN(File written, archive_.Create(file->staged));
    XNA_RETURN_IF_ERROR(written.Write(bytes.data(), bytes.size()));
    XNA_ASSIGN_OR_RETURN(file->info, written.Info());
    return written.Close();
  }

  const Directory& source_;
  const Directory& archive_;
  const std::string& stage_;
  Hasher hasher_;
  std::unordered_map<std::string, OfferedFile> offered_;  // by path
  std::vector<std::string> paths_;
  SessionEdits edits_;
  Status failure_;
};

bool HaveSameScans(const SessionDocument& a, const SessionDocument& b) {
  return std::equal(a.scans.begin(), a.scans.end(), b.scans.begin(), b.scans.end(),
                    [](const Scan& one, const Scan& other) { return one.id == other.id; });
}

/// Takes the amendments; what the engine knows of files is its own.
Status Amend(SessionDocument amended, SessionDocument* document) {
  const bool same = amended.id == document->id && amended.xsi_type == document->xsi_type &&
                    amended.project == document->project && amended.label == document->label &&
                    amended.Get("subject_ID") == document->Get("subject_ID") &&
                    HaveSameScans(amended, *document);
  if (!same) {
    return Misuse("transform.other-session",
                  "the host's transform made another session's document of it");
  }
  amended.resources = std::move(document->resources);
  for (std::size_t i = 0; i < amended.scans.size(); ++i) {
    amended.scans[i].resources = std::move(document->scans[i].resources);
  }
  *document = std::move(amended);
  return Status();
}

/// Calls the transform; its edits, and the amended document in the session.
Result<SessionEdits> Call(Hooks& hooks, const SessionCandidate& candidate, EditRecorder* files,
                          DescribedSession* session) {
  SessionDocument amended = session->draft.document;
  const Status transformed = hooks.Transform(candidate, *files, &amended);
  if (transformed.code() == Code::kCancelled) return transformed;
  if (!files->failure().ok()) return files->failure();
  XNA_RETURN_IF_ERROR(transformed);
  XNA_RETURN_IF_ERROR(Amend(std::move(amended), &session->draft.document));
  const Status readable = CheckReadable(session->draft.document);
  if (!readable.ok()) {
    return Misuse("transform.bad-document", "what the transform made is no session's document: " +
                                                std::string(readable.message()));
  }
  return files->Take();
}

}  // namespace

Result<Transformed> TransformSession(const ArchiveEngine::Core& core, Hooks& hooks,
                                     const SessionCandidate& candidate,
                                     const std::string& directory, const std::string& stage,
                                     DescribedSession* session) {
  Transformed result;
  XNA_ASSIGN_OR_RETURN(result.name, hooks.TransformName());
  XNA_ASSIGN_OR_RETURN(const Directory source, core.trees.prearchive.OpenSubdirectory(directory));
  // Merging compares digests also where the site wants none in its catalogs.
  const Checksum checksum = core.checksum;
  EditRecorder files(source, core.trees.archive, stage,
                     checksum == Checksum::kNone ? Checksum::kXxh3 : checksum, *session);
  XNA_ASSIGN_OR_RETURN(result.edits, Call(hooks, candidate, &files, session));
  if (result.edits.empty()) return result;
  OriginalSession original{directory, {}, session->inventory};
  for (const ResourceDraft& resource : session->draft.resources) {
    original.resource_directories.push_back(resource.directory);
  }
  result.original = std::move(original);
  ApplyEdits(result.edits, checksum, session);
  return result;
}

Result<std::string> StageTransformed(const ArchiveEngine::Core& core,
                                     const Transformed& transformed, const std::string& stage,
                                     bool one_file_system,
                                     const std::function<bool(const Progress&)>& progress,
                                     DescribedSession* session) {
  if (!transformed.original) return std::string();
  std::string target = JoinPath(stage, "transformed");
  CallerProgress caller(progress);
  XNA_ASSIGN_OR_RETURN(const Directory source,
                       core.trees.prearchive.OpenSubdirectory(transformed.original->directory));
  Staging staging{source, core.trees.archive, *session, core.checksum, core.threads, caller};
  XNA_RETURN_IF_ERROR(StageEdited(staging, transformed.edits, target, one_file_system));
  return target;
}

}  // namespace xnatarchive
