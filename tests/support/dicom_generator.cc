#include "support/dicom_generator.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace xnatarchive {
namespace {

constexpr char kNumberMarker[] = "919191";
constexpr char kTimeMarker[] = "235959.717171";

struct ModalityPreset {
  const char* modality;
  const char* sop_class;
  const char* description;
  bool pixels;
};

constexpr ModalityPreset kModalities[] = {
    {"MR", "1.2.840.10008.5.1.4.1.1.4", "t1_mprage_sag", true},
    {"CT", "1.2.840.10008.5.1.4.1.1.2", "Thorax 3.0 B31f", true},
    {"PT", "1.2.840.10008.5.1.4.1.1.128", "PET AC 3D", true},
    {"US", "1.2.840.10008.5.1.4.1.1.6.1", "Abdomen", true},
    {"CR", "1.2.840.10008.5.1.4.1.1.1", "Chest PA", true},
    {"DX", "1.2.840.10008.5.1.4.1.1.1.1", "Chest PA", true},
    {"MG", "1.2.840.10008.5.1.4.1.1.1.2", "L CC", true},
    {"XA", "1.2.840.10008.5.1.4.1.1.12.1", "Coro LAO", true},
    {"NM", "1.2.840.10008.5.1.4.1.1.20", "Bone", true},
    {"SC", "1.2.840.10008.5.1.4.1.1.7", "Screen save", true},
    {"RTIMAGE", "1.2.840.10008.5.1.4.1.1.481.1", "Portal", true},
    {"SEG", "1.2.840.10008.5.1.4.1.1.66.4", "Segmentation", true},
    {"SR", "1.2.840.10008.5.1.4.1.1.88.11", "Report", false},
    {"RTSTRUCT", "1.2.840.10008.5.1.4.1.1.481.3", "Structures", false},
    {"PR", "1.2.840.10008.5.1.4.1.1.11.1", "Presentation state", false},
};
constexpr char kEnhancedMr[] = "1.2.840.10008.5.1.4.1.1.4.1";

using Values = std::vector<std::pair<std::uint32_t, std::string>>;

void Check(const OFCondition& condition, const char* what) {
  if (condition.bad()) throw std::runtime_error(std::string(what) + ": " + condition.text());
}

const ModalityPreset& PresetOf(const DicomSpec& spec) {
  for (const ModalityPreset& preset : kModalities) {
    if (spec.modality == preset.modality) return preset;
  }
  throw std::runtime_error("dicom_generator: unknown modality " + spec.modality);
}

E_TransferSyntax SyntaxOf(const DicomSpec& spec) {
  if (spec.transfer_syntax == "implicit") return EXS_LittleEndianImplicit;
  if (spec.transfer_syntax == "explicit") return EXS_LittleEndianExplicit;
  if (spec.transfer_syntax == "big-endian") return EXS_BigEndianExplicit;
  if (spec.transfer_syntax == "deflated") return EXS_DeflatedLittleEndianExplicit;
  if (spec.transfer_syntax == "rle") return EXS_RLELossless;
  if (spec.transfer_syntax == "jpeg") return EXS_JPEGProcess1;
  throw std::runtime_error("dicom_generator: unknown transfer syntax " + spec.transfer_syntax);
}

/// A number of a fixed number of digits below 2.25 (UUID derived), so that UIDs can be patched.
std::string Uid(const DicomSpec& spec, int levels) {
  char text[64];
  std::snprintf(text, sizeof text, "2.25.3%012llu%05d%05d%06d",
                static_cast<unsigned long long>(spec.seed), spec.study,
                levels > 1 ? spec.series : 0, levels > 2 ? spec.instance : 0);
  return text;
}

DcmTag TagOf(std::uint32_t tag) {
  return DcmTag(static_cast<Uint16>(tag >> 16), static_cast<Uint16>(tag));
}

void Put(DcmItem& item, const Values& values) {
  for (const auto& [tag, value] : values) {
    Check(item.putAndInsertString(TagOf(tag), value.c_str()), "putAndInsertString");
  }
}

DcmItem& NewItem(DcmItem& parent, std::uint32_t sequence, long number = -2) {
  DcmItem* item = nullptr;
  Check(parent.findOrCreateSequenceItem(TagOf(sequence), item, number), "sequence item");
  return *item;
}

Values Common(const DicomSpec& spec, const ModalityPreset& preset) {
  const std::string series = std::to_string(spec.series);
  char series_time[16];
  std::snprintf(series_time, sizeof series_time, "1405%02d.%06d", spec.series % 60, 250000);
  return {
      {0x00080005, "ISO_IR 100"},
      {0x00080008, spec.modality == "SC" ? "DERIVED\\SECONDARY" : "ORIGINAL\\PRIMARY\\M\\ND\\NORM"},
      {0x00080016, spec.frames > 0 ? kEnhancedMr : preset.sop_class},
      {0x00080018, InstanceUid(spec)},
      {0x00080020, "20240318"},
      {0x00080021, "20240318"},
      {0x00080022, "20240318"},
      {0x00080023, "20240318"},
      {0x00080030, "140537.125000"},
      {0x00080031, series_time},
      {0x00080032, "140537.250000"},
      {0x00080033, "140538.500000"},
      {0x00080050, "RIC24-" + std::to_string(spec.study)},
      {0x00080060, spec.modality},
      {0x00080070, "SIEMENS"},
      {0x00080080, "Riverside Imaging Centre"},
      {0x00080081, "1 River Street"},
      {0x00080090, "Referring^Doctor"},
      {0x00081010, "RIC-MR2"},
      {0x00081030, "Brain^Research"},
      {0x0008103E, preset.description + ("_" + series)},
      {0x00081040, "Radiology"},
      {0x00081070, "KT"},
      {0x00081090, "Prisma"},
      {0x00100010, "Test^Subject" + std::to_string(spec.study)},
      {0x00100020, "SUBJ" + std::to_string(spec.study)},
      {0x00100030, "19870602"},
      {0x00100040, "F"},
      {0x00101010, "036Y"},
      {0x00101020, "1.70"},
      {0x00101030, "71.5"},
      {0x00180015, "HEAD"},
      {0x00181000, "66000"},
      {0x00181020, "syngo MR E11"},
      {0x00181030, preset.description},
      {0x00185100, "HFS"},
      {0x0020000D, StudyUid(spec)},
      {0x0020000E, SeriesUid(spec)},
      {0x00200010, "7731"},
      {0x00200011, series},
      {0x00200012, "1"},
      {0x00200013, std::to_string(spec.instance)},
      {0x00200052, SeriesUid(spec) + ".9"},
      {0x00321060, "RESEARCH"},
      {0x00400244, "20240318"},
      {0x00400245, "140537.125000"},
      {0x00400253, "RIC24"},
      {0x00400254, "Brain^Research"},
  };
}

Values Geometry() {
  return {{0x00180050, "1.5"},
          {0x00200032, "-120.5\\-118.25\\30"},
          {0x00200037, "1\\0\\0\\0\\1\\0"},
          {0x00201041, "30"},
          {0x00280030, "0.9375\\0.9375"}};
}

Values MrValues() {
  return {{0x00180020, "GR\\IR"},
          {0x00180021, "SK\\SP\\MP"},
          {0x00180022, "IR\\WE"},
          {0x00180023, "3D"},
          {0x00180024, "*tfl3d1_16ns"},
          {0x00180025, "N"},
          {0x00180080, "2300"},
          {0x00180081, "2.98"},
          {0x00180082, "900"},
          {0x00180083, "1"},
          {0x00180084, "123.255"},
          {0x00180085, "1H"},
          {0x00180086, "1"},
          {0x00180087, "3"},
          {0x00180089, "239"},
          {0x00180091, "1"},
          {0x00180093, "100"},
          {0x00180094, "93.75"},
          {0x00180095, "240"},
          {0x00181250, "HeadNeck_64"},
          {0x00181251, "Body"},
          {0x00181310, "0\\256\\240\\0"},
          {0x00181312, "ROW"},
          {0x00181314, "9"},
          {0x00181315, "N"},
          {0x00181316, "0.03918"},
          {0x00181318, "0"},
          {0x00189075, "NONE"}};
}

Values CtValues() {
  return {
      {0x00180022, "HELIX"},   {0x00180060, "120"},  {0x00180090, "500"},    {0x00181040, "IV"},
      {0x00180010, "Iohexol"}, {0x00181100, "350"},  {0x00181110, "1085.6"}, {0x00181111, "595"},
      {0x00181120, "0"},       {0x00181130, "153"},  {0x00181140, "CW"},     {0x00181150, "500"},
      {0x00181151, "210"},     {0x00181152, "105"},  {0x00181160, "FLAT"},   {0x00181170, "28"},
      {0x00181190, "1.2"},     {0x00181210, "B31f"}, {0x00189305, "0.5"},    {0x00189306, "0.6"},
      {0x00189307, "38.4"},    {0x00189309, "92.2"}, {0x00189310, "46.1"},   {0x00189311, "1.2"},
      {0x00189323, "XYZ_EC"},  {0x00189324, "35.5"}, {0x00189345, "8.25"},   {0x00281052, "-1024"},
      {0x00281053, "1"},       {0x00281054, "HU"}};
}

Values PetValues() {
  return {{0x00181181, "NONE"},
          {0x00181242, "300000"},
          {0x00540081, "47"},
          {0x00540101, "1"},
          {0x00541000, "STATIC\\IMAGE"},
          {0x00541001, "BQML"},
          {0x00541002, "EMISSION"},
          {0x00541100, "DLYD"},
          {0x00541101, "CT-derived"},
          {0x00541102, "START"},
          {0x00541103, "OSEM3D 4i8s"},
          {0x00541105, "Model-based"},
          {0x00541201, "5\\6"},
          {0x00541300, "0"},
          {0x00541321, "1.02"},
          {0x00281052, "0"},
          {0x00281053, "2.5"},
          {0x00281054, "BQML"}};
}

void PutRadiopharmaceutical(DcmItem& dataset) {
  DcmItem& item = NewItem(dataset, 0x00540016);
  Put(item, {{0x00180031, "Fluorodeoxyglucose"},
             {0x00181072, "130000.000000"},
             {0x00181074, "370000000"},
             {0x00181075, "6586.2"},
             {0x00181076, "0.967"}});
  Put(NewItem(item, 0x00540300),
      {{0x00080100, "C-111A1"}, {0x00080102, "SRT"}, {0x00080104, "^18^Fluorine"}});
  Put(NewItem(dataset, 0x00540410),
      {{0x00080100, "F-10450"}, {0x00080102, "SRT"}, {0x00080104, "recumbent"}});
}

/// What an enhanced object has in functional groups instead of at the top level.
void PutFunctionalGroups(const DicomSpec& spec, DcmItem& dataset) {
  DcmItem& shared = NewItem(dataset, 0x52009229);
  Put(NewItem(shared, 0x00189112), {{0x00180080, "2300"}, {0x00180091, "1"}, {0x00181314, "9"}});
  Put(NewItem(shared, 0x00189006), {{0x00180095, "240"}});
  Put(NewItem(shared, 0x00189042), {{0x00181250, "HeadNeck_64"}});
  Put(NewItem(shared, 0x00289110), {{0x00180050, "1.5"}, {0x00280030, "0.9375\\0.9375"}});
  Put(NewItem(shared, 0x00209116), {{0x00200037, "1\\0\\0\\0\\1\\0"}});
  for (int frame = 1; frame <= spec.frames; ++frame) {
    DcmItem& group = NewItem(dataset, 0x52009230);
    Put(NewItem(group, 0x00189114), {{0x00189082, frame % 2 == 1 ? "10" : "20"}});
    Put(NewItem(group, 0x00209113), {{0x00200032, "0\\0\\" + std::to_string(frame)}});
  }
  Put(dataset, {{0x00280008, std::to_string(spec.frames)},
                {0x00180023, "3D"},
                {0x00180087, "3"},
                {0x00189005, "tfl3d1_16ns"}});
}

/// splitmix64: small, fast, and the same everywhere.
std::uint64_t NextRandom(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

std::vector<Uint16> Pixels(const DicomSpec& spec) {
  const int frames = std::max(spec.frames, 1);
  std::vector<Uint16> pixels(static_cast<std::size_t>(spec.rows) *
                                 static_cast<std::size_t>(spec.columns) *
                                 static_cast<std::size_t>(frames),
                             100);
  if (!spec.noise) return pixels;
  std::uint64_t state = spec.seed * 1000003u + static_cast<unsigned>(spec.study) * 7919u +
                        static_cast<unsigned>(spec.series) * 104729u +
                        static_cast<unsigned>(spec.instance);
  for (std::size_t i = 0; i < pixels.size(); i += 4) {
    const std::uint64_t noise = NextRandom(state);
    for (std::size_t k = i; k < std::min(i + 4, pixels.size()); ++k) {
      pixels[k] = static_cast<Uint16>((noise >> (16 * (k - i))) & 0x0FFF);
    }
  }
  return pixels;
}

void PutPixels(const DicomSpec& spec, DcmDataset& dataset) {
  Put(dataset, {{0x00280002, "1"},
                {0x00280004, "MONOCHROME2"},
                {0x00280010, std::to_string(spec.rows)},
                {0x00280011, std::to_string(spec.columns)},
                {0x00280100, "16"},
                {0x00280101, "12"},
                {0x00280102, "11"},
                {0x00280103, "0"},
                {0x00281050, "500"},
                {0x00281051, "1000"}});
  const std::vector<Uint16> pixels = Pixels(spec);
  if (spec.transfer_syntax != "jpeg") {
    Check(dataset.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size()), "pixels");
    return;
  }
  auto* sequence = new DcmPixelSequence(DCM_PixelSequenceTag);
  Check(sequence->insert(new DcmPixelItem(DCM_PixelItemTag)), "offset table");
  DcmOffsetList offsets;
  std::vector<Uint8> frame(pixels.size() * 2);
  std::memcpy(frame.data(), pixels.data(), frame.size());
  Check(sequence->storeCompressedFrame(offsets, frame.data(), static_cast<Uint32>(frame.size()), 0),
        "fragment");
  auto* element = new DcmPixelData(DCM_PixelData);
  element->putOriginalRepresentation(EXS_JPEGProcess1, nullptr, sequence);
  Check(dataset.insert(element, OFTrue), "encapsulated pixels");
}

void PutPrivate(const DicomSpec& spec, DcmItem& dataset) {
  if (spec.private_bytes == 0) return;
  Check(dataset.putAndInsertString(DcmTag(0x0029, 0x0010, EVR_LO), "SIEMENS CSA HEADER"),
        "creator");
  const std::vector<Uint8> bytes(spec.private_bytes & ~std::size_t{1}, 0x5A);
  Check(dataset.putAndInsertUint8Array(DcmTag(0x0029, 0x1010, EVR_OB), bytes.data(), bytes.size()),
        "private element");
}

void Fill(const DicomSpec& spec, DcmDataset& dataset) {
  const ModalityPreset& preset = PresetOf(spec);
  Put(dataset, Common(spec, preset));
  if (spec.frames > 0) {
    PutFunctionalGroups(spec, dataset);
  } else if (spec.modality == "MR") {
    Put(dataset, MrValues());
    Put(dataset, Geometry());
  } else if (spec.modality == "CT") {
    Put(dataset, CtValues());
    Put(dataset, Geometry());
  } else if (spec.modality == "PT") {
    Put(dataset, PetValues());
    Put(dataset, Geometry());
    PutRadiopharmaceutical(dataset);
  }
  if (spec.modality == "SR") {
    Put(NewItem(dataset, 0x0040A730),
        {{0x0040A010, "CONTAINS"}, {0x0040A040, "TEXT"}, {0x0040A160, "No finding"}});
  }
  if (preset.pixels) PutPixels(spec, dataset);
  PutPrivate(spec, dataset);
  for (const auto& [tag, value] : spec.values) {
    if (value.empty()) {
      dataset.findAndDeleteElement(TagOf(tag));
    } else {
      Check(dataset.putAndInsertString(TagOf(tag), value.c_str()), "value");
    }
  }
}

/// An element of the meta header with a 16-bit length.
std::string MetaElement(std::uint16_t element, std::string_view vr, std::string value) {
  if (value.size() % 2 == 1) value += '\0';
  std::string bytes("\x02\x00", 2);
  bytes += static_cast<char>(element & 0xFF);
  bytes += static_cast<char>(element >> 8);
  bytes += vr;
  bytes += static_cast<char>(value.size() & 0xFF);
  bytes += static_cast<char>(value.size() >> 8);
  return bytes + value;
}

std::string MakeDicomdir() {
  return std::string(128, '\0') + "DICM" + MetaElement(0x0002, "UI", "1.2.840.10008.1.3.10") +
         MetaElement(0x0003, "UI", "2.25.42") + MetaElement(0x0010, "UI", "1.2.840.10008.1.2.1") +
         std::string("\x04\x00\x30\x11\x43\x53\x04\x00TEST", 12);
}

std::uint32_t MetaEnd(const std::string& bytes) {
  std::uint32_t length = 0;  // group length, always little endian
  for (std::size_t i = 4; i-- > 0;) length = length << 8 | static_cast<Uint8>(bytes[140 + i]);
  return 144 + length;
}

}  // namespace

