#include "dicom/sop_class.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

enum class Filed { kPrimary, kSecondary };

struct SopClass {
  const char* uid;   ///< Behind kStorageRoot; a vendor's ("1.3.12. ...") in full.
  const char* scan;  ///< "mr" of "xnat:mrScanData"; "" leaves it to the modality.
  Filed filed;
};

constexpr std::string_view kStorageRoot = "1.2.840.10008.5.1.4.1.1.";
constexpr auto kPrimary = Filed::kPrimary;
constexpr auto kSecondary = Filed::kSecondary;

// XNAT's series-scans and primary-sops tables; the multi-frame secondary captures (7.x), which it
// does not know, are ours.
constexpr SopClass kSopClasses[] = {
    {"1", "cr", kPrimary},                              // Computed Radiography
    {"1.1", "dx", kPrimary},                            // Digital X-Ray, for presentation
    {"1.1.1", "dx", kPrimary},                          // ... for processing
    {"1.2", "mg", kPrimary},                            // Digital Mammography, for presentation
    {"1.2.1", "mg", kPrimary},                          // ... for processing
    {"1.3", "io", kPrimary},                            // Intra-Oral X-Ray, for presentation
    {"1.3.1", "io", kPrimary},                          // ... for processing
    {"2", "ct", kPrimary},                              // CT
    {"2.1", "ct", kPrimary},                            // Enhanced CT
    {"3.1", "us", kPrimary},                            // Ultrasound Multi-frame
    {"4", "mr", kPrimary},                              // MR
    {"4.1", "mr", kPrimary},                            // Enhanced MR
    {"4.3", "mr", kSecondary},                          // Enhanced MR Color
    {"6.1", "us", kPrimary},                            // Ultrasound
    {"6.3", "pa", kPrimary},                            // Photoacoustic
    {"7", "sc", kSecondary},                            // Secondary Capture
    {"7.1", "sc", kSecondary},                          // ... Multi-frame Single Bit
    {"7.2", "sc", kSecondary},                          // ... Multi-frame Grayscale Byte
    {"7.3", "sc", kSecondary},                          // ... Multi-frame Grayscale Word
    {"7.4", "sc", kSecondary},                          // ... Multi-frame True Color
    {"9.1.1", "ecg", kPrimary},                         // 12-lead ECG
    {"9.1.3", "ecg", kPrimary},                         // Ambulatory ECG
    {"9.2.1", "hd", kPrimary},                          // Hemodynamic
    {"9.3.1", "eps", kPrimary},                         // Cardiac Electrophysiology
    {"9.6.1", "resp", kPrimary},                        // Respiratory
    {"9.6.2", "resp", kSecondary},                      // Multi-channel Respiratory
    {"9.7.1", "eeg", kSecondary},                       // Routine Scalp EEG
    {"9.7.2", "emg", kPrimary},                         // Electromyogram
    {"9.7.3", "eog", kPrimary},                         // Electrooculogram
    {"9.8.1", "pos", kPrimary},                         // Body Position
    {"12.1", "xa", kPrimary},                           // X-Ray Angiographic
    {"12.2", "rf", kPrimary},                           // X-Ray Radiofluoroscopic
    {"13.1.1", "xa", kPrimary},                         // X-Ray 3D Angiographic
    {"13.1.2", "dx3DCraniofacial", kPrimary},           // X-Ray 3D Craniofacial
    {"13.1.3", "", kPrimary},                           // Breast Tomosynthesis
    {"20", "nm", kPrimary},                             // Nuclear Medicine
    {"66.4", "seg", kSecondary},                        // Segmentation
    {"77.1.1.1", "esv", kPrimary},                      // Video Endoscopic
    {"77.1.2", "gm", kPrimary},                         // VL Microscopic
    {"77.1.2.1", "gmv", kPrimary},                      // Video Microscopic
    {"77.1.4.1", "xcv", kPrimary},                      // Video Photographic
    {"77.1.5.1", "op", kPrimary},                       // Ophthalmic Photography 8 Bit
    {"77.1.5.2", "op", kPrimary},                       // Ophthalmic Photography 16 Bit
    {"77.1.5.4", "opt", kPrimary},                      // Ophthalmic Tomography
    {"77.1.6", "sm", kPrimary},                         // VL Whole Slide Microscopy
    {"77.1.7", "dms", kPrimary},                        // Dermoscopic Photography
    {"77.1.8", "cfm", kPrimary},                        // Confocal Microscopy
    {"88.11", "sr", kPrimary},                          // Basic Text SR
    {"88.22", "sr", kPrimary},                          // Enhanced SR
    {"88.33", "sr", kSecondary},                        // Comprehensive SR
    {"88.50", "sr", kSecondary},                        // Mammography CAD SR
    {"88.65", "sr", kSecondary},                        // Chest CAD SR
    {"88.67", "sr", kSecondary},                        // X-Ray Radiation Dose SR
    {"88.69", "sr", kSecondary},                        // Colon CAD SR
    {"88.70", "sr", kSecondary},                        // Implantation Plan SR
    {"91.1", "ann", kPrimary},                          // Microscopy Bulk Simple Annotations
    {"104.4", "obj", kPrimary},                         // Encapsulated OBJ
    {"104.5", "mtl", kPrimary},                         // Encapsulated MTL
    {"128", "pet", kPrimary},                           // Positron Emission Tomography
    {"130", "pet", kPrimary},                           // Enhanced PET
    {"481.1", "rtImage", kPrimary},                     // RT Image
    {"481.2", "rtImage", kPrimary},                     // RT Dose
    {"481.3", "rtImage", kSecondary},                   // RT Structure Set
    {"481.4", "rtImage", kSecondary},                   // RT Beams Treatment Record
    {"481.5", "rtImage", kSecondary},                   // RT Plan
    {"481.6", "rtImage", kSecondary},                   // RT Brachy Treatment Record
    {"481.7", "rtImage", kSecondary},                   // RT Treatment Summary Record
    {"481.8", "rtImage", kSecondary},                   // RT Ion Plan
    {"481.9", "rtImage", kSecondary},                   // RT Ion Beams Treatment Record
    {"1.3.12.2.1107.5.9.1", "otherDicom", kSecondary},  // Siemens CSA Non-Image
};

