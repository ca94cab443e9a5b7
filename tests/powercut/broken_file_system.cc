// broken_file_system.cc - the table of I/O calls with one rule broken: the controls that show what
// the power cuts can find.
//
// Linked into the xnatarchive command in place of the real table (the linker's --wrap), so that the
// same command lines run on it. XNATARCHIVE_TEST_BREAK chooses the rule; the command xnatarchive
// itself knows nothing of all this.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "xnatarchive/file_system.hpp"

namespace xnatarchive {

FileSystem& RealPosixFileSystem() noexcept asm("__real__ZN11xnatarchive15PosixFileSystemEv");
FileSystem& BrokenPosixFileSystem() noexcept asm("__wrap__ZN11xnatarchive15PosixFileSystemEv");

namespace {

enum class Rule {
  kNone,
  kPayloadSync,    ///< I4: contents are durable before the plan is.
  kPlanSync,       ///< I4: the plan is durable before the first step.
  kDirectorySync,  ///< I4: directories are durable before the acknowledgement.
  kAtomicReplace,  ///< I3: a name that is replaced never disappears meanwhile.
};

Rule BrokenRule() {
  const char* given = std::getenv("XNATARCHIVE_TEST_BREAK");
  const std::string name = given != nullptr ? given : "";
  if (name == "no-payload-sync") return Rule::kPayloadSync;
  if (name == "no-plan-sync") return Rule::kPlanSync;
  if (name == "no-directory-sync") return Rule::kDirectorySync;
  if (name == "rewrite-in-place") return Rule::kAtomicReplace;
  if (!name.empty()) std::abort();
  return Rule::kNone;
}

std::string PathOf(int fd) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = readlink(link.c_str(), path, sizeof path);
  return std::string(path, size < 0 ? 0 : static_cast<std::size_t>(size));
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

class BrokenFileSystem final : public ForwardingFileSystem {
 public:
  BrokenFileSystem(FileSystem& target, Rule rule) : ForwardingFileSystem(target), rule_(rule) {}

  int SyncFs(int fd) noexcept override {
    return rule_ == Rule::kPayloadSync ? 0 : ForwardingFileSystem::SyncFs(fd);
  }

  int FSync(int fd) noexcept override {
    const std::string path = PathOf(fd);
    FileInfo info;
    const bool directory = Stat(fd, "", &info) == 0 && info.kind == FileKind::kDirectory;
    const bool dropped =
        (rule_ == Rule::kPayloadSync && (path + "/").find("/stage/") != std::string::npos) ||
        (rule_ == Rule::kPlanSync && EndsWith(path, "/plan.tmp")) ||
        (rule_ == Rule::kDirectorySync && directory);
    return dropped ? 0 : ForwardingFileSystem::FSync(fd);
  }

  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override {
    FileInfo old;
    const bool replaces = flags == 0 && Stat(to_dirfd, to, &old) == 0;
    if (rule_ != Rule::kAtomicReplace || !replaces || old.kind != FileKind::kRegular) {
      return ForwardingFileSystem::Rename(from_dirfd, from, to_dirfd, to, flags);
    }
    return Rewrite(from_dirfd, from, to_dirfd, to);
  }

 private:
  /// What many programs do in place of a rename: truncate the old file and write the new bytes.
  int Rewrite(int from_dirfd, const char* from, int to_dirfd, const char* to) noexcept {
    const int source = Open(from_dirfd, from, O_RDONLY, 0);
    const int target = Open(to_dirfd, to, O_WRONLY | O_TRUNC, 0);
    if (source < 0 || target < 0) std::abort();
    char buffer[4096];
    for (std::int64_t size; (size = Read(source, buffer, sizeof buffer)) > 0;) {
      if (Write(target, buffer, static_cast<std::size_t>(size)) != size) std::abort();
    }
    Close(source);
    Close(target);
    return Unlink(from_dirfd, from, 0);
  }

  const Rule rule_;
};

}  // namespace

FileSystem& BrokenPosixFileSystem() noexcept {
  static auto* broken = new BrokenFileSystem(RealPosixFileSystem(), BrokenRule());
  return *broken;
}

}  // namespace xnatarchive
