#include "archive/session_edits.hpp"

#include <algorithm>
#include <utility>

#include "archive/merge_files.hpp"
#include "archive/resource_totals.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "digest/copy.hpp"
#include "fs/near_directory.hpp"

namespace xnatarchive {
namespace {

/// One ApplyEdits call.
class Editor {
 public:
  Editor(const SessionEdits& edits, Checksum checksum, DescribedSession* session)
      : edits_(edits), checksum_(checksum), session_(*session) {}

  void Run() {
    SetUids();
    std::size_t kept = 0;
    for (std::size_t r = 0; r < session_.draft.resources.size(); ++r) {
      if (!EditResource(r)) continue;
      if (kept != r) {
        session_.draft.resources[kept] = std::move(session_.draft.resources[r]);
        session_.inventory.resources[kept] = std::move(session_.inventory.resources[r]);
        session_.facts[kept] = std::move(session_.facts[r]);
      }
      ++kept;
    }
    session_.draft.resources.resize(kept);
    session_.inventory.resources.resize(kept);
    session_.facts.resize(kept);
    EditFiles("", "", &session_.inventory.others);
    DropEmptiedScans();
  }

 private:
  std::string PathOf(const ResourceDraft& resource, const CatalogEntry& entry) const {
    return JoinPath(resource.directory, entry.RelativePath());
  }

  const RewrittenFile* Rewritten(const std::string& path) const {
    const auto at = edits_.rewritten.find(path);
    return at == edits_.rewritten.end() ? nullptr : &at->second;
  }

  /// Edits resource `r`; false when nothing is left of it.
  bool EditResource(std::size_t r) {
    ResourceDraft& resource = session_.draft.resources[r];
    const std::size_t before = EntriesOf(resource.catalog).size();
    RemoveEntries(resource, &resource.catalog);
    ForEachEntry(resource.catalog, [&](CatalogEntry& entry) {
      const RewrittenFile* file = Rewritten(PathOf(resource, entry));
      if (file != nullptr) SetEntry(*file, &entry);
    });
    const std::size_t after = EntriesOf(resource.catalog).size();
    std::vector<SessionFile>& files = session_.inventory.resources[r];
    EditFiles(resource.directory, resource.catalog_path, &files);
    if (after == 0 && before > 0 && files.empty()) {
      ForgetResource(resource);
      return false;
    }
    SetSlices(before, after, &resource);
    ResourceFacts facts = CheckResource(resource, files, checksum_);
    facts.catalog_missing = session_.facts[r].catalog_missing;
    facts.catalog_packed = session_.facts[r].catalog_packed;
    facts.unreadable = std::move(session_.facts[r].unreadable);
    facts.other_objects = session_.facts[r].other_objects;
    facts.first_other = std::move(session_.facts[r].first_other);
    session_.facts[r] = std::move(facts);
    return true;
  }

  void RemoveEntries(const ResourceDraft& resource, Catalog* catalog) const {
    for (Catalog& set : catalog->sets) RemoveEntries(resource, &set);
    auto& entries = catalog->entries;
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [&](const CatalogEntry& entry) {
                                   return edits_.rejected.count(PathOf(resource, entry)) > 0;
                                 }),
                  entries.end());
  }

  static void SetEntry(const RewrittenFile& file, CatalogEntry* entry) {
    entry->digest = file.digests.md5;
    entry->SetMeta("SIZE", std::to_string(file.info.size));
    entry->SetMeta("MTIME", std::to_string(file.info.mtime_ns));
    auto& fields = entry->meta_fields;
    fields.erase(std::remove_if(fields.begin(), fields.end(),
                                [](const MetaField& field) { return field.name == "XXH3"; }),
                 fields.end());
    if (!file.digests.xxh3.empty()) entry->SetMeta("XXH3", file.digests.xxh3);
    if (!file.dicom) return;
    entry->uid = file.sop_instance_uid;
    if (entry->instance_number) entry->instance_number = file.instance_number;
  }

  /// `directory`: what the files' paths are relative to, relative to the session.
  void EditFiles(const std::string& directory, std::string_view catalog_path,
                 std::vector<SessionFile>* files) const {
    const auto is_gone = [&](const SessionFile& file) {
      const std::string path = JoinPath(directory, file.path);
      return path == catalog_path || IsReplacedInArchive(path) || edits_.rejected.count(path) > 0;
    };
    files->erase(std::remove_if(files->begin(), files->end(), is_gone), files->end());
    for (SessionFile& file : *files) {
      const RewrittenFile* rewritten = Rewritten(JoinPath(directory, file.path));
      if (rewritten == nullptr) continue;
      const FileInfo& info = rewritten->info;
      file = {std::move(file.path), info.size, info.mtime_ns, info.ctime_ns, info.inode};
    }
  }

