// The fields of a CT scan.
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "prearchive/scan_fields.hpp"

namespace xnatarchive {
namespace {

// One element for each focal spot.
void SetFocalSpots(const FieldSource& source, Scan& scan) {
  constexpr const char* kField = "parameters/focalSpots/focalSpot";
  const std::string spots = source.Unique(kField, kTagFocalSpots, FieldForm::kText);
  if (spots.empty()) return;
  std::vector<std::string> sizes;
  for (const std::string& spot : Split(spots, '\\')) {
    std::optional<std::string> size = ConvertField(FieldForm::kReal, Trim(spot));
    if (!size.has_value()) return source.LeftOut(kField, kTagFocalSpots, "cannot be read");
    sizes.push_back(*std::move(size));
  }
  scan.Set(kField, sizes.front());
  XmlElement& parent = ScanElement(scan, "parameters/focalSpots");
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    XmlElement spot = parent.children.front();
    spot.text = sizes[i];
    parent.children.push_back(std::move(spot));
  }
}

void SetOthers(const FieldSource& source, const ScanGeometry& /*geometry*/, Scan& scan) {
  SetFocalSpots(source, scan);
  if (!scan.Get("parameters/estimatedDoseSaving").empty()) {
    constexpr const char* kModulation = "parameters/estimatedDoseSaving/@modulation";
    scan.Set(kModulation, source.Unique(kModulation, kTagExposureModulationType, FieldForm::kText));
  }
}

}  // namespace

const ScanFields& CtScanFields() {
  static const ScanFields fields = {
      {
          {"contrasts/contrastBolusV2/agent", kTagContrastBolusAgent},
          {"parameters/rescale/intercept", kTagRescaleIntercept},
          {"parameters/rescale/slope", kTagRescaleSlope},
          {"parameters/kvp", kTagKVP, FieldForm::kReal},
          {"parameters/acquisitionNumber", kTagAcquisitionNumber, FieldForm::kInteger},
          {"parameters/imageType", kTagImageType},
          {"parameters/options", kTagScanOptions},
          {"parameters/collectionDiameter", kTagDataCollectionDiameter, FieldForm::kReal},
          {"parameters/distanceSourceToDetector", kTagDistanceSourceToDetector, FieldForm::kReal},
          {"parameters/distanceSourceToPatient", kTagDistanceSourceToPatient, FieldForm::kReal},
          {"parameters/gantryTilt", kTagGantryDetectorTilt, FieldForm::kReal},
          {"parameters/tableHeight", kTagTableHeight, FieldForm::kReal},
          {"parameters/rotationDirection", kTagRotationDirection, FieldForm::kRotation},
          {"parameters/exposureTime", kTagExposureTime, FieldForm::kReal},
          {"parameters/exposureTime", kTagExposureTimeInms, FieldForm::kReal},
          {"parameters/xrayTubeCurrent", kTagXRayTubeCurrent, FieldForm::kReal},
          {"parameters/xrayTubeCurrent", kTagXRayTubeCurrentInmA, FieldForm::kReal},
          {"parameters/exposure", kTagExposure, FieldForm::kReal},
          {"parameters/exposure", kTagExposureInmAs, FieldForm::kReal},
          {"parameters/exposure", kTagExposureInuAs, FieldForm::kThousandth},
          {"parameters/filter", kTagFilterType},
          {"parameters/generatorPower", kTagGeneratorPower, FieldForm::kReal},
          {"parameters/convolutionKernel", kTagConvolutionKernel},
          {"parameters/collimationWidth/single", kTagSingleCollimationWidth, FieldForm::kReal},
          {"parameters/collimationWidth/total", kTagTotalCollimationWidth, FieldForm::kReal},
          {"parameters/tableSpeed", kTagTableSpeed, FieldForm::kReal},
          {"parameters/tableFeedPerRotation", kTagTableFeedPerRotation, FieldForm::kReal},
          {"parameters/pitchFactor", kTagSpiralPitchFactor, FieldForm::kReal},
          {"parameters/estimatedDoseSaving", kTagEstimatedDoseSaving, FieldForm::kReal},
          {"parameters/ctDIvol", kTagCTDIvol, FieldForm::kReal},
          {"parameters/contrastBolus/agent", kTagContrastBolusAgent},
          {"parameters/contrastBolus/route", kTagContrastBolusRoute},
          {"parameters/contrastBolus/volume", kTagContrastBolusVolume, FieldForm::kReal},
          {"parameters/contrastBolus/totalDose", kTagContrastBolusTotalDose, FieldForm::kReal},
          {"parameters/contrastBolus/flowRate", kTagContrastFlowRate, FieldForm::kReal},
          {"parameters/contrastBolus/flowDuration", kTagContrastFlowDuration, FieldForm::kReal},
          {"parameters/contrastBolus/activeIngredient", kTagContrastBolusIngredient},
          {"parameters/contrastBolus/concentration", kTagContrastBolusIngredientConcentration,
           FieldForm::kReal},
      },
      true,
      SetOthers,
      {kTagFocalSpots, kTagExposureModulationType},
  };
  return fields;
}

}  // namespace xnatarchive
