#include "xml/session_schema.hpp"

#include <cstddef>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

/// `content` is a sequence of words: "@name" an attribute, "name" an element of plain text,
/// "name:type" one of a type below, "name*" one that may be repeated, "-" first for a type whose
/// elements hold no text.
struct SchemaType {
  std::string_view name;
  std::string_view base;
  std::string_view content;
};

constexpr SchemaType kTypes[] = {
    // Sessions.
    {"experimentData", "",
     "@ID @project @visit_id @visit @version @original @protocol @label sharing:sharing date time "
     "duration delay:delay note investigator:investigator validation:validation resources:kept "
     "fields:fields acquisition_site custom_fields"},
    {"subjectAssessorData", "experimentData", "subject_ID age"},
    {"imageSessionData", "subjectAssessorData",
     "@session_type @modality @UID @study_id regions:kept scanner:scanner operator prearchivePath "
     "scans:kept reconstructions:kept assessors:kept dcmAccessionNumber dcmPatientId "
     "dcmPatientName dcmPatientBirthDate dcmPatientWeight"},
    {"mrSessionData", "imageSessionData", "coil fieldStrength marker stabilization"},
    {"petSessionData", "imageSessionData",
     "stabilization studyType patientID patientName tracer:tracer start_time start_time_scan "
     "start_time_injection blood_glucose blood_glucose_units blood_glucose_time"},
    {"petmrSessionData", "imageSessionData",
     "coil fieldStrength marker stabilization studyType patientID patientName tracer:tracer "
     "start_time start_time_scan start_time_injection blood_glucose blood_glucose_units "
     "blood_glucose_time"},
    {"eegSessionData", "imageSessionData",
     "dataFormatVersion numberOfChannels samplingRate:measure samplingInterval:measure"},

    // Scans.
    {"imageScanData", "",
     "@ID @type @UID @project sharing:sharing image_session_ID note quality condition "
     "series_description series_class documentation scanner:scanScanner modality frames operator "
     "file*:kept validation:validation startTime start_date requestedProcedureDescription "
     "protocolName bodyPartExamined custom_fields contrasts:contrasts"},
    {"mrScanData", "imageScanData",
     "coil fieldStrength marker stabilization fileNameUUID parameters:mrParameters "
     "dcmValidation:status"},
    {"ctScanData", "imageScanData", "parameters:ctParameters dcmValidation:status"},
    {"petScanData", "imageScanData", "parameters:petParameters ecatValidation:status"},
    {"xaScanData", "imageScanData", "parameters:xaParameters"},
    {"optScanData", "imageScanData", "parameters:optParameters dcmValidation:status"},
    {"eegScanData", "imageScanData",
     "parameters:eegParameters channels:kept softwareFiltersImpedances:kept"},
    {"otherScanData", "imageScanData", "parameters:otherParameters"},

    // Their parameters.
    {"mrParameters", "",
     "- voxelRes:voxelRes orientation subjectPosition fov:xy matrix:xy partitions tr te deltaTE ti "
     "flip sequence origin imageType scanSequence seqVariant scanOptions acqType "
     "readoutSampleSpacing coil coilElements dtiAcqCount pixelBandwidth echoSpacing "
     "phaseEncodingDirection acqTime diffusion:diffusion addParam*:named "
     "inPlanePhaseEncoding:inPlanePhaseEncoding pmc"},
    {"ctParameters", "",
     "- voxelRes:voxelRes orientation subjectPosition fov:xy rescale:rescale kvp acquisitionNumber "
     "imageType options collectionDiameter distanceSourceToDetector distanceSourceToPatient "
     "gantryTilt tableHeight rotationDirection exposureTime xrayTubeCurrent exposure filter "
     "generatorPower focalSpots:focalSpots convolutionKernel collimationWidth:collimationWidth "
     "tableSpeed tableFeedPerRotation pitchFactor estimatedDoseSaving:modulated ctDIvol derivation "
     "contrastBolus:contrastBolus addParam*:named"},
    {"petParameters", "",
     "- orientation addParam*:named originalFileName systemType fileType transaxialFOV acqType "
     "facility numPlanes frames:petFrames numGates planeSeparation binSize dataType "
     "dimensions:petDimensions offset:xyz reconZoom pixelSize:xyz filterCode resolution:xyz "
     "numRElements numAngles ZRotationAngle processingCode gateDuration rWaveOffset "
     "numAcceptedBeats filter:cutoff annotation MT_1_1 MT_1_2 MT_1_3 MT_1_4 MT_2_1 MT_2_2 MT_2_3 "
     "MT_2_4 MT_3_1 MT_3_2 MT_3_3 MT_3_4 RFilter:reconFilter ZFilter:reconFilter scatterType "
     "reconType reconViews bedPosition ecatCalibrationFactor"},
    {"xaParameters", "",
     "- pixelRes:pixelRes orientation fov:xy imageType options derivation "
     "contrastBolus:contrastBolus addParam*:named"},
    {"optParameters", "",
     "- voxelRes:voxelRes fov:xy laterality illumination_wavelength illumination_power imageType "
     "addParam*:named"},
    {"eegParameters", "", "- numberOfDataRecords dataRecord:dataRecord addParam*:named"},
    {"otherParameters", "", "- addParam*:named"},

    // What these are made of.
    {"kept", "", "-"},  // has members of its own, or is kept as it is
    {"sharing", "", "- share*:share"},
    {"share", "", "@label @project @visit @protocol"},
    {"delay", "", "@ref_expt_id"},
    {"investigator", "", "- @ID title firstname lastname institution department email phone"},
    {"validation", "", "- @status method date notes validated_by"},
    {"fields", "", "- field*:named"},
    {"named", "", "@name"},
    {"status", "", "@status"},
    {"measure", "", "@units"},
    {"scanner", "", "@manufacturer @model"},
    {"scanScanner", "", "@manufacturer @model @softwareVersion"},
    {"tracer", "",
     "- @name @startTime dose:measure specificActivity totalMass:measure intermediate:measure "
     "isotope:isotope transmissions transmissions_starttime"},
    {"isotope", "", "@half-life"},
    {"contrasts", "", "- contrastBolusV2*:contrastBolusV2"},
    {"contrastBolusV2", "", "- image_scan_id agent"},
    {"contrastBolus", "",
     "- agent route volume totalDose flowRate flowDuration activeIngredient concentration"},
    {"voxelRes", "", "- @units @x @y @z"},
    {"pixelRes", "", "- @units @x @y"},
    {"xy", "", "- @x @y"},
    {"xyz", "", "- @x @y @z"},
    {"diffusion", "", "- bValues bMax directionality orientations anisotropyType refocusFlipAngle"},
    {"inPlanePhaseEncoding", "", "- direction rotation polaritySwap directionPositive"},
    {"rescale", "", "- intercept slope"},
    {"focalSpots", "", "- focalSpot*"},
    {"collimationWidth", "", "- single total"},
    {"modulated", "", "@modulation"},
    {"petFrames", "", "- @numFrames frame*:petFrame"},
    {"petFrame", "", "- @number @starttime @length @units"},
    {"petDimensions", "", "- @x @y @z @num"},
    {"cutoff", "", "- @cutoff"},
    {"reconFilter", "", "- @cutoff @resolution @code @order"},
    {"dataRecord", "", "- @units @duration"},
};

