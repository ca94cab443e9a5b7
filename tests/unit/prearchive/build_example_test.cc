// The complete example of a session document: built from headers with its values, it comes out
// byte for byte.
#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "build_fixture.hpp"
#include "prearchive/build.hpp"
#include "prearchive/header_note.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kExample =
    R"xml(<?xml version="1.0" encoding="UTF-8"?>
<xnat:MRSession ID="" UID="2.25.301184450725109911228040918273641500001" )xml"
    R"xml(label="BD0017_MR1" modality="MR" project="BRAINDEV" )xml"
    R"xml(session_type="Brain^Research" study_id="7731" )xml"
    R"xml(xmlns:arc="http://nrg.wustl.edu/arc" xmlns:cat="http://nrg.wustl.edu/catalog" )xml"
    R"xml(xmlns:pipe="http://nrg.wustl.edu/pipe" xmlns:prov="http://www.nbirn.net/prov" )xml"
    R"xml(xmlns:scr="http://nrg.wustl.edu/scr" xmlns:val="http://nrg.wustl.edu/val" )xml"
    R"xml(xmlns:wrk="http://nrg.wustl.edu/workflow" )xml"
    R"xml(xmlns:xdat="http://nrg.wustl.edu/security" )xml"
    R"xml(xmlns:xnat="http://nrg.wustl.edu/xnat" )xml"
    R"xml(xmlns:xnat_a="http://nrg.wustl.edu/xnat_assessments" )xml"
    R"xml(xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
	<xnat:date>2024-03-18</xnat:date>
	<xnat:time>14:05:37</xnat:time>
	<xnat:fields>
		<xnat:field name="studyComments">Project:BRAINDEV; Subject:BD0017; )xml"
    R"xml(Session:BD0017_MR1; AA:false</xnat:field>
	</xnat:fields>
	<xnat:acquisition_site>Riverside Imaging Centre</xnat:acquisition_site>
	<xnat:subject_ID>BD0017</xnat:subject_ID>
	<xnat:scanner manufacturer="SIEMENS" model="Prisma">RIC-MR2</xnat:scanner>
	<xnat:operator>KT</xnat:operator>
	<xnat:prearchivePath>/data/xnat/prearchive/BRAINDEV/20240318_150212847/BD0017_MR)xml"
    R"xml(1</xnat:prearchivePath>
	<xnat:scans>
		<xnat:scan ID="2" UID="2.25.301184450725109911228040918273641500200" xsi:type="xnat:mrScanData">
			<xnat:series_description>T1w_MPRAGE_1mm</xnat:series_description>
			<xnat:scanner manufacturer="SIEMENS" model="Prisma">RIC-MR2</xnat:scanner>
			<xnat:modality>MR</xnat:modality>
			<xnat:frames>176</xnat:frames>
			<xnat:file URI="SCANS/2/DICOM/scan_2_catalog.xml" content="RAW" )xml"
    R"xml(format="DICOM" label="DICOM" xsi:type="xnat:resourceCatalog"/>
			<xnat:startTime>14:09:02</xnat:startTime>
			<xnat:start_date>2024-03-18</xnat:start_date>
			<xnat:requestedProcedureDescription>MRI HEAD RESEARCH</xnat:requestedProcedureDescription>
			<xnat:protocolName>T1w_MPRAGE_1mm</xnat:protocolName>
			<xnat:bodyPartExamined>HEAD</xnat:bodyPartExamined>
			<xnat:coil>HeadNeck_64</xnat:coil>
			<xnat:fieldStrength>3.0</xnat:fieldStrength>
			<xnat:parameters>
				<xnat:voxelRes units="mm" x="1.0" y="1.0" z="1.0"/>
				<xnat:orientation>Sag</xnat:orientation>
				<xnat:fov x="256" y="256"/>
				<xnat:tr>2300.0</xnat:tr>
				<xnat:te>2.98</xnat:te>
				<xnat:ti>900.0</xnat:ti>
				<xnat:flip>9</xnat:flip>
				<xnat:sequence>*tfl3d1_16ns</xnat:sequence>
				<xnat:imageType>ORIGINAL\PRIMARY\M\ND\NORM</xnat:imageType>
				<xnat:scanSequence>GR\IR</xnat:scanSequence>
				<xnat:seqVariant>SK\SP\MP</xnat:seqVariant>
				<xnat:scanOptions>IR\WE</xnat:scanOptions>
				<xnat:acqType>3D</xnat:acqType>
				<xnat:pixelBandwidth>240</xnat:pixelBandwidth>
			</xnat:parameters>
		</xnat:scan>
		<xnat:scan ID="5" UID="2.25.301184450725109911228040918273641500500" xsi:type="xnat:mrScanData">
			<xnat:series_description>rest_bold_2mm</xnat:series_description>
			<xnat:scanner manufacturer="SIEMENS" model="Prisma">RIC-MR2</xnat:scanner>
			<xnat:modality>MR</xnat:modality>
			<xnat:frames>240</xnat:frames>
			<xnat:file URI="SCANS/5/DICOM/scan_5_catalog.xml" content="RAW" )xml"
    R"xml(format="DICOM" label="DICOM" xsi:type="xnat:resourceCatalog"/>
			<xnat:file URI="SCANS/5/secondary/scan_5_secondary_catalog.xml" )xml"
    R"xml(content="secondary" format="DICOM" label="secondary" )xml"
    R"xml(xsi:type="xnat:resourceCatalog"/>
			<xnat:startTime>14:21:40</xnat:startTime>
			<xnat:start_date>2024-03-18</xnat:start_date>
			<xnat:protocolName>rest_bold_2mm</xnat:protocolName>
			<xnat:bodyPartExamined>HEAD</xnat:bodyPartExamined>
			<xnat:fieldStrength>3.0</xnat:fieldStrength>
			<xnat:parameters>
				<xnat:voxelRes units="mm" x="2.0" y="2.0" z="2.0"/>
				<xnat:orientation>Tra</xnat:orientation>
				<xnat:fov x="936" y="936"/>
				<xnat:tr>800.0</xnat:tr>
				<xnat:te>37.0</xnat:te>
				<xnat:flip>52</xnat:flip>
				<xnat:imageType>ORIGINAL\PRIMARY\M\MB\ND\MOSAIC</xnat:imageType>
				<xnat:scanSequence>EP</xnat:scanSequence>
				<xnat:seqVariant>SK</xnat:seqVariant>
				<xnat:acqType>2D</xnat:acqType>
				<xnat:pixelBandwidth>2290</xnat:pixelBandwidth>
			</xnat:parameters>
		</xnat:scan>
	</xnat:scans>
	<xnat:dcmAccessionNumber>RIC24-001932</xnat:dcmAccessionNumber>
	<xnat:dcmPatientId>BD0017_MR1</xnat:dcmPatientId>
	<xnat:dcmPatientName>BD0017</xnat:dcmPatientName>
	<xnat:dcmPatientBirthDate>1987-06-02</xnat:dcmPatientBirthDate>
	<xnat:dcmPatientWeight>71.5</xnat:dcmPatientWeight>
	<xnat:fieldStrength>3.0</xnat:fieldStrength>