  /// The number of slices follows the files, and is left out where it can not be told.
  void SetSlices(std::size_t before, std::size_t after, ResourceDraft* resource) {
    auto& dimensions = resource->catalog.dimensions;
    if (before == after || !dimensions || !dimensions->z) return;
    const std::string frames = std::to_string(*dimensions->z);
    dimensions->z = FramesOfPart(dimensions->z, static_cast<std::int64_t>(before),
                                 static_cast<std::int64_t>(after));
    Scan* scan = session_.draft.document.FindScan(resource->scan_id);
    if (scan == nullptr || scan->Get("frames") != frames) return;
    scan->Set("frames", dimensions->z ? std::to_string(*dimensions->z) : "");
  }

  void ForgetResource(const ResourceDraft& resource) {
    Scan* scan = session_.draft.document.FindScan(resource.scan_id);
    auto& resources = scan != nullptr ? scan->resources : session_.draft.document.resources;
    resources.erase(
        std::remove_if(resources.begin(), resources.end(),
                       [&](const Resource& one) { return one.uri == resource.catalog_path; }),
        resources.end());
    if (scan != nullptr) emptied_.insert(scan->id);
  }

  void DropEmptiedScans() {
    for (const ResourceDraft& resource : session_.draft.resources) {
      emptied_.erase(resource.scan_id);
    }
    auto& scans = session_.draft.document.scans;
    scans.erase(std::remove_if(scans.begin(), scans.end(),
                               [&](const Scan& scan) {
                                 return scan.resources.empty() && emptied_.count(scan.id) > 0;
                               }),
                scans.end());
  }

  /// Before anything is removed: a file that is kept as it is speaks for the UIDs there are.
  void SetUids() {
    std::set<std::string> studies;
    std::map<std::string, std::set<std::string>> series;  // of each scan; "": of a kept file
    for (ResourceDraft& resource : session_.draft.resources) {
      ForEachEntry(resource.catalog, [&](CatalogEntry& entry) {
        const std::string path = PathOf(resource, entry);
        if (!entry.dicom || edits_.rejected.count(path) > 0) return;
        const RewrittenFile* file = Rewritten(path);
        studies.insert(file == nullptr ? "" : file->study_uid);
        series[resource.scan_id].insert(file == nullptr ? "" : file->series_uid);
      });
    }
    const auto agreed = [](const std::set<std::string>& uids) {
      return uids.size() == 1 ? *uids.begin() : std::string();
    };
    if (!agreed(studies).empty()) session_.draft.document.uid = agreed(studies);
    for (Scan& scan : session_.draft.document.scans) {
      if (!agreed(series[scan.id]).empty()) scan.uid = agreed(series[scan.id]);
    }
    for (ResourceDraft& resource : session_.draft.resources) {
      const std::string uid = agreed(series[resource.scan_id]);
      if (!uid.empty() && !resource.catalog.uid.empty()) resource.catalog.uid = uid;
    }
  }

  const SessionEdits& edits_;
  const Checksum checksum_;
  DescribedSession& session_;
  std::set<std::string> emptied_;  // IDs of scans that lost a resource
};

Status SourceChanged(std::string_view path) {
  return Status(Code::kConflict, "archive.source-changed",
                "files of the session were added, changed or removed meanwhile")
      .WithPath(path);
}

/// The same bytes by all that a look can tell, under whatever inode.
bool LookSame(const std::vector<SessionFile>& a, const std::vector<SessionFile>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const SessionFile& one, const SessionFile& other) {
        return one.path == other.path && one.size == other.size && one.mtime_ns == other.mtime_ns;
      });
}

bool LookSame(const SessionInventory& a, const SessionInventory& b) {
  return LookSame(a.others, b.others) &&
         std::equal(a.resources.begin(), a.resources.end(), b.resources.begin(), b.resources.end(),
                    [](const auto& one, const auto& other) { return LookSame(one, other); });
}

/// One StageEdited call.
class Stager {
 public:
  Stager(Staging& staging, const SessionEdits& edits, const std::string& target)
      : staging_(staging), edits_(edits), target_(target) {}

  Status Run(bool one_file_system) {
    const DescribedSession& session = staging_.session;
    XNA_RETURN_IF_ERROR(staging_.archive.MakeDirectory(target_));
    std::vector<std::string> directories;
    for (std::size_t r = 0; r < session.inventory.resources.size(); ++r) {
      directories.push_back(session.draft.resources[r].directory);
      XNA_RETURN_IF_ERROR(MakeDirectory(directories.back()));
      const auto& files = session.inventory.resources[r];
      for (std::size_t f = 0; f < files.size(); ++f) {
        XNA_RETURN_IF_ERROR(Add(JoinPath(directories.back(), files[f].path), {r, f}));
      }
    }
    for (const SessionFile& file : session.inventory.others) {
      XNA_RETURN_IF_ERROR(Add(file.path, {kNoResource, 0}));
    }
    XNA_RETURN_IF_ERROR(one_file_system ? LinkUnchanged() : CopyUnchanged());
    return LookAgain(directories);
  }

