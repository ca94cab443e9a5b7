#include "digest/hash_files.hpp"

#include <algorithm>
#include <utility>

#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "digest/hash_worker.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kBatchMax = 16;

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
  const std::size_t share = paths.size() / (4 * std::max<std::size_t>(1, threads));
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
  HashWorkers workers;
  HashProgress progress;
};

Result<HashedFile> HashOne(Job& job, const Directory& parent, const std::string& path,
                           HashWorker& worker) {
  HashedFile hashed;
  const char* const name = path.c_str() + (path.size() - BaseName(path).size());
  XNA_ASSIGN_OR_RETURN(File file, OpenRegular(parent.fs(), parent.fd(), name, path, &hashed.info));
  if (job.checksum == Checksum::kNone) {
    XNA_RETURN_IF_ERROR(job.progress.Add(0));
    return hashed;
  }
  XNA_ASSIGN_OR_RETURN(hashed.digests,
                       HashOpenFile(file, hashed.info, worker, job.progress, nullptr));
  return hashed;
}

Status HashBatch(Job& job, const Batch& batch, HashWorker& worker) {
  XNA_ASSIGN_OR_RETURN(const Directory parent, job.root.OpenSubdirectory(batch.parent));
  for (const std::size_t index : batch.indices) {
    XNA_ASSIGN_OR_RETURN(const HashedFile hashed, HashOne(job, parent, job.paths[index], worker));
    job.progress.Report([&] { job.done(index, hashed); });
  }
  return Status();
}

}  // namespace

Status HashFiles(const Directory& root, const std::vector<std::string>& paths, Checksum checksum,
                 unsigned threads, const std::function<bool(std::uint64_t)>& progress,
                 const std::function<void(std::size_t, const HashedFile&)>& done) {
  for (const std::string& path : paths) XNA_RETURN_IF_ERROR(CheckSafePath(path));
  Job job{root, paths, checksum, done, HashWorkers(checksum), HashProgress(progress)};
  const std::vector<Batch> batches = MakeBatches(paths, threads);
  return ParallelFor(batches.size(), threads, [&](std::size_t i) {
    return job.workers.Run([&](HashWorker& worker) { return HashBatch(job, batches[i], worker); });
  });
}

}  // namespace xnatarchive
