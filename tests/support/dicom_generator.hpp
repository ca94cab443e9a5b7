// dicom_generator.hpp - DICOM objects made for tests: any modality and transfer syntax, and broken
// ones.
//
// Everything follows from the spec: the same spec gives the same bytes. Failures throw
// std::runtime_error: a test that cannot set itself up has failed.
#ifndef XNATARCHIVE_TESTS_SUPPORT_DICOM_GENERATOR_HPP_
#define XNATARCHIVE_TESTS_SUPPORT_DICOM_GENERATOR_HPP_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace xnatarchive {

struct DicomSpec {
  std::uint64_t seed = 1;  ///< Of UIDs and noise; below 10^12.
  int study = 1;           ///< 1 to 99999, and so on.
  int series = 1;
  int instance = 1;
  /// MR, CT, PT, US, CR, DX, MG, XA, NM, SC, RTIMAGE, SEG with pixels; SR, RTSTRUCT, PR without.
  std::string modality = "MR";
  /// Above 0: an enhanced multi-frame object (MR only). Odd frames have echo time 10, even ones 20.
  int frames = 0;
  /// "implicit", "explicit", "big-endian", "deflated", "rle", or "jpeg" (only labelled so).
  std::string transfer_syntax = "explicit";
  int rows = 64;
  int columns = 64;
  bool noise = true;              ///< Otherwise every pixel is the same.
  std::size_t private_bytes = 0;  ///< Size of a private element such as Siemens's CSA header.
  /// Elements set or, when the value is empty, removed at last: tag to raw bytes.
  std::map<std::uint32_t, std::string> values;
};

std::string StudyUid(const DicomSpec& spec);
std::string SeriesUid(const DicomSpec& spec);
std::string InstanceUid(const DicomSpec& spec);

/// The bytes of one object, with preamble and meta header.
std::string MakeDicom(const DicomSpec& spec);

/// The instances of one series, about as fast as memory can be copied: one object is encoded and
/// its instance UID, Instance Number, Acquisition Time and first pixels are patched. Instance
/// numbers below 10^6. Falls back to MakeDicom where patching is impossible (deflated).
class DicomSeries {
 public:
  explicit DicomSeries(const DicomSpec& spec);
  /// Valid until the next call.
  const std::string& Instance(int instance);

 private:
  void FindPlaces();

  DicomSpec spec_;
  std::string bytes_;
  std::vector<std::size_t> uid_places_;
  std::size_t number_place_ = 0;
  std::size_t time_place_ = 0;
  std::size_t pixel_place_ = 0;  ///< 0: none.
};

/// Names of what MakeBroken makes: "empty", "text", "jpeg", "appledouble", "dicomdir",
/// "truncated-preamble", "truncated-header", "truncated-pixels", "no-sop-uid", "no-study-uid",
/// and the two that are unusual but whole: "no-preamble" (meta header first), "no-meta" (data set
/// only).
const std::vector<std::string>& BrokenKinds();
std::string MakeBroken(std::string_view kind, const DicomSpec& spec = {});

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_SUPPORT_DICOM_GENERATOR_HPP_
