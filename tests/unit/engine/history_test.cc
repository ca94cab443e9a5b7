// What restoring a history record does to a session that was changed meanwhile.
#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "base/text.hpp"
#include "unit/engine/check_catalogs.hpp"
#include "unit/engine/merge_fixture.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kDocument = "root/archive/DEMO/arc001/S1/session.xml";

struct HistoryFixture : MergeFixture {
  /// The only record there is.
  std::string Record() const {
    const std::vector<HistoryEntry> history = Must(engine->History());
    REQUIRE(history.size() == 1);
    return history[0].id;
  }

  SessionDocument Document() const { return Must(engine->Document("/experiments/XNAT_E00001")); }

  /// As if scan 1, the only one, had never been archived.
  void LoseScan() {
    SessionDocument document = Document();
    document.scans.clear();
    tree.Write(kDocument, WriteSession(document));
    tree.Remove("root/archive/DEMO/arc001/S1/SCANS");
  }

  /// "3, z 3", of the only scan and its catalog; -1 for none.
  std::string Frames() const {
    const Catalog catalog = Must(
        ParseCatalog(tree.Read("root/archive/DEMO/arc001/S1/SCANS/1/DICOM/scan_1_catalog.xml")));
    const std::optional<CatalogDimensions>& dimensions = catalog.dimensions;
    return Document().scans.at(0).Get("frames") + ", z " +
           std::to_string(dimensions && dimensions->z ? *dimensions->z : -1);
  }

  /// Of one directory, but for its catalog; sorted.
  std::vector<std::string> FilesBelow(const std::string& directory) const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(tree.path() + "/" + directory)) {
      if (entry.path().extension() != ".dcm") continue;
      files.push_back(directory + "/" + entry.path().filename().string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  void Restore() { CHECK(Must(engine->RestoreHistory(Record())).merged); }
};

/// The document but for the number and size of its files.
std::string WithoutCounts(SessionDocument document) {
  const auto clear = [](std::vector<Resource>* resources) {
    for (Resource& resource : *resources) {
      resource.file_count.reset();
      resource.file_size.reset();
    }
  };
  clear(&document.resources);
  for (Scan& scan : document.scans) clear(&scan.resources);
  return WriteSession(document);
}

}  // namespace