</xnat:MRSession>)xml";

const Elements kExampleStudy = {
    {kTagSOPClassUID, kMrImage},
    {kTagStudyInstanceUID, "2.25.301184450725109911228040918273641500001"},
    {kTagStudyDate, "20240318"},
    {kTagStudyTime, "140537.412000"},
    {kTagStudyDescription, "Brain^Research"},
    {kTagStudyID, "7731"},
    {kTagStudyComments, "Project:BRAINDEV; Subject:BD0017; Session:BD0017_MR1; AA:false"},
    {kTagInstitutionName, "Riverside Imaging Centre"},
    {kTagModality, "MR"},
    {kTagManufacturer, "SIEMENS"},
    {kTagManufacturerModelName, "Prisma"},
    {kTagStationName, "RIC-MR2"},
    {kTagOperatorsName, "KT"},
    {kTagAccessionNumber, "RIC24-001932"},
    {kTagPatientID, "BD0017_MR1"},
    {kTagPatientName, "BD0017"},
    {kTagPatientBirthDate, "19870602"},
    {kTagPatientWeight, "71.5"},
    {kTagMagneticFieldStrength, "3"},
    {kTagSeriesDate, "20240318"},
    {kTagBodyPartExamined, "HEAD"},
};

const Elements kExampleT1 = {
    {kTagSeriesInstanceUID, "2.25.301184450725109911228040918273641500200"},
    {kTagSeriesNumber, "2"},
    {kTagSeriesDescription, "T1w_MPRAGE_1mm"},
    {kTagProtocolName, "T1w_MPRAGE_1mm"},
    {kTagRequestedProcedureDescription, "MRI HEAD RESEARCH"},
    {kTagSeriesTime, "140902.5"},
    {kTagReceiveCoilName, "HeadNeck_64"},
    {kTagPixelSpacing, "1\\1"},
    {kTagSliceThickness, "1"},
    {kTagImageOrientationPatient, "0\\1\\0\\0\\0\\-1"},
    {kTagRows, "256"},
    {kTagColumns, "256"},
    {kTagRepetitionTime, "2300"},
    {kTagEchoTime, "2.98"},
    {kTagInversionTime, "900"},
    {kTagFlipAngle, "9"},
    {kTagSequenceName, "*tfl3d1_16ns"},
    {kTagImageType, "ORIGINAL\\PRIMARY\\M\\ND\\NORM"},
    {kTagScanningSequence, "GR\\IR"},
    {kTagSequenceVariant, "SK\\SP\\MP"},
    {kTagScanOptions, "IR\\WE"},
    {kTagMRAcquisitionType, "3D"},
    {kTagPixelBandwidth, "240"},
};