/// Session types: the type's name before "SessionData", and the root element's before "Session".
struct SessionName {
  std::string_view type;
  std::string_view root;
};
constexpr SessionName kSessions[] = {
    {"mr", "MR"},
    {"ct", "CT"},
    {"pet", "PET"},
    {"petmr", "PETMR"},
    {"xa", "XA"},
    {"us", "US"},
    {"rt", "RT"},
    {"cr", "CR"},
    {"opt", "OPT"},
    {"mg", "MG"},
    {"dx", "DX"},
    {"nm", "NM"},
    {"sr", "SR"},
    {"gm", "GM"},
    {"sm", "SM"},
    {"xc", "XC"},
    {"rf", "RF"},
    {"es", "ES"},
    {"rg", "RG"},
    {"op", "OP"},
    {"io", "IO"},
    {"hd", "HD"},
    {"ecg", "ECG"},
    {"eps", "EPS"},
    {"eeg", "EEG"},
    {"meg", "MEG"},
    {"emg", "EMG"},
    {"eog", "EOG"},
    {"gmv", "GMV"},
    {"esv", "ESV"},
    {"xcv", "XCV"},
    {"xa3D", "XA3D"},
    {"dms", "DMS"},
    {"cfm", "CFM"},
    {"pa", "PA"},
    {"resp", "RESP"},
    {"pos", "POS"},
    {"obj", "OBJ"},
    {"otherDicom", "OtherDicom"},
    {"dx3DCraniofacial", "DX3DCraniofacial"},
};

