// Merges that would cost somebody a file, or leave a catalog that is not true.
#include <doctest/doctest.h>

#include <functional>
#include <utility>

#include "archive/merge_session.hpp"
#include "unit/archive/merge_check.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

/// Scan "1" of series A and scan "2" of series B, one file each.
TestSession TwoScans() {
  TestSession session;
  session.scans = {{"1", "A"}, {"2", "B"}};
  session.resources = {{"1", "DICOM", {{"a", "2.25.1", "bytes of a"}}},
                       {"2", "DICOM", {{"b", "2.25.2", "bytes of b"}}}};
  return session;
}

/// A new file for scan "1".
TestSession OneMore() {
  TestSession session;
  session.scans = {{"1", "A"}};
  session.resources = {{"1", "DICOM", {{"c", "2.25.3", "bytes of c"}}}};
  return session;
}

std::string Archived(const std::string& path) {
  return "archive/" + DestinationOf("S1") + "/" + path;
}

/// An archived session and one that is to be merged into it.
struct Fixture {
  TestTrees disk;

  explicit Fixture(const TestSession& archived, FileSystem& fs = PosixFileSystem()) : disk(fs) {
    ArchiveBefore(OpenTrees(disk.disk.path()), archived);
  }
  void Receive(const TestSession& incoming) {
    WriteIncoming(OpenTrees(disk.disk.path()), incoming);
  }
  Status Merge(const MergeOptions& options, ArchivePlan* plan = nullptr) {
    return MergeTestSession(disk.trees, AcknowledgeNothing, options, plan).status();
  }
  /// The reason of a refusal that changed nothing, under `overwrite` on one file system and across.
  std::string Refusal(Overwrite overwrite) {
    std::string reason;
    for (const bool one_file_system : {true, false}) {
      const std::string before = disk.Visible();
      const Status status = Merge(MergeWith(overwrite, one_file_system));
      CHECK(status.disk_state() == DiskState::kUnchanged);
      CHECK(disk.Visible() == before);
      CHECK(disk.Leftovers().empty());
      CHECK_FALSE(disk.disk.Exists("archive/.xa/history"));
      if (!reason.empty()) CHECK(reason == status.reason());
      reason = status.ok() ? "merged" : status.reason();
    }
    return reason;
  }
  SessionDocument Document() const {
    return *ParseSession(disk.disk.Read(Archived("session.xml")));
  }
  void ChangeCatalog(const std::string& path, const std::function<void(Catalog*)>& change) {
    Catalog catalog = *ParseCatalog(disk.disk.Read(Archived(path)));
    change(&catalog);
    disk.disk.Write(Archived(path), WriteCatalog(catalog, CatalogStyle::kPlain));
  }
};

constexpr const char* kCatalog1 = "SCANS/1/DICOM/scan_1_catalog.xml";

/// Does something of its own when everything is staged.
class MeddlingFileSystem : public ForwardingFileSystem {
 public:
  MeddlingFileSystem() : ForwardingFileSystem(PosixFileSystem()) {}
  int SyncFs(int fd) noexcept override {
    if (meddle) std::exchange(meddle, nullptr)();
    return ForwardingFileSystem::SyncFs(fd);
  }
  std::function<void()> meddle;
};

}  // namespace

