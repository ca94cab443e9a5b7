#include "archive/stage_session.hpp"

#include <algorithm>
#include <utility>

#include "archive/catalog_content.hpp"
#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "digest/copy.hpp"
#include "digest/hash_files.hpp"

namespace xnatarchive {
namespace {

/// A file of a resource: indices into the inventory.
struct FileIndex {
  std::size_t resource;
  std::size_t file;
};

const SessionFile& FileAt(const Staging& staging, FileIndex at) {
  return staging.session.inventory.resources[at.resource][at.file];
}

/// Relative to the session.
std::string PathOf(const Staging& staging, FileIndex at) {
  return JoinPath(staging.session.draft.resources[at.resource].directory, FileAt(staging, at).path);
}

std::uint64_t BytesOf(const Staging& staging, const std::vector<FileIndex>& files) {
  std::uint64_t bytes = 0;
  for (const FileIndex& at : files) bytes += FileAt(staging, at).size;
  return bytes;
}

/// The two callbacks of HashFiles and CopyFiles; they never run at the same time.
class DigestCollector {
 public:
  DigestCollector(Staging& staging, std::string_view phase, const std::vector<FileIndex>& files)
      : staging_(staging), files_(files) {
    total_.phase = phase;
    total_.files_total = files.size();
    total_.bytes_total = BytesOf(staging, files);
    staging.session.digests.resize(staging.session.facts.size());
    for (const FileIndex& at : files) {
      std::vector<Digests>& digests = staging.session.digests[at.resource];
      digests.resize(staging.session.inventory.resources[at.resource].size());
    }
  }

  bool Progressed(std::uint64_t bytes_done) {
    total_.bytes_done = bytes_done;
    return staging_.progress.GoOn(total_);
  }

  void Done(std::size_t i, const HashedFile& file) {
    staging_.session.digests[files_[i].resource][files_[i].file] = file.digests;
    ++total_.files_done;
  }

