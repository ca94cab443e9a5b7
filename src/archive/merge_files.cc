#include "archive/merge_files.hpp"

#include <unordered_map>

#include "base/text.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint32_t kNone = FileMeeting::kNone;

bool HasUid(const CatalogEntry& entry) { return entry.dicom && !entry.uid.empty(); }

/// A file's path, or for what has none the URL.
const SharedText& NameOf(const CatalogEntry& entry) {
  const SharedText& path = entry.RelativePath();
  return path.empty() ? entry.uri : path;
}

/// The archived entries by what they can be found by.
class Lookup {
 public:
  Lookup(const std::vector<const CatalogEntry*>& archived, ObjectIdentity identity)
      : archived_(archived), by_uid_wanted_(identity == ObjectIdentity::kSopInstanceUid) {
    by_path_.reserve(archived.size());
    if (by_uid_wanted_) by_uid_.reserve(archived.size());
    for (std::uint32_t i = 0; i < archived.size(); ++i) {
      by_path_.emplace(NameOf(*archived[i]), i);
      if (!by_uid_wanted_ || !HasUid(*archived[i])) continue;
      const auto [at, added] = by_uid_.emplace(archived[i]->uid, Found{i, false});
      if (!added) at->second.repeated = true;
    }
  }

  std::uint32_t HolderOf(std::string_view path) const {
    const auto at = by_path_.find(path);
    return at == by_path_.end() ? kNone : at->second;
  }

  /// Fills in the archived entry of the same object. `entry` may be null.
  void FindObject(const CatalogEntry* entry, FileMeeting* meeting) const {
    const bool by_uid = by_uid_wanted_ && entry != nullptr && HasUid(*entry);
    if (!by_uid) {
      meeting->object = meeting->holder;
      return;
    }
    const auto at = by_uid_.find(entry->uid);
    if (at == by_uid_.end()) {
      // Perhaps the same file, whose archived entry has no UID any more: the bytes will tell.
      const bool unknown = meeting->holder != kNone && !HasUid(*archived_[meeting->holder]);
      if (unknown) meeting->object = meeting->holder;
      return;
    }
    const bool holds_path =
        meeting->holder != kNone && archived_[meeting->holder]->uid == entry->uid;
    meeting->object = holds_path ? meeting->holder : at->second.entry;
    meeting->ambiguous = at->second.repeated && !holds_path;
  }

 private:
  struct Found {
    std::uint32_t entry;
    bool repeated;
  };

  const std::vector<const CatalogEntry*>& archived_;
  const bool by_uid_wanted_;
  std::unordered_map<std::string_view, std::uint32_t> by_path_;
  std::unordered_map<std::string_view, Found> by_uid_;
};

/// An object of another UID, or of another kind, is never taken for this one by its name alone.
bool IsAnotherObject(const CatalogEntry* incoming, const CatalogEntry& archived,
                     ObjectIdentity identity) {
  if (identity == ObjectIdentity::kFileName) return false;
  const bool incoming_has_uid = incoming != nullptr && HasUid(*incoming);
  return incoming_has_uid != HasUid(archived) ||
         (incoming_has_uid && incoming->uid != archived.uid);
}

constexpr std::string_view kReplaceable = "archive.merge-conflict";
constexpr std::string_view kIdentical = "archive.identical-file";
constexpr std::string_view kNameTaken = "archive.name-taken";

FileDecision Conflict(std::string_view reason) { return {FileAction::kConflict, reason}; }

/// A URL's entry has no bytes to compare or to keep.
FileDecision DecideUrl(const FileMeeting& meeting, const CatalogEntry& incoming,
                       const std::vector<const CatalogEntry*>& archived) {
  if (meeting.object == kNone && meeting.holder == kNone) return {FileAction::kAdd, {}};
  const bool same = meeting.object != kNone && archived[meeting.object]->uri == incoming.uri;
  return same ? FileDecision{FileAction::kKeep, {}} : Conflict(kNameTaken);
}

/// A file whose path is held by a file that no archived catalog names.
FileDecision DecideStray(const FileMeeting& meeting, bool has_uid, const MergePolicy& policy) {
  if (meeting.sameness == Sameness::kSame) {
    // The archived bytes are these, but no entry says so: only a file without one may be dropped.
    return meeting.entry == kNone ? FileDecision{FileAction::kKeep, {}} : Conflict(kNameTaken);
  }
  if (has_uid || meeting.obstructed) return Conflict(kNameTaken);
  return policy.overwrite == Overwrite::kDelete ? FileDecision{FileAction::kReplace, {}}
                                                : Conflict(kReplaceable);
}

