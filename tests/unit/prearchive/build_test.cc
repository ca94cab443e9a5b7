#include "prearchive/build.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "build_fixture.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

const Elements kMinimal = {
    {kTagSOPClassUID, kMrImage}, {kTagStudyInstanceUID, "1.2"}, {kTagSeriesInstanceUID, "1.2.3"},
    {kTagSeriesNumber, "4"},     {kTagModality, "MR"},
};

std::string BuildFailure(const BuildFixture& session) {
  const Result<BuiltSession> built = BuildSession(session.input);
  if (built.ok()) return "built";
  CHECK(built.status().code() == Code::kInvalidArgument);
  return std::string(built.status().reason());
}

}  // namespace

TEST_SUITE("prearchive.build") {
  TEST_CASE("a session of three MR scans has the fields of its study and of each scan") {
    const Elements study = {{kTagSOPClassUID, kMrImage},
                            {kTagStudyInstanceUID, "1.3.12.2.1"},
                            {kTagStudyDate, "20061214"},
                            {kTagStudyTime, "091206.156000"},
                            {kTagInstitutionName, "Hospital"},
                            {kTagManufacturer, "SIEMENS"},
                            {kTagManufacturerModelName, "TrioTim"},
                            {kTagStationName, "MEDPC"},
                            {kTagStudyID, "1"},
                            {kTagModality, "MR"},
                            {kTagMagneticFieldStrength, "2.8936"},
                            {kTagPixelSpacing, "1\\1"},
                            {kTagSliceThickness, "1"},
                            {kTagImageOrientationPatient, "0\\1\\0\\0\\0\\-1"},
                            {kTagRows, "256"},
                            {kTagColumns, "256"},
                            {kTagRepetitionTime, "2400"},
                            {kTagEchoTime, "3.08"},
                            {kTagInversionTime, "1000"},
                            {kTagFlipAngle, "8"},
                            {kTagImageType, "ORIGINAL\\PRIMARY\\M\\ND\\NORM"},
                            {kTagScanningSequence, "GR\\IR"}};
    BuildFixture session;
    for (const char* number : {"6", "4", "5"}) {
      const std::string uid = std::string("1.3.12.2.1.") + number;
      const DicomHeader* header =
          session.Header(study, {{kTagSeriesNumber, number},
                                 {kTagSeriesInstanceUID, uid},
                                 {kTagSeriesDescription, "t1_mpr_1mm_p2_pos50"}});
      session.AddMany(std::string("SCANS/") + number + "/DICOM", header, uid, 9);
    }
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    const SessionDocument& document = built->draft.document;
    CHECK(document.xsi_type == "xnat:mrSessionData");
    CHECK(document.uid == "1.3.12.2.1");
    CHECK(document.Get("date") == "2006-12-14");
    CHECK(document.Get("time") == "09:12:06");
    CHECK(document.Get("acquisition_site") == "Hospital");
    CHECK(document.Get("scanner/@manufacturer") == "SIEMENS");
    CHECK(document.Get("scanner/@model") == "TrioTim");
    CHECK(document.Get("scanner") == "MEDPC");
    CHECK(document.Get("@study_id") == "1");
    CHECK(document.Get("fieldStrength") == "3.0");
    REQUIRE(document.scans.size() == 3);
    CHECK(document.scans[1].id == "5");
    CHECK(document.scans[2].id == "6");
    const Scan& scan = document.scans[0];
    CHECK(scan.id == "4");
    CHECK(scan.uid == "1.3.12.2.1.4");
    CHECK(scan.xsi_type == "xnat:mrScanData");
    CHECK(scan.Get("series_description") == "t1_mpr_1mm_p2_pos50");
    CHECK(scan.Get("modality") == "MR");
    CHECK(scan.Get("frames") == "9");
    CHECK(scan.Get("fieldStrength") == "3.0");
    CHECK(scan.Get("parameters/voxelRes/@x") == "1.0");
    CHECK(scan.Get("parameters/orientation") == "Sag");
    CHECK(scan.Get("parameters/fov/@x") == "256");
    CHECK(scan.Get("parameters/tr") == "2400.0");
    CHECK(scan.Get("parameters/te") == "3.08");
    CHECK(scan.Get("parameters/ti") == "1000.0");
    CHECK(scan.Get("parameters/flip") == "8");
    CHECK(scan.Get("parameters/imageType") == "ORIGINAL\\PRIMARY\\M\\ND\\NORM");
    CHECK(scan.Get("parameters/scanSequence") == "GR\\IR");
  }

  TEST_CASE("the catalog of images: measures, and entries by instance number with checksums") {
    BuildFixture session;
    const DicomHeader* header =
        session.Header(kMinimal, {{kTagRows, "200"},
                                  {kTagColumns, "256"},
                                  {kTagPixelSpacing, "1\\1.5"},
                                  {kTagSliceThickness, "1.2"},
                                  {kTagImageOrientationPatient, "0\\1\\0\\0\\0\\-1"}});
    session.Add("SCANS/4/DICOM/no-number.dcm", header, "1.2.3.0");
    session.Add("SCANS/4/DICOM/b.dcm", header, "1.2.3.10", "10");
    IndexedFile& known = session.Add("SCANS/4/DICOM/sub/a.dcm", header, "1.2.3.2", "2");
    known.size = 192046;
    known.mtime_ns = 1710770737123456789;
    known.md5 = "9e107d9d372bb6826bd81d3542a419d6";
    known.xxh3 = "0123456789abcdef0123456789abcdef";
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    REQUIRE(built->draft.resources.size() == 1);
    const ResourceDraft& resource = built->draft.resources[0];
    CHECK(resource.scan_id == "4");
    CHECK(resource.label == "DICOM");
    CHECK(resource.format == "DICOM");
    CHECK(resource.content == "RAW");
    CHECK(resource.directory == "SCANS/4/DICOM");
    CHECK(resource.catalog_path == "SCANS/4/DICOM/scan_4_catalog.xml");
    const std::string text = WriteCatalog(resource.catalog, CatalogStyle::kPretty);
    CHECK(text.substr(text.find('\n', 60)) ==
          "\n\t<cat:entries>"
          "\n\t\t<cat:entry UID=\"1.2.3.2\" URI=\"sub/a.dcm\" "
          "digest=\"9e107d9d372bb6826bd81d3542a419d6\" instanceNumber=\"2\" "
          "xsi:type=\"cat:dcmEntry\">"
          "\n\t\t\t<cat:metaFields>"
          "\n\t\t\t\t<cat:metaField name=\"SIZE\">192046</cat:metaField>"
          "\n\t\t\t\t<cat:metaField name=\"MTIME\">1710770737123456789</cat:metaField>"
          "\n\t\t\t\t<cat:metaField name=\"XXH3\">0123456789abcdef0123456789abcdef"
          "</cat:metaField>"
          "\n\t\t\t</cat:metaFields>"
          "\n\t\t</cat:entry>"
          "\n\t\t<cat:entry UID=\"1.2.3.10\" URI=\"b.dcm\" instanceNumber=\"10\" "
          "xsi:type=\"cat:dcmEntry\">"
          "\n\t\t\t<cat:metaFields>"
          "\n\t\t\t\t<cat:metaField name=\"SIZE\">1000</cat:metaField>"
          "\n\t\t\t\t<cat:metaField name=\"MTIME\">0</cat:metaField>"
          "\n\t\t\t</cat:metaFields>"
          "\n\t\t</cat:entry>"
          "\n\t\t<cat:entry UID=\"1.2.3.0\" URI=\"no-number.dcm\" instanceNumber=\"1\" "
          "xsi:type=\"cat:dcmEntry\">"
          "\n\t\t\t<cat:metaFields>"
          "\n\t\t\t\t<cat:metaField name=\"SIZE\">1000</cat:metaField>"
          "\n\t\t\t\t<cat:metaField name=\"MTIME\">0</cat:metaField>"
          "\n\t\t\t</cat:metaFields>"
          "\n\t\t</cat:entry>"
          "\n\t</cat:entries>"
          "\n\t<cat:dimensions x=\"256\" y=\"200\" z=\"3\"/>"
          "\n\t<cat:voxelRes x=\"1.0\" y=\"1.5\" z=\"1.2\"/>"
          "\n\t<cat:orientation>Sag</cat:orientation>"
          "\n</cat:DCMCatalog>");
  }

  TEST_CASE("frames are the sum over the images; what is no count is one") {
    BuildFixture session;
    session.AddMany("SCANS/4/DICOM", session.Header(kMinimal, {{kTagNumberOfFrames, "20"}}), "1.1",
                    2);
    session.Add("SCANS/4/DICOM/x", session.Header(kMinimal), "1.2.1");
    session.Add("SCANS/4/DICOM/y", session.Header(kMinimal, {{kTagNumberOfFrames, "0"}}), "1.2.2");
    session.Add("SCANS/4/DICOM/z", session.Header(kMinimal, {{kTagNumberOfFrames, "-7"}}), "1.2.3");
    session.Add("SCANS/4/DICOM/w",
                session.Header(kMinimal, {{kTagNumberOfFrames, "9223372036854775807"}}), "1.2.4");
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    CHECK(built->draft.document.scans[0].Get("frames") == "44");
    CHECK(built->draft.resources[0].catalog.dimensions->z == 44);
  }

  TEST_CASE("a value the files do not agree on is left out and named in the log, without it") {
    BuildFixture session;
    const Elements half = {{kTagRepetitionTime, "2300"}, {kTagSeriesTime, "100000"},
                           {kTagStudyDate, "20240318"},  {kTagFlipAngle, "9"},
                           {kTagEchoTime, "3"},          {kTagPatientName, "Doe^Jane"}};
    const Elements other = {
        {kTagRepetitionTime, "2300.0"}, {kTagSeriesTime, "110000"}, {kTagStudyDate, "20240319"},
        {kTagProtocolName, "p"},        {kTagEchoTime, "4"},        {kTagPatientName, "Doe^John"}};
    session.AddMany("SCANS/4/DICOM", session.Header(kMinimal, half), "1.1", 2);
    session.Add("SCANS/4/DICOM/x.dcm", session.Header(kMinimal, other), "1.2.1");
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    const Scan& scan = built->draft.document.scans[0];
    CHECK(scan.Get("startTime").empty());
    CHECK(scan.Get("parameters/te").empty());
    CHECK(scan.Get("parameters/tr") == "2300.0");
    CHECK(scan.Get("parameters/flip") == "9");
    CHECK(scan.Get("protocolName") == "p");
    CHECK(built->draft.document.Get("date").empty());
    CHECK(built->draft.scan_date.empty());
    CHECK(built->log ==
          std::vector<std::string>{
              "session: date left out, StudyDate has several values",
              "session: dcmPatientName left out, PatientName has several values",
              "scan 4: startTime left out, SeriesTime has several values",
              "scan 4: parameters/te left out, EchoTime has several values for one echo"});
  }

  TEST_CASE("a value that cannot be read is left out and named in the log, without it") {
    BuildFixture session;
    session.Add("SCANS/4/DICOM/x.dcm",
                session.Header(kMinimal, {{kTagSeriesDate, "yesterday"},
                                          {kTagRepetitionTime, "1\\2"},
                                          {kTagRows, "many"},
                                          {kTagPixelSpacing, "1"},
                                          {kTagImageOrientationPatient, "1\\0"}}),
                "1.2.1");
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    CHECK(built->log == std::vector<std::string>{
                            "scan 4: fov left out, Rows cannot be read",
                            "scan 4: orientation left out, ImageOrientationPatient cannot be read",
                            "scan 4: voxelRes left out, PixelSpacing cannot be read",
                            "scan 4: start_date left out, SeriesDate cannot be read",
                            "scan 4: parameters/tr left out, RepetitionTime cannot be read"});
    CHECK(built->draft.document.scans[0].Get("parameters/fov/@x").empty());
  }

  TEST_CASE("the session names all scanners and has the leading modality") {
    BuildFixture session;
    session.Add("SCANS/1/DICOM/a.dcm",
                session.Header(kMinimal, {{kTagSOPClassUID, kCtImage},
                                          {kTagModality, "CT"},
                                          {kTagSeriesNumber, "1"},
                                          {kTagSeriesInstanceUID, "1.2.1"},
                                          {kTagStationName, "CT1"}}),
                "1.1");
    for (const char* number : {"10", "2"}) {
      session.Add(std::string("SCANS/") + number + "/DICOM/a.dcm",
                  session.Header(kMinimal, {{kTagSOPClassUID, kPetImage},
                                            {kTagModality, "PT"},
                                            {kTagSeriesNumber, number},
                                            {kTagSeriesInstanceUID, std::string("1.2.") + number},
                                            {kTagStationName, "PET1"}}),
                  std::string("1.1.") + number);
    }
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    const SessionDocument& document = built->draft.document;
    CHECK(document.xsi_type == "xnat:petSessionData");
    CHECK(document.Get("@modality") == "PT");
    CHECK(document.Get("scanner") == "CT1,PET1");
    REQUIRE(document.scans.size() == 3);
    CHECK(document.scans[0].xsi_type == "xnat:ctScanData");
    CHECK(document.scans[1].id == "2");
    CHECK(document.scans[1].xsi_type == "xnat:petScanData");
    CHECK(document.scans[2].id == "10");
  }

  TEST_CASE("PET and MR in one study are a PET/MR session with both field strength and tracer") {
    BuildFixture session;
    session.Add(
        "SCANS/1/DICOM/a.dcm",
        session.Header(kMinimal, {{kTagSeriesNumber, "1"}, {kTagMagneticFieldStrength, "3"}}),
        "1.1");
    session.Add("SCANS/2/DICOM/a.dcm",
                session.Header(kMinimal, {{kTagSOPClassUID, kPetImage},
                                          {kTagModality, "PT"},
                                          {kTagSeriesNumber, "2"},
                                          {kTagSeriesInstanceUID, "1.2.4"},
                                          {kTagRadiopharmaceutical, "FDG"}}),
                "1.2");
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    const SessionDocument& document = built->draft.document;
    CHECK(document.xsi_type == "xnat:petmrSessionData");
    CHECK(document.Get("fieldStrength") == "3.0");
    CHECK(document.Get("tracer/@name") == "FDG");
    CHECK(document.Get("tracer/dose/@units").empty());
    CHECK(document.scans[0].xsi_type == "xnat:mrScanData");
    CHECK(document.scans[1].xsi_type == "xnat:petScanData");
  }

  TEST_CASE("parameters of the request are in the document") {
    BuildFixture session;
    session.Add("SCANS/4/DICOM/a.dcm", session.Header(kMinimal), "1.1");
    session.input.visit = "v1";
    session.input.protocol = "p1";
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    CHECK(built->draft.document.Get("@visit_id") == "v1");
    CHECK(built->draft.document.Get("@protocol") == "p1");
    CHECK(built->draft.document.project.empty());
    CHECK(built->draft.document.Get("subject_ID").empty());
  }

  TEST_CASE("an object that names no study belongs to that of the others") {
    BuildFixture session;
    session.Add("SCANS/4/DICOM/a.dcm", session.Header(kMinimal), "1.1");
    Elements nameless = kMinimal;
    nameless.erase(nameless.begin() + 1);
    session.Add("SCANS/4/DICOM/b.dcm", session.Header(nameless), "1.2");
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    CHECK(built->draft.document.uid == "1.2");
    CHECK(built->draft.resources[0].catalog.entries.size() == 2);
  }

  TEST_CASE("no files, several studies and unknown objects cannot be built") {
    BuildFixture none;
    CHECK(BuildFailure(none) == "build.no-dicom");
    BuildFixture two;
    two.Add("SCANS/4/DICOM/a.dcm", two.Header(kMinimal), "1.1");
    two.Add("SCANS/4/DICOM/b.dcm", two.Header(kMinimal, {{kTagStudyInstanceUID, "1.9"}}), "1.2");
    CHECK(BuildFailure(two) == "build.several-studies");
    BuildFixture unknown;
    unknown.Add("SCANS/4/DICOM/a.dcm",
                unknown.Header(kMinimal, {{kTagSOPClassUID, "1.2.3.4"}, {kTagModality, "??"}}),
                "1.1");
    CHECK(BuildFailure(unknown) == "build.no-type");
  }
}

}  // namespace xnatarchive
