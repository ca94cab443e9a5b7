// samples.hpp - complete documents as XNAT writes them, of a made-up two-file scan and session.
#ifndef XNATARCHIVE_TESTS_UNIT_XML_SAMPLES_HPP_
#define XNATARCHIVE_TESTS_UNIT_XML_SAMPLES_HPP_

#include <string_view>

namespace xnatarchive {

/// What every root element declares.
// clang-format off
#define XA_TEST_NAMESPACES R"xml( xmlns:arc="http://nrg.wustl.edu/arc" xmlns:cat="http://nrg.wustl.edu/catalog" xmlns:pipe="http://nrg.wustl.edu/pipe" xmlns:prov="http://www.nbirn.net/prov" xmlns:scr="http://nrg.wustl.edu/scr" xmlns:val="http://nrg.wustl.edu/val" xmlns:wrk="http://nrg.wustl.edu/workflow" xmlns:xdat="http://nrg.wustl.edu/security" xmlns:xnat="http://nrg.wustl.edu/xnat" xmlns:xnat_a="http://nrg.wustl.edu/xnat_assessments" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance")xml"

/// As built in the prearchive: pretty.
inline constexpr std::string_view kBuiltCatalog = R"xml(<?xml version="1.0" encoding="UTF-8"?>
<cat:DCMCatalog UID="1.2.826.0.1.99.4711.1")xml" XA_TEST_NAMESPACES R"xml(>
	<cat:entries>
		<cat:entry UID="1.2.826.0.1.99.4711.1.1" URI="1.2.826.0.1.99.4711-1-1-1abc2de.dcm" instanceNumber="1" xsi:type="cat:dcmEntry"/>
		<cat:entry UID="1.2.826.0.1.99.4711.1.2" URI="1.2.826.0.1.99.4711-1-2-9xyz8wv.dcm" instanceNumber="2" xsi:type="cat:dcmEntry"/>
	</cat:entries>
	<cat:dimensions x="256" y="256" z="2"/>
	<cat:voxelRes x="1.0" y="1.0" z="1.2"/>
	<cat:orientation>Sag</cat:orientation>
</cat:DCMCatalog>)xml";

/// Right after archiving: plain.
inline constexpr std::string_view kArchivedCatalog = R"xml(<?xml version="1.0" encoding="UTF-8"?>
<cat:DCMCatalog UID="1.2.826.0.1.99.4711.1")xml" XA_TEST_NAMESPACES R"xml(>
<cat:metaFields>
	<cat:metaField name="PROJECT">DEMO</cat:metaField>
	<cat:metaField name="AUDIT">42:Thu Jun 20 14:03:11 CDT 2024=Added:2</cat:metaField>
</cat:metaFields>
<cat:entries>
	<cat:entry ID="1.2.826.0.1.99.4711-1-1-1abc2de.dcm" UID="1.2.826.0.1.99.4711.1.1" URI="1.2.826.0.1.99.4711-1-1-1abc2de.dcm" createdBy="alice" createdEventId="42" createdTime="2024-06-20T14:03:11.482" digest="9e107d9d372bb6826bd81d3542a419d6" format="DICOM" instanceNumber="1" xsi:type="cat:dcmEntry"/>
	<cat:entry ID="1.2.826.0.1.99.4711-1-2-9xyz8wv.dcm" UID="1.2.826.0.1.99.4711.1.2" URI="1.2.826.0.1.99.4711-1-2-9xyz8wv.dcm" createdBy="alice" createdEventId="42" createdTime="2024-06-20T14:03:11.482" digest="e4d909c290d0fb1ca068ffaddf22cbd0" format="DICOM" instanceNumber="2" xsi:type="cat:dcmEntry"/>
</cat:entries>
<cat:dimensions x="256" y="256" z="2"/>
<cat:voxelRes x="1.0" y="1.0" z="1.2"/>
<cat:orientation>Sag</cat:orientation>
</cat:DCMCatalog>)xml";

