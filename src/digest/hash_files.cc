#include "digest/hash_files.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "digest/hash_worker.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kBatchMax = 16;
/// Files open at once by all threads, two batches each: a process may often have 1,024.
constexpr std::size_t kOpenMax = 256;
constexpr std::uint64_t kReadAheadMax = 4u << 20;  // of one file: its rest is read in order anyway

/// Indices of paths with one parent.
struct Batch {
  std::string_view parent;
  std::vector<std::size_t> indices;
};

/// Cuts the paths into batches, small enough to keep all threads busy to the end.
std::vector<Batch> MakeBatches(const std::vector<std::string>& paths, unsigned threads) {
  std::vector<std::pair<std::string_view, std::size_t>> order;
  order.reserve(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) order.emplace_back(ParentPath(paths[i]), i);
  std::sort(order.begin(), order.end());
  const std::size_t workers = std::max(1u, threads);
  const std::size_t share = std::min(paths.size() / (4 * workers), kOpenMax / (2 * workers));
  const std::size_t batch_max = std::clamp<std::size_t>(share, 1, kBatchMax);
  std::vector<Batch> batches;
  for (const auto& [parent, index] : order) {
    if (batches.empty() || batches.back().parent != parent ||
        batches.back().indices.size() == batch_max) {
      batches.push_back({parent, {}});
    }
    batches.back().indices.push_back(index);
  }
  return batches;
}

/// Everything the threads of one call share.
struct Job {
  const Directory& root;
  const std::vector<std::string>& paths;
  const Checksum checksum;
  const std::function<void(std::size_t, const HashedFile&)>& done;
  HashProgress progress;
  std::atomic<bool> failed{false};
};

/// The files of a batch, open, and being read by the kernel.
struct OpenBatch {
  const Batch* batch = nullptr;
  std::vector<File> files;
  std::vector<FileInfo> infos;
};

Result<OpenBatch> Open(const Job& job, const Batch& batch) {
  XNA_ASSIGN_OR_RETURN(const Directory parent, job.root.OpenSubdirectory(batch.parent));
  OpenBatch open;
  open.batch = &batch;
  for (const std::size_t index : batch.indices) {
    const std::string& path = job.paths[index];
    const char* const name = path.c_str() + (path.size() - BaseName(path).size());
    FileInfo info;
    XNA_ASSIGN_OR_RETURN(File file, OpenRegular(parent.fs(), parent.fd(), name, path, &info));
    if (job.checksum != Checksum::kNone) file.StartRead(std::min(info.size, kReadAheadMax));
    open.files.push_back(std::move(file));
    open.infos.push_back(info);
  }
  return open;
}

Status Hash(Job& job, OpenBatch open, HashWorker& worker) {
  for (std::size_t i = 0; i < open.files.size(); ++i) {
    File file = std::move(open.files[i]);  // closed as soon as it is hashed
    HashedFile hashed{open.infos[i], {}};
    if (job.checksum == Checksum::kNone) {
      XNA_RETURN_IF_ERROR(job.progress.Add(0));
    } else {
      XNA_ASSIGN_OR_RETURN(hashed.digests,
                           HashOpenFile(file, hashed.info, worker, job.progress, nullptr));
    }
    job.progress.Report([&] { job.done(open.batch->indices[i], hashed); });
  }
  return Status();
}

/// What one thread does: it has its next batch read while it hashes the one before.
Status HashBatches(Job& job, const std::vector<Batch>& batches, std::atomic<std::size_t>* next,
                   HashWorker& worker) {
  OpenBatch ahead;
  for (;;) {
    if (job.failed) return Status();  // of whoever failed first
    const std::size_t i = (*next)++;
    OpenBatch opened;
    if (i < batches.size()) {
      XNA_ASSIGN_OR_RETURN(opened, Open(job, batches[i]));
    }
    XNA_RETURN_IF_ERROR(Hash(job, std::exchange(ahead, std::move(opened)), worker));
    if (ahead.batch == nullptr) return Status();
  }
}

}  // namespace

Status HashFiles(const Directory& root, const std::vector<std::string>& paths, Checksum checksum,
                 unsigned threads, const std::function<bool(std::uint64_t)>& progress,
                 const std::function<void(std::size_t, const HashedFile&)>& done) {
  for (const std::string& path : paths) XNA_RETURN_IF_ERROR(CheckSafePath(path));
  Job job{root, paths, checksum, done, HashProgress(progress)};
  const std::vector<Batch> batches = MakeBatches(paths, threads);
  std::atomic<std::size_t> next{0};
  const std::size_t wanted = std::min<std::size_t>(std::max(1u, threads), batches.size());
  return ParallelFor(wanted, threads, [&](std::size_t) {
    HashWorker worker(checksum);
    Status status = HashBatches(job, batches, &next, worker);
    if (!status.ok()) job.failed = true;
    return status;
  });
}

}  // namespace xnatarchive
