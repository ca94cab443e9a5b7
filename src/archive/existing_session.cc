#include "archive/existing_session.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "archive/read_catalog.hpp"
#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "digest/hash_files.hpp"
#include "fs/near_directory.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint32_t kNone = FileMeeting::kNone;

/// A comparison that needs bytes read: a meeting, and what of its two files is known already.
struct OpenComparison {
  FileMeeting* meeting = nullptr;
  std::string incoming_path;  // relative to the incoming session
  std::string archived_path;  // relative to the archived session
  Digests incoming;           // empty: to be read
  Digests archived;
  Checksum checksum = Checksum::kMd5AndXxh3;  // the digests that decide
  std::size_t resource = 0;  // of the incoming session; those of no resource have none
  bool of_resource = false;
};

/// What the files of one resource, or those of none, are compared in.
struct Place {
  IncomingFiles incoming;
  std::string incoming_directory;
  std::vector<const CatalogEntry*> archived;
  std::vector<std::string> foreign;  // as ForeignDirectories says
  std::string_view catalog;          // the archived one's path; empty: there is none
};

Digests DigestsOf(const CatalogEntry& entry) {
  return {std::string(entry.digest), std::string(entry.Meta("XXH3"))};
}

/// Compared are those digests that are asked for; a file may have others, too.
bool SameDigests(const Digests& a, const Digests& b, Checksum checksum) {
  return (checksum == Checksum::kXxh3 || a.md5 == b.md5) &&
         (checksum == Checksum::kMd5 || a.xxh3 == b.xxh3);
}

/// Whether size and time say that the entry's digests are those of the file.
bool Vouches(const CatalogEntry& entry, const FileInfo& info) {
  return ParseInt(entry.Meta("SIZE")) == static_cast<std::int64_t>(info.size) &&
         ParseInt(entry.Meta("MTIME")) == info.mtime_ns;
}

/// Says what the digests of both sides say.
void Conclude(const OpenComparison& comparison) {
  if (!SameDigests(comparison.incoming, comparison.archived, comparison.checksum)) return;
  FileMeeting& meeting = *comparison.meeting;
  if (meeting.sameness == Sameness::kArchivedIsMissing) {
    meeting.differs_from_lost = false;
  } else {
    meeting.sameness = Sameness::kSame;
  }
}

SessionFile FileOf(const FileInfo& info) {
  return {"", info.size, info.mtime_ns, info.ctime_ns, info.inode};
}

/// Directories that files of `own` (null: of no resource) may not come into, because they are those
/// of other archived resources, whose catalogs would not be true any more. For files of no resource
/// those that incoming resources come into count, too.
std::vector<std::string> ForeignDirectories(const SessionDocument& archived,
                                            const SessionMatch& match, const ResourceMatch* own) {
  std::vector<std::string> foreign;
  const auto add = [&](std::string directory) {
    const bool concerned = own == nullptr || StartsWith(directory, own->directory + "/") ||
                           (!own->archived && StartsWith(own->directory, directory + "/"));
    if (concerned) foreign.push_back(std::move(directory));
  };
  const auto add_all = [&](const std::vector<Resource>& resources) {
    for (const Resource& resource : resources) add(std::string(ParentPath(resource.uri)));
  };
  add_all(archived.resources);
  for (const Scan& scan : archived.scans) add_all(scan.resources);
  if (own == nullptr) {
    for (const ResourceMatch& resource : match.resources) add(resource.directory);
  }
  return foreign;
}

bool IsBelowOne(std::string_view path, const std::vector<std::string>& directories) {
  return std::any_of(directories.begin(), directories.end(), [&](const std::string& directory) {
    return path.size() > directory.size() && path[directory.size()] == '/' &&
           StartsWith(path, directory);
  });
}

/// Looks the files of one place up and compares what can be compared without reading.
class Comparer {
 public:
  Comparer(const Directory& archive, Checksum checksum) : archive_(archive), checksum_(checksum) {}

  /// `directory`: of the archived resource; `target` says where a file, by its index, would lie.
  template <typename Target>
  Status Compare(const Place& place, const Target& target, const std::string& directory,
                 std::vector<FileMeeting>* meetings) {
    for (FileMeeting& meeting : *meetings) {
      if (meeting.file == kNone) continue;
      const std::string path = target(meeting.file);
      std::optional<FileInfo> stray;
      if (meeting.holder == kNone) {
        XNA_ASSIGN_OR_RETURN(stray, LookUp(path, &meeting.obstructed));
        meeting.stray = stray.has_value();
        meeting.obstructed = meeting.obstructed || IsBelowOne(path, place.foreign);
      }
      // The merged catalog is to be there, and nobody would see the file go.
      meeting.obstructed = meeting.obstructed || path == place.catalog;
      if (meeting.object != kNone) {
        const CatalogEntry& entry = *place.archived[meeting.object];
        XNA_RETURN_IF_ERROR(
            CompareObject(place, JoinPath(directory, entry.RelativePath()), entry, &meeting));
      } else if (meeting.stray) {
        CompareFiles(place, path, *stray, nullptr, &meeting);
      }
    }
    return Status();
  }