/// After a full refresh: plain, with meta fields in the entries.
inline constexpr std::string_view kRefreshedCatalog = R"xml(<?xml version="1.0" encoding="UTF-8"?>
<cat:DCMCatalog UID="1.2.826.0.1.99.4711.1")xml" XA_TEST_NAMESPACES R"xml(>
<cat:metaFields>
	<cat:metaField name="PROJECT">DEMO</cat:metaField>
	<cat:metaField name="AUDIT">42:Thu Jun 20 14:03:11 CDT 2024=Added:2|57:Thu Jun 20 15:10:07 CDT 2024=Modified:2</cat:metaField>
</cat:metaFields>
<cat:entries>
	<cat:entry ID="1.2.826.0.1.99.4711-1-1-1abc2de.dcm" UID="1.2.826.0.1.99.4711.1.1" URI="1.2.826.0.1.99.4711-1-1-1abc2de.dcm" cachePath="1.2.826.0.1.99.4711-1-1-1abc2de.dcm" createdBy="alice" createdEventId="42" createdTime="2024-06-20T14:03:11.482" digest="9e107d9d372bb6826bd81d3542a419d6" format="DICOM" instanceNumber="1" modifiedBy="bob" modifiedEventId="57" modifiedTime="2024-06-20T15:10:07.120" name="1.2.826.0.1.99.4711-1-1-1abc2de.dcm" xsi:type="cat:dcmEntry">
		<cat:metaFields>
			<cat:metaField name="SIZE">192046</cat:metaField>
		</cat:metaFields>
	</cat:entry>
	<cat:entry ID="1.2.826.0.1.99.4711-1-2-9xyz8wv.dcm" UID="1.2.826.0.1.99.4711.1.2" URI="1.2.826.0.1.99.4711-1-2-9xyz8wv.dcm" cachePath="1.2.826.0.1.99.4711-1-2-9xyz8wv.dcm" createdBy="alice" createdEventId="42" createdTime="2024-06-20T14:03:11.482" digest="e4d909c290d0fb1ca068ffaddf22cbd0" format="DICOM" instanceNumber="2" modifiedBy="bob" modifiedEventId="57" modifiedTime="2024-06-20T15:10:07.120" name="1.2.826.0.1.99.4711-1-2-9xyz8wv.dcm" xsi:type="cat:dcmEntry">
		<cat:metaFields>
			<cat:metaField name="SIZE">192046</cat:metaField>
		</cat:metaFields>
	</cat:entry>
</cat:entries>
<cat:dimensions x="256" y="256" z="2"/>
<cat:voxelRes x="1.0" y="1.0" z="1.2"/>
<cat:orientation>Sag</cat:orientation>
</cat:DCMCatalog>)xml";

/// A resource that is not DICOM: plain.
inline constexpr std::string_view kFileCatalog = R"xml(<?xml version="1.0" encoding="UTF-8"?>
<cat:Catalog ID="LABEL")xml" XA_TEST_NAMESPACES R"xml(>
<cat:metaFields>
	<cat:metaField name="PROJECT">DEMO</cat:metaField>
</cat:metaFields>
<cat:entries>
	<cat:entry ID="1.txt" URI="1.txt" cachePath="1.txt" createdBy="alice" createdEventId="61" createdTime="2024-06-20T16:00:00.000" digest="d41d8cd98f00b204e9800998ecf8427e" name="1.txt">
		<cat:metaFields>
			<cat:metaField name="SIZE">0</cat:metaField>
		</cat:metaFields>
	</cat:entry>
	<cat:entry ID="sub/2.txt" URI="sub/2.txt" cachePath="sub/2.txt" createdBy="alice" createdEventId="61" createdTime="2024-06-20T16:00:00.000" digest="9e107d9d372bb6826bd81d3542a419d6" name="2.txt">
		<cat:metaFields>
			<cat:metaField name="SIZE">43</cat:metaField>
		</cat:metaFields>
	</cat:entry>
</cat:entries>
</cat:Catalog>)xml";

/// A session right after it was built.
inline constexpr std::string_view kSession = R"xml(<?xml version="1.0" encoding="UTF-8"?>
<xnat:MRSession ID="" UID="2.25.301184450725109911228040918273641500001" label="BD0017_MR1" modality="MR" project="BRAINDEV" session_type="Brain^Research" study_id="7731")xml" XA_TEST_NAMESPACES R"xml(>
	<xnat:date>2024-03-18</xnat:date>
	<xnat:time>14:05:37</xnat:time>
	<xnat:fields>
		<xnat:field name="studyComments">Project:BRAINDEV; Subject:BD0017; Session:BD0017_MR1; AA:false</xnat:field>
	</xnat:fields>
	<xnat:acquisition_site>Riverside Imaging Centre</xnat:acquisition_site>
	<xnat:subject_ID>BD0017</xnat:subject_ID>
	<xnat:scanner manufacturer="SIEMENS" model="Prisma">RIC-MR2</xnat:scanner>
	<xnat:operator>KT</xnat:operator>
	<xnat:prearchivePath>/data/xnat/prearchive/BRAINDEV/20240318_150212847/BD0017_MR1</xnat:prearchivePath>
	<xnat:scans>
		<xnat:scan ID="2" UID="2.25.301184450725109911228040918273641500200" xsi:type="xnat:mrScanData">
			<xnat:series_description>T1w_MPRAGE_1mm</xnat:series_description>
			<xnat:scanner manufacturer="SIEMENS" model="Prisma">RIC-MR2</xnat:scanner>
			<xnat:modality>MR</xnat:modality>
			<xnat:frames>176</xnat:frames>
			<xnat:file URI="SCANS/2/DICOM/scan_2_catalog.xml" content="RAW" format="DICOM" label="DICOM" xsi:type="xnat:resourceCatalog"/>
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
			<xnat:file URI="SCANS/5/DICOM/scan_5_catalog.xml" content="RAW" format="DICOM" label="DICOM" xsi:type="xnat:resourceCatalog"/>
			<xnat:file URI="SCANS/5/secondary/scan_5_secondary_catalog.xml" content="secondary" format="DICOM" label="secondary" xsi:type="xnat:resourceCatalog"/>
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
// clang-format on

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_XML_SAMPLES_HPP_