/// Scan types in the order in which one speaks for a series of several; types not listed (io, op,
/// eps, ...) give otherDicomScanData.
constexpr const char* kLeadScans[] = {
    "pet", "mr",  "ct",  "xa",  "us",   "rtImage", "cr",  "opt", "mg",  "dx",        "nm",
    "sr",  "seg", "sc",  "sm",  "gm",   "rf",      "es",  "rg",  "dms", "cfm",       "pa",
    "ecg", "ann", "emg", "eog", "resp", "pos",     "obj", "mtl", "eeg", "otherDicom"};

struct SessionOfScan {
  const char* scan;
  const char* session;
};

/// Session types by scan type, leading first. Reports, when alone, are a session of their own;
/// segmentations and captures follow others.
constexpr SessionOfScan kLeadSessions[] = {
    {"pet", "pet"}, {"mr", "mr"},   {"ct", "ct"},  {"xa", "xa"}, {"us", "us"}, {"rtImage", "rt"},
    {"cr", "cr"},   {"opt", "opt"}, {"mg", "mg"},  {"dx", "dx"}, {"nm", "nm"}, {"sr", "sr"},
    {"sm", "sm"},   {"gm", "gm"},   {"rf", "rf"},  {"es", "es"}, {"rg", "rg"}, {"ecg", "ecg"},
    {"emg", "emg"}, {"eog", "eog"}, {"eeg", "eeg"}};

struct Modality {
  const char* code;
  const char* session;
  const char* scan;
};

/// Leading first. "RT" stands for every modality that begins with it.
constexpr Modality kModalities[] = {
    {"PT", "pet", "pet"},
    {"MR", "mr", "mr"},
    {"CT", "ct", "ct"},
    {"XA", "xa", "xa"},
    {"US", "us", "us"},
    {"RT", "rt", "rtImage"},
    {"CR", "cr", "cr"},
    {"OPT", "opt", "opt"},
    {"MG", "mg", "mg"},
    {"DX", "dx", "dx"},
    {"NM", "nm", "nm"},
    {"EEG", "eeg", "eeg"},
    {"ECG", "ecg", "ecg"},
    {"EMG", "emg", "emg"},
    {"EOG", "eog", "eog"},
    {"IVUS", "us", "us"},
    {"SM", "sm", "sm"},
    {"GM", "gm", "gm"},
    {"RF", "rf", "rf"},
    {"ES", "es", "es"},
    {"XC", "xc", "xc"},
    {"RG", "rg", "rg"},
    {"OT", "otherDicom", "otherDicom"},
    {"SR", "sr", "sr"},
    {"SC", "otherDicom", "sc"},
    {"ANN", "otherDicom", "ann"},
};

