#include "digest/copy.hpp"

#include <algorithm>
#include <cerrno>

#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "digest/hash_lanes.hpp"
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

/// A copy that is being made.
struct Copy {
  File source;
  FileInfo before;
  File target;
  bool done = false;
};

/// What the copies of one call share.
struct Job {
  const Directory& from;
  const Directory& to;
  const std::vector<std::pair<std::string, std::string>>& paths;
  const Checksum checksum;
  const std::function<void(std::size_t, const HashedFile&)>& done;
  HashProgress progress;
};

Status Open(const Job& job, std::size_t i, Copy* copy) {
  const auto& [from, to] = job.paths[i];
  XNA_RETURN_IF_ERROR(CheckSafePath(from));
  XNA_ASSIGN_OR_RETURN(
      copy->source, OpenRegular(job.from.fs(), job.from.fd(), from.c_str(), from, &copy->before));
  XNA_ASSIGN_OR_RETURN(copy->target, job.to.Create(to));
  return Status();
}

/// Ends the copy with number `i` of the call, whose bytes are written.
Status Finish(Job& job, std::size_t i, const Digests& digests, Copy* copy) {
  XNA_RETURN_IF_ERROR(copy->target.SetModificationTime(copy->before.mtime_ns));
  XNA_ASSIGN_OR_RETURN(const FileInfo info, copy->target.Info());
  if (info.size != copy->before.size) {
    return Status(Code::kIo, "digest.short-copy", "the copy's size differs from its source's")
        .WithPath(copy->target.path());
  }
  copy->target.StartWriteback();  // the disk writes while the next files are hashed
  XNA_RETURN_IF_ERROR(copy->target.Close());
  copy->source = File();
  copy->done = true;
  job.progress.Report([&] { job.done(i, {info, digests}); });
  return Status();
}

/// Makes the copies with the numbers from `begin` on.
Status FillCopies(Job& job, std::size_t begin, std::vector<Copy>& copies, HashWorker& worker) {
  std::vector<FileToHash> files;
  std::vector<std::size_t> of_file;
  for (std::size_t i = 0; i < copies.size(); ++i) {
    Copy& copy = copies[i];
    XNA_RETURN_IF_ERROR(Open(job, begin + i, &copy));
    bool by_kernel = false;
    if (job.checksum == Checksum::kNone) {
      XNA_ASSIGN_OR_RETURN(by_kernel,
                           CopyByKernel(copy.source, copy.before, copy.target, job.progress));
    }
    if (by_kernel) {
      XNA_RETURN_IF_ERROR(CheckUnchanged(copy.source, copy.before));
      XNA_RETURN_IF_ERROR(Finish(job, begin + i, {}, &copy));
      continue;
    }
    files.push_back({&copy.source, copy.before});
    of_file.push_back(i);
  }
  return HashOpenFiles(
      files, worker, job.progress,
      [&](std::size_t f, const char* data, std::size_t size) {
        return copies[of_file[f]].target.Write(data, size);
      },
      [&](std::size_t f, const Digests& digests) {
        return Finish(job, begin + of_file[f], digests, &copies[of_file[f]]);
      });
}

/// Of copies that fail nothing is left.
Status MakeCopies(Job& job, std::size_t begin, std::size_t count, HashWorker& worker) {
  std::vector<Copy> copies(count);
  Status status = FillCopies(job, begin, copies, worker);
  for (std::size_t i = 0; i < count && !status.ok(); ++i) {
    const bool made = !copies[i].target.path().empty();
    if (!made || copies[i].done) continue;
    copies[i].target = File();
    IgnoreError(job.to.RemoveFile(job.paths[begin + i].second),
                "the first failure is the one to report");
  }
  return status;
}

}  // namespace

Result<HashedFile> CopyFile(const Directory& from, std::string_view from_path, const Directory& to,
                            std::string_view to_path, Checksum checksum) {
  HashedFile copied;
  XNA_RETURN_IF_ERROR(CopyFiles(from, to, {{std::string(from_path), std::string(to_path)}},
                                checksum, 1, {},
                                [&](std::size_t, const HashedFile& file) { copied = file; }));
  return copied;
}

Status CopyFiles(const Directory& from, const Directory& to,
                 const std::vector<std::pair<std::string, std::string>>& paths, Checksum checksum,
                 unsigned threads, const std::function<bool(std::uint64_t)>& progress_callback,
                 const std::function<void(std::size_t, const HashedFile&)>& done) {
  HashWorkers workers(checksum);
  Job job{from, to, paths, checksum, done, HashProgress(progress_callback)};
  const std::size_t at_once = FilesAtOnce(paths.size(), threads);
  const std::size_t batches = (paths.size() + at_once - 1) / at_once;
  return ParallelFor(batches, threads, [&](std::size_t i) {
    const std::size_t begin = i * at_once;
    const std::size_t count = std::min(at_once, paths.size() - begin);
    return workers.Run([&](HashWorker& worker) { return MakeCopies(job, begin, count, worker); });
  });
}

}  // namespace xnatarchive
