#include "catalog/export_waiting.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/archived_session.hpp"
#include "catalog/expected_digests.hpp"
#include "fs/lexical_path.hpp"
#include "prearchive/join_session.hpp"

namespace xnatarchive {
namespace {

bool IsWanted(const WaitingExport& input, const std::string& path) {
  if (!input.directories) return true;
  return std::any_of(
      input.directories->begin(), input.directories->end(),
      [&](const std::string& directory) { return StartsWith(path, directory + "/"); });
}

/// The session at one moment.
struct Look {
  Directory directory;
  ExportPlan plan;
  std::vector<FileInfo> infos;  // parallel to the plan's files
  std::optional<std::string> document;
};

/// What the session consists of. Its lock is held.
Result<Look> LookAt(const Directory& prearchive, const SessionPaths& paths,
                    const WaitingExport& input) {
  Look look;
  Result<Directory> directory = prearchive.OpenSubdirectory(paths.directory);
  if (directory.status().code() == Code::kNotFound) {
    return Status(Code::kNotFound, "uri.not-found", "there is no such prearchive session");
  }
  XNA_ASSIGN_OR_RETURN(look.directory, std::move(directory));
  const FileIndex index = CachedIndex(prearchive, paths);
  std::unordered_map<std::string, const IndexedFile*> indexed;
  for (const IndexedFile& file : index.files) indexed.emplace(file.path, &file);
  XNA_RETURN_IF_ERROR(look.directory.Walk("", [&](const WalkEntry& entry) -> Status {
    const bool is_directory = entry.info.kind == FileKind::kDirectory;
    if (is_directory || IsOurs(entry.path) || !IsWanted(input, entry.path)) return Status();
    if (entry.info.kind != FileKind::kRegular) {
      return Status(Code::kUnsupported, "export.irregular-file",
                    "of a waiting session only regular files are exported, no links or devices")
          .WithPath(PrintablePath(JoinPath(paths.directory, entry.path)));
    }
    ExportFile file;
    file.source = entry.path;
    file.name = JoinPath(input.id.folder, entry.path);
    file.size = entry.info.size;
    const auto at = indexed.find(entry.path);
    if (at != indexed.end() && at->second->size == entry.info.size &&
        at->second->mtime_ns == entry.info.mtime_ns) {
      file.expected = {std::string(at->second->md5.view()), std::string(at->second->xxh3.view())};
    }
    file.checksum = CheapestCheck(file.expected);
    if (file.checksum == Checksum::kNone) ++look.plan.unchecked;
    look.plan.bytes += file.size;
    look.plan.files.push_back(std::move(file));
    look.infos.push_back(entry.info);
    return Status();
  }));
  if (input.directories) return look;
  Result<std::string> document = prearchive.ReadFile(paths.document, kDocumentBytesMax);
  if (document.status().code() == Code::kNotFound) return look;
  XNA_ASSIGN_OR_RETURN(look.document, std::move(document));
  return look;
}

/// Whether every file that was looked at is still the same one.
Status CheckUnchanged(const Look& look) {
  for (std::size_t i = 0; i < look.infos.size(); ++i) {
    const FileInfo& then = look.infos[i];
    const Result<FileInfo> now = look.directory.Stat(look.plan.files[i].source);
    if (!now.ok() && now.status().code() != Code::kNotFound) return now.status();
    if (now.ok() && now->size == then.size && now->mtime_ns == then.mtime_ns &&
        now->inode == then.inode) {
      continue;
    }
    return Status(Code::kConflict, "export.session-changed",
                  "the session was changed while it was exported; export it again");
  }
  return Status();
}

}  // namespace

Result<ExportReport> ExportWaiting(const Trees& trees, const WaitingExport& input,
                                   const Acknowledge& acknowledge, ExportTarget& target) {
  const SessionPaths paths(input.id);
  Look look;
  {
    XNA_ASSIGN_OR_RETURN(
        const auto lock,
        LockForReading(trees,
                       PrearchiveLockKey(input.id.project, input.id.timestamp, input.id.folder),
                       acknowledge));
    XNA_ASSIGN_OR_RETURN(look, LookAt(trees.prearchive, paths, input));
  }
  CallerProgress caller(input.progress);
  std::vector<Digests> found;
  Status written = CopyPlanned(look.directory, look.plan, paths.directory, caller, &target, &found);
  if (written.code() == Code::kCancelled) return written;
  Status unchanged = CheckUnchanged(look);
  if (!unchanged.ok()) {
    IgnoreError(written, "it may have failed because of that");
    return unchanged;
  }
  XNA_RETURN_IF_ERROR(std::move(written));
  ExportReport report{look.plan.files.size(), look.plan.bytes, look.plan.unchecked, 0};
  if (look.document) {
    XNA_RETURN_IF_ERROR(target.AddText(input.id.folder + ".xml", *look.document));
  }
  XNA_RETURN_IF_ERROR(target.Publish());
  return report;
}

}  // namespace xnatarchive
