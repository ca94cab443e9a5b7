// Replacing all files of an archived resource: by exchanging directories where that is the same.
#include "archive/swap_resource.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <cerrno>
#include <functional>
#include <utility>

#include "base/text.hpp"
#include "support/fault_file_system.hpp"
#include "unit/archive/merge_check.hpp"

namespace xnatarchive {
namespace {

TestSession SessionOf(const std::string& bytes, std::vector<std::string> names) {
  TestSession session;
  session.scans = {{"1", "A"}};
  session.resources = {{"1", "DICOM", {}}};
  for (const std::string& name : names) {
    session.resources[0].files.push_back({name, "2.25." + std::to_string(name[0]), bytes + name});
  }
  return session;
}

constexpr const char* kArchived = "DEMO/arc001/S1/SCANS/1/DICOM";

/// The file system has no RENAME_EXCHANGE, as NFS.
class NoExchange : public ForwardingFileSystem {
 public:
  NoExchange() : ForwardingFileSystem(PosixFileSystem()) {}
  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override {
    constexpr unsigned kExchange = 2;
    if (flags == kExchange) return -EINVAL;
    return ForwardingFileSystem::Rename(from_dirfd, from, to_dirfd, to, flags);
  }
};

/// Lets an operation be done without its traces going, but for the mark of a swap, and stops
/// another one right after its swap.
class Interrupting : public ForwardingFileSystem {
 public:
  Interrupting() : ForwardingFileSystem(PosixFileSystem()) {}
  int Unlink(int dirfd, const char* path, int flags) noexcept override {
    if (done_ && std::string(path).find(".xa-mark") == std::string::npos) return -EIO;
    return ForwardingFileSystem::Unlink(dirfd, path, flags);
  }
  int Rename(int from_dirfd, const char* from, int to_dirfd, const char* to,
             unsigned flags) noexcept override {
    constexpr unsigned kExchange = 2;
    if (stopped_) return -EIO;
    if (std::string(to) == "done") done_ = true;
    const bool stop = done_ && flags == kExchange && std::string(to) == "DICOM";
    const int renamed = ForwardingFileSystem::Rename(from_dirfd, from, to_dirfd, to, flags);
    stopped_ = stop;
    return renamed;
  }

 private:
  bool done_ = false;
  bool stopped_ = false;
};

/// Does something when the record of what is replaced gets its document: after the archived session
/// was looked at, before there is a plan.
class OnHistory : public ForwardingFileSystem {
 public:
  OnHistory() : ForwardingFileSystem(PosixFileSystem()) {}
  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
    const std::string name(path);
    if ((flags & O_CREAT) != 0 && EndsWith(name, "history/session.xml") && meddle) {
      std::exchange(meddle, nullptr)();
    }
    return ForwardingFileSystem::Open(dirfd, path, flags, mode);
  }

  std::function<void()> meddle;
};

/// Another file system is mounted on the archived directory.
class MountedResource : public ForwardingFileSystem {
 public:
  MountedResource() : ForwardingFileSystem(PosixFileSystem()) {}
  int Stat(int fd, const char* path, FileInfo* info) noexcept override {
    const int result = ForwardingFileSystem::Stat(fd, path, info);
    if (result >= 0 && BaseName(path) == BaseName(kArchived)) ++info->device;
    return result;
  }
};

/// What became of replacing `archived` by `incoming`, and whether the directory was exchanged.
struct Replaced {
  bool exchanged = false;
  std::string wrong;
  std::string history;
};

Replaced Replace(TestTrees& disk, const TestSession& archived, const TestSession& incoming,
                 const std::string& stray = {}, bool one_file_system = true) {
  ArchiveBefore(disk.trees, archived);
  WriteIncoming(disk.trees, incoming);
  if (!stray.empty()) disk.disk.Write("archive/" + std::string(kArchived) + "/" + stray, "stray");
  const Result<FileInfo> before = disk.trees.archive.Stat(kArchived);
  REQUIRE(before.ok());
  const Result<ArchiveOutcome> merged = MergeTestSession(
      disk.trees, AcknowledgeNothing, MergeWith(Overwrite::kDelete, one_file_system));
  REQUIRE(merged.ok());
  CHECK(merged->clean_up.ok());
  const Result<FileInfo> after = disk.trees.archive.Stat(kArchived);
  REQUIRE(after.ok());
  Replaced replaced;
  replaced.exchanged = before->inode != after->inode;
  ModelPolicy policy;
  policy.overwrite = Overwrite::kDelete;
  if (stray.empty()) {
    replaced.wrong = CheckArchived(disk, ModelMerge(archived, incoming, policy));
  }
  replaced.wrong += CheckClean(disk);
  replaced.history = HistoryOf(disk);
  return replaced;
}

}  // namespace

