#include "rest/user_cache.hpp"

#include <algorithm>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "fs/open_for_reading.hpp"

namespace xnatarchive {
namespace {

constexpr std::ptrdiff_t kDirectoriesMax = 32;
constexpr std::int64_t kLookEveryMs = std::int64_t{60} * 60 * 1000;
constexpr std::size_t kPieceBytes = 256u << 10;

Status NotThere() {
  return Status(Code::kNotFound, "uri.not-found",
                "there is nothing of that name in the user cache");
}

/// Nobody is told where in the cache something is not.
Status Told(Status failure) {
  const bool absent = failure.code() == Code::kNotFound || failure.reason() == "fs.not-a-file";
  return absent ? NotThere() : failure;
}

/// Makes a directory and those above it durable, and with them what was last named in it.
Status MakeDurable(const Directory& tree, std::string_view path) {
  for (;; path = ParentPath(path)) {
    XNA_RETURN_IF_ERROR(tree.SyncDirectory(path));
    if (path.empty()) return Status();
  }
}

/// A file without the name it is to have. It is removed unless it gets that, also when what fills
/// it throws.
class NewFile {
 public:
  explicit NewFile(const Directory& tree) : tree_(tree), name_(TemporaryName()) {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (made_) IgnoreError(tree_.RemoveFile(name_), "it goes when it is old");
  }

  Status Fill(const InputStream& input, std::uint64_t size_max) {
    XNA_ASSIGN_OR_RETURN(xnatarchive::File file, tree_.Create(name_));
    made_ = true;
    std::string piece(kPieceBytes, '\0');
    for (std::uint64_t size = 0;;) {
      XNA_ASSIGN_OR_RETURN(const std::size_t count, input(piece.data(), piece.size()));
      if (count == 0) break;
      if (count > piece.size() || count > size_max - size) {
        return Status(Code::kInvalidArgument, "rest.body-too-large", "the file is too large");
      }
      size += count;
      XNA_RETURN_IF_ERROR(file.Write(piece.data(), count));
    }
    XNA_RETURN_IF_ERROR(file.Sync());
    return file.Close();
  }

  Status Name(const std::string& path) {
    Status named = MoveTo(path);
    if (named.code() == Code::kAlreadyExists) {
      return Status(Code::kConflict, "user-cache.not-a-directory",
                    "a file stands where the path needs a directory");
    }
    if (named.code() == Code::kNotFound) {
      return Status(Code::kConflict, "user-cache.removed-meanwhile",
                    "the resource was removed while the file came in");
    }
    return named;
  }

 private:
  Status MoveTo(const std::string& path) {
    XNA_RETURN_IF_ERROR(tree_.MakeDirectories(ParentPath(path)));
    XNA_RETURN_IF_ERROR(tree_.Rename(name_, tree_, path, RenameMode::kReplace));
    made_ = false;
    return MakeDurable(tree_, ParentPath(path));
  }

