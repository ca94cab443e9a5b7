#include "prearchive/join_session.hpp"

#include <string.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "archive/session_inventory.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "dicom/header.hpp"
#include "digest/digest.hpp"
#include "prearchive/build_series.hpp"
#include "prearchive/header_note.hpp"

namespace xnatarchive {
namespace {

/// Note of a file whose header was looked for in vain.
constexpr const char* kNotDicomNote = "not-dicom";
constexpr std::uint64_t kIndexBytesMax = 1u << 30;

/// Files of a session directory that are never content: catalogs, logs, side-cars.
bool IsBookkeeping(std::string_view path) {
  const std::string_view name = BaseName(path);
  return EndsWith(name, "_catalog.xml") || StartsWith(name, ".xa") || IsSessionLog(path);
}

/// Whether two files hold the same bytes; reads them only when their digests do not tell.
Result<bool> SameBytes(const Directory& tree, const std::string& path_a, const IndexedFile& a,
                       const std::string& path_b, const IndexedFile& b) {
  if (a.size != b.size) return false;
  if (!a.xxh3.empty() && !b.xxh3.empty()) return a.xxh3 == b.xxh3 && a.md5 == b.md5;
  if (!a.md5.empty() && !b.md5.empty()) return a.md5 == b.md5;
  XNA_ASSIGN_OR_RETURN(File file_a, tree.OpenRead(path_a));
  XNA_ASSIGN_OR_RETURN(File file_b, tree.OpenRead(path_b));
  std::string buffer_a(1u << 16, '\0');
  std::string buffer_b(1u << 16, '\0');
  for (;;) {
    XNA_ASSIGN_OR_RETURN(const std::size_t size_a, file_a.Read(buffer_a.data(), buffer_a.size()));
    XNA_ASSIGN_OR_RETURN(const std::size_t size_b, file_b.Read(buffer_b.data(), buffer_b.size()));
    if (size_a != size_b) return false;
    if (size_a == 0) return true;
    if (buffer_a.compare(0, size_a, buffer_b, 0, size_b) != 0) return false;
  }
}

/// A name nobody has: the object's UID goes in, as in the default file names.
std::string FreeName(const std::string& path, const std::string& uid,
                     const std::set<std::string>& taken) {
  const std::size_t dot = path.find_last_of("./");
  const bool has_extension = dot != std::string::npos && path[dot] == '.';
  const std::string stem = has_extension ? path.substr(0, dot) : path;
  const std::string extension = has_extension ? path.substr(dot) : "";
  std::string name = stem + "-" + Base36(Fnv1a(uid)) + extension;
  for (int n = 2; taken.count(name) != 0; ++n) {
    name = stem + "-" + Base36(Fnv1a(uid)) + "-" + std::to_string(n) + extension;
  }
  return name;
}

/// Empty when it is missing or damaged.
FileIndex ReadIndex(const Directory& prearchive, const std::string& path) {
  const Result<std::string> bytes = prearchive.ReadFile(path, kIndexBytesMax);
  if (!bytes.ok()) return FileIndex();
  Result<FileIndex> index = ParseFileIndex(*bytes);
  return index.ok() ? std::move(index).value() : FileIndex();
}

}  // namespace

FileIndex CachedIndex(const Directory& prearchive, const SessionPaths& session) {
  FileIndex index = ReadIndex(prearchive, session.index);
  AddIndex(ReadIndex(prearchive, session.late_index), &index);
  return index;
}

Result<FileIndex> ReadSessionIndex(const Directory& prearchive, const SessionPaths& session,
                                   std::vector<std::string>* others,
                                   const std::function<bool(std::uint64_t)>& progress) {
  FileIndex index = CachedIndex(prearchive, session);
  std::unordered_map<std::string, const IndexedFile*> cached;
  for (const IndexedFile& file : index.files) cached.emplace(file.path, &file);
  NoteTable notes(&index.notes);
  std::vector<IndexedFile> files;

  const auto visit = [&](const WalkEntry& entry) -> Status {
    if (entry.info.kind == FileKind::kDirectory || IsBookkeeping(entry.path)) return Status();
    if (entry.info.kind != FileKind::kRegular) {
      return Status(Code::kInvalidArgument, "prearchive.unsafe-file",
                    "only regular files can be part of a session, no links or devices")
          .WithPath(JoinPath(session.directory, entry.path));
    }
    if (progress && !progress(files.size())) {
      return Status(Code::kCancelled, "build.cancelled", "the build was cancelled");
    }
    const auto known = cached.find(entry.path);
    IndexedFile file;
    if (known != cached.end() && known->second->size == entry.info.size &&
        known->second->mtime_ns == entry.info.mtime_ns) {
      file = *known->second;
      const bool looked_at =
          !file.sop_instance_uid.empty() || index.notes[file.note] == kNotDicomNote;
      if (looked_at) {
        files.push_back(std::move(file));
        return Status();
      }
    }
    file.path = entry.path;
    file.size = entry.info.size;
    file.mtime_ns = entry.info.mtime_ns;
    const std::string path = JoinPath(session.directory, entry.path);
    const Result<DicomHeader> header = ReadHeader(prearchive, path);
    if (header.ok()) {
      file.sop_instance_uid = header->Get(kTagSOPInstanceUID);
      file.instance_number = header->Get(kTagInstanceNumber);
      file.note = notes.Number(WriteHeaderNote(*header));
    } else if (header.status().code() != Code::kCorruption) {
      return header.status();
    } else if (known == cached.end()) {
      others->push_back(entry.path);
      return Status();
    } else if (!known->second->sop_instance_uid.empty()) {
      return header.status();  // was an image, is none any more: not to be left out silently
    } else {
      file.note = notes.Number(kNotDicomNote);
    }
    files.push_back(std::move(file));
    return Status();
  };
  XNA_RETURN_IF_ERROR(prearchive.Walk(session.directory, visit));
  index.files = std::move(files);
  return index;
}

namespace {

/// The work of PlanJoin.
class Joiner {
 public:
  Joiner(const Directory& prearchive, const SessionPaths& session, const std::string& stage)
      : prearchive_(prearchive), session_(session), stage_(stage) {}

