// Refresh, stopped at every call that changes the disk: catalogs, document and index are all as
// before or all as after (I2, I5), and what was reported is true. And two at once.
#include <doctest/doctest.h>
#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include "base/text.hpp"
#include "support/fault_file_system.hpp"
#include "unit/engine/check_catalogs.hpp"
#include "unit/engine/refresh_fixture.hpp"

namespace xnatarchive {
namespace {

/// A new file in scan 1, a lost one in scan 2, and a damaged catalog beside them.
struct DriftedFixture : RefreshFixture {
  const std::string catalog2 = session + "SCANS/2/DICOM/scan_2_catalog.xml";

  DriftedFixture() {
    options.threads = 1;
    CopyIn(9);
    tree.Remove(session + "SCANS/2/DICOM/" + std::string(CatalogAt(catalog2).entries[0].uri));
    tree.Write(notes + "NOTES_catalog.xml", "damaged");
  }

  /// Entries of both catalogs and what document and index count.
  std::string State() const {
    return std::to_string(CatalogAt(catalog1).entries.size()) + " " +
           std::to_string(CatalogAt(catalog2).entries.size()) + ": " +
           Counts().substr(0, Counts().find(','));
  }

  std::string Leftovers() const {
    return tree.Dump("root/archive/.xa/ops") + tree.Dump("root/archive/.xa/trash");
  }
};

/// A disk on which looking number n fails: a directory that can not be listed, a file that can not
/// be looked at, opened or read.
struct FailingLooks : ForwardingFileSystem {
  FailingLooks() : ForwardingFileSystem(PosixFileSystem()) {}

  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
    const bool looks = (flags & O_ACCMODE) == O_RDONLY;
    return looks && Fails(true) ? -error : ForwardingFileSystem::Open(dirfd, path, flags, mode);
  }
  int Stat(int fd, const char* path, FileInfo* info) noexcept override {
    return Fails(error != ENOENT) ? -error : ForwardingFileSystem::Stat(fd, path, info);
  }
  int List(int fd, std::vector<DirectoryEntry>* entries) noexcept override {
    return Fails(true) ? -error : ForwardingFileSystem::List(fd, entries);
  }
  std::int64_t Read(int fd, void* buffer, std::size_t size) noexcept override {
    return Fails(error != ENOENT) ? -error : ForwardingFileSystem::Read(fd, buffer, size);
  }

  int error = 0;  // 0: none fails
  int at = 0;
  int looked = 0;

 private:
  bool Fails(bool counts) noexcept { return counts && error != 0 && ++looked == at; }
};

/// Does something to the copied file when it is opened for reading, or its directory was listed.
struct BusyFile : ForwardingFileSystem {
  BusyFile() : ForwardingFileSystem(PosixFileSystem()) {}
  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
    const int fd = ForwardingFileSystem::Open(dirfd, path, flags, mode);
    if (armed && EndsWith(path, "copied-9.dcm")) touch();
    return fd;
  }
  int List(int fd, std::vector<DirectoryEntry>* entries) noexcept override {
    const int listed = ForwardingFileSystem::List(fd, entries);
    for (const DirectoryEntry& entry : *entries) {
      if (on_list && entry.name == "copied-9.dcm") on_list();
    }
    return listed;
  }
  std::function<void()> touch;
  std::function<void()> on_list;
  bool armed = false;
};

constexpr const char* kBefore = "3 3: 7 = 7";
constexpr const char* kAfter = "4 2: 7 = 7";  // one came, one went

/// How a refresh ended: the first failure of a catalog that was not damaged, or of the call.
Status StatusOf(const Result<RefreshReport>& report) {
  if (!report.ok()) return report.status();
  for (const CatalogOutcome& one : report->catalogs) {
    if (!one.status.ok() && one.status.reason() != "catalog.bad-xml") return one.status;
  }
  return Status();
}

}  // namespace

