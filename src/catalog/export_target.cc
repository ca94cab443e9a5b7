#include "catalog/export_target.hpp"

#include <map>
#include <set>
#include <utility>

#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "catalog/expected_digests.hpp"
#include "container/zip_writer.hpp"
#include "digest/copy.hpp"
#include "digest/hash_worker.hpp"
#include "fs/lexical_path.hpp"
#include "fs/resolve_path.hpp"

namespace xnatarchive {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

/// Readers of the library's trees pass names of this form over, wherever they lie.
std::string UnfinishedName() { return ".xa-export-" + NewOperationId() + ".tmp"; }

Status TargetExists(const std::string& name) {
  return Status(Code::kAlreadyExists, "export.target-exists",
                "a file or directory of that name exists, and is not replaced")
      .WithPath(name);
}

/// Gives what was made in `place` its name, durably.
Status RenameToFinal(const OutsidePlace& place, const std::string& temporary) {
  Status renamed = place.parent.Rename(temporary, place.parent, place.name, RenameMode::kNoReplace);
  if (renamed.code() == Code::kAlreadyExists) return TargetExists(place.name);
  XNA_RETURN_IF_ERROR(std::move(renamed));
  Status synced = place.parent.SyncDirectory("");
  if (synced.ok()) return synced;
  return std::move(synced).WithDiskState(DiskState::kCommitted);
}

class DirectoryTarget : public ExportTarget {
 public:
  DirectoryTarget(OutsidePlace place, Directory directory, std::string temporary, unsigned threads)
      : place_(std::move(place)),
        directory_(std::move(directory)),
        temporary_(std::move(temporary)),
        threads_(threads) {}
  ~DirectoryTarget() override {
    if (!published_) IgnoreError(place_.parent.RemoveTree(temporary_), "it is only a temporary");
  }

  Status AddFiles(const Directory& session, const std::vector<ExportFile>& files,
                  const std::function<bool(std::uint64_t)>& progress,
                  const std::function<void(std::size_t, const HashedFile&)>& done) override {
    std::map<Checksum, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < files.size(); ++i) {
      XNA_RETURN_IF_ERROR(MakeParent(files[i].name));
      groups[files[i].checksum].push_back(i);
    }
    std::uint64_t before = 0;
    for (const auto& [checksum, indices] : groups) {
      std::vector<std::pair<std::string, std::string>> paths;
      std::uint64_t bytes = 0;
      for (const std::size_t i : indices) {
        paths.emplace_back(files[i].source, files[i].name);
        bytes += files[i].size;
      }
      XNA_RETURN_IF_ERROR(CopyFiles(
          session, directory_, paths, checksum, threads_,
          [&](std::uint64_t bytes_done) { return progress(before + bytes_done); },
          [&, &members = indices](std::size_t i, const HashedFile& file) {
            done(members[i], file);
          }));
      before += bytes;
    }
    return Status();
  }

  Status AddText(const std::string& name, std::string_view bytes) override {
    XNA_RETURN_IF_ERROR(MakeParent(name));
    return directory_.WriteNew(name, bytes);
  }

  Status Publish() override {
    XNA_RETURN_IF_ERROR(directory_.SyncFileSystem());
    Status renamed = RenameToFinal(place_, temporary_);
    published_ = renamed.ok() || renamed.disk_state() == DiskState::kCommitted;
    return renamed;
  }

 private:
  Status MakeParent(const std::string& name) {
    const std::string parent(ParentPath(name));
    if (parent.empty() || !parents_.insert(parent).second) return Status();
    return directory_.MakeDirectories(parent);
  }

  const OutsidePlace place_;
  const Directory directory_;
  const std::string temporary_;
  const unsigned threads_;
  std::set<std::string> parents_;  // made
  bool published_ = false;
};

/// Writes all entries into a sink, one after the other.
class ZipTarget : public ExportTarget {
 public:
  ZipTarget(std::string base, ZipWriter::Sink sink)
      : base_(std::move(base)), zip_(std::move(sink)) {}

  Status AddFiles(const Directory& session, const std::vector<ExportFile>& files,
                  const std::function<bool(std::uint64_t)>& progress_callback,
                  const std::function<void(std::size_t, const HashedFile&)>& done) override {
    HashProgress progress(progress_callback);
    std::map<Checksum, HashWorker> workers;
    for (std::size_t i = 0; i < files.size(); ++i) {
      HashWorker& worker = workers.try_emplace(files[i].checksum, files[i].checksum).first->second;
      XNA_ASSIGN_OR_RETURN(File file, session.OpenRead(files[i].source));
      HashedFile hashed;
      XNA_ASSIGN_OR_RETURN(hashed.info, file.Info());
      XNA_RETURN_IF_ERROR(Begin(files[i].name, hashed.info.size, hashed.info.mtime_ns));
      const auto write = [&](const char* data, std::size_t size) { return zip_.Write(data, size); };
      XNA_ASSIGN_OR_RETURN(hashed.digests,
                           HashOpenFile(file, hashed.info, worker, progress, write));
      done(i, hashed);
    }
    return Status();
  }

  Status AddText(const std::string& name, std::string_view bytes) override {
    XNA_RETURN_IF_ERROR(Begin(name, bytes.size(), NowMs() * kNsPerMs));
    return zip_.Write(bytes.data(), bytes.size());
  }

  Status Publish() override { return zip_.Finish(); }

 private:
  Status Begin(const std::string& name, std::uint64_t size, std::int64_t mtime_ns) {
    if (!IsValidUtf8(name)) {
      return Status(Code::kUnsupported, "export.bad-name",
                    "the file's name is not UTF-8, as names in a zip are")
          .WithPath(PrintablePath(name));
    }
    return zip_.Begin(JoinPath(base_, name), size, mtime_ns);
  }