  Result<JoinedSession> Run(const FileIndex& incoming) {
    std::vector<std::string> others;
    XNA_ASSIGN_OR_RETURN(joined_.index, ReadSessionIndex(prearchive_, session_, &others));
    for (const std::string& path : others) Take(path);
    for (std::size_t i = 0; i < joined_.index.files.size(); ++i) {
      const IndexedFile& file = joined_.index.files[i];
      Take(file.path);
      same_[IdentityOf(file)].push_back(i);
      by_path_.emplace(file.path, i);
    }
    made_ = directories_;
    NoteTable notes(&joined_.index.notes);
    std::vector<std::uint32_t> note_of;
    for (const std::string& note : incoming.notes) note_of.push_back(notes.Number(note));
    const auto renumbered = [&](IndexedFile file) {
      file.note = note_of[file.note];
      return file;
    };
    for (const IndexedFile& file : incoming.files) ++incoming_[IdentityOf(renumbered(file))];
    for (const IndexedFile& file : incoming.files) XNA_RETURN_IF_ERROR(Add(renumbered(file)));
    joined_.index_path = session_.index;
    XNA_ASSIGN_OR_RETURN(joined_.late_index_ends, prearchive_.Exists(session_.late_index));
    return std::move(joined_);
  }

 private:
  /// What makes two files the same one: the object's UID and its series, or without a UID the path.
  std::string IdentityOf(const IndexedFile& file) {
    if (file.sop_instance_uid.empty()) return "/" + file.path;
    return file.sop_instance_uid + "/" + std::to_string(SeriesOf(file.note));
  }

  /// A number for the series that a header note tells of; all that are no header's have one, too.
  std::size_t SeriesOf(std::uint32_t note) {
    const auto [at, added] = series_of_note_.try_emplace(note);
    if (added) {
      const Result<DicomHeader> header = ParseHeaderNote(joined_.index.notes[note]);
      const std::string key = header.ok() ? SeriesKey(*header) : "";
      at->second = series_.emplace(key, series_.size()).first->second;
    }
    return at->second;
  }

