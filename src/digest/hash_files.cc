#include "digest/hash_files.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "digest/hash_lanes.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint64_t kReadAheadMax = 4u << 20;  // of one file: its rest is read in order anyway

/// Indices of paths with one parent.
struct Batch {
  std::string_view parent;
  std::vector<std::size_t> indices;
};

/// Cuts the paths into batches. A thread has two open: see HashBatches.
std::vector<Batch> MakeBatches(const std::vector<std::string>& paths, unsigned threads) {
  std::vector<std::pair<std::string_view, std::size_t>> order;
  order.reserve(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) order.emplace_back(ParentPath(paths[i]), i);
  std::sort(order.begin(), order.end());
  const std::size_t batch_max = FilesAtOnce(paths.size(), threads);
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
  const auto report = [&](std::size_t i, const Digests& digests) {
    open.files[i] = File();  // closed as soon as it is hashed
    const HashedFile hashed{open.infos[i], digests};
    job.progress.Report([&] { job.done(open.batch->indices[i], hashed); });
    return Status();
  };
  std::vector<FileToHash> files;
  for (std::size_t i = 0; i < open.files.size(); ++i) {
    files.push_back({&open.files[i], open.infos[i]});
  }
  if (job.checksum != Checksum::kNone) {
    return HashOpenFiles(files, worker, job.progress, report);
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    XNA_RETURN_IF_ERROR(job.progress.Add(0));
    XNA_RETURN_IF_ERROR(report(i, {}));
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