constexpr std::string_view kPrefix = "xnat:";

const SchemaType* FindType(std::string_view name) {
  for (const SchemaType& type : kTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

/// Reads one word off the front of a type's content.
std::optional<SchemaChild> NextChild(std::string_view& content) {
  if (content.substr(0, 1) == "-") content.remove_prefix(content.size() > 1 ? 2 : 1);
  if (content.empty()) return std::nullopt;
  const std::size_t end = content.find(' ');
  std::string_view word = content.substr(0, end);
  content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
  SchemaChild child;
  child.attribute = word[0] == '@';
  if (child.attribute) word.remove_prefix(1);
  const std::size_t colon = word.find(':');
  if (colon != std::string_view::npos) child.type = word.substr(colon + 1);
  child.name = word.substr(0, colon);
  child.repeated = child.name.back() == '*';
  if (child.repeated) child.name.remove_suffix(1);
  return child;
}

}  // namespace

std::optional<SchemaChild> FindSchemaChild(std::string_view type, std::string_view name) {
  constexpr int kLevelRanks = 1000;
  const SchemaType* row = FindType(type);
  if (row == nullptr) return std::nullopt;
  std::optional<SchemaChild> inherited;
  if (!row->base.empty()) inherited = FindSchemaChild(row->base, name);
  if (inherited.has_value()) return inherited;
  int rank = 0;
  for (auto base = row; !base->base.empty(); base = FindType(base->base)) rank += kLevelRanks;
  std::string_view content = row->content;
  while (std::optional<SchemaChild> child = NextChild(content)) {
    child->rank = rank++;
    if (EqualsIgnoreCase(child->name, name)) return child;
  }
  return std::nullopt;
}

std::optional<int> SchemaRank(std::string_view type, std::string_view element) {
  if (!StartsWith(element, kPrefix)) return std::nullopt;
  const std::optional<SchemaChild> child = FindSchemaChild(type, element.substr(kPrefix.size()));
  if (!child.has_value() || child->attribute) return std::nullopt;
  return child->rank;
}

bool HasText(std::string_view type) {
  const SchemaType* row = FindType(type);
  return row == nullptr || row->content.substr(0, 1) != "-";
}

std::string_view SessionSchemaType(std::string_view xsi_type) {
  if (StartsWith(xsi_type, kPrefix) && EndsWith(xsi_type, "SessionData")) {
    const SchemaType* type = FindType(xsi_type.substr(kPrefix.size()));
    if (type != nullptr) return type->name;
  }
  return "imageSessionData";
}

std::string_view ScanSchemaType(std::string_view xsi_type) {
  if (StartsWith(xsi_type, kPrefix) && EndsWith(xsi_type, "ScanData")) {
    const SchemaType* type = FindType(xsi_type.substr(kPrefix.size()));
    if (type != nullptr) return type->name;
  }
  return "otherScanData";
}

bool IsSessionType(std::string_view xsi_type, std::string_view type) {
  if (EqualsIgnoreCase(xsi_type, type)) return true;
  for (auto row = FindType(SessionSchemaType(xsi_type)); row != nullptr;
       row = FindType(row->base)) {
    if (EqualsIgnoreCase(std::string(kPrefix).append(row->name), type)) return true;
  }
  return false;
}

std::string SessionRootName(std::string_view xsi_type) {
  for (const SessionName& session : kSessions) {
    if (xsi_type == std::string(kPrefix).append(session.type).append("SessionData")) {
      return std::string(kPrefix).append(session.root).append("Session");
    }
  }
  return std::string(xsi_type);
}

std::optional<std::string> SessionTypeOfRoot(std::string_view root_name) {
  for (const SessionName& session : kSessions) {
    if (root_name == std::string(kPrefix).append(session.root).append("Session")) {
      return std::string(kPrefix).append(session.type).append("SessionData");
    }
  }
  if (!EndsWith(root_name, "Session") && !EndsWith(root_name, "SessionData")) return std::nullopt;
  return std::string(root_name);
}

}  // namespace xnatarchive