  /// Notes a path and the directories above it, so that no file is put where a directory is.
  void Take(const std::string& path) {
    files_.insert(path);
    for (std::string_view above = ParentPath(path); !above.empty(); above = ParentPath(above)) {
      if (!directories_.insert(std::string(above)).second) return;
    }
  }

  Status CheckPlace(const std::string& path) const {
    bool clash = directories_.count(path) != 0;
    for (std::string_view above = ParentPath(path); !above.empty(); above = ParentPath(above)) {
      clash = clash || files_.count(std::string(above)) != 0;
    }
    if (!clash) return Status();
    return Status(Code::kConflict, "import.name-clash",
                  "a file of the upload has the name of a directory of the waiting session, or the "
                  "other way round")
        .WithPath(path);
  }

  Status Add(IndexedFile file) {
    const std::string staged = JoinPath(stage_, file.path);
    const std::string identity = IdentityOf(file);
    const std::vector<std::size_t>& same = same_[identity];
    std::vector<std::size_t> candidates = same;
    const auto at_path = by_path_.find(file.path);
    if (file.sop_instance_uid.empty() && at_path != by_path_.end()) {
      candidates.push_back(at_path->second);  // whose header was read, while this one's was not
    }
    for (const std::size_t i : candidates) {
      const IndexedFile& present = joined_.index.files[i];
      XNA_ASSIGN_OR_RETURN(const bool identical,
                           SameBytes(prearchive_, staged, file,
                                     JoinPath(session_.directory, present.path), present));
      if (!identical) continue;
      ++joined_.files_identical;
      return Status();
    }
    // A re-send replaces only where it is plain what it replaces: one object of the series there,
    // one coming. An object of another series is another one, whatever its UID.
    if (same.size() == 1 && incoming_[identity] == 1) {
      IndexedFile& present = joined_.index.files[same.front()];
      file.path = present.path;
      present = file;
      return AddStep(StepKind::kReplace, staged, file);
    }
    if (files_.count(file.path) != 0)
      file.path = FreeName(file.path, file.sop_instance_uid, files_);
    XNA_RETURN_IF_ERROR(CheckPlace(file.path));
    Take(file.path);
    joined_.index.files.push_back(file);
    return AddStep(StepKind::kMove, staged, file);
  }

  Status AddStep(StepKind kind, const std::string& staged, const IndexedFile& file) {
    std::vector<std::string> missing;
    for (std::string_view above = ParentPath(file.path); !above.empty();
         above = ParentPath(above)) {
      if (!made_.insert(std::string(above)).second) break;
      missing.emplace_back(above);
    }
    for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
      joined_.steps.push_back({StepKind::kMakeDirectory, {}, InSession(*at)});
    }
    joined_.steps.push_back({kind, {Tree::kPrearchive, staged}, InSession(file.path)});
    ++joined_.files_received;
    joined_.bytes_received += file.size;
    return Status();
  }

  TreePath InSession(const std::string& path) const {
    return {Tree::kPrearchive, JoinPath(session_.directory, path)};
  }

  const Directory& prearchive_;
  const SessionPaths& session_;
  const std::string& stage_;
  JoinedSession joined_;
  std::unordered_map<std::string, std::vector<std::size_t>> same_;
  std::unordered_map<std::string, std::size_t> by_path_;
  std::unordered_map<std::string, std::size_t> incoming_;
  std::unordered_map<std::uint32_t, std::size_t> series_of_note_;
  std::unordered_map<std::string, std::size_t> series_;  // numbers, by SeriesKey
  std::set<std::string> files_;
  std::set<std::string> directories_;
  std::set<std::string> made_;  // directories that are there, or that a step makes
};

/// Whether the index may have one of `objects` (their UIDs), or can not be asked. It is searched as
/// the text it is, which is much faster than parsing it.
Result<bool> MayHaveOne(const Directory& prearchive, const std::string& index,
                        const std::vector<std::string>& objects) {
  const Result<std::string> text = prearchive.ReadFile(index, kIndexBytesMax);
  if (text.status().code() == Code::kNotFound) return true;
  XNA_RETURN_IF_ERROR(text.status());
  return std::any_of(objects.begin(), objects.end(), [&](const std::string& object) {
    const std::string field = "\t" + EncodePercent(object) + "\t";
    return memmem(text->data(), text->size(), field.data(), field.size()) != nullptr;
  });
}

/// Joins a few objects that the session does not have yet.
class FewJoiner {
 public:
  FewJoiner(const Directory& prearchive, const SessionPaths& session, const std::string& stage)
      : prearchive_(prearchive), session_(session), stage_(stage) {}