TEST_SUITE("archive.swap_resource") {
  TEST_CASE("a resource all of whose files are replaced changes places with the incoming one") {
    for (const bool one_file_system : {true, false}) {
      CAPTURE(one_file_system);
      TestTrees disk;
      const Replaced replaced = Replace(disk, SessionOf("old ", {"a", "b"}),
                                        SessionOf("new ", {"a", "b"}), "", one_file_system);
      CHECK(replaced.exchanged);
      CHECK(replaced.wrong == "");
      CHECK(disk.disk.Read("archive/" + std::string(kArchived) + "/a") == "new a");
      CHECK(disk.disk.Dump("archive/" + std::string(kArchived)).find(".xa") == std::string::npos);
    }
  }

  TEST_CASE("new files come along with those that replace") {
    TestTrees disk;
    const Replaced replaced =
        Replace(disk, SessionOf("old ", {"a", "b"}), SessionOf("new ", {"a", "b", "c"}));
    CHECK(replaced.exchanged);
    CHECK(replaced.wrong == "");
    CHECK(disk.disk.Read("archive/" + std::string(kArchived) + "/c") == "new c");
  }

  TEST_CASE("the history is what it is when files are replaced one by one") {
    TestTrees exchanging;
    NoExchange file_system;
    TestTrees renaming(file_system);
    const Replaced by_exchange =
        Replace(exchanging, SessionOf("old ", {"a", "b"}), SessionOf("new ", {"a", "b"}));
    const Replaced one_by_one =
        Replace(renaming, SessionOf("old ", {"a", "b"}), SessionOf("new ", {"a", "b"}));
    CHECK(by_exchange.exchanged);
    CHECK_FALSE(one_by_one.exchanged);
    CHECK(one_by_one.wrong == "");
    CHECK(by_exchange.history == one_by_one.history);
    CHECK(exchanging.Visible() == renaming.Visible());
  }

  TEST_CASE("files are replaced one by one where the archive would lose something else") {
    SUBCASE("an archived file that is not replaced") {
      TestTrees disk;
      const Replaced replaced =
          Replace(disk, SessionOf("old ", {"a", "b", "c"}), SessionOf("new ", {"a", "b"}));
      CHECK_FALSE(replaced.exchanged);
      CHECK(replaced.wrong == "");
      CHECK(disk.disk.Read("archive/" + std::string(kArchived) + "/c") == "old c");
    }
    SUBCASE("a file that no catalog names") {
      for (const std::string stray : {"notes.txt", "deeper/notes.txt", ".hidden"}) {
        TestTrees disk;
        const Replaced replaced =
            Replace(disk, SessionOf("old ", {"a", "b"}), SessionOf("new ", {"a", "b"}), stray);
        CHECK_FALSE(replaced.exchanged);
        CHECK(replaced.wrong == "");
        CHECK(disk.disk.Read("archive/" + std::string(kArchived) + "/" + stray) == "stray");
      }
    }
    SUBCASE("what is mounted there") {
      MountedResource file_system;
      TestTrees disk(file_system);
      const Replaced replaced =
          Replace(disk, SessionOf("old ", {"a", "b"}), SessionOf("new ", {"a", "b"}));
      CHECK_FALSE(replaced.exchanged);
      CHECK(replaced.wrong == "");
    }
    SUBCASE("files in directories") {
      TestTrees disk;
      const Replaced replaced =
          Replace(disk, SessionOf("old ", {"a", "sub/b"}), SessionOf("new ", {"a", "sub/b"}));
      CHECK_FALSE(replaced.exchanged);
      CHECK(replaced.wrong == "");
    }
  }

  TEST_CASE("what an earlier swap left to clean up does not undo a later one") {
    Interrupting interrupting;
    TestTrees disk(interrupting);
    ArchiveBefore(OpenTrees(disk.disk.path()), SessionOf("old ", {"a", "b"}));
    WriteIncoming(OpenTrees(disk.disk.path()), SessionOf("newer ", {"a", "b"}));
    const MergeOptions options = MergeWith(Overwrite::kDelete);
    const Result<ArchiveOutcome> first = MergeTestSession(disk.trees, AcknowledgeNothing, options);
    REQUIRE(first.ok());
    REQUIRE_FALSE(first->clean_up.ok());
    WriteIncoming(OpenTrees(disk.disk.path()), SessionOf("newest ", {"a", "b"}));
    const Result<ArchiveOutcome> second = MergeTestSession(disk.trees, AcknowledgeNothing, options);
    REQUIRE(second.status().disk_state() == DiskState::kRecoveryPending);
    const std::string directory = "archive/" + std::string(kArchived);
    REQUIRE(disk.disk.Read(directory + "/a") == "newest a");
    REQUIRE(RecoverOperations(OpenTrees(disk.disk.path()), AcknowledgeNothing).ok());
    CHECK(disk.disk.Read(directory + "/a") == "newest a");
    CHECK(disk.disk.Dump(directory).find(".xa") == std::string::npos);
    CHECK(disk.Leftovers().empty());
  }

  TEST_CASE("a file that comes into the archived directory meanwhile is not taken away") {
    const std::string stray = "archive/" + std::string(kArchived) + "/notes.txt";
    OnHistory file_system;
    TestTrees disk(file_system);
    ArchiveBefore(disk.trees, SessionOf("old ", {"a", "b"}));
    WriteIncoming(disk.trees, SessionOf("new ", {"a", "b"}));
    file_system.meddle = [&] { disk.disk.Write(stray, "stray"); };
    const MergeOptions options = MergeWith(Overwrite::kDelete);
    const Status refused = MergeTestSession(disk.trees, AcknowledgeNothing, options).status();
    CHECK(refused.reason() == "archive.files-changed");
    CHECK(refused.disk_state() == DiskState::kUnchanged);
    CHECK(disk.disk.Read(stray) == "stray");
    CHECK(disk.Leftovers().empty());
    CHECK(MergeTestSession(disk.trees, AcknowledgeNothing, options).ok());
    CHECK(disk.disk.Read(stray) == "stray");
  }
}

}  // namespace xnatarchive