 private:
  Staging& staging_;
  const std::vector<FileIndex>& files_;
  Progress total_;
};

Status MakeDirectories(const Staging& staging, const std::string& target) {
  XNA_RETURN_IF_ERROR(staging.archive.MakeDirectory(target));
  for (const std::string& directory : staging.session.inventory.directories) {
    XNA_RETURN_IF_ERROR(staging.archive.MakeDirectory(JoinPath(target, directory)));
  }
  for (const ResourceDraft& resource : staging.session.draft.resources) {
    XNA_RETURN_IF_ERROR(staging.archive.MakeDirectories(JoinPath(target, resource.directory)));
  }
  return Status();
}

/// What reading the session's files ended with, as the caller of an archive operation knows it.
Status ForCaller(Status read, const Staging& staging) {
  if (read.reason() == "digest.cancelled") return staging.progress.Report({});
  if (read.reason() != "digest.file-changed") return read;
  return Status(Code::kConflict, "archive.source-changed", "the session is being written to")
      .WithPath(read.path());
}

}  // namespace

bool IsReplacedInArchive(std::string_view path) {
  return path == kSessionDocument || StartsWith(BaseName(path), ".xa");
}

Status CallerProgress::Report(const Progress& progress) {
  if (report_ && std::this_thread::get_id() == caller_ && !cancelled_) {
    cancelled_ = !report_(progress);
  }
  if (!cancelled_) return Status();
  return Status(Code::kCancelled, "archive.cancelled", "the caller asked to stop");
}

Status CheckSpace(const Staging& staging, std::uint64_t bytes) {
  XNA_ASSIGN_OR_RETURN(const std::uint64_t free_bytes, staging.archive.FreeBytes());
  if (bytes <= free_bytes) return Status();
  return Status(Code::kNoSpace, "archive.no-space",
                "the session has " + std::to_string(bytes) + " bytes, the archive " +
                    std::to_string(free_bytes) + " free");
}

Status HashUnknown(Staging& staging) {
  std::vector<FileIndex> files;
  std::vector<std::string> paths;
  staging.session.digests.resize(staging.session.facts.size());
  for (std::size_t r = 0; r < staging.session.facts.size(); ++r) {
    const std::vector<Digests>& known = staging.session.digests[r];
    for (const std::uint32_t file : staging.session.facts[r].to_hash) {
      if (!known.empty() && known[file] != Digests()) continue;
      files.push_back({r, file});
      paths.push_back(PathOf(staging, files.back()));
    }
  }
  DigestCollector collector(staging, "hash", files);
  return ForCaller(HashFiles(
                       staging.source, paths, staging.checksum, staging.threads,
                       [&](std::uint64_t bytes) { return collector.Progressed(bytes); },
                       [&](std::size_t i, const HashedFile& file) { collector.Done(i, file); }),
                   staging);
}

FilesToCopy WholeSession() {
  return {[](std::size_t, std::size_t) { return true; }, [](std::size_t) { return true; }};
}

Status CopySession(Staging& staging, const std::string& target, const FilesToCopy& wanted) {
  const DescribedSession& session = staging.session;
  std::vector<FileIndex> files;
  std::vector<std::pair<std::string, std::string>> paths;
  std::vector<std::pair<std::string, std::string>> unhashed;  // what is no resource's file
  const auto add = [&](const std::string& path, auto* list) {
    list->emplace_back(path, JoinPath(target, path));
  };
  for (std::size_t r = 0; r < session.inventory.resources.size(); ++r) {
    for (std::size_t f = 0; f < session.inventory.resources[r].size(); ++f) {
      const std::string path = PathOf(staging, {r, f});
      if (path == session.draft.resources[r].catalog_path || IsReplacedInArchive(path)) continue;
      if (!wanted.of_resource(r, f)) continue;
      files.push_back({r, f});
      add(path, &paths);
    }
  }
  for (std::size_t f = 0; f < session.inventory.others.size(); ++f) {
    const std::string& path = session.inventory.others[f].path;
    if (!IsReplacedInArchive(path) && wanted.other(f)) add(path, &unhashed);
  }
  XNA_RETURN_IF_ERROR(CheckSpace(staging, BytesOf(staging, files)));
  XNA_RETURN_IF_ERROR(MakeDirectories(staging, target));
  DigestCollector collector(staging, "copy", files);
  Status copied = CopyFiles(
      staging.source, staging.archive, paths, staging.checksum, staging.threads,
      [&](std::uint64_t bytes) { return collector.Progressed(bytes); },
      [&](std::size_t i, const HashedFile& file) { collector.Done(i, file); });
  if (copied.ok()) {
    copied = CopyFiles(
        staging.source, staging.archive, unhashed, Checksum::kNone, staging.threads,
        [&](std::uint64_t) { return true; }, [](std::size_t, const HashedFile&) {});
  }
  return ForCaller(std::move(copied), staging);
}

Result<std::vector<ResourceTotals>> StageCatalogs(Staging& staging, const ArchiveStamp& stamp,
                                                  const std::vector<std::string>& targets) {
  staging.session.digests.resize(targets.size());
  std::vector<ResourceTotals> totals(targets.size());
  XNA_RETURN_IF_ERROR(ParallelFor(targets.size(), staging.threads, [&](std::size_t i) -> Status {
    ResourceDraft& resource = staging.session.draft.resources[i];
    Catalog catalog = std::move(resource.catalog);
    resource.catalog = Catalog();
    XNA_RETURN_IF_ERROR(
        ToArchivedForm(stamp, resource.directory, staging.session.inventory.resources[i],
                       staging.session.facts[i], staging.session.digests[i], &catalog));
    staging.session.digests[i] = {};
    XNA_ASSIGN_OR_RETURN(totals[i],
                         CountFiles(catalog, "", SizesBelow(staging.source, resource.directory)));
    return staging.archive.WriteNew(targets[i], CatalogContent(catalog, CatalogStyle::kPlain));
  }));
  return totals;
}

Status CheckSourceUnchanged(const Directory& source, const DescribedSession& session,
                            unsigned threads) {
  std::vector<std::string> directories;
  for (const ResourceDraft& resource : session.draft.resources) {
    directories.push_back(resource.directory);
  }
  XNA_ASSIGN_OR_RETURN(const SessionInventory now, TakeInventory(source, directories, threads));
  if (now == session.inventory) return Status();
  return Status(Code::kConflict, "archive.source-changed",
                "files of the session were added, changed or removed meanwhile");
}

}  // namespace xnatarchive