TEST_SUITE("archive.merge_safety") {
  TEST_CASE("files of no resource never come into the directory of an archived resource") {
    for (const char* path :
         {"SCANS/2/DICOM/b", "SCANS/2/DICOM/new", "SCANS/2/DICOM/scan_2_catalog.xml"}) {
      CAPTURE(std::string(path));
      Fixture fixture(TwoScans());
      TestSession incoming = OneMore();  // its document does not know scan 2
      incoming.others = {{path, "", "something else"}};
      fixture.Receive(incoming);
      for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
        CHECK(fixture.Refusal(overwrite) == "archive.name-taken");
      }
    }
  }

  TEST_CASE("files of no resource are kept there when they are the same") {
    Fixture fixture(TwoScans());
    TestSession incoming = OneMore();
    incoming.others = {{"SCANS/2/DICOM/b", "", "bytes of b"}};
    fixture.Receive(incoming);
    CHECK(fixture.Merge(MergeWith(Overwrite::kAppend)).ToString() == "ok");
    ModelSession expected = ModelMerge(TwoScans(), OneMore(), {});
    CHECK(CheckArchived(fixture.disk, expected) == "");
  }

  TEST_CASE("files of no resource do not come into the new directory of a renamed scan") {
    Fixture fixture(TwoScans());
    TestSession incoming = OneMore();
    incoming.scans[0].uid = "C";
    incoming.others = {{"SCANS/1-MR1/DICOM/c", "", "something else"}};
    fixture.Receive(incoming);
    CHECK(fixture.Refusal(Overwrite::kDelete) == "archive.name-taken");
  }

  TEST_CASE("logs of the session stop no merge: the same is kept, another one gets a number") {
    TestSession archived = TwoScans();
    archived.others = {{"dcmtoxnat.log", "", "of the first"}, {"logs/1.log", "", "received"}};
    Fixture fixture(archived);
    for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
      for (int times = 0; times < 2; ++times) {
        TestSession incoming = OneMore();
        incoming.others = {{"dcmtoxnat.log", "", overwrite == Overwrite::kAppend ? "2nd" : "3rd"},
                           {"logs/1.log", "", "received"},
                           {"logs/2.log", "", "received"}};
        fixture.Receive(incoming);
        CHECK(fixture.Merge(MergeWith(overwrite)).ToString() == "ok");
      }
    }
    ModelSession expected = ModelMerge(TwoScans(), OneMore(), {});
    expected.files["dcmtoxnat.log"] = "of the first";
    expected.files["dcmtoxnat-2.log"] = "2nd";
    expected.files["dcmtoxnat-3.log"] = "3rd";
    expected.files["logs/1.log"] = expected.files["logs/2.log"] = "received";
    CHECK(CheckArchived(fixture.disk, expected) == "");
  }

  TEST_CASE("a resource never comes into the directory of another archived one") {
    TestSession archived = TwoScans();
    archived.resources.push_back({"1", "NOTES", {{"n", "", "note"}}});
    Fixture fixture(archived);
    // The notes lie below the DICOM files, as another program has put them.
    const std::string nested = "SCANS/1/DICOM/notes/";
    for (const char* name : {"n", "scan_1_NOTES_catalog.xml"}) {
      fixture.disk.disk.Write(
          Archived(nested + name),
          fixture.disk.disk.Read(Archived("SCANS/1/NOTES/" + std::string(name))));
    }
    fixture.disk.disk.Remove(Archived("SCANS/1/NOTES"));
    SessionDocument document = fixture.Document();
    document.scans[0].resources[1].uri = nested + "scan_1_NOTES_catalog.xml";
    fixture.disk.disk.Write(Archived("session.xml"), WriteSession(document));
    for (const char* path : {"notes/n", "notes/m", "notes/scan_1_NOTES_catalog.xml"}) {
      CAPTURE(std::string(path));
      TestSession incoming = OneMore();
      incoming.resources[0].files[0] = {path, "", "something else", false};
      fixture.disk.disk.Remove("prearchive/DEMO");
      fixture.Receive(incoming);
      CHECK(fixture.Refusal(Overwrite::kDelete) == "archive.name-taken");
    }
  }

  TEST_CASE("a file never takes the place of the archived catalog, whatever that is called") {
    Fixture fixture(TwoScans());
    const std::string own = "SCANS/1/DICOM/DICOM_catalog.xml";
    fixture.disk.disk.Write(Archived(own), fixture.disk.disk.Read(Archived(kCatalog1)));
    fixture.disk.disk.Remove(Archived(kCatalog1));
    SessionDocument document = fixture.Document();
    document.scans[0].resources[0].uri = own;
    fixture.disk.disk.Write(Archived("session.xml"), WriteSession(document));
    TestSession incoming = OneMore();
    incoming.resources[0].files.push_back({"DICOM_catalog.xml", "", "something else", false});
    fixture.Receive(incoming);
    CHECK(fixture.Refusal(Overwrite::kAppend) == "archive.name-taken");
    CHECK(fixture.Refusal(Overwrite::kDelete) == "archive.name-taken");
  }

  TEST_CASE("a file never takes the place of the catalog of a renamed scan") {
    Fixture fixture(TwoScans());
    TestSession incoming = OneMore();
    incoming.scans[0].uid = "C";
    incoming.resources[0].files.push_back({"scan_1-MR1_catalog.xml", "", "something else", false});
    fixture.Receive(incoming);
    CHECK(fixture.Refusal(Overwrite::kAppend) == "archive.no-merge");
    CHECK(fixture.Refusal(Overwrite::kDelete) == "archive.no-merge");
  }

  TEST_CASE("a directory the archived document does not know is not taken for a resource of it") {
    TestSession archived = OneMore();
    archived.others = {{"SCANS/2/DICOM/scan_2_catalog.xml", "", "<x/>"}};
    Fixture fixture(archived);
    fixture.Receive(TwoScans());
    CHECK(fixture.Refusal(Overwrite::kDelete) == "archive.no-merge");
  }

  TEST_CASE("what lies in such a directory stays, and a new catalog names only what is its own") {
    TestSession archived = OneMore();
    archived.others = {{"SCANS/2/DICOM/z", "", "something else"}};
    for (const bool empty : {false, true}) {
      CAPTURE(empty);
      TestSession incoming = TwoScans();
      if (empty) incoming.resources[1].files.clear();
      Fixture fixture(archived);
      fixture.Receive(incoming);
      CHECK(fixture.Merge(MergeWith(Overwrite::kAppend)).ToString() == "ok");
      CHECK(CheckArchived(fixture.disk, ModelMerge(archived, incoming, {})) == "");
    }
  }

  TEST_CASE(
      "append puts a lost file back by the bytes its entry tells of, whichever digest it has") {
    TestSession archived = TwoScans();
    archived.resources[0].files[0].on_disk = false;
    struct Told {
      bool md5, xxh3, size;
      const char* other;  // what becomes of other bytes of the same size
    };
    for (const Told& told :
         {Told{true, true, true, "archive.merge-conflict"},
          Told{true, false, false, "archive.merge-conflict"},
          Told{false, true, false, "archive.merge-conflict"}, Told{false, false, true, "merged"}}) {
      for (const Checksum checksum :
           {Checksum::kMd5AndXxh3, Checksum::kMd5, Checksum::kXxh3, Checksum::kNone}) {
        for (const char* bytes : {"bytes of a", "other size", "something else"}) {
          CAPTURE(std::string(bytes));
          Fixture fixture(archived);
          fixture.ChangeCatalog(kCatalog1, [&](Catalog* catalog) {
            CatalogEntry& entry = catalog->entries.at(0);
            if (!told.md5) entry.digest = "";
            if (!told.xxh3) entry.SetMeta("XXH3", "");
            if (!told.size) entry.SetMeta("SIZE", "");
          });
          TestSession incoming = OneMore();
          incoming.resources[0].files = {{"a", "2.25.1", bytes}};
          fixture.Receive(incoming);
          MergeOptions options = MergeWith(Overwrite::kAppend);
          options.checksum = checksum;
          const std::string before = fixture.disk.Visible();
          const Status merged = fixture.Merge(options);
          const bool is_lost_one = std::string(bytes) == "bytes of a";
          const bool other_size = std::string(bytes) == "something else";
          const std::string expected = is_lost_one  ? "merged"
                                       : other_size ? "archive.merge-conflict"
                                                    : told.other;
          CHECK((merged.ok() ? "merged" : merged.reason()) == expected);
          if (merged.ok()) {
            CHECK(fixture.disk.disk.Read(Archived("SCANS/1/DICOM/a")) == bytes);
          } else {
            CHECK(fixture.disk.Visible() == before);
          }
        }
      }
    }
  }

  TEST_CASE("an object whose archived bytes are elsewhere is not lost, and not replaced") {
    for (const char* local_name : {"", "elsewhere.dcm"}) {
      Fixture fixture(TwoScans());
      fixture.ChangeCatalog(kCatalog1, [&](Catalog* catalog) {
        CatalogEntry entry;
        entry.dicom = true;
        entry.uri = "http://host/c.dcm";
        entry.id = local_name;
        entry.uid = "2.25.3";
        catalog->entries.push_back(entry);
      });
      fixture.Receive(OneMore());
      CHECK(fixture.Refusal(Overwrite::kAppend) == "archive.name-taken");
      CHECK(fixture.Refusal(Overwrite::kDelete) == "archive.name-taken");
    }
  }

  TEST_CASE("the bytes that delete replaces are counted") {
    Fixture fixture(TwoScans());
    TestSession incoming = OneMore();
    incoming.resources[0].files.push_back({"a", "2.25.1", "new bytes"});
    fixture.Receive(incoming);
    ArchivePlan plan;
    CHECK(fixture.Merge(MergeWith(Overwrite::kDelete), &plan).ToString() == "ok");
    CHECK(plan.counts.replaced == 1);
    CHECK(plan.counts.bytes_replaced == 10);
    CHECK(plan.counts.bytes_added == 19);
  }

  TEST_CASE("a file in the way of a directory, or the reverse, or a link, is never taken away") {
    for (const int what : {0, 1, 2, 3}) {
      CAPTURE(what);
      Fixture fixture(TwoScans());
      TestSession incoming = OneMore();
      TestFile& file = incoming.resources[0].files[0];
      const std::string directory = Archived("SCANS/1/DICOM/");
      if (what == 0) file.path = "a/c";
      if (what == 1) fixture.disk.disk.Write(directory + "c/d", "there");
      if (what == 2) fixture.disk.disk.Symlink("a", directory + "c");
      if (what == 3) {
        file.path = "sub/c";
        fixture.disk.disk.Symlink("../../2", directory + "sub");
      }
      fixture.Receive(incoming);
      CHECK(fixture.Refusal(Overwrite::kDelete) == "archive.name-taken");
    }
  }

  TEST_CASE("an archived file that became a link is not taken for the file") {
    Fixture fixture(TwoScans());
    const std::string path = Archived("SCANS/1/DICOM/a");
    fixture.disk.disk.Remove(path);
    fixture.disk.disk.Symlink("/etc/passwd", path);
    TestSession incoming = OneMore();
    incoming.resources[0].files[0] = {"a", "2.25.1", "bytes of a"};
    fixture.Receive(incoming);
    CHECK(fixture.Refusal(Overwrite::kAppend) == "archive.name-taken");
    CHECK(fixture.Refusal(Overwrite::kDelete) == "archive.name-taken");
  }

  TEST_CASE("archived files without digests are read, and compared by their bytes") {
    Fixture fixture(TwoScans());
    fixture.ChangeCatalog(kCatalog1, [](Catalog* catalog) {
      catalog->entries[0].digest = "";
      catalog->entries[0].meta_fields.clear();
    });
    for (const char* bytes : {"bytes of a", "bytes of b", "more bytes"}) {
      CAPTURE(std::string(bytes));
      TestSession incoming = OneMore();
      incoming.resources[0].files[0] = {"a", "2.25.1", bytes};
      fixture.disk.disk.Remove("prearchive/DEMO");
      fixture.Receive(incoming);
      ArchivePlan plan;
      const Status status = fixture.Merge(MergeWith(Overwrite::kAppend), &plan);
      const bool same = std::string(bytes) == "bytes of a";
      CHECK(status.ok() == same);
      CHECK(plan.counts.identical == (same ? 1 : 0));
    }
  }

  TEST_CASE("an archived file that was changed by hand is compared as it is now") {
    Fixture fixture(TwoScans());
    fixture.disk.disk.Write(Archived("SCANS/1/DICOM/a"), "by hand...");
    TestSession incoming = OneMore();
    incoming.resources[0].files[0] = {"a", "2.25.1", "bytes of a"};
    fixture.Receive(incoming);
    CHECK(fixture.Refusal(Overwrite::kAppend) == "archive.merge-conflict");
  }

  TEST_CASE("whatever checksum is set, the same bytes are the same and others are not") {
    for (const Checksum checksum :
         {Checksum::kNone, Checksum::kMd5, Checksum::kXxh3, Checksum::kMd5AndXxh3}) {
      Fixture fixture(TwoScans());
      TestSession incoming = TwoScans();
      incoming.resources[1].files[0].bytes = "bytes of c";
      fixture.Receive(incoming);
      MergeOptions options = MergeWith(Overwrite::kAppend);
      options.checksum = checksum;
      ArchivePlan plan;
      CHECK(fixture.Merge(options, &plan).reason() == "archive.merge-conflict");
      CHECK(plan.counts.identical == 1);
      CHECK(plan.counts.conflicting == 1);
    }
  }

  TEST_CASE("what appears between the plan and its steps is not overwritten") {
    for (const char* path : {"SCANS/1/DICOM/c", "SCANS/3"}) {
      CAPTURE(std::string(path));
      MeddlingFileSystem fs;
      Fixture fixture(TwoScans(), fs);
      TestSession incoming = OneMore();
      incoming.scans.push_back({"3", "C"});
      incoming.resources.push_back({"3", "DICOM", {{"x", "2.25.9", "x"}}});
      fixture.Receive(incoming);
      fs.meddle = [&] {
        fixture.disk.disk.Write(Archived(path) + (path[6] == '3' ? "/DICOM/y" : ""), "there");
      };
      const Status status = fixture.Merge(MergeWith(Overwrite::kDelete));
      CHECK(status.reason() == "operation.target-exists");
      CHECK(status.disk_state() == DiskState::kUnchanged);
      CHECK(fixture.disk.Leftovers().empty());
      CHECK(fixture.disk.disk.Read("prearchive/" + SourceOf("S1") + "/SCANS/1/DICOM/c") ==
            "bytes of c");
    }
  }
}

}  // namespace xnatarchive