  std::vector<OpenComparison> Take() { return std::move(open_); }

 private:
  /// What lies at `path`: a file, or nothing. `obstructed` is set for anything else.
  Result<std::optional<FileInfo>> LookUp(const std::string& path, bool* obstructed) {
    Result<std::optional<FileInfo>> found = near_.Find(archive_, path);
    if (found.ok()) {
      if (!*found || (*found)->kind == FileKind::kRegular) return found;
      *obstructed = true;
    } else if (found.status().code() == Code::kNotFound) {
      *obstructed = found.status().os_errno() == ENOTDIR;
    } else if (found.status().reason() == "fs.unsafe-path") {
      *obstructed = true;
    } else {
      return found.status();
    }
    return std::optional<FileInfo>();
  }

  Status CompareObject(const Place& place, const std::string& path, const CatalogEntry& entry,
                       FileMeeting* meeting) {
    if (!CheckRelativePath(path).ok()) {  // a URL, or a name of no file of ours
      meeting->obstructed = true;
      return Status();
    }
    bool obstructed = false;
    XNA_ASSIGN_OR_RETURN(const auto info, LookUp(path, &obstructed));
    meeting->obstructed = meeting->obstructed || obstructed;
    if (!info && entry.uri != entry.RelativePath()) {  // not lost: its bytes are elsewhere
      meeting->obstructed = true;
      return Status();
    }
    if (!info) {
      CompareWithLost(place, entry, meeting);
      return Status();
    }
    CompareFiles(place, path, *info, &entry, meeting);
    return Status();
  }

  /// Size and digests in the entry are all that is known of a lost file, whatever digests are asked
  /// for now.
  void CompareWithLost(const Place& place, const CatalogEntry& lost, FileMeeting* meeting) {
    const SessionFile& file = place.incoming.files[meeting->file];
    meeting->sameness = Sameness::kArchivedIsMissing;
    const std::optional<std::int64_t> size = ParseInt(lost.Meta("SIZE"));
    const bool other_size = size && *size != static_cast<std::int64_t>(file.size);
    const Digests digests = DigestsOf(lost);
    meeting->differs_from_lost = other_size || digests != Digests();
    if (other_size || digests == Digests()) return;
    OpenComparison comparison;
    comparison.meeting = meeting;
    comparison.incoming_path = JoinPath(place.incoming_directory, file.path);
    comparison.archived = digests;
    comparison.checksum = HasDigests(lost, checksum_) ? checksum_
                          : digests.md5.empty()       ? Checksum::kXxh3
                                                      : Checksum::kMd5;
    Settle(place, std::move(comparison));
  }

  /// Different sizes are different bytes. Else the digests decide, now or when they are computed.
  void CompareFiles(const Place& place, const std::string& path, const FileInfo& info,
                    const CatalogEntry* archived, FileMeeting* meeting) {
    const SessionFile& file = place.incoming.files[meeting->file];
    meeting->archived_size = info.size;
    meeting->archived_changed = archived != nullptr && !Vouches(*archived, info);
    if (file.size != info.size) return;
    OpenComparison comparison;
    comparison.meeting = meeting;
    comparison.incoming_path = JoinPath(place.incoming_directory, file.path);
    comparison.archived_path = path;
    comparison.checksum = checksum_;
    if (archived != nullptr && KnowsDigests(*archived, FileOf(info), checksum_)) {
      comparison.archived = DigestsOf(*archived);
    }
    Settle(place, std::move(comparison));
  }

  /// Compares what is known; what is not stays open.
  void Settle(const Place& place, OpenComparison comparison) {
    const FileMeeting& meeting = *comparison.meeting;
    const SessionFile& file = place.incoming.files[meeting.file];
    if (meeting.entry != kNone &&
        KnowsDigests(*place.incoming.entries[meeting.entry], file, comparison.checksum)) {
      comparison.incoming = DigestsOf(*place.incoming.entries[meeting.entry]);
    }
    if (comparison.incoming == Digests() || comparison.archived == Digests()) {
      open_.push_back(std::move(comparison));
    } else {
      Conclude(comparison);
    }
  }

  const Directory& archive_;
  NearDirectory near_;
  const Checksum checksum_;
  std::vector<OpenComparison> open_;
};

