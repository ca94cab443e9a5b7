// A disk that becomes full while an engine is open: what makes room again has to work (I7).
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

#include "support/fault_file_system.hpp"
#include "support/small_disk.hpp"
#include "unit/engine/merge_fixture.hpp"

namespace xnatarchive {
namespace {

/// A root on a disk of its own, which $TMPDIR is.
struct FullDiskFixture : MergeFixture {
  /// Opens the engine anew on `fs`, fills the disk, and does `work`: whether the reserve beside the
  /// store was there, was given up for it, and it succeeded.
  bool WorksOnFullDisk(FileSystem* fs, const std::function<Status()>& work) {
    const auto has_reserve = [&] { return tree.Exists("root/store.sqlite3-reserve"); };
    Open(fs);
    if (!FillUp(tree.path() + "/filler") || !has_reserve()) return false;
    const Status status = work();
    const bool given_up = !has_reserve();
    tree.Remove("filler");
    if (!status.ok()) dprintf(STDERR_FILENO, "%s\n", status.ToString().c_str());
    return status.ok() && given_up;
  }
};

int DeletesWaiting() {
  FullDiskFixture fixture;
  const std::string src = fixture.Receive({MergeFixture::Object(1, 1)});
  const auto work = [&] { return fixture.engine->DeletePrearchiveSession(src); };
  if (!fixture.WorksOnFullDisk(nullptr, work)) return Failed(__LINE__);
  if (fixture.tree.Exists(MergeFixture::WaitingDirectory(src))) return Failed(__LINE__);
  return Must(fixture.engine->PrearchiveSessions()).empty() ? 0 : Failed(__LINE__);
}

int PrunesHistory() {
  FullDiskFixture fixture;
  fixture.Merge({MergeFixture::Object(1, 1)}, Overwrite::kNone);
  fixture.Merge({MergeFixture::Changed(MergeFixture::Object(1, 1))}, Overwrite::kDelete);
  const std::string archived = fixture.Archived();
  const std::string id = Must(fixture.engine->History()).at(0).id;
  const auto work = [&] { return fixture.engine->PruneHistory(id); };
  if (!fixture.WorksOnFullDisk(nullptr, work)) return Failed(__LINE__);
  if (fixture.Archived() != archived) return Failed(__LINE__);
  return Must(fixture.engine->History()).empty() ? 0 : Failed(__LINE__);
}

/// An archiving that died is finished, or discarded, at whichever call it died.
int Recovers() {
  FaultFileSystem disk;
  FullDiskFixture fixture;
  fixture.options.recover_on_open = false;
  const std::string src = fixture.Receive({MergeFixture::Object(1, 1)});
  for (std::uint64_t n = 1; n < 200; n += 3) {
    fixture.Open(&disk);
    disk.Reset();
    disk.KillAt(n);
    const bool died = !fixture.Archive(src, Overwrite::kNone).ok();
    disk.Reset();
    if (!died) return Failed(__LINE__);  // and none was finished
    RecoverySummary summary;
    const auto work = [&] {
      summary = Must(fixture.engine->Recover());
      return Status();
    };
    if (!fixture.WorksOnFullDisk(&disk, work) || !summary.failed.empty()) return Failed(__LINE__);
    if (fixture.tree.Exists(MergeFixture::WaitingDirectory(src))) continue;  // built at most
    const auto listed = Must(fixture.engine->List("/projects/DEMO/experiments"));
    const bool archived = fixture.Archived().find(".dcm ") != std::string::npos;
    return summary.finished.size() == 1 && listed.rows.size() == 1 && archived ? 0
                                                                               : Failed(__LINE__);
  }
  return Failed(__LINE__);
}

void OnSmallDisk(int (*work)()) {
  const TempTree place;
  WithOwnMounts([&] {
    if (!MountSmallDisk(place.path(), "size=32m")) return kNoMount;
    setenv("TMPDIR", place.path().c_str(), 1);
    return work();
  });
}

}  // namespace

TEST_SUITE("engine.full_disk") {
  TEST_CASE("a waiting session is deleted on a disk without a free byte") {
    OnSmallDisk(DeletesWaiting);
  }

  TEST_CASE("the history is pruned on a disk without a free byte") { OnSmallDisk(PrunesHistory); }

  TEST_CASE("an operation that died is finished or discarded on a disk without a free byte") {
    OnSmallDisk(Recovers);
  }
}

}  // namespace xnatarchive
