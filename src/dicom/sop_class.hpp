// sop_class.hpp - what XNAT calls a session and a scan, by SOP class and modality.
//
// Pure tables and the rules that pick from them. Types carry the "xnat:" prefix.
#ifndef XNATARCHIVE_DICOM_SOP_CLASS_HPP_
#define XNATARCHIVE_DICOM_SOP_CLASS_HPP_

#include <string>
#include <string_view>
#include <vector>

namespace xnatarchive {

/// What a series holds, as far as types depend on it.
struct SeriesKind {
  std::vector<std::string> sop_classes;  ///< Distinct SOP Class UIDs.
  std::string modality;                  ///< Lead modality of the series; may be empty.
  std::string description;               ///< Series Description, for the PET/MR rule.
};

/// XNAT's setting "separatePETMR": what a study with PET and MR becomes.
enum class PetMrMode {
  kDefault,   ///< Blank: a PET/MR session.
  kSeparate,  ///< A PET/MR session, to be split later; but a PET session when every MR series is an
              ///< attenuation map ("MRAC" in its description).
  kPet,       ///< A PET session.
  kPetMr,     ///< A PET/MR session.
};

/// True for the SOP classes whose objects are filed as "DICOM"; all others are "secondary". XNAT's
/// list, as it is: Enhanced MR Color, MR Spectroscopy and the legacy-converted classes are not on
/// it.
bool IsPrimarySopClass(std::string_view sop_class_uid);

/// "xnat:mrSessionData" and so on, or "" when nothing in the study has a type. First hit: the
/// PET/MR rule; the leading session type of the SOP classes; that of the modalities;
/// "xnat:otherDicomSessionData" when some SOP class is known at all.
std::string SessionType(const std::vector<SeriesKind>& series,
                        PetMrMode mode = PetMrMode::kDefault);

/// "xnat:mrScanData" and so on: the leading scan type of the series' SOP classes, else that of its
/// modality, else "xnat:otherDicomScanData".
std::string ScanType(const SeriesKind& series);

/// The modality that speaks for several: PT before MR before CT ...; the alphabetically first when
/// none has a rank; "" for none.
std::string LeadModality(const std::vector<std::string>& modalities);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DICOM_SOP_CLASS_HPP_
