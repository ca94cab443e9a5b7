#include "prearchive/join_session.hpp"

#include <set>
#include <unordered_map>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "dicom/header.hpp"
#include "digest/digest.hpp"
#include "prearchive/header_note.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint64_t kIndexBytesMax = 1u << 30;

/// Files of a session directory that are never content: catalogs, logs, side-cars.
bool IsBookkeeping(std::string_view path) {
  const std::string_view name = BaseName(path);
  return EndsWith(name, "_catalog.xml") || StartsWith(name, ".xa") || StartsWith(path, "logs/") ||
         path == "dcmtoxnat.log";
}

/// The index beside the session; an unreadable or missing one is empty.
FileIndex CachedIndex(const Directory& prearchive, const SessionPaths& session) {
  const Result<std::string> bytes = prearchive.ReadFile(session.index, kIndexBytesMax);
  if (!bytes.ok()) return FileIndex();
  Result<FileIndex> index = ParseFileIndex(*bytes);
  return index.ok() ? std::move(index).value() : FileIndex();
}

/// Adds notes of one index to another, each once.
class NoteTable {
 public:
  explicit NoteTable(std::vector<std::string>* notes) : notes_(notes) {
    for (std::size_t i = 0; i < notes->size(); ++i) {
      numbers_.emplace((*notes)[i], static_cast<std::uint32_t>(i));
    }
  }
  std::uint32_t Number(const std::string& note) {
    const auto [at, added] = numbers_.emplace(note, static_cast<std::uint32_t>(notes_->size()));
    if (added) notes_->push_back(note);
    return at->second;
  }

 private:
  std::vector<std::string>* notes_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

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

}  // namespace

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
    if (known != cached.end() && known->second->size == entry.info.size &&
        known->second->mtime_ns == entry.info.mtime_ns) {
      files.push_back(*known->second);
      return Status();
    }
    const Result<DicomHeader> header =
        ReadHeader(prearchive, JoinPath(session.directory, entry.path));
    if (!header.ok()) {
      if (header.status().code() != Code::kCorruption) return header.status();
      others->push_back(entry.path);
      return Status();
    }
    IndexedFile file;
    file.path = entry.path;
    file.size = entry.info.size;
    file.mtime_ns = entry.info.mtime_ns;
    file.sop_instance_uid = header->Get(kTagSOPInstanceUID);
    file.instance_number = header->Get(kTagInstanceNumber);
    file.note = notes.Number(WriteHeaderNote(*header));
    files.push_back(std::move(file));
    return Status();
  };
  XNA_RETURN_IF_ERROR(prearchive.Walk(session.directory, visit));
  index.files = std::move(files);
  return index;
}

Result<JoinedSession> PlanJoin(const Directory& prearchive, const SessionPaths& session,
                               const std::string& stage, const FileIndex& incoming) {
  JoinedSession joined;
  std::vector<std::string> others;
  XNA_ASSIGN_OR_RETURN(joined.index, ReadSessionIndex(prearchive, session, &others));
  NoteTable notes(&joined.index.notes);
  std::set<std::string> taken(others.begin(), others.end());
  std::unordered_map<std::string, std::size_t> by_uid;
  std::unordered_map<std::string, std::size_t> by_path;
  for (std::size_t i = 0; i < joined.index.files.size(); ++i) {
    const IndexedFile& file = joined.index.files[i];
    taken.insert(file.path);
    by_path.emplace(file.path, i);
    if (!file.sop_instance_uid.empty()) by_uid.emplace(file.sop_instance_uid, i);
  }

  std::set<std::string> directories;
  for (IndexedFile file : incoming.files) {
    const std::string staged = JoinPath(stage, file.path);
    file.note = notes.Number(incoming.notes[file.note]);
    const auto& same = file.sop_instance_uid.empty() ? by_path : by_uid;
    const auto at = same.find(file.sop_instance_uid.empty() ? file.path : file.sop_instance_uid);
    StepKind kind = StepKind::kMove;
    if (at != same.end()) {
      IndexedFile& present = joined.index.files[at->second];
      const std::string present_path = JoinPath(session.directory, present.path);
      XNA_ASSIGN_OR_RETURN(const bool identical,
                           SameBytes(prearchive, staged, file, present_path, present));
      if (identical) {
        ++joined.files_identical;
        continue;
      }
      kind = StepKind::kReplace;
      file.path = present.path;
      present = file;
    } else {
      if (taken.count(file.path) != 0)
        file.path = FreeName(file.path, file.sop_instance_uid, taken);
      taken.insert(file.path);
      joined.index.files.push_back(file);
    }
    const std::string target = JoinPath(session.directory, file.path);
    const std::string directory(ParentPath(target));
    if (kind == StepKind::kMove && directories.insert(directory).second) {
      for (std::size_t slash = session.directory.size(); slash != std::string::npos;
           slash = directory.find('/', slash + 1)) {
        const std::string ancestor = directory.substr(0, slash);
        if (directories.insert("D " + ancestor).second) {
          joined.steps.push_back({StepKind::kMakeDirectory, {}, {Tree::kPrearchive, ancestor}});
        }
      }
      joined.steps.push_back({StepKind::kMakeDirectory, {}, {Tree::kPrearchive, directory}});
    }
    joined.steps.push_back({kind, {Tree::kPrearchive, staged}, {Tree::kPrearchive, target}});
    ++joined.files_received;
    joined.bytes_received += file.size;
  }
  return joined;
}

}  // namespace xnatarchive