TEST_SUITE("engine.refresh_fault") {
  TEST_CASE("catalogs, document and index are as before or as after, and the report says which") {
    std::uint64_t runs = 0;
    bool seen_before = false;
    bool seen_recovered = false;
    int halved = 0;
    std::vector<FaultMode> modes(std::begin(kFaultModes), std::end(kFaultModes));
    modes.push_back({"kill in every write", 0, FaultFileSystem::Duration::kPersistent, true});
    for (const FaultMode& mode : modes) {
      bool triggered = true;
      for (std::uint64_t n = 1; triggered; ++n, ++runs) {
        CAPTURE(mode.name);
        CAPTURE(n);
        DriftedFixture fixture;
        REQUIRE(fixture.State() == kBefore);
        FaultFileSystem disk;
        fixture.Open(&disk);
        disk.Reset();
        mode.Arm(n, &disk);
        const Status status = StatusOf(fixture.Refresh());
        triggered = disk.triggered();
        if (mode.halves && disk.fault_call() == "write") ++halved;
        CAPTURE(disk.fault_call());
        CAPTURE(status.ToString());
        fixture.Open();  // a healthy disk; recovers
        CHECK(Must(fixture.engine->Recover()).failed.empty());
        const std::string state = fixture.State();
        CHECK((state == kBefore || state == kAfter));
        if (status.ok() || status.disk_state() == DiskState::kRecoveryPending) {
          CHECK(state == kAfter);
        } else {
          CHECK(state == kBefore);
        }
        CHECK(fixture.Leftovers().empty());
        CheckIndex(fixture);
        CHECK(fixture.tree.Read(fixture.notes + "NOTES_catalog.xml") == "damaged");
        seen_before = seen_before || state == kBefore;
        seen_recovered = seen_recovered || status.disk_state() == DiskState::kRecoveryPending;
        CHECK(StatusOf(fixture.Refresh()).ok());
        CHECK(fixture.State() == kAfter);
      }
    }
    CHECK(seen_before);
    CHECK(seen_recovered);
    CHECK(halved > 3);  // catalogs, document, plan
    MESSAGE(runs << " runs");
  }

  TEST_CASE("a project's catalog is as before or as after, and its record says so") {
    bool triggered = true;
    for (std::uint64_t n = 1; triggered; ++n) {
      CAPTURE(n);
      EngineFixture fixture;
      const std::string catalog = "root/archive/DEMO/resources/R/R_catalog.xml";
      fixture.tree.Write(catalog, WriteCatalog(Catalog(), CatalogStyle::kPlain));
      fixture.tree.Write("root/archive/DEMO/resources/R/a.txt", "a");
      FaultFileSystem disk;
      fixture.Open(&disk);
      disk.Reset();
      disk.KillAt(n, n % 2 == 0);
      const Status status =
          StatusOf(fixture.engine->Refresh(RefreshFixture::Request("all", {"/projects/DEMO"})));
      triggered = disk.triggered();
      fixture.Open();  // a healthy disk; recovers
      const bool after = Must(ParseCatalog(fixture.tree.Read(catalog))).entries.size() == 1;
      if (status.ok()) CHECK(after);
      if (!status.ok() && status.disk_state() == DiskState::kUnchanged) CHECK_FALSE(after);
      std::string records;
      for (const auto& row : Must(fixture.engine->Audit()).rows) records += row[4];
      CHECK((after ? records == "Complete" : records.empty() || records == "Failed"));
      const std::string operations = "root/archive/.xa/ops";
      CHECK((!fixture.tree.Exists(operations) || fixture.tree.Dump(operations).empty()));
    }
  }

  TEST_CASE("what can not be looked at is never taken for gone, whichever look fails") {
    for (const int error : {EIO, ESTALE, EACCES, ENOENT}) {
      CAPTURE(error);
      FailingLooks disk;
      RefreshFixture fixture;
      fixture.options.threads = 1;
      fixture.CopyIn(9);
      int failed = 0;
      bool triggered = true;
      for (int n = 1; triggered; ++n) {
        CAPTURE(n);
        disk.error = 0;
        fixture.Open(&disk);
        disk.error = error;
        disk.at = n;
        disk.looked = 0;
        RefreshRequest request = RefreshFixture::Request("delete,populateStats");
        request.force = true;
        const Result<RefreshReport> report = fixture.engine->Refresh(request);
        triggered = disk.looked >= n;
        disk.error = 0;
        if (!StatusOf(report).ok()) ++failed;
        if (report.ok()) {
          for (const CatalogOutcome& one : report->catalogs) CHECK(one.removed + one.missing == 0);
        }
        CHECK(fixture.CatalogAt(fixture.catalog1).entries.size() == 3);
        CHECK(fixture.Counts().find("7 = 7, ") == 0);
      }
      CHECK(failed > 10);
    }
  }

  TEST_CASE("two refreshes at once: each is done or told to wait, and the catalogs are true") {
    for (int round = 0; round < 20; ++round) {
      DriftedFixture fixture;
      std::atomic<int> ready{0};
      Status statuses[2];
      const auto run = [&](int i) {
        ++ready;
        while (ready < 2) std::this_thread::yield();
        statuses[i] = StatusOf(fixture.Refresh());
      };
      std::thread other([&] { run(1); });
      run(0);
      other.join();
      for (const Status& status : statuses) {
        CHECK((status.ok() || status.code() == Code::kLocked));
      }
      CHECK((statuses[0].ok() || statuses[1].ok()));
      CHECK(fixture.State() == kAfter);
      CHECK(fixture.Leftovers().empty());
    }
  }

  TEST_CASE("who waits for the other refresh finds nothing left to do") {
    DriftedFixture fixture;
    RefreshRequest request = RefreshFixture::Request();
    request.wait_ms = 60'000;
    Status statuses[2];
    std::thread other([&] { statuses[1] = StatusOf(fixture.engine->Refresh(request)); });
    statuses[0] = StatusOf(fixture.engine->Refresh(request));
    other.join();
    CHECK(statuses[0].ok());
    CHECK(statuses[1].ok());
    CHECK(fixture.State() == kAfter);
    CHECK(Split(fixture.CatalogAt(fixture.catalog1).Meta("AUDIT"), '|').size() == 2);
  }

  TEST_CASE("a refresh and a merge at once: no file and no entry is lost") {
    for (int round = 0; round < 20; ++round) {
      RefreshFixture fixture;
      fixture.CopyIn(9);
      DicomSpec spec = EngineFixture::Spec(1);
      spec.instance = 10;
      fixture.tree.Write("in/more/10.dcm", MakeDicom(spec));
      ArchiveRequest merge;
      merge.src = fixture.Import("more").uris[0];
      merge.overwrite = Overwrite::kAppend;
      Must(fixture.engine->Build(merge.src));
      std::atomic<int> ready{0};
      const auto together = [&] {
        ++ready;
        while (ready < 2) std::this_thread::yield();
      };
      Status merged;
      std::thread other([&] {
        together();
        merged = fixture.engine->Archive(merge).status();
      });
      together();
      const Status refreshed = StatusOf(fixture.Refresh());
      other.join();
      CHECK((refreshed.ok() || refreshed.code() == Code::kLocked));
      CHECK((merged.ok() || merged.code() == Code::kLocked));
      if (!merged.ok()) Must(fixture.engine->Archive(merge));
      CHECK(StatusOf(fixture.Refresh()).ok());
      CHECK(fixture.CatalogAt(fixture.catalog1).entries.size() == 5);
      CHECK(fixture.Counts().find("9 = 9, ") == 0);
      CheckIndex(fixture);
    }
  }

  TEST_CASE("a file that grows while it is refreshed gets no entry of half of it") {
    BusyFile busy;
    RefreshFixture fixture;
    const std::string path = fixture.scan1 + fixture.CopyIn(9);
    busy.touch = [&] { fixture.tree.Write(path, fixture.tree.Read(path) + "more"); };
    fixture.Open(&busy);
    for (const char* words : {"append", "append,checksum"}) {
      busy.armed = true;
      const Status status = StatusOf(fixture.Refresh(words));
      CHECK(status.code() == Code::kConflict);
      CHECK(fixture.CatalogAt(fixture.catalog1).entries.size() == 3);
      busy.armed = false;
    }
    CHECK(StatusOf(fixture.Refresh()).ok());
    const Catalog catalog = fixture.CatalogAt(fixture.catalog1);
    CHECK(catalog.entries[3].Meta("SIZE") == std::to_string(fixture.tree.Read(path).size()));
  }

  TEST_CASE("a file that vanishes while it is refreshed gets no entry") {
    BusyFile busy;
    RefreshFixture fixture;
    const std::string path = fixture.scan1 + fixture.CopyIn(9);
    const std::string bytes = fixture.tree.Read(path);
    busy.touch = [&] { fixture.tree.Remove(path); };
    fixture.Open(&busy);
    for (const char* words : {"append", "append,checksum"}) {
      fixture.tree.Write(path, bytes);
      busy.armed = true;
      CHECK_FALSE(StatusOf(fixture.Refresh(words)).ok());
      CHECK(fixture.CatalogAt(fixture.catalog1).entries.size() == 3);
      busy.armed = false;
      CHECK(StatusOf(fixture.Refresh(words)).ok());
      CHECK(fixture.CatalogAt(fixture.catalog1).entries.size() == 3);
    }
  }

  TEST_CASE("a file that vanishes between its directory's list and the look at it is gone") {
    BusyFile busy;
    RefreshFixture fixture;
    const std::string path = fixture.scan1 + fixture.CopyIn(9);
    const std::string bytes = fixture.tree.Read(path);
    int vanished = 0;
    busy.on_list = [&] {
      fixture.tree.Remove(path);
      ++vanished;
    };
    fixture.Open(&busy);
    const RefreshReport unlisted = Must(fixture.Refresh());
    CHECK(fixture.Tell(unlisted) == kAllUnchanged);
    CHECK(unlisted.catalogs[1].unlisted + unlisted.catalogs[1].ignored == 0);
    CHECK(vanished == 1);
    busy.on_list = nullptr;
    fixture.tree.Write(path, bytes);
    Must(fixture.Refresh());
    CHECK(fixture.CatalogAt(fixture.catalog1).entries.size() == 4);
    busy.on_list = [&] {
      fixture.tree.Remove(path);
      ++vanished;
    };
    const RefreshReport listed = Must(fixture.Refresh("append"));
    CHECK(fixture.Tell(listed) == kAllUnchanged);
    CHECK(listed.catalogs[1].missing == 1);
    CHECK(vanished == 2);
    CHECK(Must(fixture.Refresh("delete")).catalogs[1].removed == 1);
  }
}

}  // namespace xnatarchive