/// Loads the catalog that one incoming resource meets; `place`: that of the archived session.
Status LoadCatalog(const Directory& archive, const std::string& place, const ResourceMatch& match,
                   ExistingResource* existing) {
  if (match.archived && !CheckRelativePath(match.catalog_path).ok()) {
    existing->unreadable = "catalog.not-in-session";
    return Status();
  }
  XNA_ASSIGN_OR_RETURN(existing->directory, archive.Exists(match.directory));
  if (!match.archived) {
    XNA_ASSIGN_OR_RETURN(const bool unknown, archive.Exists(match.catalog_path));
    if (unknown) existing->unreadable = "catalog.not-in-document";
    return Status();
  }
  bool packed = false;
  Result<Catalog> catalog = ReadCatalog(archive, match.catalog_path, &packed);
  if (packed) {
    IgnoreError(catalog.status(), "it is refused either way");
    existing->unreadable = "it is packed; unpack its .gz first";
    return Status();
  }
  if (catalog.ok()) {
    existing->catalog = std::move(catalog).value();
    CompletePaths(JoinPath(place, match.directory), &existing->catalog);
    return Status();
  }
  const Code code = catalog.status().code();
  if (code != Code::kCorruption && code != Code::kInvalidArgument && code != Code::kNotFound) {
    return catalog.status();
  }
  existing->unreadable = catalog.status().reason();
  return Status();
}

/// Computes what is missing of the comparisons' digests on one side.
Status HashSide(const Directory& directory, unsigned threads, std::string OpenComparison::*path,
                Digests OpenComparison::*digests, std::vector<OpenComparison>* open) {
  for (const Checksum checksum : {Checksum::kMd5AndXxh3, Checksum::kMd5, Checksum::kXxh3}) {
    std::vector<std::string> paths;
    std::vector<OpenComparison*> of_path;
    for (OpenComparison& comparison : *open) {
      if (comparison.checksum != checksum || comparison.*digests != Digests()) continue;
      paths.push_back(comparison.*path);
      of_path.push_back(&comparison);
    }
    XNA_RETURN_IF_ERROR(HashFiles(
        directory, paths, checksum, threads, {},
        [&](std::size_t i, const HashedFile& file) { of_path[i]->*digests = file.digests; }));
  }
  return Status();
}

/// Keeps a digest that was computed now, so that archiving need not read the file again.
void Remember(const OpenComparison& comparison, DescribedSession* incoming) {
  if (!comparison.of_resource) return;
  const std::size_t r = comparison.resource;
  incoming->digests.resize(incoming->facts.size());
  incoming->digests[r].resize(incoming->inventory.resources[r].size());
  incoming->digests[r][comparison.meeting->file] = comparison.incoming;
}

/// Whether a file has the name that the catalog of a renamed scan's resource is to get.
bool TakesCatalogName(const std::vector<SessionFile>& files, const ResourceDraft& draft,
                      const ResourceMatch& match) {
  const std::string_view name = BaseName(match.catalog_path);
  if (name == BaseName(draft.catalog_path)) return false;
  return std::any_of(files.begin(), files.end(),
                     [&](const SessionFile& file) { return file.path == name; });
}

/// Meets and compares the files of resource `i`, unless its directory is moved as a whole.
Status CompareResource(const Directory& archive, ObjectIdentity identity, Checksum checksum,
                       const DescribedSession& incoming, std::size_t i, ExistingSession* existing,
                       std::vector<OpenComparison>* open) {
  const ResourceDraft& draft = incoming.draft.resources[i];
  const ResourceMatch& match = existing->match.resources[i];
  ExistingResource& found = existing->resources[i];
  if (!found.directory && !match.archived) {
    if (TakesCatalogName(incoming.inventory.resources[i], draft, match)) {
      found.unreadable = "catalog.name-taken";
    }
    return Status();
  }
  if (!found.unreadable.empty()) return Status();  // a finding says so
  const Place place{{EntriesOf(draft.catalog), incoming.facts[i].file_of_entry,
                     incoming.inventory.resources[i], BaseName(draft.catalog_path)},
                    draft.directory,
                    EntriesOf(found.catalog),
                    ForeignDirectories(existing->document, existing->match, &match),
                    match.catalog_path};
  found.meetings = MeetFiles(place.incoming, place.archived, identity);
  Comparer comparer(archive, checksum);
  XNA_RETURN_IF_ERROR(comparer.Compare(
      place,
      [&](std::uint32_t file) {
        return JoinPath(match.directory, place.incoming.files[file].path);
      },
      match.directory, &found.meetings));
  *open = comparer.Take();
  for (OpenComparison& comparison : *open) {
    comparison.resource = i;
    comparison.of_resource = true;
  }
  return Status();
}

