// The fields of an MR scan.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "prearchive/scan_fields.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kEchoesMax = 256;

// Echo times of one file: enhanced multi-frame objects have another element for them.
std::vector<std::string_view> EchoTimes(const DicomHeader& header) {
  return header.GetAll(header.Has(kTagEchoTime) ? kTagEchoTime : kTagEffectiveEchoTime);
}

// One echo time is parameters/te; several are parameters/addParam "MultiEcho_TE<n>", n being the
// echo number. Objects with several echoes of their own have no numbers: counted from 1.
void SetEchoTimes(const FieldSource& source, const ScanGeometry& /*geometry*/, Scan& scan) {
  constexpr const char* kField = "parameters/te";
  std::map<std::int64_t, std::string> by_number;
  for (const DicomHeader* header : source.headers()) {
    const std::vector<std::string_view> times = EchoTimes(*header);
    for (std::size_t i = 0; i < times.size(); ++i) {
      const std::int64_t number = times.size() > 1
                                      ? static_cast<std::int64_t>(i) + 1
                                      : ParseInt(header->Get(kTagEchoNumbers)).value_or(0);
      const std::optional<std::string> time = ConvertField(FieldForm::kReal, times[i]);
      if (!time.has_value()) return source.LeftOut(kField, kTagEchoTime, "cannot be read");
      const auto [at, added] = by_number.emplace(number, *time);
      if (!added && at->second != *time) {
        return source.LeftOut(kField, kTagEchoTime, "has several values for one echo");
      }
      if (by_number.size() > kEchoesMax) {
        return source.LeftOut(kField, kTagEchoNumbers, "has too many values");
      }
    }
  }
  if (by_number.size() == 1) scan.Set(kField, by_number.begin()->second);
  if (by_number.size() < 2) return;
  for (const auto& [number, time] : by_number) {
    scan.Set("parameters/addParam[name=MultiEcho_TE" + std::to_string(number) + "]", time);
  }
}

}  // namespace

const ScanFields& MrScanFields() {
  static const ScanFields fields = {
      {
          {"contrasts/contrastBolusV2/agent", kTagContrastBolusAgent},
          {"coil", kTagReceiveCoilName},
          {"fieldStrength", kTagMagneticFieldStrength, FieldForm::kTesla},
          {"parameters/tr", kTagRepetitionTime, FieldForm::kReal},
          {"parameters/ti", kTagInversionTime, FieldForm::kReal},
          {"parameters/ti", kTagInversionTimes, FieldForm::kReal},
          {"parameters/flip", kTagFlipAngle, FieldForm::kNumber},
          {"parameters/sequence", kTagSequenceName},
          {"parameters/sequence", kTagPulseSequenceName},
          {"parameters/imageType", kTagImageType},
          {"parameters/scanSequence", kTagScanningSequence},
          {"parameters/seqVariant", kTagSequenceVariant},
          {"parameters/scanOptions", kTagScanOptions},
          {"parameters/acqType", kTagMRAcquisitionType},
          {"parameters/pixelBandwidth", kTagPixelBandwidth, FieldForm::kNumber},
          {"parameters/diffusion/bValues", kTagDiffusionBValue},
          {"parameters/diffusion/directionality", kTagDiffusionDirectionality},
          {"parameters/diffusion/orientations", kTagDiffusionGradientOrientation},
          {"parameters/diffusion/anisotropyType", kTagDiffusionAnisotropyType},
      },
      true,
      SetEchoTimes,
      {kTagEchoTime, kTagEffectiveEchoTime, kTagEchoNumbers},
  };
  return fields;
}

}  // namespace xnatarchive
