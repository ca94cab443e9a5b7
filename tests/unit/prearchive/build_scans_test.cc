// Which files make which scan, and where they end up.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "build_fixture.hpp"
#include "prearchive/build.hpp"

namespace xnatarchive {
namespace {

const Elements kMr = {
    {kTagSOPClassUID, kMrImage}, {kTagStudyInstanceUID, "1.2"}, {kTagSeriesInstanceUID, "1.2.3"},
    {kTagSeriesNumber, "3"},     {kTagModality, "MR"},
};

using Moves = std::vector<std::pair<std::string, std::string>>;

BuiltSession Build(const BuildFixture& session) {
  Result<BuiltSession> built = BuildSession(session.input);
  REQUIRE(built.ok());
  return std::move(built).value();
}

std::vector<std::string> ScanIds(const BuiltSession& built) {
  std::vector<std::string> ids;
  for (const Scan& scan : built.draft.document.scans) ids.push_back(scan.id);
  return ids;
}

// "<catalog>: <uid>=<uri> ..." for each resource.
std::vector<std::string> Catalogs(const BuiltSession& built) {
  std::vector<std::string> lines;
  for (const ResourceDraft& resource : built.draft.resources) {
    std::string& line = lines.emplace_back(resource.catalog_path + ":");
    for (const CatalogEntry& entry : resource.catalog.entries) {
      line += " " + std::string(entry.uid) + "=" + std::string(entry.uri);
    }
  }
  return lines;
}

std::string OnlyScanId(const Elements& more) {
  BuildFixture session;
  session.Add("SCANS/x/DICOM/a.dcm", session.Header(kMr, more), "1.1");
  return ScanIds(Build(session)).at(0);
}

}  // namespace

TEST_SUITE("prearchive.build_scans") {
  TEST_CASE("several series under one number get IDs by modality and their files move along") {
    BuildFixture session;
    session.Add("SCANS/3/DICOM/c.dcm", session.Header(kMr, {{kTagSeriesInstanceUID, "1.2.9"}}),
                "1.1.3", "1");
    session.Add("SCANS/3/DICOM/a.dcm", session.Header(kMr), "1.1.1", "2");
    session.Add("SCANS/3/DICOM/b.dcm",
                session.Header(kMr, {{kTagSeriesInstanceUID, "1.2.5"},
                                     {kTagSOPClassUID, kCtImage},
                                     {kTagModality, "CT"}}),
                "1.1.2", "1");
    session.Add("SCANS/4/DICOM/d.dcm",
                session.Header(kMr, {{kTagSeriesInstanceUID, "1.2.1"}, {kTagSeriesNumber, "4"}}),
                "1.1.4", "1");
    const BuiltSession built = Build(session);
    CHECK(ScanIds(built) == std::vector<std::string>{"3-CT1", "3-MR1", "3-MR2", "4"});
    CHECK(built.draft.document.scans[0].uid == "1.2.5");
    CHECK(built.draft.document.scans[1].uid == "1.2.3");
    CHECK(built.draft.document.scans[2].uid == "1.2.9");
    CHECK(built.moves == Moves{{"SCANS/3/DICOM/b.dcm", "SCANS/3-CT1/DICOM/b.dcm"},
                               {"SCANS/3/DICOM/a.dcm", "SCANS/3-MR1/DICOM/a.dcm"},
                               {"SCANS/3/DICOM/c.dcm", "SCANS/3-MR2/DICOM/c.dcm"}});
    CHECK(Catalogs(built) ==
          std::vector<std::string>{"SCANS/3-CT1/DICOM/scan_3-CT1_catalog.xml: 1.1.2=b.dcm",
                                   "SCANS/3-MR1/DICOM/scan_3-MR1_catalog.xml: 1.1.1=a.dcm",
                                   "SCANS/3-MR2/DICOM/scan_3-MR2_catalog.xml: 1.1.3=c.dcm",
                                   "SCANS/4/DICOM/scan_4_catalog.xml: 1.1.4=d.dcm"});
    CHECK(built.draft.document.scans[1].resources.at(0).uri ==
          "SCANS/3-MR1/DICOM/scan_3-MR1_catalog.xml");
  }

  TEST_CASE("an ID that another series has as its number is passed over") {
    BuildFixture session;
    int file = 0;
    for (const auto& [uid, number] : std::map<std::string, std::string>{
             {"1.2.1", "3"}, {"1.2.2", "3"}, {"1.2.3", "3-MR1"}, {"1.2.4", "3-MR3"}}) {
      session.Add("SCANS/" + number + "/DICOM/" + std::to_string(++file),
                  session.Header(kMr, {{kTagSeriesInstanceUID, uid}, {kTagSeriesNumber, number}}),
                  uid);
    }
    const BuiltSession built = Build(session);
    CHECK(ScanIds(built) == std::vector<std::string>{"3-MR1", "3-MR2", "3-MR3", "3-MR4"});
    CHECK(built.draft.document.scans[0].uid == "1.2.3");
    CHECK(built.draft.document.scans[1].uid == "1.2.1");
  }

  TEST_CASE("IDs come from the number, else from the UID, and are always one safe name") {
    CHECK(OnlyScanId({{kTagSeriesNumber, "+7"}}) == "_7");
    CHECK(OnlyScanId({{kTagSeriesNumber, "7.a-b"}}) == "7.a-b");
    CHECK(OnlyScanId({{kTagSeriesNumber, ""}}) == "1_2_3");
    CHECK(OnlyScanId({{kTagSeriesNumber, "../../x"}}) == "1_2_3");
    CHECK(OnlyScanId({{kTagSeriesNumber, ".."}}) == "1_2_3");
    CHECK(OnlyScanId({{kTagSeriesNumber, ""}, {kTagSeriesInstanceUID, ""}}) == "NA");
    CHECK(OnlyScanId({{kTagSeriesNumber, ""}, {kTagSeriesInstanceUID, std::string(200, '1')}}) ==
          std::string(128, '1'));
  }

  TEST_CASE("a modality is part of an ID only as a safe name") {
    BuildFixture session;
    for (const char* uid : {"1.2.1", "1.2.2"}) {
      session.Add(std::string("SCANS/3/DICOM/") + uid,
                  session.Header(kMr, {{kTagSeriesInstanceUID, uid}, {kTagModality, "../M"}}), uid);
    }
    session.Add("SCANS/3/DICOM/z",
                session.Header(kMr, {{kTagSeriesInstanceUID, "1.2.3"}, {kTagModality, ""}}), "1");
    CHECK(ScanIds(Build(session)) == std::vector<std::string>{"3-OT1", "3-___M1", "3-___M2"});
  }

  TEST_CASE("a series whose files state several numbers is one scan, of the first number") {
    BuildFixture session;
    session.Add("SCANS/10/DICOM/a.dcm", session.Header(kMr, {{kTagSeriesNumber, "10"}}), "1.1");
    session.Add("SCANS/9/DICOM/b.dcm", session.Header(kMr, {{kTagSeriesNumber, "9"}}), "1.2");
    const BuiltSession built = Build(session);
    CHECK(ScanIds(built) == std::vector<std::string>{"9"});
    CHECK(built.moves == Moves{{"SCANS/10/DICOM/a.dcm", "SCANS/9/DICOM/a.dcm"}});
    CHECK(built.log == std::vector<std::string>{"session: SeriesNumber has several values in 1 "
                                                "series; the first is the scan's"});
  }

  TEST_CASE("files that name no series are one scan for each number") {
    BuildFixture session;
    for (const char* number : {"1", "2", "1"}) {
      const std::string name = std::to_string(session.input.files.size());
      session.Add("SCANS/" + std::string(number) + "/DICOM/" + name,
                  session.Header(kMr, {{kTagSeriesInstanceUID, ""}, {kTagSeriesNumber, number}}),
                  "1." + name);
    }
    const BuiltSession built = Build(session);
    CHECK(Catalogs(built) ==
          std::vector<std::string>{"SCANS/1/DICOM/scan_1_catalog.xml: 1.0=0 1.2=2",
                                   "SCANS/2/DICOM/scan_2_catalog.xml: 1.1=1"});
    CHECK(built.moves.empty());
  }

  TEST_CASE("objects that are not primary images go to a resource of their own") {
    BuildFixture session;
    session.Add("SCANS/3/DICOM/capture.dcm",
                session.Header(kMr, {{kTagSOPClassUID, kSecondaryCapture}, {kTagRows, "100"}}),
                "1.9", "7");
    session.Add("SCANS/3/DICOM/a.dcm", session.Header(kMr, {{kTagRows, "256"}}), "1.1", "1");
    session.Add("SCANS/3/secondary/raw.dcm", session.Header(kMr, {{kTagSOPClassUID, kRawData}}),
                "1.8");
    const BuiltSession built = Build(session);
    CHECK(built.moves == Moves{{"SCANS/3/DICOM/capture.dcm", "SCANS/3/secondary/capture.dcm"}});
    REQUIRE(built.draft.resources.size() == 2);
    CHECK(Catalogs(built) ==
          std::vector<std::string>{"SCANS/3/DICOM/scan_3_catalog.xml: 1.1=a.dcm",
                                   "SCANS/3/secondary/scan_3_secondary_catalog.xml: "
                                   "1.9=capture.dcm 1.8=raw.dcm"});
    const ResourceDraft& secondary = built.draft.resources[1];
    CHECK(secondary.label == "secondary");
    CHECK(secondary.format == "DICOM");
    CHECK(secondary.content == "secondary");
    CHECK(secondary.catalog.uid == "1.2.3");
    CHECK_FALSE(secondary.catalog.dimensions.has_value());
    CHECK_FALSE(secondary.catalog.entries[0].instance_number.has_value());
    const Scan& scan = built.draft.document.scans.at(0);
    CHECK(scan.xsi_type == "xnat:mrScanData");
    CHECK(scan.Get("frames") == "1");
    REQUIRE(scan.resources.size() == 2);
    CHECK(scan.resources[1].uri == "SCANS/3/secondary/scan_3_secondary_catalog.xml");
    CHECK(scan.resources[1].content == "secondary");
  }

  TEST_CASE("what the images say describes a scan, not what came with them") {
    BuildFixture session;
    session.Add("SCANS/3/DICOM/a.dcm", session.Header(kMr, {{kTagRows, "256"}, {kTagColumns, "1"}}),
                "1.1");
    session.Add("SCANS/3/DICOM/b.dcm",
                session.Header(kMr, {{kTagSOPClassUID, kSecondaryCapture}, {kTagRows, "100"}}),
                "1.2");
    const BuiltSession built = Build(session);
    CHECK(built.draft.document.scans[0].Get("parameters/fov/@y") == "256");
    CHECK(built.log.empty());
  }

  TEST_CASE("secondary objects stay with the images when they are not to be separated") {
    BuildFixture session;
    session.input.separate_secondary = false;
    session.Add("SCANS/3/DICOM/a.dcm", session.Header(kMr), "1.1", "2");
    session.Add("SCANS/3/DICOM/b.dcm", session.Header(kMr, {{kTagSOPClassUID, kSecondaryCapture}}),
                "1.2", "1");
    const BuiltSession built = Build(session);
    CHECK(Catalogs(built) ==
          std::vector<std::string>{"SCANS/3/DICOM/scan_3_catalog.xml: 1.2=b.dcm 1.1=a.dcm"});
  }

  TEST_CASE("a scan of secondary objects only has no frames and no DICOM resource") {
    BuildFixture session;
    session.Add("SCANS/3/DICOM/a.dcm",
                session.Header(kMr, {{kTagSOPClassUID, kSecondaryCapture}, {kTagModality, "SC"}}),
                "1.1");
    const BuiltSession built = Build(session);
    CHECK(built.draft.document.scans[0].xsi_type == "xnat:scScanData");
    CHECK(built.draft.document.scans[0].Get("frames") == "0");
    CHECK(Catalogs(built) ==
          std::vector<std::string>{"SCANS/3/secondary/scan_3_secondary_catalog.xml: 1.1=a.dcm"});
  }

  TEST_CASE("files of one name that come together are told apart, never overwritten") {
    BuildFixture session;
    const DicomHeader* header = session.Header(kMr);
    session.Add("SCANS/3/DICOM/IM1", header, "1.1", "1");
    session.Add("SCANS/7/DICOM/IM1", header, "1.2", "2");
    session.Add("SCANS/8/DICOM/IM1", header, "1.2", "2");
    session.Add("SCANS/9/DICOM/IM1", header, "1.2", "2");
    const BuiltSession built = Build(session);
    REQUIRE(built.moves.size() == 3);
    const std::string named = built.moves[0].second;
    CHECK(named.substr(0, named.rfind('-')) == "SCANS/3/DICOM/1.2-3-2");
    const std::string stem = named.substr(0, named.size() - 4);
    CHECK(built.moves == Moves{{"SCANS/7/DICOM/IM1", named},
                               {"SCANS/8/DICOM/IM1", stem + "-2.dcm"},
                               {"SCANS/9/DICOM/IM1", stem + "-3.dcm"}});
    CHECK(built.draft.resources[0].catalog.entries.size() == 4);
  }

  TEST_CASE("no file moves to where another one is, even if that one moves away") {
    BuildFixture session;  // two series change places, with files of one name
    session.Add("SCANS/2/DICOM/IM1", session.Header(kMr, {{kTagSeriesNumber, "1"}}), "1.1");
    session.Add("SCANS/1/DICOM/IM1",
                session.Header(kMr, {{kTagSeriesNumber, "2"}, {kTagSeriesInstanceUID, "1.2.4"}}),
                "1.2");
    const BuiltSession built = Build(session);
    REQUIRE(built.moves.size() == 2);
    CHECK(built.moves[0].first == "SCANS/2/DICOM/IM1");
    CHECK(built.moves[0].second != "SCANS/1/DICOM/IM1");
    CHECK(built.moves[0].second.substr(0, 14) == "SCANS/1/DICOM/");
    CHECK(built.moves[1].second != "SCANS/2/DICOM/IM1");
    CHECK(built.moves[1].second.substr(0, 14) == "SCANS/2/DICOM/");
  }

  TEST_CASE("a file does not move to the name of a directory") {
    BuildFixture session;
    const DicomHeader* header = session.Header(kMr);
    session.Add("SCANS/3/DICOM/a/b.dcm", header, "1.1");
    session.Add("SCANS/4/DICOM/a", header, "1.2");
    const BuiltSession built = Build(session);
    REQUIRE(built.moves.size() == 1);
    CHECK(built.moves[0].second != "SCANS/3/DICOM/a");
  }

  TEST_CASE("a file with the name of a catalog, or one that readers ignore, gets another") {
    for (const char* name : {"scan_3_catalog.xml", "x_CATALOG.xml", ".xa-hidden", ".~lock-a"}) {
      BuildFixture session;
      session.Add(std::string("SCANS/3/DICOM/") + name, session.Header(kMr), "1.1", "5");
      const BuiltSession built = Build(session);
      REQUIRE(built.moves.size() == 1);
      CHECK(built.moves[0].second.substr(0, 22) == "SCANS/3/DICOM/1.2-3-5-");
    }
  }
}

}  // namespace xnatarchive