const SopClass* FindSopClass(std::string_view uid) {
  const bool standard = StartsWith(uid, kStorageRoot);
  const std::string_view key = standard ? uid.substr(kStorageRoot.size()) : uid;
  const bool private_key = StartsWith(key, "1.3.12.");
  if (standard == private_key) return nullptr;
  const auto* found = std::find_if(std::begin(kSopClasses), std::end(kSopClasses),
                                   [&](const SopClass& row) { return row.uid == key; });
  return found == std::end(kSopClasses) ? nullptr : found;
}

const Modality* FindModality(std::string_view code) {
  const auto* found =
      std::find_if(std::begin(kModalities), std::end(kModalities), [&](const Modality& row) {
        return row.code == code || (row.code == std::string_view("RT") && StartsWith(code, "RT"));
      });
  return found == std::end(kModalities) ? nullptr : found;
}

/// True when one of the series' SOP classes has that scan type.
bool HasScan(const SeriesKind& series, std::string_view scan) {
  return std::any_of(series.sop_classes.begin(), series.sop_classes.end(),
                     [&](const std::string& uid) {
                       const SopClass* sop_class = FindSopClass(uid);
                       return sop_class != nullptr && sop_class->scan == scan;
                     });
}

bool HasAnyScan(const SeriesKind& series) {
  return std::any_of(series.sop_classes.begin(), series.sop_classes.end(),
                     [](const std::string& uid) {
                       const SopClass* sop_class = FindSopClass(uid);
                       return sop_class != nullptr && *sop_class->scan != '\0';
                     });
}

template <typename Predicate>
bool Any(const std::vector<SeriesKind>& series, Predicate predicate) {
  return std::any_of(series.begin(), series.end(), predicate);
}

bool IsPet(const SeriesKind& s) { return s.modality == "PT" || HasScan(s, "pet"); }
bool IsMr(const SeriesKind& s) { return s.modality == "MR" || HasScan(s, "mr"); }

std::string PetMrSession(const std::vector<SeriesKind>& series, PetMrMode mode) {
  const bool images_of_mr = Any(series, [](const SeriesKind& s) {
    return IsMr(s) && s.description.find("MRAC") == std::string::npos;
  });
  const bool pet = mode == PetMrMode::kPet || (mode == PetMrMode::kSeparate && !images_of_mr);
  return pet ? "xnat:petSessionData" : "xnat:petmrSessionData";
}

}  // namespace

bool IsPrimarySopClass(std::string_view sop_class_uid) {
  const SopClass* sop_class = FindSopClass(sop_class_uid);
  return sop_class != nullptr && sop_class->filed == Filed::kPrimary;
}

std::string SessionType(const std::vector<SeriesKind>& series, PetMrMode mode) {
  if (Any(series, IsPet) && Any(series, IsMr)) return PetMrSession(series, mode);
  for (const SessionOfScan& row : kLeadSessions) {
    if (Any(series, [&](const SeriesKind& s) { return HasScan(s, row.scan); })) {
      return "xnat:" + std::string(row.session) + "SessionData";
    }
  }
  std::vector<std::string> modalities;
  modalities.reserve(series.size());
  for (const SeriesKind& s : series) modalities.push_back(s.modality);
  if (const Modality* lead = FindModality(LeadModality(modalities))) {
    return "xnat:" + std::string(lead->session) + "SessionData";
  }
  return Any(series, HasAnyScan) ? "xnat:otherDicomSessionData" : "";
}

std::string ScanType(const SeriesKind& series) {
  for (const char* scan : kLeadScans) {
    if (HasScan(series, scan)) return "xnat:" + std::string(scan) + "ScanData";
  }
  const Modality* modality = HasAnyScan(series) ? nullptr : FindModality(series.modality);
  return "xnat:" + std::string(modality == nullptr ? "otherDicom" : modality->scan) + "ScanData";
}

std::string LeadModality(const std::vector<std::string>& modalities) {
  const auto rank = [](const std::string& code) {
    const Modality* row = FindModality(code);
    return row == nullptr ? std::size(kModalities) : static_cast<std::size_t>(row - kModalities);
  };
  const std::string* lead = nullptr;
  for (const std::string& code : modalities) {
    if (code.empty()) continue;
    if (lead == nullptr || std::pair(rank(code), code) < std::pair(rank(*lead), *lead)) {
      lead = &code;
    }
  }
  return lead == nullptr ? std::string() : *lead;
}

}  // namespace xnatarchive
