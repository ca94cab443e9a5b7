// A disk that is really full, at every level of fullness: archiving from one file system to another
// that is a small tmpfs. Needs the right to mount in a namespace of its own; skipped without.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <string>

#include "fault/fault_harness.hpp"
#include "support/small_disk.hpp"
#include "unit/archive/archive_fixture.hpp"

namespace xnatarchive {
namespace {

/// The archive of a TestTrees on a tmpfs of its own, in this process' mount namespace.
class SmallArchive {
 public:
  explicit SmallArchive(const TestTrees& disk) : path_(disk.disk.path() + "/archive") {}
  ~SmallArchive() { umount2(path_.c_str(), MNT_DETACH); }
  bool Mount(const std::string& options) const { return MountSmallDisk(path_, options); }
  bool Enlarge() const { return ResizeSmallDisk(path_, "size=64m,nr_inodes=10000"); }

 private:
  const std::string path_;
};

/// Archives to a tmpfs mounted with `options`. Empty when everything is as it must be; `*fitted`
/// tells whether the session went in at once.
std::string ArchiveTo(const std::string& options, bool* fitted) {
  TestTrees disk;
  const SmallArchive small(disk);
  if (!small.Mount(options)) return "mount";
  disk.trees = OpenTrees(disk.disk.path());
  WriteSession(disk);
  const std::string before = disk.Visible();
  int acknowledged = 0;
  const auto acknowledge = [&](const OperationPlan&) {
    ++acknowledged;
    return Status();
  };
  ArchiveOptions copy;
  copy.one_file_system = false;
  const Result<ArchiveOutcome> outcome = ArchiveTestSession(disk.trees, acknowledge, copy);
  *fitted = outcome.ok();
  const DiskState said = outcome.status().disk_state();
  if (!*fitted && outcome.status().code() != Code::kNoSpace) return outcome.status().ToString();
  if (!*fitted && said == DiskState::kUnchanged && disk.Visible() != before) return "changed";
  if (!small.Enlarge()) return "remount";
  const Status recovered = Recover(disk.trees, acknowledge);
  if (!recovered.ok()) return recovered.ToString();
  if (!disk.Leftovers().empty()) return "leftovers: " + disk.Leftovers();
  const bool archived = disk.disk.Exists("archive/" + DestinationOf("S1") + "/session.xml");
  if (archived != (*fitted || said == DiskState::kRecoveryPending)) return "the failure lied";
  if (archived != (acknowledged > 0)) return "acknowledgement";
  if (!archived && disk.Visible() != before) return "neither before nor after";
  if (!archived && !ArchiveTestSession(disk.trees, acknowledge, copy).ok()) return "second try";
  return disk.disk.Exists("prearchive/DEMO") ? "the source is still there" : "";
}

/// The result is WithOwnMounts'; prints what is wrong.
int FillDisks() {
  {
    TestTrees disk;
    const SmallArchive small(disk);
    if (!small.Mount("size=1m")) return kNoMount;
    disk.trees = OpenTrees(disk.disk.path());
    const Result<bool> one = OnOneFileSystem(disk.trees);
    if (!one.ok() || *one) return Failed(__LINE__);
  }
  int full = 0;
  int enough = 0;
  const auto run = [&](const std::string& options) {
    bool fitted = false;
    const std::string wrong = ArchiveTo(options, &fitted);
    ++(fitted ? enough : full);
    if (!wrong.empty()) dprintf(STDERR_FILENO, "%s: %s\n", options.c_str(), wrong.c_str());
    return wrong.empty();
  };
  for (int pages = 1; pages <= 60; ++pages) {
    if (!run("size=" + std::to_string(pages * 4) + "k")) return Failed(__LINE__);
  }
  for (int inodes = 2; inodes <= 60; ++inodes) {
    if (!run("size=8m,nr_inodes=" + std::to_string(inodes))) return Failed(__LINE__);
  }
  return full > 20 && enough > 20 ? 0 : Failed(__LINE__);
}

}  // namespace

TEST_SUITE("fault.full_disk") {
  TEST_CASE("an archive of any smallness takes the session whole or not at all") {
    WithOwnMounts(FillDisks);
  }
}

}  // namespace xnatarchive
