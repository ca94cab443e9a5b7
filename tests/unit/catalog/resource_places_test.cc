#include "catalog/resource_places.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kDirectory = "P/arc001/S1";

/// A session as XNAT writes it: absolute URIs, assessors and reconstructions of its own.
SessionDocument Document() {
  return ParseSession(R"(<?xml version="1.0" encoding="UTF-8"?>
<xnat:MRSession ID="E1" label="S1" project="P" xmlns:xnat="http://nrg.wustl.edu/xnat" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<xnat:resources>
<xnat:resource URI="/old/archive/P/arc001/S1/RESOURCES/NOTES/NOTES_catalog.xml" label="NOTES" xsi:type="xnat:resourceCatalog"/>
</xnat:resources>
<xnat:scans>
<xnat:scan ID="1" UID="1.2.3" xsi:type="xnat:mrScanData">
<xnat:file URI="SCANS/1/DICOM/scan_1_catalog.xml" file_count="2" file_size="10" format="DICOM" label="DICOM" xsi:type="xnat:resourceCatalog"/>
<xnat:file URI="SCANS/1/raw.bin" label="RAW" xsi:type="xnat:imageResource"/>
</xnat:scan>
</xnat:scans>
<xnat:reconstructions>
<xnat:reconstructedImage ID="R1">
<xnat:in><xnat:file URI="PROCESSED/R1/I/I_catalog.xml" label="I" xsi:type="xnat:resourceCatalog"/></xnat:in>
<xnat:out><xnat:file URI="PROCESSED/R1/O/O_catalog.xml" label="O" xsi:type="xnat:resourceCatalog"/></xnat:out>
</xnat:reconstructedImage>
</xnat:reconstructions>
<xnat:assessors>
<xnat:assessor ID="A1" label="QC_1" xsi:type="xnat:qcAssessmentData">
<xnat:resources><xnat:resource URI="ASSESSORS/A1/LOG/LOG_catalog.xml" label="LOG" xsi:type="xnat:resourceCatalog"/></xnat:resources>
<xnat:in><xnat:file URI="../../etc/x_catalog.xml" label="IN" xsi:type="xnat:resourceCatalog"/></xnat:in>
<xnat:out><xnat:file URI="ASSESSORS\A1//OUT/OUT_catalog.xml" label="OUT" file_count="1" xsi:type="xnat:resourceCatalog"/></xnat:out>
</xnat:assessor>
</xnat:assessors>
</xnat:MRSession>)")
      .value();
}

/// The URIs below the session's that a URI stands for, or why not.
std::string Named(const std::string& below, Cascade cascade = Cascade::kRefresh) {
  const SessionDocument document = Document();
  const ParsedUri uri = ParseUri("/data/archive/projects/P/experiments/S1" + below).value();
  const auto places = PlacesNamed(document, PlacesOf(document, kDirectory), uri, cascade);
  if (!places.ok()) return std::string(places.status().reason());
  std::vector<std::string> uris;
  for (const ResourcePlace& place : *places) uris.push_back(PlaceUri("", place));
  return Join(uris, " ");
}

}  // namespace

TEST_SUITE("catalog.resource_places") {
  TEST_CASE("the URI of a place names that place, whatever its scan and label are called") {
    ResourcePlace place;
    place.owner = ResourceOwner::kScan;
    place.owner_id = "1#a?";
    place.label = "T1 50%41";
    const Result<ParsedUri> uri = ParseUri(PlaceUri("/archive/projects/P/experiments/S1", place));
    REQUIRE(uri.ok());
    CHECK(uri->scan == place.owner_id);
    CHECK(uri->resource == place.label);
  }

  TEST_CASE("a session stands for what XNAT refreshes, or for everything") {
    CHECK(Named("") ==
          "/resources/NOTES /scans/1/resources/DICOM /scans/1/resources/RAW "
          "/reconstructions/R1/out/resources/O /assessors/A1/out/resources/OUT");
    CHECK(Named("", Cascade::kEverything) ==
          "/resources/NOTES /scans/1/resources/DICOM /scans/1/resources/RAW "
          "/reconstructions/R1/in/resources/I /reconstructions/R1/out/resources/O "
          "/assessors/A1/in/resources/IN /assessors/A1/out/resources/OUT "
          "/assessors/A1/resources/LOG");
  }

  TEST_CASE("what is in a session is named by ID, an assessor by its label, too") {
    CHECK(Named("/scans/1") == "/scans/1/resources/DICOM /scans/1/resources/RAW");
    CHECK(Named("/scans/1/resources/DICOM/files") == "/scans/1/resources/DICOM");
    CHECK(Named("/resources/NOTES") == "/resources/NOTES");
    CHECK(Named("/reconstructions/R1") == "/reconstructions/R1/out/resources/O");
    CHECK(Named("/reconstructions/R1/in/resources/I") == "/reconstructions/R1/in/resources/I");
    CHECK(Named("/assessors/A1") == "/assessors/A1/out/resources/OUT /assessors/A1/resources/LOG");
    CHECK(Named("/assessors/QC_1/out/resources/OUT") == "/assessors/A1/out/resources/OUT");
    CHECK(Named("/assessors/QC_1/resources/IN") == "/assessors/A1/in/resources/IN");
  }

  TEST_CASE("what is not there, and a file, are told") {
    CHECK(Named("/scans/2") == "uri.not-found");
    CHECK(Named("/assessors/A2") == "uri.not-found");
    CHECK(Named("/reconstructions/A1") == "uri.not-found");
    CHECK(Named("/resources/DICOM") == "uri.not-found");
    CHECK(Named("/assessors/A1/out/resources/LOG") == "uri.not-found");
    CHECK(Named("/resources/NOTES/files/NOTES_catalog.xml") == "uri.is-a-file");
  }

  TEST_CASE("a catalog's place is told below the session, or not at all") {
    const auto places = PlacesOf(Document(), kDirectory);
    std::vector<std::string> paths;
    for (const ResourcePlace& place : places) paths.push_back(place.catalog_path);
    CHECK(Join(paths, " ") ==
          "RESOURCES/NOTES/NOTES_catalog.xml SCANS/1/DICOM/scan_1_catalog.xml SCANS/1/raw.bin "
          "PROCESSED/R1/I/I_catalog.xml PROCESSED/R1/O/O_catalog.xml  "
          "ASSESSORS/A1/OUT/OUT_catalog.xml ASSESSORS/A1/LOG/LOG_catalog.xml");
    CHECK(PlacesOf(Document(), "P/arc001/S2").front().catalog_path.empty());
    CHECK(places[1].file_count == 2);
    CHECK(places[1].file_size == 10);
    CHECK(places[1].series_uid == "1.2.3");
    CHECK(places[1].is_catalog);
    CHECK_FALSE(places[2].is_catalog);
    CHECK(places[6].file_count == 1);
    CHECK_FALSE(places[6].file_size);
  }

  TEST_CASE("counts are written where they are read") {
    SessionDocument document = Document();
    std::map<std::size_t, ResourceEdit> edits;
    for (const ResourcePlace& place : PlacesOf(document, kDirectory)) {
      edits[place.number] = {10 + static_cast<std::int64_t>(place.number), 7, true};
    }
    EditResources(edits, &document);
    for (const ResourcePlace& place : PlacesOf(document, kDirectory)) {
      CHECK(place.file_count == 10 + static_cast<std::int64_t>(place.number));
      CHECK(place.file_size == 7);
    }
    CHECK(document.scans[0].resources[0].file_count == 11);
  }
}

}  // namespace xnatarchive
