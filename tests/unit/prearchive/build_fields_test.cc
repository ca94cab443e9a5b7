// The fields of CT, PET and MR scans beyond the common ones.
#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "build_fixture.hpp"
#include "prearchive/build.hpp"
#include "prearchive/field_source.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

BuiltSession Build(const BuildFixture& session) {
  Result<BuiltSession> built = BuildSession(session.input);
  REQUIRE(built.ok());
  return std::move(built).value();
}

// The document's first scan as it is written, from its frames on.
std::string ScanText(const BuiltSession& built) {
  const std::string text = WriteSession(built.draft.document);
  const std::size_t begin = text.find("\t\t\t<xnat:startTime>");
  return text.substr(begin, text.find("\t\t</xnat:scan>") - begin);
}

const Elements kStudy = {
    {kTagStudyInstanceUID, "1.2"},
    {kTagSeriesInstanceUID, "1.2.3"},
    {kTagSeriesNumber, "4"},
    {kTagSeriesTime, "101500"},
    {kTagRows, "512"},
    {kTagColumns, "512"},
    {kTagPixelSpacing, "0.9765625\\0.9765625"},
    {kTagSliceThickness, "2.5"},
    {kTagImageOrientationPatient, "1\\0\\0\\0\\1\\0"},
};

const Elements kCt = {
    {kTagSOPClassUID, kCtImage},
    {kTagModality, "CT"},
    {kTagContrastBolusAgent, "Iohexol"},
    {kTagContrastBolusRoute, "IV"},
    {kTagContrastBolusVolume, "100"},
    {kTagContrastBolusTotalDose, "50"},
    {kTagContrastFlowRate, "2.5"},
    {kTagContrastFlowDuration, "40"},
    {kTagContrastBolusIngredient, "IODINE"},
    {kTagContrastBolusIngredientConcentration, "300"},
    {kTagRescaleIntercept, "-1024"},
    {kTagRescaleSlope, "1"},
    {kTagKVP, "120"},
    {kTagAcquisitionNumber, "2"},
    {kTagImageType, "ORIGINAL\\PRIMARY\\AXIAL"},
    {kTagScanOptions, "HELICAL MODE"},
    {kTagDataCollectionDiameter, "500"},
    {kTagDistanceSourceToDetector, "949.075"},
    {kTagDistanceSourceToPatient, "541"},
    {kTagGantryDetectorTilt, "0"},
    {kTagTableHeight, "145.5"},
    {kTagRotationDirection, "CCW"},
    {kTagExposureTime, "700"},
    {kTagXRayTubeCurrent, "300"},
    {kTagExposureInuAs, "210000"},
    {kTagFilterType, "BODY FILTER"},
    {kTagGeneratorPower, "36"},
    {kTagFocalSpots, "0.7\\1.2"},
    {kTagConvolutionKernel, "STANDARD"},
    {kTagSingleCollimationWidth, "0.625"},
    {kTagTotalCollimationWidth, "40"},
    {kTagTableSpeed, "78.6"},
    {kTagTableFeedPerRotation, "55"},
    {kTagSpiralPitchFactor, "1.375"},
    {kTagEstimatedDoseSaving, "12.5"},
    {kTagExposureModulationType, "AUTO_MA"},
    {kTagCTDIvol, "11.25"},
};

const Elements kPet = {
    {kTagSOPClassUID, kPetImage},
    {kTagModality, "PT"},
    {kTagInstitutionName, "Cyclotron Unit"},
    {kTagRadiopharmaceutical, "Fluorodeoxyglucose"},
    {kTagRadiopharmaceuticalStartDateTime, "20240318091500.00"},
    {kTagRadionuclideTotalDose, "371520000"},
    {kTagRadionuclideHalfLife, "6586.2"},
    {kTagRadionuclideCodeSequence, "^18^Fluorine"},
    {kTagReconstructionDiameter, "700"},
    {kTagSpacingBetweenSlices, "3.27"},
    {kTagNumberOfSlices, "47"},
    {kTagNumberOfTimeSlices, "2"},
    {kTagSeriesType, "DYNAMIC\\IMAGE"},
    {kTagUnits, "BQML"},
    {kTagCountsSource, "EMISSION"},
    {kTagReprojectionMethod, "3D RP"},
    {kTagRandomsCorrectionMethod, "DLYD"},
    {kTagAttenuationCorrectionMethod, "CTAC"},
    {kTagDecayCorrection, "START"},
    {kTagReconstructionMethod, "OSEM3D"},
    {kTagScatterCorrectionMethod, "model based"},
};