  /// Nothing when Joiner has to look at what is there.
  Result<std::optional<JoinedSession>> Run(const FileIndex& incoming) {
    constexpr std::size_t kFew = 8;
    const std::optional<JoinedSession> no;
    if (incoming.files.size() > kFew) return no;
    XNA_ASSIGN_OR_RETURN(const bool there, prearchive_.Exists(session_.late_index));
    joined_.index = ReadIndex(prearchive_, session_.late_index);
    if (there && joined_.index.files.empty())
      return no;  // damaged: what it knew must be found again
    std::vector<IndexedFile>& files = joined_.index.files;
    if (files.size() + incoming.files.size() > kLateFilesMax) return no;
    std::set<std::string> known;
    for (const IndexedFile& file : files) known.insert(file.sop_instance_uid);
    std::vector<std::string> objects;
    for (const IndexedFile& file : incoming.files) {
      const std::string& object = file.sop_instance_uid;
      if (object.empty() || !known.insert(object).second) return no;
      objects.push_back(object);
    }
    XNA_ASSIGN_OR_RETURN(const bool may_be_there, MayHaveOne(prearchive_, session_.index, objects));
    if (may_be_there) return no;
    NoteTable notes(&joined_.index.notes);
    for (const IndexedFile& file : incoming.files) {
      XNA_ASSIGN_OR_RETURN(const bool is_free, Place(file.path));
      if (!is_free) return no;
      files.push_back(file);
      files.back().note = notes.Number(incoming.notes[file.note]);
      ++joined_.files_received;
      joined_.bytes_received += file.size;
    }
    joined_.index_path = session_.late_index;
    return std::optional<JoinedSession>(std::move(joined_));
  }

 private:
  /// Adds the steps, unless the name is taken or what is above it is no directory.
  Result<bool> Place(const std::string& path) {
    const auto target = [&](std::string_view part) {
      return TreePath{Tree::kPrearchive, JoinPath(session_.directory, part)};
    };
    for (std::size_t end = path.find('/'); end != std::string::npos;
         end = path.find('/', end + 1)) {
      const std::string above = path.substr(0, end);
      if (known_.count(above) != 0) continue;
      const Result<FileInfo> there = prearchive_.Stat(target(above).path);
      if (there.status().code() == Code::kNotFound) {
        joined_.steps.push_back({StepKind::kMakeDirectory, {}, target(above)});
      } else {
        XNA_RETURN_IF_ERROR(there.status());
        if (there->kind != FileKind::kDirectory) return false;
      }
      known_.insert(above);
    }
    XNA_ASSIGN_OR_RETURN(const bool taken, prearchive_.Exists(target(path).path));
    if (taken) return false;
    joined_.steps.push_back(
        {StepKind::kMove, {Tree::kPrearchive, JoinPath(stage_, path)}, target(path)});
    return true;
  }

  const Directory& prearchive_;
  const SessionPaths& session_;
  const std::string& stage_;
  JoinedSession joined_;
  std::set<std::string> known_;  // directories that are there, or that a step makes
};

}  // namespace

Result<JoinedSession> PlanJoin(const Directory& prearchive, const SessionPaths& session,
                               const std::string& stage, const FileIndex& incoming) {
  XNA_ASSIGN_OR_RETURN(auto few, FewJoiner(prearchive, session, stage).Run(incoming));
  if (few) return std::move(*few);
  return Joiner(prearchive, session, stage).Run(incoming);
}

}  // namespace xnatarchive