Status FinishComparisons(const Directory& source, const Directory& archive,
                         const CompareOptions& options, std::vector<OpenComparison> open,
                         DescribedSession* incoming) {
  if (open.empty()) return Status();
  std::vector<bool> read;
  for (OpenComparison& comparison : open) {
    read.push_back(comparison.incoming == Digests());
    comparison.incoming_path = incoming->PlaceNow(comparison.incoming_path);
  }
  XNA_RETURN_IF_ERROR(HashSide(source, options.threads, &OpenComparison::incoming_path,
                               &OpenComparison::incoming, &open));
  XNA_RETURN_IF_ERROR(HashSide(archive, options.threads, &OpenComparison::archived_path,
                               &OpenComparison::archived, &open));
  for (std::size_t i = 0; i < open.size(); ++i) {
    const OpenComparison& comparison = open[i];
    Conclude(comparison);
    if (read[i] && comparison.checksum == options.checksum) Remember(comparison, incoming);
  }
  return Status();
}

/// "logs/a.log", 2 -> "logs/a-2.log"
std::string NumberedLog(const std::string& path, int number) {
  const std::size_t dot = path.rfind('.');
  const std::size_t end = dot == std::string::npos || dot < path.rfind('/') + 1 ? path.size() : dot;
  return path.substr(0, end) + "-" + std::to_string(number) + path.substr(end);
}

/// Meets and compares the files of no resource, each once but for logs, which are given numbers
/// until no other log has their name.
Status CompareOthers(const Directory& source, const Directory& archive,
                     const CompareOptions& options, Checksum checksum, DescribedSession* incoming,
                     ExistingSession* existing) {
  const std::vector<SessionFile>& files = incoming->inventory.others;
  const Place place{{{}, {}, files, kSessionDocument},
                    "",
                    {},
                    ForeignDirectories(existing->document, existing->match, nullptr),
                    ""};
  std::vector<std::string>& targets = existing->other_targets;
  targets.clear();
  for (const SessionFile& file : files) {
    targets.push_back(PathInArchive(existing->match, file.path));
  }
  existing->others.clear();
  std::vector<FileMeeting> open = MeetFiles(place.incoming, {}, ObjectIdentity::kFileName);
  for (int number = 2; !open.empty(); ++number) {  // after the first round of logs alone
    Comparer comparer(archive, checksum);
    XNA_RETURN_IF_ERROR(comparer.Compare(
        place, [&](std::uint32_t file) { return targets[file]; }, "", &open));
    XNA_RETURN_IF_ERROR(FinishComparisons(source, archive, options, comparer.Take(), incoming));
    std::vector<FileMeeting> renamed;
    for (const FileMeeting& meeting : open) {
      const std::string& path = files[meeting.file].path;
      std::string& target = targets[meeting.file];
      const bool taken = meeting.stray && meeting.sameness != Sameness::kSame;
      if (IsSessionLog(path) &&
          (taken || std::count(targets.begin(), targets.end(), target) != 1)) {
        target = NumberedLog(path, number);
        renamed.emplace_back().file = meeting.file;
      } else {
        existing->others.push_back(meeting);
      }
    }
    open = std::move(renamed);
  }
  std::sort(existing->others.begin(), existing->others.end(),
            [](const FileMeeting& a, const FileMeeting& b) { return a.file < b.file; });
  return Status();
}

}  // namespace

Status CompareWithExisting(const Directory& source, const Directory& archive,
                           const CompareOptions& options, DescribedSession* incoming,
                           ExistingSession* existing) {
  const Checksum checksum =
      options.checksum == Checksum::kNone ? Checksum::kXxh3 : options.checksum;
  existing->match = MatchSession(incoming->draft, existing->document);
  const SessionMatch& match = existing->match;
  existing->resources.resize(match.resources.size());
  if (!match.impossible.empty()) return Status();
  std::vector<std::vector<OpenComparison>> open(match.resources.size());
  XNA_RETURN_IF_ERROR(ParallelFor(match.resources.size(), options.threads, [&](std::size_t i) {
    XNA_RETURN_IF_ERROR(
        LoadCatalog(archive, existing->directory, match.resources[i], &existing->resources[i]));
    return CompareResource(archive, options.identity, checksum, *incoming, i, existing, &open[i]);
  }));
  std::vector<OpenComparison> all;
  for (std::vector<OpenComparison>& some : open) {
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  XNA_RETURN_IF_ERROR(FinishComparisons(source, archive, options, std::move(all), incoming));
  return CompareOthers(source, archive, options, checksum, incoming, existing);
}

}  // namespace xnatarchive