std::string StudyUid(const DicomSpec& spec) { return Uid(spec, 1); }
std::string SeriesUid(const DicomSpec& spec) { return Uid(spec, 2); }
std::string InstanceUid(const DicomSpec& spec) { return Uid(spec, 3); }

std::string MakeDicom(const DicomSpec& spec) {
  DcmFileFormat file;
  DcmDataset& dataset = *file.getDataset();
  Fill(spec, dataset);
  const E_TransferSyntax syntax = SyntaxOf(spec);
  if (syntax == EXS_RLELossless) {
    static const bool kRegistered = (DcmRLEEncoderRegistration::registerCodecs(), true);
    (void)kRegistered;
    Check(dataset.chooseRepresentation(syntax, nullptr), "RLE");
  }
  std::string bytes(file.calcElementLength(syntax, EET_ExplicitLength) + 65536, '\0');
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  file.transferInit();
  Check(file.write(stream, syntax, EET_ExplicitLength, nullptr), "write");
  file.transferEnd();
  stream.flush();
  void* begin = nullptr;
  offile_off_t size = 0;
  stream.flushBuffer(begin, size);
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

DicomSeries::DicomSeries(const DicomSpec& spec) : spec_(spec) {
  if (spec_.transfer_syntax == "deflated") return;
  spec_.instance = 1;
  DicomSpec marked = spec_;
  marked.values[0x00200013] = kNumberMarker;
  marked.values[0x00080032] = kTimeMarker;
  bytes_ = MakeDicom(marked);
  FindPlaces();
}

void DicomSeries::FindPlaces() {
  const std::string uid = InstanceUid(spec_);
  for (std::size_t at = 0; (at = bytes_.find(uid, at)) != std::string::npos; at += uid.size()) {
    uid_places_.push_back(at);
  }
  number_place_ = bytes_.find(kNumberMarker);
  time_place_ = bytes_.find(kTimeMarker);
  if (uid_places_.empty() || number_place_ == std::string::npos ||
      time_place_ == std::string::npos) {
    throw std::runtime_error("dicom_generator: no place to patch");
  }
  const bool native = spec_.transfer_syntax != "rle" && spec_.transfer_syntax != "jpeg";
  if (native && PresetOf(spec_).pixels) pixel_place_ = bytes_.size() - Pixels(spec_).size() * 2;
}

const std::string& DicomSeries::Instance(int instance) {
  spec_.instance = instance;
  if (spec_.transfer_syntax == "deflated") return bytes_ = MakeDicom(spec_);
  const std::string uid = InstanceUid(spec_);
  for (const std::size_t place : uid_places_) bytes_.replace(place, uid.size(), uid);
  char text[16];
  std::snprintf(text, sizeof text, "%-6d", instance);
  bytes_.replace(number_place_, 6, text);
  std::snprintf(text, sizeof text, "14%02d%02d.%06d", instance / 60 % 60, instance % 60, instance);
  bytes_.replace(time_place_, 13, text);
  if (pixel_place_ != 0 && pixel_place_ + 4 <= bytes_.size()) {
    std::memcpy(&bytes_[pixel_place_], &instance, 4);
  }
  return bytes_;
}

const std::vector<std::string>& BrokenKinds() {
  static const std::vector<std::string> kKinds = {"empty",
                                                  "text",
                                                  "jpeg",
                                                  "appledouble",
                                                  "dicomdir",
                                                  "truncated-preamble",
                                                  "truncated-header",
                                                  "truncated-pixels",
                                                  "no-sop-uid",
                                                  "no-study-uid",
                                                  "no-preamble",
                                                  "no-meta"};
  return kKinds;
}

std::string MakeBroken(std::string_view kind, const DicomSpec& spec) {
  if (kind == "empty") return std::string();
  if (kind == "text") return "This is a text file that somebody put among the images.\n";
  if (kind == "jpeg") return std::string("\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01", 12);
  if (kind == "appledouble") return std::string("\x00\x05\x16\x07\x00\x02\x00\x00", 8);
  if (kind == "dicomdir") return MakeDicomdir();
  if (kind == "no-study-uid") {
    DicomSpec without = spec;
    without.values[0x0020000D] = "";
    return MakeDicom(without);
  }
  std::string bytes = MakeDicom(spec);
  if (kind == "no-sop-uid") {
    // DCMTK would invent the UID when it writes the object: break it afterwards.
    const std::string uid = InstanceUid(spec);
    for (std::size_t at = 0; (at = bytes.find(uid, at)) != std::string::npos;) bytes[at] = 'x';
    return bytes;
  }
  if (kind == "truncated-preamble") return bytes.substr(0, 100);
  if (kind == "truncated-header") return bytes.substr(0, MetaEnd(bytes) + 500);
  if (kind == "truncated-pixels") return bytes.substr(0, bytes.size() - 100);
  if (kind == "no-preamble") return bytes.substr(132);
  if (kind == "no-meta") return bytes.substr(MetaEnd(bytes));
  throw std::runtime_error("dicom_generator: unknown kind " + std::string(kind));
}

}  // namespace xnatarchive
