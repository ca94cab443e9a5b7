#include "xml/session_schema.hpp"

#include <cstddef>
#include <map>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

/// `content` is a sequence of words: "@name" an attribute, "name" an element of plain text,
/// "name:type" one of a type below, "name*" one that may be repeated; "=date" behind it the type of
/// its text, "!" in front that it has to be there. "-" comes first for a type whose elements hold
/// no text. What XNAT's schema only bounds (lengths, "not negative") is not bounded here.
struct SchemaType {
  std::string_view name;
  std::string_view base;
  std::string_view content;
};

constexpr SchemaType kTypes[] = {
    // Sessions.
    {"experimentData", "",
     "@ID @project @visit_id @visit @version=integer @original @protocol @label sharing:sharing "
     "date=date time=time duration=duration delay:delay=integer note investigator:investigator "
     "validation:validation resources:kept fields:fields acquisition_site custom_fields"},
    {"subjectAssessorData", "experimentData", "subject_ID age=float"},
    {"imageSessionData", "subjectAssessorData",
     "@session_type @modality @UID @study_id regions:kept scanner:scanner operator prearchivePath "
     "scans:kept reconstructions:kept assessors:kept dcmAccessionNumber dcmPatientId "
     "dcmPatientName dcmPatientBirthDate=date dcmPatientWeight=float"},
    {"mrSessionData", "imageSessionData", "coil fieldStrength marker stabilization"},
    {"petSessionData", "imageSessionData",
     "stabilization studyType patientID patientName tracer:tracer start_time=dateTime "
     "start_time_scan=dateTime start_time_injection=dateTime blood_glucose=float "
     "blood_glucose_units blood_glucose_time=dateTime"},
    {"petmrSessionData", "imageSessionData",
     "coil fieldStrength marker stabilization studyType patientID patientName tracer:tracer "
     "start_time=dateTime start_time_scan=dateTime start_time_injection=dateTime "
     "blood_glucose=float blood_glucose_units blood_glucose_time=dateTime"},
    {"eegSessionData", "imageSessionData",
     "dataFormatVersion numberOfChannels=integer samplingRate:measure=float "
     "samplingInterval:measure=float"},

    // Scans.
    {"imageScanData", "",
     "@ID @type @UID @project sharing:sharing image_session_ID note quality condition "
     "series_description series_class documentation scanner:scanScanner modality frames=integer "
     "operator file*:kept validation:validation startTime=time start_date=date "
     "requestedProcedureDescription protocolName bodyPartExamined custom_fields "
     "contrasts:contrasts"},
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
     "- voxelRes:voxelRes orientation subjectPosition fov:xy matrix:xy partitions=integer tr=float "
     "te=float deltaTE=float ti=float flip=float sequence origin imageType scanSequence seqVariant "
     "scanOptions acqType readoutSampleSpacing coil coilElements dtiAcqCount=integer "
     "pixelBandwidth=float echoSpacing=float phaseEncodingDirection acqTime diffusion:diffusion "
     "addParam*:named inPlanePhaseEncoding:inPlanePhaseEncoding pmc"},
    {"ctParameters", "",
     "- voxelRes:voxelRes orientation subjectPosition fov:xy rescale:rescale kvp=float "
     "acquisitionNumber=integer imageType options collectionDiameter=float "
     "distanceSourceToDetector=float distanceSourceToPatient=float gantryTilt=float "
     "tableHeight=float rotationDirection=CW|CC exposureTime=float xrayTubeCurrent=float "
     "exposure=float filter generatorPower=float focalSpots:focalSpots convolutionKernel "
     "collimationWidth:collimationWidth tableSpeed=float tableFeedPerRotation=float "
     "pitchFactor=float estimatedDoseSaving:modulated=float ctDIvol=float derivation "
     "contrastBolus:contrastBolus addParam*:named"},
    {"petParameters", "",
     "- orientation=integer addParam*:named originalFileName systemType=integer fileType=integer "
     "transaxialFOV=float acqType=integer facility numPlanes=integer frames:petFrames "
     "numGates=integer planeSeparation=float binSize=float dataType=integer "
     "dimensions:petDimensions offset:xyz reconZoom=float pixelSize:xyz filterCode=integer "
     "resolution:xyz numRElements=float numAngles=float ZRotationAngle=float "
     "processingCode=integer gateDuration=integer rWaveOffset=integer numAcceptedBeats=integer "
     "filter:cutoff annotation MT_1_1=float MT_1_2=float MT_1_3=float MT_1_4=float MT_2_1=float "
     "MT_2_2=float MT_2_3=float MT_2_4=float MT_3_1=float MT_3_2=float MT_3_3=float MT_3_4=float "
     "RFilter:reconFilter ZFilter:reconFilter scatterType=integer reconType=integer "
     "reconViews=integer bedPosition=float ecatCalibrationFactor=float"},
    {"xaParameters", "",
     "- pixelRes:pixelRes orientation fov:xy imageType options derivation "
     "contrastBolus:contrastBolus addParam*:named"},
    {"optParameters", "",
     "- voxelRes:voxelRes fov:xy laterality illumination_wavelength illumination_power imageType "
     "addParam*:named"},
    {"eegParameters", "", "- numberOfDataRecords=integer dataRecord:dataRecord addParam*:named"},
    {"otherParameters", "", "- addParam*:named"},

    // What these are made of.
    {"kept", "", "-"},  // has members of its own, or is kept as it is
    {"sharing", "", "- share*:share"},
    {"share", "", "@label @project @visit @protocol"},
    {"delay", "", "@ref_expt_id"},
    {"investigator", "", "- @ID title firstname lastname institution department email phone"},
    {"validation", "", "- @status method date=date notes validated_by"},
    {"fields", "", "- field*:named"},
    {"named", "", "@name"},
    {"status", "", "@status=boolean"},
    {"measure", "", "@units"},
    {"scanner", "", "@manufacturer @model"},
    {"scanScanner", "", "@manufacturer @model @softwareVersion"},
    {"tracer", "",
     "- @name @startTime=dateTime dose:measure=float specificActivity=float "
     "totalMass:measure=float intermediate:measure=float isotope:isotope transmissions=integer "
     "transmissions_starttime=dateTime"},
    {"isotope", "", "@half-life=float"},
    {"contrasts", "", "- contrastBolusV2*:contrastBolusV2"},
    {"contrastBolusV2", "", "- image_scan_id agent"},
    {"contrastBolus", "",
     "- agent route volume=float totalDose=float flowRate=float flowDuration=float "
     "activeIngredient concentration=float"},
    {"voxelRes", "", "- @units @x=float @y=float @z=float"},
    {"pixelRes", "", "- @units @x=integer @y=integer"},
    {"xy", "", "- @x=integer @y=integer"},
    {"xyz", "", "- @x=float @y=float @z=float"},
    {"diffusion", "", "- bValues bMax directionality orientations anisotropyType refocusFlipAngle"},
    {"inPlanePhaseEncoding", "", "- direction rotation polaritySwap directionPositive"},
    {"rescale", "", "- intercept slope"},
    {"focalSpots", "", "- focalSpot*=float"},
    {"collimationWidth", "", "- single=float total=float"},
    {"modulated", "", "@modulation"},
    {"petFrames", "", "- @numFrames=integer frame*:petFrame"},
    {"petFrame", "", "- !@number=integer !@starttime=float !@length=float !@units=sec|min"},
    {"petDimensions", "", "- @x=integer @y=integer @z=integer @num=integer"},
    {"cutoff", "", "- @cutoff=float"},
    {"reconFilter", "", "- @cutoff=float @resolution=float @code=integer @order=integer"},
    {"dataRecord", "", "- @units @duration=float"},
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
  const auto begins_with = [&](char mark) {
    if (word[0] != mark) return false;
    word.remove_prefix(1);
    return true;
  };
  const auto cut_behind = [&](char mark) {
    const std::size_t at = word.find(mark);
    if (at == std::string_view::npos) return std::string_view();
    const std::string_view behind = word.substr(at + 1);
    word = word.substr(0, at);
    return behind;
  };
  SchemaChild child;
  child.required = begins_with('!');
  child.attribute = begins_with('@');
  child.value = cut_behind('=');
  child.type = cut_behind(':');
  child.repeated = word.back() == '*';
  if (child.repeated) word.remove_suffix(1);
  child.name = word;
  return child;
}

/// Those of the base types first; the ranks of each level begin at a thousand of their own.
std::vector<SchemaChild> ReadChildren(const SchemaType& type) {
  constexpr int kLevelRanks = 1000;
  std::vector<SchemaChild> children;
  if (const SchemaType* base = FindType(type.base)) children = ReadChildren(*base);
  int rank = 0;
  for (auto base = &type; !base->base.empty(); base = FindType(base->base)) rank += kLevelRanks;
  std::string_view content = type.content;
  while (std::optional<SchemaChild> child = NextChild(content)) {
    child->rank = rank++;
    children.push_back(*child);
  }
  return children;
}

}  // namespace

const std::vector<SchemaChild>& SchemaChildren(std::string_view type) {
  static const auto all = [] {
    std::map<std::string_view, std::vector<SchemaChild>> children;
    for (const SchemaType& row : kTypes) children[row.name] = ReadChildren(row);
    return children;
  }();
  static const std::vector<SchemaChild> none;
  const auto at = all.find(type);
  return at == all.end() ? none : at->second;
}

std::optional<SchemaChild> FindSchemaChild(std::string_view type, std::string_view name) {
  for (const SchemaChild& child : SchemaChildren(type)) {
    if (EqualsIgnoreCase(child.name, name)) return child;
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
