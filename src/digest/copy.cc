#include "digest/copy.hpp"

#include <algorithm>
#include <cerrno>

#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "digest/hash_worker.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kKernelCopyBytes = std::size_t{64} << 20;  // between two looks at `progress`

/// Whether the kernel says that it cannot copy between these two files, rather than that it failed.
bool KernelCannotCopy(int negative_errno) {
  switch (-negative_errno) {
    case EXDEV:
    case EINVAL:
    case ENOSYS:
    case EOPNOTSUPP:
    case EPERM:
      return true;
    default:
      return false;
  }
}

/// Copies by copy_file_range; false when nothing was copied because the kernel cannot.
Result<bool> CopyByKernel(File& source, const FileInfo& info, File& target,
                          HashProgress& progress) {
  FileSystem& fs = source.fs();
  std::uint64_t left = info.size;
  while (left > 0) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, kKernelCopyBytes));
    const std::int64_t n = fs.CopyFileRange(source.fd(), target.fd(), size);
    if (left == info.size && (n == 0 || KernelCannotCopy(static_cast<int>(n)))) return false;
    if (n < 0) return ErrnoStatus(static_cast<int>(n), "copy_file_range", target.path());
    if (n == 0) break;  // the source is shorter than it was, which the caller will see
    left -= static_cast<std::uint64_t>(n);
    XNA_RETURN_IF_ERROR(progress.Add(static_cast<std::uint64_t>(n)));
  }
  if (info.size == 0) XNA_RETURN_IF_ERROR(progress.Add(0));
  return true;
}

/// Fills `target` from `source` and checks that neither became something else on the way.
Result<HashedFile> CopyContent(File source, const FileInfo& before, File target, Checksum checksum,
                               HashWorker& worker, HashProgress& progress) {
  HashedFile copied;
  bool copied_by_kernel = false;
  if (checksum == Checksum::kNone) {
    XNA_ASSIGN_OR_RETURN(copied_by_kernel, CopyByKernel(source, before, target, progress));
    if (copied_by_kernel) XNA_RETURN_IF_ERROR(CheckUnchanged(source, before));
  }
  if (!copied_by_kernel) {
    const auto write = [&](const char* data, std::size_t size) { return target.Write(data, size); };
    XNA_ASSIGN_OR_RETURN(copied.digests, HashOpenFile(source, before, worker, progress, write));
  }
  XNA_RETURN_IF_ERROR(target.SetModificationTime(before.mtime_ns));
  XNA_ASSIGN_OR_RETURN(copied.info, target.Info());
  if (copied.info.size != before.size) {
    return Status(Code::kIo, "digest.short-copy", "the copy's size differs from its source's")
        .WithPath(target.path());
  }
  target.StartWriteback();  // the disk writes while the next file is hashed
  XNA_RETURN_IF_ERROR(target.Close());
  return copied;
}

Result<HashedFile> CopyOne(const Directory& from, std::string_view from_path, const Directory& to,
                           std::string_view to_path, Checksum checksum, HashWorker& worker,
                           HashProgress& progress) {
  const std::string name(from_path);
  XNA_RETURN_IF_ERROR(CheckSafePath(name));
  FileInfo before;
  XNA_ASSIGN_OR_RETURN(File source, OpenRegular(from.fs(), from.fd(), name.c_str(), name, &before));
  XNA_ASSIGN_OR_RETURN(File target, to.Create(to_path));
  Result<HashedFile> copied =
      CopyContent(std::move(source), before, std::move(target), checksum, worker, progress);
  if (!copied.ok()) IgnoreError(to.RemoveFile(to_path), "the first failure is the one to report");
  return copied;
}

}  // namespace

Result<HashedFile> CopyFile(const Directory& from, std::string_view from_path, const Directory& to,
                            std::string_view to_path, Checksum checksum) {
  HashWorker worker(checksum);
  const std::function<bool(std::uint64_t)> no_progress;
  HashProgress progress(no_progress);
  return CopyOne(from, from_path, to, to_path, checksum, worker, progress);
}

Status CopyFiles(const Directory& from, const Directory& to,
                 const std::vector<std::pair<std::string, std::string>>& paths, Checksum checksum,
                 unsigned threads, const std::function<bool(std::uint64_t)>& progress_callback,
                 const std::function<void(std::size_t, const HashedFile&)>& done) {
  HashWorkers workers(checksum);
  HashProgress progress(progress_callback);
  return ParallelFor(paths.size(), threads, [&](std::size_t i) {
    return workers.Run([&](HashWorker& worker) -> Status {
      XNA_ASSIGN_OR_RETURN(
          const HashedFile copied,
          CopyOne(from, paths[i].first, to, paths[i].second, checksum, worker, progress));
      progress.Report([&] { done(i, copied); });
      return Status();
    });
  });
}

}  // namespace xnatarchive