  const Directory& tree_;
  const std::string name_;
  bool made_ = false;
};

/// What nobody has touched since, directories only when they are empty then.
Status RemoveOlderThan(const Directory& tree, std::int64_t time_ms) {
  std::vector<std::string> directories;
  XNA_RETURN_IF_ERROR(tree.Walk("", [&](const WalkEntry& entry) {
    if (entry.info.mtime_ns / 1'000'000 >= time_ms) return Status();
    if (entry.info.kind != FileKind::kDirectory) return tree.RemoveFile(entry.path);
    directories.push_back(entry.path);
    return Status();
  }));
  std::reverse(directories.begin(), directories.end());
  for (const std::string& path : directories) {
    IgnoreError(tree.RemoveDirectory(path), "something is in it");
  }
  return Status();
}

}  // namespace

Result<std::string> CachePath(std::string_view user, std::string_view resource,
                              std::string_view file) {
  if (user.empty()) {
    return Status(Code::kPermission, "access.denied", "only who has signed in has a user cache");
  }
  const std::string below = JoinPath(resource, file);
  const std::vector<std::string> names = Split(below, '/');
  const bool ours = std::any_of(names.begin(), names.end(),
                                [](const std::string& name) { return StartsWith(name, ".xa"); });
  if (ours || std::count(file.begin(), file.end(), '/') > kDirectoriesMax) {
    return Status(Code::kInvalidArgument, "rest.bad-path",
                  "the path is refused: it is too deep, or a name begins with \".xa\"");
  }
  std::string path = JoinPath(EncodePercent(user, "/."), below);
  XNA_RETURN_IF_ERROR(CheckRelativePath(path));
  return path;
}

Result<Directory> UserCache::Open() const {
  if (directory_.empty()) {
    return Status(Code::kUnsupported, "rest.no-user-cache",
                  "there is no user cache here; send the file itself");
  }
  return Directory::Open(fs_, directory_);
}

Result<Directory> UserCache::OpenToWrite() const {
  Result<Directory> opened = Open();
  if (opened.status().code() == Code::kNotFound) {
    const Status made = Directory::MakeRoot(fs_, directory_);
    if (made.code() == Code::kNotFound) {
      return Status(Code::kIo, "user-cache.no-parent", "there is no place for the user cache");
    }
    XNA_RETURN_IF_ERROR(made);
    opened = Open();
  }
  const std::int64_t now = NowMs();
  std::int64_t due = next_look_ms_;
  if (opened.ok() && now >= due && next_look_ms_.compare_exchange_strong(due, now + kLookEveryMs)) {
    IgnoreError(RemoveOlderThan(*opened, now - kCacheKeptMs), "the next look may do better");
  }
  return opened;
}

Result<std::vector<std::string>> UserCache::Resources(const std::string& user) const {
  std::vector<std::string> names;
  const Result<Directory> tree = Open();
  const auto entries = tree.ok() ? tree->List(user) : tree.status();
  if (entries.status().code() == Code::kNotFound) return names;
  XNA_RETURN_IF_ERROR(entries.status());
  for (const DirectoryEntry& entry : *entries) {
    if (entry.kind == FileKind::kDirectory) names.push_back(entry.name);
  }
  return names;
}

Result<std::vector<UserCache::File>> UserCache::Files(const std::string& resource) const {
  std::vector<File> files;
  const Result<Directory> tree = Open();
  if (!tree.ok()) return Told(tree.status());
  Status walked = tree->Walk(resource, [&](const WalkEntry& entry) {
    if (entry.info.kind == FileKind::kRegular) files.push_back({entry.path, entry.info.size});
    return Status();
  });
  if (!walked.ok()) return Told(std::move(walked));
  return files;
}

Result<OpenedFile> UserCache::OpenFile(const std::string& file) const {
  const Result<Directory> tree = Open();
  if (!tree.ok()) return Told(tree.status());
  Result<OpenedFile> opened = OpenForReading(*tree, file);
  if (!opened.ok()) return Told(opened.status());
  return opened;
}

Status UserCache::MakeResource(const std::string& resource) const {
  XNA_ASSIGN_OR_RETURN(const Directory tree, OpenToWrite());
  XNA_RETURN_IF_ERROR(tree.MakeDirectories(resource));
  return MakeDurable(tree, resource);
}

Status UserCache::Write(const std::string& file, const InputStream& input,
                        std::uint64_t size_max) const {
  XNA_ASSIGN_OR_RETURN(const Directory tree, OpenToWrite());
  const Result<FileInfo> there = tree.Stat(file);
  if (there.ok() && there->kind == FileKind::kDirectory) {
    return Status(Code::kConflict, "user-cache.is-a-directory",
                  "the user cache has a directory of that name");
  }
  if (!there.ok() && there.status().code() != Code::kNotFound) return there.status();
  NewFile received(tree);
  XNA_RETURN_IF_ERROR(received.Fill(input, size_max));
  return received.Name(file);
}

Status UserCache::RemoveFile(const std::string& file) const {
  const Result<Directory> tree = Open();
  if (!tree.ok()) return Told(tree.status());
  const Result<FileInfo> there = tree->Stat(file);
  if (there.ok() && there->kind == FileKind::kDirectory) return NotThere();
  return Told(there.ok() ? tree->RemoveFile(file) : there.status());
}

Status UserCache::RemoveResource(const std::string& resource) const {
  const Result<Directory> tree = Open();
  if (!tree.ok()) return Told(tree.status());
  const Result<FileInfo> there = tree->Stat(resource);
  return Told(there.ok() ? tree->RemoveTree(resource) : there.status());
}

}  // namespace xnatarchive