TEST_SUITE("engine.history") {
  TEST_CASE("a record is not put into another session that has its session's label now") {
    HistoryFixture fixture;
    DicomSpec object = MergeFixture::Object(1, 1);
    object.values[0x00100010] = "SAME";  // PatientName: the subject
    fixture.Merge({object}, Overwrite::kNone);
    fixture.Merge({MergeFixture::Changed(object)}, Overwrite::kDelete);
    fixture.tree.Remove("root/archive/DEMO/arc001/S1");
    Must(fixture.engine->Reindex());
    DicomSpec other = object;
    other.study = 2;
    fixture.Merge({other}, Overwrite::kNone);
    const std::string before = fixture.tree.Dump("root/archive");
    const std::size_t audits = Must(fixture.engine->Audit()).rows.size();
    const Status refused = fixture.engine->RestoreHistory(fixture.Record()).status();
    CHECK(refused.code() == Code::kConflict);
    CHECK(refused.reason() == "history.other-session");
    CHECK(fixture.tree.Dump("root/archive") == before);
    CHECK(Must(fixture.engine->Audit()).rows.size() == audits);
  }

  TEST_CASE("files are put back, and the document says what it said before") {
    HistoryFixture fixture;
    const auto merge = [&](const std::vector<DicomSpec>& objects, Overwrite overwrite,
                           const std::vector<std::string>& values) {
      ArchiveRequest request;
      request.src = fixture.Receive(objects);
      request.overwrite = overwrite;
      request.fields = {{"xnat:mrSessionData/note", values[0]},
                        {"xnat:mrSessionData/date", values[1]},
                        {"xnat:mrSessionData/scans/scan[0]/type", values[2]},
                        {"xnat:mrSessionData/scans/scan[0]/note", values[3]}};
      Must(fixture.engine->Archive(request));
    };
    const std::vector<std::string> old = {"first", "2024-01-01", "t1", "blurred"};
    merge({MergeFixture::Object(1, 1), MergeFixture::Object(1, 2)}, Overwrite::kNone, old);
    merge({MergeFixture::Changed(MergeFixture::Object(1, 1))}, Overwrite::kDelete, old);
    merge({MergeFixture::Object(1, 3)}, Overwrite::kAppend, {"second", "2024-05-05", "t2", "fine"});
    const SessionDocument before = fixture.Document();
    fixture.Restore();
    const SessionDocument after = fixture.Document();
    CHECK(after.Get("note") == "second");
    CHECK(after.Get("date") == "2024-05-05");
    CHECK(after.scans.at(0).type == "t2");
    CHECK(after.scans.at(0).Get("note") == "fine");
    CHECK(WithoutCounts(after) == WithoutCounts(before));
    CheckCatalogs(fixture, "XNAT_E00001", 3);
  }

  TEST_CASE("what was taken out of the document since does not come back with the files") {
    HistoryFixture fixture;
    fixture.Merge({MergeFixture::Object(1, 1)}, Overwrite::kNone);
    fixture.Merge({MergeFixture::Changed(MergeFixture::Object(1, 1))}, Overwrite::kDelete);
    SessionDocument edited = fixture.Document();
    edited.Set("time", "");
    edited.Set("@visit_id", "v1");
    edited.scans.at(0).Set("series_description", "");
    edited.scans.at(0).resources.at(0).content = "checked";
    fixture.tree.Write(kDocument, WriteSession(edited));
    fixture.Restore();
    CHECK(WithoutCounts(fixture.Document()) == WithoutCounts(edited));
  }

  TEST_CASE("files of a session whose document had a bad value come back all the same") {
    HistoryFixture fixture;  // an XNAT, or an earlier version of the library, wrote it
    fixture.Merge({MergeFixture::Object(1, 1)}, Overwrite::kNone);
    SessionDocument old = fixture.Document();
    old.scans.at(0).Set("startTime", "23:59:60");
    fixture.tree.Write(kDocument, WriteSession(old));
    fixture.Merge({MergeFixture::Changed(MergeFixture::Object(1, 1))}, Overwrite::kDelete);
    fixture.Restore();
    CheckCatalogs(fixture, "XNAT_E00001", 1);
  }

  TEST_CASE("a scan that is gone comes back with what the record says of it") {
    HistoryFixture fixture;
    const auto second = [] { return MergeFixture::Object(2, 1, "2"); };
    fixture.Merge({MergeFixture::Object(1, 1), second()}, Overwrite::kNone);
    SessionDocument document = fixture.Document();
    const Scan archived = document.scans.at(1);
    fixture.Merge({MergeFixture::Changed(second())}, Overwrite::kDelete);
    document.Set("note", "one scan was bad");
    document.scans.pop_back();
    fixture.tree.Write(kDocument, WriteSession(document));
    fixture.tree.Remove("root/archive/DEMO/arc001/S1/SCANS/2");
    fixture.Restore();
    const SessionDocument after = fixture.Document();
    CHECK(after.Get("note") == "one scan was bad");
    REQUIRE(after.scans.size() == 2);
    document.scans.push_back(archived);  // with all its files
    CHECK(WithoutCounts(after) == WithoutCounts(document));
    CheckCatalogs(fixture, "XNAT_E00001", 2);
  }

  TEST_CASE("the numbers of frames are right after files were put back, or are left out") {
    const auto object = [](int instance, int frames) {
      DicomSpec spec = MergeFixture::Object(1, instance);
      if (frames > 1) spec.values[0x00280008] = std::to_string(frames) + " ";  // NumberOfFrames
      return spec;
    };
    const auto frames_after = [&](const std::vector<int>& archived, int replaced_by, bool lost) {
      HistoryFixture fixture;
      std::vector<DicomSpec> objects;
      for (const int frames : archived) {
        objects.push_back(object(static_cast<int>(objects.size()) + 1, frames));
      }
      fixture.Merge(objects, Overwrite::kNone);
      fixture.Merge({MergeFixture::Changed(object(1, replaced_by))}, Overwrite::kDelete);
      if (lost) fixture.LoseScan();
      fixture.Restore();
      return fixture.Frames();
    };
    CHECK(frames_after({1, 1, 1}, 1, false) == "3, z 3");
    CHECK(frames_after({1, 1, 1}, 1, true) == "1, z 1");
    CHECK(frames_after({3}, 5, false) == "3, z 3");
    CHECK(frames_after({3}, 5, true) == "3, z 3");
    CHECK(frames_after({3, 5}, 1, false) == ", z -1");
    CHECK(frames_after({3, 5}, 1, true) == ", z -1");
    CHECK(frames_after({1, 1}, 2, false) == ", z -1");
  }

  TEST_CASE("a record with a damaged file is not restored, and stays") {
    for (const char* checksum : {"md5+xxh3", "md5", "xxh3"}) {
      for (const std::string damage : {"", "one byte more", "same size"}) {
        CAPTURE(checksum);
        CAPTURE(damage);
        HistoryFixture fixture;
        Must(fixture.engine->SetSetting("checksum", checksum));
        fixture.Open();
        fixture.Merge({MergeFixture::Object(1, 1), MergeFixture::Object(1, 2)}, Overwrite::kNone);
        fixture.Merge({MergeFixture::Changed(MergeFixture::Object(1, 1)),
                       MergeFixture::Changed(MergeFixture::Object(1, 2))},
                      Overwrite::kDelete);
        const std::string id = fixture.Record();
        const std::string record = "root/archive/.xa/history/" + id;
        const std::string file = fixture.FilesBelow(record + "/SCANS/1/DICOM").at(1);
        const std::string bytes = fixture.tree.Read(file);
        std::string damaged = damage.empty() ? "" : bytes;
        if (damage == "same size") damaged[damaged.size() / 2] ^= 1;
        if (damage == "one byte more") damaged += "x";
        fixture.tree.Write(file, damaged);
        const std::string archived = fixture.Archived();
        const Status refused = fixture.engine->RestoreHistory(id).status();
        CHECK(refused.code() == Code::kCorruption);
        CHECK(refused.reason() == "history.damaged");
        CHECK(refused.path() == file.substr(record.size() + 1));
        CHECK(fixture.Archived() == archived);
        CHECK(fixture.Record() == id);
        fixture.tree.Write(file, bytes);
        fixture.Restore();
      }
    }
  }

  TEST_CASE("a file that was changed in the archive is put back as it was when it was replaced") {
    HistoryFixture fixture;
    fixture.Merge({MergeFixture::Object(1, 1)}, Overwrite::kNone);
    const std::string file = fixture.FilesBelow("root/archive/DEMO/arc001/S1/SCANS/1/DICOM").at(0);
    const std::string edited = MakeDicom(MergeFixture::Object(1, 1)) + "edited";
    fixture.tree.Write(file, edited);
    fixture.Merge({MergeFixture::Changed(MergeFixture::Object(1, 1))}, Overwrite::kDelete);
    fixture.Restore();
    CHECK(fixture.tree.Read(file) == edited);
  }

  TEST_CASE("who prunes the history is told of, with what it held") {
    HistoryFixture fixture;
    fixture.Merge({MergeFixture::Object(1, 1)}, Overwrite::kNone);
    fixture.Merge({MergeFixture::Changed(MergeFixture::Object(1, 1))}, Overwrite::kDelete);
    const HistoryEntry entry = Must(fixture.engine->History()).at(0);
    CallOptions ann;
    ann.user = "ann";
    Must(fixture.engine->PruneHistory(entry.id, ann));
    const Table trail = Must(fixture.engine->Audit("/experiments/XNAT_E00001"));
    const std::vector<std::string>& last = trail.rows.back();
    const auto cell = [&](const char* column) {
      const auto at = std::find(trail.columns.begin(), trail.columns.end(), column);
      return last.at(static_cast<std::size_t>(at - trail.columns.begin()));
    };
    CHECK(cell("type") + " " + cell("status") + " " + cell("user") + " " + cell("files") + " " +
              cell("bytes") ==
          "Pruned Complete ann 1 " + std::to_string(entry.bytes));
    CHECK(cell("justification") == "history " + entry.id);
    // Who dies before the audit record is closed has pruned all the same.
    soci::session sql(soci::sqlite3, "db=\"" + fixture.tree.path() + "/root/store.sqlite3\"");
    sql << "UPDATE audit SET status = 'In Progress', ended = 0 WHERE type = 'Pruned'";
    Must(fixture.engine->Recover());
    const Table after = Must(fixture.engine->Audit("/experiments/XNAT_E00001"));
    CHECK(after.rows.back().at(3) + " " + after.rows.back().at(4) == "Pruned Complete");
  }

  TEST_CASE(
      "a record whose files can not be removed is gone, the trail says so, and they go later") {
    struct StuckFiles : ForwardingFileSystem {
      StuckFiles() : ForwardingFileSystem(PosixFileSystem()) {}
      int Unlink(int dirfd, const char* path, int flags) noexcept override {
        return stuck && EndsWith(path, ".dcm") ? -EIO
                                               : ForwardingFileSystem::Unlink(dirfd, path, flags);
      }
      std::atomic<bool> stuck{false};
    };
    StuckFiles files;  // outlives the engine
    HistoryFixture fixture;
    fixture.Open(&files);
    fixture.Merge({MergeFixture::Object(1, 1)}, Overwrite::kNone);
    fixture.Merge({MergeFixture::Changed(MergeFixture::Object(1, 1))}, Overwrite::kDelete);
    const std::string id = fixture.Record();
    files.stuck = true;
    CHECK(fixture.engine->PruneHistory(id).code() == Code::kIo);
    CHECK(Must(fixture.engine->History()).empty());
    const Table trail = Must(fixture.engine->Audit("/experiments/XNAT_E00001"));
    CHECK(trail.rows.back().at(3) + " " + trail.rows.back().at(4) == "Pruned Complete");
    CHECK(fixture.tree.Dump("root/archive/.xa").find(".dcm") != std::string::npos);
    files.stuck = false;
    Must(fixture.engine->Recover());
    CHECK(fixture.tree.Dump("root/archive/.xa").find(".dcm") == std::string::npos);
  }
}

}  // namespace xnatarchive