FileDecision Decide(const FileMeeting& meeting, const CatalogEntry* incoming,
                    const std::vector<const CatalogEntry*>& archived, const MergePolicy& policy) {
  if (meeting.file == kNone) return DecideUrl(meeting, *incoming, archived);
  const bool has_uid = policy.identity == ObjectIdentity::kSopInstanceUid && incoming != nullptr &&
                       HasUid(*incoming);
  if (meeting.object == kNone) {
    if (meeting.holder != kNone) return Conflict(kNameTaken);
    return meeting.stray || meeting.obstructed ? DecideStray(meeting, has_uid, policy)
                                               : FileDecision{FileAction::kAdd, {}};
  }
  if (meeting.sameness == Sameness::kSame) {
    const bool strict = policy.conflict_on_identical && policy.overwrite != Overwrite::kDelete;
    return strict ? Conflict(kIdentical) : FileDecision{FileAction::kKeep, {}};
  }
  const bool name_taken = meeting.obstructed ||
                          (meeting.holder != kNone && meeting.holder != meeting.object) ||
                          (meeting.holder == kNone && meeting.stray);
  const bool unlisted = meeting.entry == kNone;  // there is no entry to put in the place of one
  if (meeting.ambiguous || name_taken || unlisted ||
      IsAnotherObject(incoming, *archived[meeting.object], policy.identity)) {
    return Conflict(kNameTaken);
  }
  // Where the archived file is lost nothing is overwritten; but its entry tells which bytes it had.
  const bool puts_back =
      meeting.sameness == Sameness::kArchivedIsMissing && !meeting.differs_from_lost;
  const bool may_replace = policy.overwrite == Overwrite::kDelete || puts_back;
  return may_replace ? FileDecision{FileAction::kReplace, {}} : Conflict(kReplaceable);
}

}  // namespace

std::vector<const CatalogEntry*> EntriesOf(const Catalog& catalog) {
  std::vector<const CatalogEntry*> entries;
  ForEachEntry(catalog, [&](const CatalogEntry& entry) { entries.push_back(&entry); });
  return entries;
}

bool IsLeftBehind(std::string_view path) {
  const std::string_view name = BaseName(path);
  return StartsWith(name, ".xa") || StartsWith(name, ".~lock-");
}

std::vector<FileMeeting> MeetFiles(const IncomingFiles& incoming,
                                   const std::vector<const CatalogEntry*>& archived,
                                   ObjectIdentity identity) {
  const Lookup lookup(archived, identity);
  std::vector<FileMeeting> meetings;
  meetings.reserve(incoming.files.size());
  std::vector<bool> named(incoming.files.size(), false);
  for (std::uint32_t i = 0; i < incoming.entries.size(); ++i) {
    FileMeeting meeting;
    meeting.entry = i;
    const std::uint32_t file = incoming.file_of_entry[i];
    if (file != ResourceFacts::kRemote) {
      meeting.file = file;
      named[file] = true;
    }
    meeting.holder = lookup.HolderOf(NameOf(*incoming.entries[i]));
    lookup.FindObject(incoming.entries[i], &meeting);
    meetings.push_back(meeting);
  }
  for (std::uint32_t i = 0; i < incoming.files.size(); ++i) {
    const std::string& path = incoming.files[i].path;
    if (named[i] || path == incoming.catalog || IsLeftBehind(path)) continue;
    FileMeeting meeting;
    meeting.file = i;
    meeting.holder = meeting.object = lookup.HolderOf(path);
    meetings.push_back(meeting);
  }
  return meetings;
}

std::vector<FileDecision> DecideFiles(const std::vector<FileMeeting>& meetings,
                                      const std::vector<const CatalogEntry*>& incoming,
                                      const std::vector<const CatalogEntry*>& archived,
                                      const MergePolicy& policy) {
  std::vector<FileDecision> decisions;
  decisions.reserve(meetings.size());
  std::vector<std::uint32_t> meant(archived.size(), 0);  // how often, by incoming files
  for (const FileMeeting& meeting : meetings) {
    const CatalogEntry* entry = meeting.entry == kNone ? nullptr : incoming[meeting.entry];
    decisions.push_back(Decide(meeting, entry, archived, policy));
    if (meeting.object != kNone && decisions.back().action != FileAction::kConflict) {
      ++meant[meeting.object];
    }
  }
  for (std::size_t i = 0; i < meetings.size(); ++i) {
    const std::uint32_t object = meetings[i].object;
    const bool replaces = decisions[i].action == FileAction::kReplace && object != kNone;
    if (replaces && meant[object] > 1) decisions[i] = Conflict(kNameTaken);
  }
  return decisions;
}

}  // namespace xnatarchive