  const std::string base_;
  ZipWriter zip_;
};

class ZipFileTarget : public ZipTarget {
 public:
  ZipFileTarget(OutsidePlace place, File file, const std::string& base)
      : ZipTarget(base,
                  [this](const char* data, std::size_t size) { return file_.Write(data, size); }),
        place_(std::move(place)),
        temporary_(file.path()),
        file_(std::move(file)) {}
  ~ZipFileTarget() override {
    if (!published_) IgnoreError(place_.parent.RemoveFile(temporary_), "it is only a temporary");
  }

  Status Publish() override {
    XNA_RETURN_IF_ERROR(ZipTarget::Publish());
    XNA_RETURN_IF_ERROR(file_.Sync());
    XNA_RETURN_IF_ERROR(file_.Close());
    Status renamed = RenameToFinal(place_, temporary_);
    published_ = renamed.ok() || renamed.disk_state() == DiskState::kCommitted;
    return renamed;
  }

 private:
  const OutsidePlace place_;
  const std::string temporary_;
  File file_;
  bool published_ = false;
};

/// Writes all of it to a descriptor that stays open.
Status WriteAll(FileSystem& fs, int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const std::int64_t written = fs.Write(fd, data, size);
    if (written < 0) return ErrnoStatus(static_cast<int>(written), "write", "");
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return Status();
}

}  // namespace

Status CopyPlanned(const Directory& directory, const ExportPlan& plan, const std::string& path,
                   CallerProgress& caller, ExportTarget* target, std::vector<Digests>* found) {
  Progress progress{"copy", 0, plan.files.size(), 0, plan.bytes};
  Status differs;
  found->resize(plan.files.size());
  const auto go_on = [&](std::uint64_t bytes_done) {
    progress.bytes_done = bytes_done;
    return differs.ok() && caller.GoOn(progress);
  };
  // Asked here, too: of a small session other threads may copy all, and those do not ask.
  const auto cancelled = [] {
    return Status(Code::kCancelled, "export.cancelled", "the caller asked to stop");
  };
  if (!go_on(0)) return cancelled();
  Status copied =
      target->AddFiles(directory, plan.files, go_on, [&](std::size_t i, const HashedFile& file) {
        ++progress.files_done;
        (*found)[i] = file.digests;
        if (Agree(plan.files[i].expected, file.digests) || !differs.ok()) return;
        differs = Status(Code::kCorruption, "export.digest-differs",
                         "the file's bytes are not those its digest was made of")
                      .WithPath(JoinPath(path, plan.files[i].source));
      });
  if (!differs.ok()) {
    IgnoreError(copied, "it was told to stop");
    return differs;
  }
  return copied.reason() == "digest.cancelled" ? cancelled() : copied;
}

Result<OutsidePlace> FindOutside(std::string_view what, FileSystem& fs, const std::string& path,
                                 const Trees& trees) {
  const auto reason = [&](const char* rule) { return std::string(what) + rule; };
  const std::string absolute = AbsolutePath(path);
  OutsidePlace place;
  place.name = BaseName(absolute);
  if (path.empty() || !CheckSafePath(place.name).ok()) {
    return Status(Code::kInvalidArgument, reason(".bad-target"),
                  "the path can not be that of a new file or directory")
        .WithPath(path);
  }
  const std::string parent(ParentPath(absolute));
  Result<std::string> resolved = ResolvePath(parent.empty() ? "/" : parent);
  if (resolved.status().code() == Code::kNotFound) {
    return Status(Code::kNotFound, reason(".no-parent"), "the directory above it does not exist")
        .WithPath(path);
  }
  XNA_RETURN_IF_ERROR(resolved.status());
  for (const Tree tree : kAllTrees) {
    XNA_ASSIGN_OR_RETURN(const std::string root, ResolvePath(trees[tree].path()));
    if (StartsWith(*resolved + "/", root + "/")) {
      return Status(Code::kInvalidArgument, reason(".inside-root"),
                    "the path lies in the archive or the prearchive")
          .WithPath(path);
    }
  }
  XNA_ASSIGN_OR_RETURN(place.parent, Directory::Open(fs, *resolved));
  return place;
}

Status CheckFree(const OutsidePlace& place) {
  XNA_ASSIGN_OR_RETURN(const bool taken, place.parent.Exists(place.name));
  return taken ? TargetExists(place.name) : Status();
}

Result<std::unique_ptr<ExportTarget>> MakeDirectoryTarget(OutsidePlace place, unsigned threads) {
  std::string temporary = UnfinishedName();
  XNA_RETURN_IF_ERROR(place.parent.MakeDirectory(temporary));
  XNA_ASSIGN_OR_RETURN(Directory directory, place.parent.OpenSubdirectory(temporary));
  return std::unique_ptr<ExportTarget>(std::make_unique<DirectoryTarget>(
      std::move(place), std::move(directory), std::move(temporary), threads));
}

Result<std::unique_ptr<ExportTarget>> MakeZipTarget(OutsidePlace place, const std::string& base) {
  XNA_ASSIGN_OR_RETURN(File file, place.parent.Create(UnfinishedName()));
  return std::unique_ptr<ExportTarget>(
      std::make_unique<ZipFileTarget>(std::move(place), std::move(file), base));
}

OutputStream DescriptorOutput(FileSystem& fs, int fd) {
  return [&fs, fd](std::string_view bytes) { return WriteAll(fs, fd, bytes.data(), bytes.size()); };
}

std::unique_ptr<ExportTarget> MakeStreamTarget(OutputStream output, const std::string& base) {
  return std::make_unique<ZipTarget>(
      base, [output = std::move(output)](const char* data, std::size_t size) {
        return output(std::string_view(data, size));
      });
}

}  // namespace xnatarchive