 private:
  struct FileIndex {
    std::size_t resource;
    std::size_t file;
  };
  static constexpr std::size_t kNoResource = static_cast<std::size_t>(-1);

  Status MakeDirectory(const std::string& directory) {
    if (directory.empty() || !made_.insert(directory).second) return Status();
    return staging_.archive.MakeDirectories(JoinPath(target_, directory));
  }

  /// Moves a rewritten file; notes any other.
  Status Add(const std::string& path, FileIndex at) {
    XNA_RETURN_IF_ERROR(MakeDirectory(std::string(ParentPath(path))));
    const auto rewritten = edits_.rewritten.find(path);
    if (rewritten == edits_.rewritten.end()) {
      unchanged_.emplace_back(path, JoinPath(target_, path));
      indices_.push_back(at);
      return Status();
    }
    return staging_.archive.Rename(rewritten->second.staged, staging_.archive,
                                   JoinPath(target_, path), RenameMode::kNoReplace);
  }

  Status LinkUnchanged() {
    NearDirectory from;
    NearDirectory to;
    for (std::size_t i = 0; i < unchanged_.size(); ++i) {
      XNA_RETURN_IF_ERROR(staging_.progress.Report({"copy", i, unchanged_.size(), 0, 0}));
      XNA_RETURN_IF_ERROR(from.Link(staging_.source, unchanged_[i].first, to, staging_.archive,
                                    unchanged_[i].second));
    }
    return Status();
  }

  /// Every byte is hashed on the way, as always across file systems.
  Status CopyUnchanged() {
    DescribedSession& session = staging_.session;
    XNA_RETURN_IF_ERROR(CheckSpace(staging_, session.Bytes()));
    session.digests.resize(session.facts.size());
    for (std::size_t r = 0; r < session.facts.size(); ++r) {
      session.digests[r].resize(session.inventory.resources[r].size());
    }
    Progress done{"copy", 0, unchanged_.size(), 0, 0};
    Status copied = CopyFiles(
        staging_.source, staging_.archive, unchanged_, staging_.checksum, staging_.threads,
        [&](std::uint64_t bytes) {
          done.bytes_done = bytes;
          return staging_.progress.GoOn(done);
        },
        [&](std::size_t i, const HashedFile& file) {
          ++done.files_done;
          if (indices_[i].resource == kNoResource) return;
          session.digests[indices_[i].resource][indices_[i].file] = file.digests;
        });
    if (copied.reason() == "digest.cancelled") return staging_.progress.Report({});
    return copied.reason() == "digest.file-changed" ? SourceChanged(copied.path()) : copied;
  }

  Status LookAgain(const std::vector<std::string>& directories) {
    XNA_ASSIGN_OR_RETURN(const Directory staged, staging_.archive.OpenSubdirectory(target_));
    XNA_ASSIGN_OR_RETURN(SessionInventory found,
                         TakeInventory(staged, directories, staging_.threads));
    if (!LookSame(found, staging_.session.inventory)) return SourceChanged("");
    staging_.session.inventory = std::move(found);
    return Status();
  }

  Staging& staging_;
  const SessionEdits& edits_;
  const std::string& target_;
  std::set<std::string> made_;
  std::vector<std::pair<std::string, std::string>> unchanged_;
  std::vector<FileIndex> indices_;  // parallel to it
};

}  // namespace

void ApplyEdits(const SessionEdits& edits, Checksum checksum, DescribedSession* session) {
  Editor(edits, checksum, session).Run();
}

Status StageEdited(Staging& staging, const SessionEdits& edits, const std::string& target,
                   bool one_file_system) {
  return Stager(staging, edits, target).Run(one_file_system);
}

Status CheckOriginalUnchanged(const Directory& prearchive, const OriginalSession& original,
                              unsigned threads) {
  XNA_ASSIGN_OR_RETURN(const Directory source, prearchive.OpenSubdirectory(original.directory));
  XNA_ASSIGN_OR_RETURN(const SessionInventory now,
                       TakeInventory(source, original.resource_directories, threads));
  const SessionInventory& then = original.inventory;
  const bool same =
      LookSame(now, then) && now.directories == then.directories && now.irregular == then.irregular;
  return same ? Status() : SourceChanged(original.directory);
}

}  // namespace xnatarchive
