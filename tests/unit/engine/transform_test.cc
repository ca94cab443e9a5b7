// The host's transform: what it makes of a session is what is validated, merged and archived, and
// until the archive has that, the prearchive has the original.
#include <doctest/doctest.h>

#include <algorithm>

#include "unit/engine/check_catalogs.hpp"
#include "unit/engine/transform_fixture.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {

TEST_SUITE("engine.transform") {
  TEST_CASE("what is archived are the rewritten files, with UIDs and checksums of their own") {
    TransformFixture fixture;
    fixture.Use([](SessionFiles& files, SessionDocument* document) {
      document->Set("dcmPatientName", "NOBODY");
      return RewriteAll(7)(files, document);
    });
    const ArchiveReport report = Must(fixture.engine->Archive(fixture.Request()));
    CHECK(report.files == 6);
    const auto archived = fixture.Archived();
    REQUIRE(archived.size() == 6);
    for (const auto& [path, bytes] : archived) {
      CAPTURE(path);
      const DicomHeader header = Must(ReadHeader(bytes, Completeness::kWholeFile));
      CHECK(header.Get(kTagPatientName) == "NOBODY");
    }
    const SessionDocument document = Must(fixture.engine->Document(report.uri));
    CHECK(document.uid == StudyUid(EngineFixture::Spec(7)));
    CHECK(document.Get("dcmPatientName") == "NOBODY");
    DicomSpec series = EngineFixture::Spec(7);
    CHECK(document.scans.at(0).uid == SeriesUid(series));
    series.series = 2;
    CHECK(document.scans.at(1).uid == SeriesUid(series));
    CheckCatalogs(fixture, report.experiment_id, 6);  // digests and sizes are those of the files
    const Catalog catalog = Must(ParseCatalog(
        fixture.tree.Read("root/archive/DEMO/arc001/S1/" + document.scans[0].resources[0].uri)));
    CHECK(catalog.uid == SeriesUid(EngineFixture::Spec(7)));
    CHECK(catalog.entries.at(0).uid == InstanceUid(EngineFixture::Spec(7)));
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
    CHECK(fixture.tree.Dump("root/prearchive").find(".dcm") == std::string::npos);
    CHECK(fixture.LeftOvers().empty());
  }

  TEST_CASE("the audit record has the transform's name") {
    TransformFixture fixture;
    fixture.Use([](SessionFiles&, SessionDocument*) { return Status(); }, "anonymize 2.1");
    Must(fixture.engine->Archive(fixture.Request()));
    const Table audit = Must(fixture.engine->Audit());
    const auto column = std::find(audit.columns.begin(), audit.columns.end(), "justification");
    REQUIRE(column != audit.columns.end());
    CHECK(audit.rows.back()[static_cast<std::size_t>(column - audit.columns.begin())] ==
          "standard upload; transformed by anonymize 2.1");
  }

  TEST_CASE("files that are not decided about are archived as they were, others are left out") {
    for (const Checksum checksum :
         {Checksum::kMd5AndXxh3, Checksum::kMd5, Checksum::kXxh3, Checksum::kNone}) {
      CAPTURE(std::string(ChecksumName(checksum)));
      TransformFixture plain;
      Must(plain.engine->Archive(plain.Request()));
      std::map<std::string, std::string> expected = plain.Archived();

      TransformFixture fixture;
      Must(fixture.engine->SetSetting("checksum", ChecksumName(checksum)));
      std::string rewritten;
      std::string rejected;
      fixture.Use([&](SessionFiles& files, SessionDocument*) {
        rewritten = First(files, kScan1);
        rejected = First(files, "SCANS/2/");
        Must(files.Reject(rejected));
        return files.Replace(rewritten, Rewritten(1, 1, 1));
      });
      const ArchiveReport report = Must(fixture.engine->Archive(fixture.Request()));
      expected[rewritten] = Rewritten(1, 1, 1);
      expected.erase(rejected);
      CHECK(fixture.Archived() == expected);
      CHECK(report.files == 5);
      const SessionDocument document = Must(fixture.engine->Document(report.uri));
      CHECK(document.scans.at(1).resources.at(0).file_count == 2);
      CHECK(document.scans.at(1).Get("frames") == "2");
      if (checksum == Checksum::kMd5AndXxh3) CheckCatalogs(fixture, report.experiment_id, 5);
    }
  }

  TEST_CASE("the frames of what is left are not told where the files may have had several") {
    TransformFixture fixture;
    for (int i = 1; i <= 2; ++i) {
      DicomSpec spec = EngineFixture::Spec(2);
      spec.instance = i;
      spec.values[0x00280008] = i == 1 ? "3 " : "5 ";  // NumberOfFrames
      fixture.tree.Write("in/frames/" + std::to_string(i) + ".dcm", MakeDicom(spec));
    }
    fixture.src = fixture.Import("frames").uris.at(0);
    Must(fixture.engine->Build(fixture.src));
    const std::string built = Must(fixture.engine->Document(fixture.src)).scans.at(0).Get("frames");
    CHECK(built == "8");
    fixture.Use(
        [](SessionFiles& files, SessionDocument*) { return files.Reject(First(files, kScan1)); });
    const ArchiveReport report = Must(fixture.engine->Archive(fixture.Request()));
    CHECK(Must(fixture.engine->Document(report.uri)).scans.at(0).Get("frames").empty());
    const Catalog catalog = Must(ParseCatalog(
        fixture.tree.Read("root/archive/DEMO/arc001/S2/SCANS/1/DICOM/scan_1_catalog.xml")));
    REQUIRE(catalog.dimensions);
    CHECK_FALSE(catalog.dimensions->z);
  }

  TEST_CASE("a scan that loses all its files is not archived, nor are its directories") {
    TransformFixture fixture;
    fixture.Use(RejectBelow("SCANS/2/"));
    const ArchiveReport report = Must(fixture.engine->Archive(fixture.Request()));
    CHECK(report.scans == 1);
    const SessionDocument document = Must(fixture.engine->Document(report.uri));
    REQUIRE(document.scans.size() == 1);
    CHECK(document.scans[0].id == "1");
    CHECK_FALSE(fixture.tree.Exists("root/archive/DEMO/arc001/S1/SCANS/2"));
  }

  TEST_CASE("a session it empties is refused and stays as it was") {
    TransformFixture fixture;
    fixture.Use(RejectBelow(""));
    const std::string before = fixture.tree.Dump("root/prearchive/DEMO");
    const ValidationReport report = Must(fixture.engine->Validate(fixture.Request()));
    CHECK(report.blocked);
    CHECK(report.findings.at(0).reason == "archive.transform-emptied");
    CHECK(fixture.engine->Archive(fixture.Request()).status().reason() ==
          "archive.transform-emptied");
    CHECK(fixture.Archived().empty());
    CHECK(fixture.LeftOvers().empty());
    fixture.options.session_transform = nullptr;
    fixture.Open();
    CHECK(Must(fixture.engine->Archive(fixture.Request())).files == 6);
    CHECK(before.find(".dcm") != std::string::npos);
  }

  TEST_CASE("a document that is amended alone costs no copy of the files") {
    TransformFixture fixture;
    fixture.Use([](SessionFiles&, SessionDocument* document) {
      document->Set("note", "amended");
      document->resources.clear();
      document->scans.at(0).resources.clear();  // the engine's: not seen
      return Status();
    });
    const ArchiveReport report = Must(fixture.engine->Archive(fixture.Request()));
    CHECK(Must(fixture.engine->Document(report.uri)).Get("note") == "amended");
    CHECK(report.files == 6);
    CheckCatalogs(fixture, report.experiment_id, 6);
  }

  TEST_CASE("validate says what archiving does, and writes nothing") {
    TransformFixture fixture;
    fixture.Use([](SessionFiles& files, SessionDocument* document) -> Status {
      Must(RejectBelow("SCANS/2/")(files, document));
      return files.Replace(First(files, kScan1), Rewritten(1, 1, 1));
    });
    const std::string before = fixture.Dump();
    const ValidationReport report = Must(fixture.engine->Validate(fixture.Request()));
    CHECK(fixture.Dump() == before);
    CHECK_FALSE(report.blocked);
    CHECK(report.files == 3);
    CHECK(report.scans == 1);
    CHECK(Must(fixture.engine->Archive(fixture.Request())).files == report.files);
  }

  TEST_CASE("a session that is not built: validate says that the transform is still to come") {
    TransformFixture fixture;
    fixture.WriteStudy("b", 2);
    fixture.src = fixture.Import("b").uris[0];
    fixture.Use(RewriteAll(7));
    const ValidationReport report = Must(fixture.engine->Validate(fixture.Request()));
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].reason == "archive.transform-not-run");
    CHECK_FALSE(report.blocked);
    Must(fixture.engine->Archive(fixture.Request()));
    CHECK(fixture.Archived("S2").size() == 6);
  }

  TEST_CASE("validators see the session as it was transformed") {
    TransformFixture fixture;
    std::string seen;
    fixture.options.validators = {std::make_shared<TestValidator>(
        [&](const SessionCandidate& session, const Cancelled&, std::vector<Finding>*) {
          seen = session.document.Get("note") + ", " + std::to_string(session.resources.size()) +
                 " resources";
          return Status();
        })};
    fixture.Use([](SessionFiles& files, SessionDocument* document) {
      document->Set("note", "amended");
      return RejectBelow("SCANS/2/")(files, document);
    });
    Must(fixture.engine->Validate(fixture.Request()));
    CHECK(seen == "amended, 1 resources");
  }

  TEST_CASE("merging: objects meet by the UIDs they have after the transform") {
    for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
      for (const bool changed : {false, true}) {
        CAPTURE(changed);
        CAPTURE(overwrite == Overwrite::kAppend);
        TransformFixture fixture;
        fixture.Use(RewriteAll(7));
        Must(fixture.engine->Archive(fixture.Request()));
        const auto archived = fixture.Archived();
        fixture.src = fixture.Send("b", 1, 2, 4);  // the same six, and one more of each series
        if (changed) {
          fixture.Use([](SessionFiles& files, SessionDocument* document) {
            DicomSpec spec = EngineFixture::Spec(7);
            spec.values[0x00204000] = "changed";
            Must(files.Replace(First(files, kScan1), MakeDicom(spec)));
            for (const std::string& path : files.Paths()) {
              if (path != First(files, kScan1) && StartsWith(path, kScan1)) {
                Must(files.Reject(path));
              }
            }
            return RejectBelow("SCANS/2/")(files, document);
          });
        }
        const ValidationReport planned = Must(fixture.engine->Validate(fixture.Request(overwrite)));
        const Result<ArchiveReport> merged = fixture.engine->Archive(fixture.Request(overwrite));
        CHECK(planned.blocked == !merged.ok());
        if (changed && overwrite == Overwrite::kAppend) {
          CHECK(merged.status().reason() == "archive.merge-conflict");
          CHECK(fixture.Archived() == archived);
          CHECK(fixture.LeftOvers().empty());
          continue;
        }
        Must(merged);
        CHECK(merged->counts.added == (changed ? 0 : 2));
        CHECK(merged->counts.identical == (changed ? 0 : 6));
        CHECK(merged->counts.replaced == (changed ? 1 : 0));
        CHECK(planned.counts.replaced == merged->counts.replaced);
        CHECK(planned.counts.identical == merged->counts.identical);
        CheckCatalogs(fixture, merged->experiment_id, changed ? 6 : 8);
        CHECK(Must(fixture.engine->History()).size() == (changed ? 1 : 0));
        CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
        CHECK(fixture.LeftOvers().empty());
      }
    }
  }

  TEST_CASE("merging a new scan of a transformed session moves its resource whole") {
    TransformFixture fixture(1, 1, 2);
    fixture.Use(RewriteAll(7));
    Must(fixture.engine->Archive(fixture.Request()));
    fixture.src = fixture.Send("b", 1, 2, 2);
    const ArchiveReport merged = Must(fixture.engine->Archive(fixture.Request(Overwrite::kAppend)));
    CHECK(merged.counts.added == 2);
    CheckCatalogs(fixture, merged.experiment_id, 4);
  }

  TEST_CASE("a session that is refused after its transform is transformed anew the next time") {
    TransformFixture fixture;
    int calls = 0;
    fixture.Use([&](SessionFiles& files, SessionDocument* document) {
      ++calls;
      const std::string path = First(files, kScan1);
      CHECK(
          Must(ReadHeader(Must(files.Read(path)), Completeness::kWholeFile)).Get(kTagPatientName) !=
          "NOBODY");
      return RewriteAll(7)(files, document);
    });
    fixture.options.validators = {std::make_shared<TestValidator>(
        [](const SessionCandidate&, const Cancelled&, std::vector<Finding>* findings) {
          findings->push_back({17, FindingType::kFail, "host.no", "no"});
          return Status();
        })};
    fixture.Open();
    const std::string before = fixture.tree.Dump("root/prearchive/DEMO");
    CHECK(fixture.engine->Archive(fixture.Request()).status().reason() == "host.no");
    CHECK(fixture.tree.Exists("root/prearchive/DEMO"));
    fixture.options.validators.clear();
    fixture.Open();
    Must(fixture.engine->Archive(fixture.Request()));
    CHECK(calls == 2);
    CHECK(before.find(".dcm") != std::string::npos);
  }
}

}  // namespace xnatarchive