Elements Join(Elements a, const Elements& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Elements PetFrame(const char* acquired, const char* reference, const char* duration) {
  return {{kTagAcquisitionTime, acquired},
          {kTagFrameReferenceTime, reference},
          {kTagActualFrameDuration, duration}};
}

}  // namespace

TEST_SUITE("prearchive.build_fields") {
  TEST_CASE("a CT scan has its parameters in the order of the schema") {
    BuildFixture session;
    session.AddMany("SCANS/4/DICOM", session.Header(Join(kStudy, kCt)), "1.1", 3);
    const BuiltSession built = Build(session);
    CHECK(built.log.empty());
    CHECK(ScanText(built) ==
          R"(			<xnat:startTime>10:15:00</xnat:startTime>
			<xnat:contrasts>
				<xnat:contrastBolusV2>
					<xnat:agent>Iohexol</xnat:agent>
				</xnat:contrastBolusV2>
			</xnat:contrasts>
			<xnat:parameters>
				<xnat:voxelRes units="mm" x="0.9765625" y="0.9765625" z="2.5"/>
				<xnat:orientation>Tra</xnat:orientation>
				<xnat:fov x="512" y="512"/>
				<xnat:rescale>
					<xnat:intercept>-1024</xnat:intercept>
					<xnat:slope>1</xnat:slope>
				</xnat:rescale>
				<xnat:kvp>120.0</xnat:kvp>
				<xnat:acquisitionNumber>2</xnat:acquisitionNumber>
				<xnat:imageType>ORIGINAL\PRIMARY\AXIAL</xnat:imageType>
				<xnat:options>HELICAL MODE</xnat:options>
				<xnat:collectionDiameter>500.0</xnat:collectionDiameter>
				<xnat:distanceSourceToDetector>949.075</xnat:distanceSourceToDetector>
				<xnat:distanceSourceToPatient>541.0</xnat:distanceSourceToPatient>
				<xnat:gantryTilt>0.0</xnat:gantryTilt>
				<xnat:tableHeight>145.5</xnat:tableHeight>
				<xnat:rotationDirection>CC</xnat:rotationDirection>
				<xnat:exposureTime>700.0</xnat:exposureTime>
				<xnat:xrayTubeCurrent>300.0</xnat:xrayTubeCurrent>
				<xnat:exposure>210.0</xnat:exposure>
				<xnat:filter>BODY FILTER</xnat:filter>
				<xnat:generatorPower>36.0</xnat:generatorPower>
				<xnat:focalSpots>
					<xnat:focalSpot>0.7</xnat:focalSpot>
					<xnat:focalSpot>1.2</xnat:focalSpot>
				</xnat:focalSpots>
				<xnat:convolutionKernel>STANDARD</xnat:convolutionKernel>
				<xnat:collimationWidth>
					<xnat:single>0.625</xnat:single>
					<xnat:total>40.0</xnat:total>
				</xnat:collimationWidth>
				<xnat:tableSpeed>78.6</xnat:tableSpeed>
				<xnat:tableFeedPerRotation>55.0</xnat:tableFeedPerRotation>
				<xnat:pitchFactor>1.375</xnat:pitchFactor>
				<xnat:estimatedDoseSaving modulation="AUTO_MA">12.5</xnat:estimatedDoseSaving>
				<xnat:ctDIvol>11.25</xnat:ctDIvol>
				<xnat:contrastBolus>
					<xnat:agent>Iohexol</xnat:agent>
					<xnat:route>IV</xnat:route>
					<xnat:volume>100.0</xnat:volume>
					<xnat:totalDose>50.0</xnat:totalDose>
					<xnat:flowRate>2.5</xnat:flowRate>
					<xnat:flowDuration>40.0</xnat:flowDuration>
					<xnat:activeIngredient>IODINE</xnat:activeIngredient>
					<xnat:concentration>300.0</xnat:concentration>
				</xnat:contrastBolus>
			</xnat:parameters>
)");
    CHECK(built.draft.document.xsi_type == "xnat:ctSessionData");
  }

  TEST_CASE("CT: a tube current that was modulated is left out, the rest stays") {
    BuildFixture session;
    for (const char* current : {"300", "310", "320"}) {
      session.Add(std::string("SCANS/4/DICOM/") + current,
                  session.Header(Join(kStudy, kCt), {{kTagXRayTubeCurrent, current}}), current);
    }
    const BuiltSession built = Build(session);
    const Scan& scan = built.draft.document.scans[0];
    CHECK(scan.Get("parameters/xrayTubeCurrent").empty());
    CHECK(scan.Get("parameters/kvp") == "120.0");
    CHECK(built.log == std::vector<std::string>{"scan 4: parameters/xrayTubeCurrent left out, "
                                                "XRayTubeCurrent has several values"});
  }

  TEST_CASE("CT: values of enhanced objects, and modulation only beside a saving") {
    BuildFixture session;
    session.Add("SCANS/4/DICOM/a",
                session.Header(Join(kStudy, {{kTagSOPClassUID, kCtImage},
                                             {kTagModality, "CT"},
                                             {kTagExposureTimeInms, "500.5"},
                                             {kTagXRayTubeCurrentInmA, "99"},
                                             {kTagExposureInmAs, "49.5"},
                                             {kTagExposureModulationType, "AUTO"},
                                             {kTagFocalSpots, "small"}})),
                "1.1");
    const BuiltSession built = Build(session);
    const Scan& scan = built.draft.document.scans[0];
    CHECK(scan.Get("parameters/exposureTime") == "500.5");
    CHECK(scan.Get("parameters/xrayTubeCurrent") == "99.0");
    CHECK(scan.Get("parameters/exposure") == "49.5");
    CHECK(scan.Get("parameters/estimatedDoseSaving/@modulation").empty());
    CHECK(built.log == std::vector<std::string>{
                           "scan 4: parameters/focalSpots/focalSpot left out, FocalSpots cannot "
                           "be read"});
  }

  TEST_CASE("a dynamic PET scan has its parameters and time frames, past midnight too") {
    BuildFixture session;
    const Elements pet = Join(kStudy, kPet);
    const DicomHeader* late = session.Header(pet, PetFrame("000010.25", "45000", "60500"));
    const DicomHeader* early = session.Header(pet, PetFrame("235940", "15000", "30000"));
    session.AddMany("SCANS/4/DICOM/late", late, "1.2", 47);
    session.AddMany("SCANS/4/DICOM/early", early, "1.1", 47);
    const BuiltSession built = Build(session);
    CHECK(built.log.empty());
    CHECK(ScanText(built) ==
          R"(			<xnat:startTime>10:15:00</xnat:startTime>
			<xnat:parameters>
				<xnat:addParam name="Units">BQML</xnat:addParam>
				<xnat:addParam name="CountsSource">EMISSION</xnat:addParam>
				<xnat:addParam name="ReprojectionMethod">3D RP</xnat:addParam>
				<xnat:addParam name="RandomsCorrectionMethod">DLYD</xnat:addParam>
				<xnat:addParam name="AttenuationCorrectionMethod">CTAC</xnat:addParam>
				<xnat:addParam name="DecayCorrection">START</xnat:addParam>
				<xnat:addParam name="ReconstructionMethod">OSEM3D</xnat:addParam>
				<xnat:addParam name="ScatterCorrectionMethod">model based</xnat:addParam>
				<xnat:transaxialFOV>70.0</xnat:transaxialFOV>
				<xnat:acqType>4</xnat:acqType>
				<xnat:facility>Cyclotron Unit</xnat:facility>
				<xnat:numPlanes>47</xnat:numPlanes>
				<xnat:frames numFrames="2">
					<xnat:frame length="30.0" number="1" starttime="0.0" units="sec"/>
					<xnat:frame length="60.5" number="2" starttime="30.25" units="sec"/>
				</xnat:frames>
				<xnat:planeSeparation>0.327</xnat:planeSeparation>
				<xnat:dimensions num="4" x="512" y="512" z="47"/>
				<xnat:pixelSize x="0.09765625" y="0.09765625" z="0.25"/>
			</xnat:parameters>
)");
    const SessionDocument& document = built.draft.document;
    CHECK(document.xsi_type == "xnat:petSessionData");
    CHECK(document.Get("tracer/@name") == "Fluorodeoxyglucose");
    CHECK(document.Get("tracer/@startTime") == "2024-03-18T09:15:00");
    CHECK(document.Get("tracer/dose") == "3.7152E8");
    CHECK(document.Get("tracer/dose/@units") == "Bq");
    CHECK(document.Get("tracer/isotope") == "^18^Fluorine");
    CHECK(document.Get("tracer/isotope/@half-life") == "6586.2");
    CHECK(built.draft.resources[0].catalog.dimensions->z == 94);
    CHECK(built.draft.resources[0].catalog.voxel_resolution->z == "2.5");
  }

  TEST_CASE("PET: a static scan has no time frames") {
    BuildFixture session;
    session.Add("SCANS/4/DICOM/a",
                session.Header(Join(kStudy, kPet), {{kTagSeriesType, "WHOLE BODY\\IMAGE"}}), "1.1");
    const Scan scan = Build(session).draft.document.scans[0];
    CHECK(scan.Get("parameters/acqType") == "3");
    CHECK(scan.Get("parameters/frames/@numFrames").empty());
    CHECK(scan.Get("parameters/dimensions/@num") == "3");
  }

  TEST_CASE("PET: frames that are not as many as the scanner says are left out") {
    BuildFixture session;
    session.Add("SCANS/4/DICOM/a",
                session.Header(Join(kStudy, kPet), PetFrame("100000", "0", "1000")), "1.1");
    const BuiltSession built = Build(session);
    CHECK(built.draft.document.scans[0].Get("parameters/frames/@numFrames").empty());
    CHECK(built.log == std::vector<std::string>{"scan 4: parameters/frames left out, "
                                                "NumberOfTimeSlices is not the number of time "
                                                "frames"});
  }

  TEST_CASE("lengths in other units are not longer than they were") {
    CHECK(ConvertField(FieldForm::kTenth, "0.7") == "0.07");
    CHECK(ConvertField(FieldForm::kTenth, "3.27") == "0.327");
    CHECK(ConvertField(FieldForm::kThousandth, "210000") == "210.0");
    CHECK_FALSE(ConvertField(FieldForm::kTenth, "x").has_value());
  }

  TEST_CASE("PET: frames that do not add up are left out whole") {
    const Elements pet = Join(kStudy, kPet);
    const std::vector<Elements> others = {
        PetFrame("100000", "0", "2000"),  // same reference time, other length
        PetFrame("", "5", "1000"), PetFrame("100000", "x", "1000"), PetFrame("100000", "5", "")};
    for (const Elements& other : others) {
      BuildFixture session;
      session.Add("SCANS/4/DICOM/a", session.Header(pet, PetFrame("100000", "0", "1000")), "1.1");
      session.Add("SCANS/4/DICOM/b", session.Header(pet, other), "1.2");
      const BuiltSession built = Build(session);
      CHECK(built.draft.document.scans[0].Get("parameters/frames/@numFrames").empty());
      CHECK(built.log == std::vector<std::string>{"scan 4: parameters/frames left out, "
                                                  "FrameReferenceTime does not tell the time "
                                                  "frames"});
    }
  }

  TEST_CASE("MR: several echoes are parameters of their own, named by echo number") {
    BuildFixture session;
    const Elements mr = Join(kStudy, {{kTagSOPClassUID, kMrImage}, {kTagModality, "MR"}});
    for (const char* echo : {"2", "1", "10"}) {
      session.Add(std::string("SCANS/4/DICOM/") + echo,
                  session.Header(mr, {{kTagEchoNumbers, echo}, {kTagEchoTime, echo}}), echo);
    }
    const BuiltSession built = Build(session);
    const Scan& scan = built.draft.document.scans[0];
    CHECK(scan.Get("parameters/te").empty());
    CHECK(built.log.empty());
    const std::string text = ScanText(built);
    const std::string expected =
        R"(				<xnat:addParam name="MultiEcho_TE1">1.0</xnat:addParam>
				<xnat:addParam name="MultiEcho_TE2">2.0</xnat:addParam>
				<xnat:addParam name="MultiEcho_TE10">10.0</xnat:addParam>
)";
    CHECK(text.find(expected) != std::string::npos);
  }

  TEST_CASE("MR: one object with several echoes counts them from 1") {
    BuildFixture session;
    DicomHeader header =
        MakeHeader(kStudy, {{kTagSOPClassUID, kEnhancedMrImage}, {kTagModality, "MR"}});
    header.Add(kTagEffectiveEchoTime, "5");
    header.Add(kTagEffectiveEchoTime, "7.5");
    header.Add(kTagPulseSequenceName, "me_gre");
    session.Add("SCANS/4/DICOM/a", &header, "1.1");
    const Scan scan = Build(session).draft.document.scans[0];
    CHECK(scan.Get("parameters/addParam[name=MultiEcho_TE1]") == "5.0");
    CHECK(scan.Get("parameters/addParam[name=MultiEcho_TE2]") == "7.5");
    CHECK(scan.Get("parameters/sequence") == "me_gre");
  }

  TEST_CASE("MR: echo times, diffusion, contrast and a field strength in gauss") {
    BuildFixture session;
    const Elements mr = Join(kStudy, {{kTagSOPClassUID, kMrImage},
                                      {kTagModality, "MR"},
                                      {kTagMagneticFieldStrength, "15000"},
                                      {kTagContrastBolusAgent, "Gd"},
                                      {kTagDiffusionBValue, "1000"},
                                      {kTagDiffusionDirectionality, "DIRECTIONAL"},
                                      {kTagDiffusionGradientOrientation, "1\\0\\0"},
                                      {kTagDiffusionAnisotropyType, "FRACTIONAL"}});
    session.Add("SCANS/4/DICOM/a", session.Header(mr, {{kTagEchoTime, "4"}}), "1.1");
    session.Add("SCANS/4/DICOM/b", session.Header(mr, {{kTagEchoTime, "4.0"}}), "1.2");
    const BuiltSession built = Build(session);
    const Scan& scan = built.draft.document.scans[0];
    CHECK(scan.Get("parameters/te") == "4.0");
    CHECK(scan.Get("fieldStrength") == "1.5");
    CHECK(scan.Get("contrasts/contrastBolusV2/agent") == "Gd");
    CHECK(scan.Get("parameters/diffusion/bValues") == "1000");
    CHECK(scan.Get("parameters/diffusion/directionality") == "DIRECTIONAL");
    CHECK(scan.Get("parameters/diffusion/orientations") == "1\\0\\0");
    CHECK(scan.Get("parameters/diffusion/anisotropyType") == "FRACTIONAL");
    CHECK(built.log.empty());
  }

  TEST_CASE("frames of one object that differ count as files that differ") {
    BuildFixture session;
    DicomHeader header =
        MakeHeader(kStudy, {{kTagSOPClassUID, kEnhancedMrImage}, {kTagModality, "MR"}});
    header.Add(kTagDiffusionBValue, "0");
    header.Add(kTagDiffusionBValue, "1000");
    session.Add("SCANS/4/DICOM/a", &header, "1.1");
    const BuiltSession built = Build(session);
    CHECK(built.draft.document.scans[0].Get("parameters/diffusion/bValues").empty());
    CHECK(built.log == std::vector<std::string>{"scan 4: parameters/diffusion/bValues left out, "
                                                "DiffusionBValue has several values"});
  }

  TEST_CASE("other modalities have the common fields and a measured catalog, no parameters") {
    BuildFixture session;
    session.Add("SCANS/4/DICOM/a",
                session.Header(Join(kStudy, {{kTagSOPClassUID, "1.2.840.10008.5.1.4.1.1.6.1"},
                                             {kTagModality, "US"},
                                             {kTagStationName, "US1"},
                                             {kTagSeriesDate, "20240318"}})),
                "1.1");
    const BuiltSession built = Build(session);
    const Scan& scan = built.draft.document.scans[0];
    CHECK(built.draft.document.xsi_type == "xnat:usSessionData");
    CHECK(scan.xsi_type == "xnat:usScanData");
    CHECK(scan.Get("scanner") == "US1");
    CHECK(scan.Get("start_date") == "2024-03-18");
    CHECK(scan.Get("parameters/fov/@x").empty());
    CHECK(built.draft.resources[0].catalog.dimensions->x == 512);
    CHECK(built.draft.resources[0].catalog.orientation == "Tra");
  }
}

}  // namespace xnatarchive
