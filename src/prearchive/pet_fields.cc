// The fields of a PET scan. XNAT's schema for them is that of ECAT files: lengths in centimetres,
// codes for enumerated values. What has no element of its own is an addParam of its DICOM keyword.
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "prearchive/field_values.hpp"
#include "prearchive/scan_fields.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kTimeFramesMax = 10000;

// First value of Series Type; empty when the files differ.
std::string AcquisitionKind(const FieldSource& source) {
  const std::string type = source.Unique("parameters/acqType", kTagSeriesType, FieldForm::kText);
  return type.substr(0, type.find('\\'));
}

void SetAcquisitionType(const std::string& kind, Scan& scan) {
  const char* code = "";
  if (kind == "STATIC" || kind == "WHOLE BODY") code = "3";
  if (kind == "DYNAMIC") code = "4";
  if (kind == "GATED") code = "5";
  scan.Set("parameters/acqType", code);
}

void SetSizes(const ScanGeometry& geometry, const std::string& kind, Scan& scan) {
  if (!geometry.columns.empty() && !geometry.rows.empty()) {
    scan.Set("parameters/dimensions/@x", geometry.columns);
    scan.Set("parameters/dimensions/@y", geometry.rows);
    scan.Set("parameters/dimensions/@z", scan.Get("parameters/numPlanes"));
    scan.Set("parameters/dimensions/@num", kind == "DYNAMIC" ? "4" : "3");
  }
  const auto centimetres = [](const std::string& millimetres) {
    return ConvertField(FieldForm::kTenth, millimetres).value_or("");
  };
  scan.Set("parameters/pixelSize/@x", centimetres(geometry.voxel_x));
  scan.Set("parameters/pixelSize/@y", centimetres(geometry.voxel_y));
  scan.Set("parameters/pixelSize/@z", centimetres(geometry.voxel_z));
}

// Seconds since midnight.
std::optional<double> Seconds(std::string_view time) {
  const std::optional<std::string> whole = TimeFromDicom(time);
  if (!whole.has_value()) return std::nullopt;
  const auto part = [&](std::size_t begin) {
    return static_cast<double>(ParseInt(std::string_view(*whole).substr(begin, 2)).value_or(0));
  };
  const std::size_t point = time.find('.');
  const double fraction =
      point == std::string_view::npos ? 0 : ParseReal(time.substr(point)).value_or(0);
  return part(0) * 3600 + part(3) * 60 + part(6) + fraction;
}

struct TimeFrame {
  double acquired = 0;  // seconds since midnight
  double length = 0;    // seconds
};

// The time frames of a dynamic scan by Frame Reference Time, which grows from frame to frame even
// past midnight. Empty when a file does not tell or contradicts another.
std::map<double, TimeFrame> TimeFrames(const FieldSource& source) {
  std::map<double, TimeFrame> frames;
  for (const DicomHeader* header : source.headers()) {
    const std::optional<double> reference = ParseReal(header->Get(kTagFrameReferenceTime));
    const std::optional<double> acquired = Seconds(header->Get(kTagAcquisitionTime));
    const std::optional<double> duration = ParseReal(header->Get(kTagActualFrameDuration));
    if (!reference || !acquired || !duration) return {};
    const TimeFrame frame{*acquired, *duration / 1000};
    const auto [at, added] = frames.emplace(*reference, frame);
    const bool same = at->second.acquired == frame.acquired && at->second.length == frame.length;
    if (!same || frames.size() > kTimeFramesMax) return {};
  }
  return frames;
}

void SetTimeFrames(const FieldSource& source, Scan& scan) {
  constexpr const char* kField = "parameters/frames";
  const std::map<double, TimeFrame> frames = TimeFrames(source);
  if (frames.empty()) {
    source.LeftOut(kField, kTagFrameReferenceTime, "does not tell the time frames");
    return;
  }
  // Some scanners give every slice a reference time of its own.
  const std::string count = std::to_string(frames.size());
  const std::string stated = source.Unique(kField, kTagNumberOfTimeSlices, FieldForm::kInteger);
  if (!stated.empty() && stated != count) {
    source.LeftOut(kField, kTagNumberOfTimeSlices, "is not the number of time frames");
    return;
  }
  scan.Set("parameters/frames/@numFrames", count);
  XmlElement& list = ScanElement(scan, kField);
  const double first = frames.begin()->second.acquired;
  constexpr double kDay = 86400;
  int number = 0;
  for (const auto& [reference, frame] : frames) {
    // Milliseconds, so that no noise of the subtraction is printed.
    const double start = std::round(std::fmod(frame.acquired - first + kDay, kDay) * 1000) / 1000;
    XmlElement element;
    element.name = "xnat:frame";
    element.SetAttribute("number", std::to_string(++number));
    element.SetAttribute("starttime", FormatReal(start));
    element.SetAttribute("length", FormatReal(frame.length));
    element.SetAttribute("units", "sec");
    list.children.push_back(std::move(element));
  }
}

void SetOthers(const FieldSource& source, const ScanGeometry& geometry, Scan& scan) {
  const std::string kind = AcquisitionKind(source);
  SetAcquisitionType(kind, scan);
  SetSizes(geometry, kind, scan);
  if (kind == "DYNAMIC") SetTimeFrames(source, scan);
}

}  // namespace

const ScanFields& PetScanFields() {
  static const ScanFields fields = {
      {
          {"parameters/addParam[name=Units]", kTagUnits},
          {"parameters/addParam[name=CountsSource]", kTagCountsSource},
          {"parameters/addParam[name=ReprojectionMethod]", kTagReprojectionMethod},
          {"parameters/addParam[name=RandomsCorrectionMethod]", kTagRandomsCorrectionMethod},
          {"parameters/addParam[name=AttenuationCorrectionMethod]",
           kTagAttenuationCorrectionMethod},
          {"parameters/addParam[name=DecayCorrection]", kTagDecayCorrection},
          {"parameters/addParam[name=ReconstructionMethod]", kTagReconstructionMethod},
          {"parameters/addParam[name=ScatterCorrectionMethod]", kTagScatterCorrectionMethod},
          {"parameters/transaxialFOV", kTagReconstructionDiameter, FieldForm::kTenth},
          {"parameters/facility", kTagInstitutionName},
          {"parameters/numPlanes", kTagNumberOfSlices, FieldForm::kInteger},
          {"parameters/planeSeparation", kTagSpacingBetweenSlices, FieldForm::kTenth},
      },
      false,
      SetOthers,
      {kTagSeriesType, kTagNumberOfTimeSlices, kTagFrameReferenceTime, kTagAcquisitionTime,
       kTagActualFrameDuration},
  };
  return fields;
}

}  // namespace xnatarchive