const Elements kExampleBold = {
    {kTagSeriesInstanceUID, "2.25.301184450725109911228040918273641500500"},
    {kTagSeriesNumber, "5"},
    {kTagSeriesDescription, "rest_bold_2mm"},
    {kTagProtocolName, "rest_bold_2mm"},
    {kTagSeriesTime, "142140"},
    {kTagPixelSpacing, "2\\2"},
    {kTagSliceThickness, "2"},
    {kTagImageOrientationPatient, "1\\0\\0\\0\\1\\0"},
    {kTagRows, "936"},
    {kTagColumns, "936"},
    {kTagRepetitionTime, "800"},
    {kTagEchoTime, "37"},
    {kTagFlipAngle, "52"},
    {kTagImageType, "ORIGINAL\\PRIMARY\\M\\MB\\ND\\MOSAIC"},
    {kTagScanningSequence, "EP"},
    {kTagSequenceVariant, "SK"},
    {kTagMRAcquisitionType, "2D"},
    {kTagPixelBandwidth, "2290"},
};

void FillExample(BuildFixture& session) {
  session.input.project = "BRAINDEV";
  session.input.label = "BD0017_MR1";
  session.input.subject = "BD0017";
  session.input.prearchive_path = "/data/xnat/prearchive/BRAINDEV/20240318_150212847/BD0017_MR1";
  session.AddMany("SCANS/5/DICOM", session.Header(kExampleStudy, kExampleBold), "2.25.5", 240);
  session.Add("SCANS/5/DICOM/raw.dcm",
              session.Header(kExampleStudy, {{kTagSOPClassUID, kRawData},
                                             {kTagSeriesInstanceUID, kExampleBold[0].second},
                                             {kTagSeriesNumber, "5"}}),
              "2.25.5.999");
  session.AddMany("SCANS/2/DICOM", session.Header(kExampleStudy, kExampleT1), "2.25.2", 176);
}

}  // namespace

TEST_SUITE("prearchive.build_example") {
  TEST_CASE("the document of a complete MR session is the one XNAT would write") {
    BuildFixture session;
    FillExample(session);
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    CHECK(WriteSession(built->draft.document) == kExample);
    CHECK(built->log.empty());
    CHECK(built->draft.scan_date == "2024-03-18");
    CHECK(built->draft.scan_time == "14:05:37");
    CHECK_FALSE(built->draft.needs_build);
    using Moves = std::vector<std::pair<std::string, std::string>>;
    CHECK(built->moves == Moves{{"SCANS/5/DICOM/raw.dcm", "SCANS/5/secondary/raw.dcm"}});
  }

  TEST_CASE("the same document comes from the notes that stand for the headers") {
    BuildFixture session;
    FillExample(session);
    std::deque<DicomHeader> parsed;
    for (BuildFile& file : session.input.files) {
      Result<DicomHeader> header = ParseHeaderNote(WriteHeaderNote(*file.header));
      REQUIRE(header.ok());
      file.header = &parsed.emplace_back(std::move(header).value());
    }
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    CHECK(WriteSession(built->draft.document) == kExample);
  }
}

}  // namespace xnatarchive
