#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <string>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "dicom/collect_values.hpp"
#include "dicom/dcmtk_stream.hpp"
#include "dicom/header.hpp"
#include "dicom/plain_identity.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kPreambleBytes = 128;
constexpr std::size_t kMetaOffset = 132;  // preamble and "DICM"
constexpr std::size_t kFirstBytes = kMetaOffset + 8;
constexpr char kDicomdirUid[] = "1.2.840.10008.1.3.10";

Status Bad(std::string_view reason, std::string message) {
  return Status(Code::kCorruption, reason, std::move(message));
}

Status Truncated(std::string message) { return Bad("dicom.truncated", std::move(message)); }

// --- DCMTK's global state ---

/// Switches a logger off unless the host has given it a level.
void Silence(const char* name) {
  OFLogger logger = OFLog::getLogger(name);
  if (logger.getLogLevel() == dcmtk::log4cplus::NOT_SET_LOG_LEVEL) {
    logger.setLogLevel(OFLogger::OFF_LOG_LEVEL);
  }
}

/// Teaches DCMTK the kept elements. Only for an installation without its dictionary file: implicit
/// VR cannot be read without knowing the representation of each element.
void AddKeptTagsToDictionary() {
  std::vector<KeptTag> tags = KeptTags();
  tags.insert(
      tags.end(),
      {{0x00080005, "SpecificCharacterSet", "CS"},
       {0x00080104, "CodeMeaning", "LO"},
       {kRadiopharmaceuticalInformationSequence, "RadiopharmaceuticalInformationSequence", "SQ"},
       {kSharedFunctionalGroupsSequence, "SharedFunctionalGroupsSequence", "SQ"},
       {kPerFrameFunctionalGroupsSequence, "PerFrameFunctionalGroupsSequence", "SQ"},
       {0x7FE00010, "PixelData", "OW"}});
  DcmDataDictionary& dictionary = dcmDataDict.wrlock();
  for (const KeptTag& tag : tags) {
    dictionary.addEntry(new DcmDictEntry(static_cast<Uint16>(tag.tag >> 16),
                                         static_cast<Uint16>(tag.tag), DcmVR(tag.vr), tag.keyword,
                                         1, DcmVariableVM, "DICOM", OFTrue, nullptr));
  }
  dcmDataDict.wrunlock();
}

/// Once per process, before DCMTK is first used.
void PrepareDcmtk() {
  static const bool kPrepared = [] {
    Silence("dcmtk.dcmdata");
    Silence("dcmtk.ofstd");
    if (!dcmDataDict.isDictionaryLoaded()) AddKeptTagsToDictionary();
    return true;
  }();
  (void)kPrepared;
}

// --- Is it DICOM, and how is it encoded? ---

unsigned Byte(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

/// Tells the encoding of a data set from its first eight bytes, or EXS_Unknown. The first element
/// is in group 2 (meta header), 4 (DICOMDIR) or 8, with a two-letter VR or a small 32-bit length.
E_TransferSyntax GuessEncoding(std::string_view bytes) {
  if (bytes.size() < 8) return EXS_Unknown;
  const auto first_group = [](unsigned group) { return group == 2 || group == 4 || group == 8; };
  const bool little = first_group(Byte(bytes, 0)) && Byte(bytes, 1) == 0;
  const bool big = Byte(bytes, 0) == 0 && first_group(Byte(bytes, 1));
  if (!little && !big) return EXS_Unknown;
  if (IsUpper(bytes[4]) && IsUpper(bytes[5])) {
    return little ? EXS_LittleEndianExplicit : EXS_BigEndianExplicit;
  }
  const unsigned high = little ? Byte(bytes, 6) | Byte(bytes, 7) : Byte(bytes, 4) | Byte(bytes, 5);
  if (high != 0) return EXS_Unknown;
  return little ? EXS_LittleEndianImplicit : EXS_BigEndianImplicit;
}

bool HasPreamble(std::string_view first) {
  return first.size() >= kMetaOffset && first.substr(kPreambleBytes, 4) == "DICM";
}

std::string_view Describe(std::string_view first) {
  using std::string_view_literals::operator""sv;
  static constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
      {"\x00\x05\x16\x07"sv, "an AppleDouble file"},
      {"\xFF\xD8\xFF"sv, "a JPEG file"},
      {"\x89PNG"sv, "a PNG file"},
      {"PK\x03\x04"sv, "a zip file"},
      {"%PDF"sv, "a PDF file"},
      {"<?xml"sv, "an XML file"}};
  for (const auto& [magic, kind] : kKinds) {
    if (StartsWith(first, magic)) return kind;
  }
  return "a file with neither DICOM preamble nor data elements";
}

bool IsCutPreamble(std::string_view first) {
  const std::string_view zeros = first.substr(0, kPreambleBytes);
  const std::string_view magic = first.substr(zeros.size());
  return first.size() < kMetaOffset && StartsWith("DICM", magic) &&
         zeros.find_first_not_of('\0') == std::string_view::npos;
}

Status CheckFirstBytes(std::string_view first) {
  if (first.empty()) return Truncated("the file is empty");
  if (LooksLikeDicom(first)) return Status();
  if (IsCutPreamble(first)) return Truncated("the file ends inside the preamble");
  return Bad("dicom.not-dicom", "expected DICOM, found " + std::string(Describe(first)));
}

/// The encoding to read the data set with. Its first element tells what it is; senders name the
/// wrong transfer syntax, none, or one newer than DCMTK. Only deflated data has to be believed.
E_TransferSyntax ChooseEncoding(std::string_view named_uid, std::string_view dataset_begin) {
  E_TransferSyntax named = EXS_Unknown;
  if (IsValidUid(named_uid)) named = DcmXfer(std::string(named_uid).c_str()).getXfer();
  if (named != EXS_Unknown && DcmXfer(named).getStreamCompression() != ESC_none) return named;
  const E_TransferSyntax guess = GuessEncoding(dataset_begin);
  return guess != EXS_Unknown ? guess : named;  // EXS_Unknown: DCMTK has its own way to find out
}

// --- The end of the pixel data ---

std::uint32_t ReadUint32(const unsigned char* bytes, bool big_endian) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | bytes[big_endian ? i : 3 - i];
  return value;
}

/// Walks the fragments of encapsulated pixel data that begin at `offset`, eight bytes of each.
Status CheckFragments(HeaderSource& source, std::uint64_t offset) {
  for (;;) {
    unsigned char item[8];
    if (source.PeekAt(offset, item, sizeof item) < sizeof item) {
      XNA_RETURN_IF_ERROR(source.status());
      return Truncated("the file ends inside its encapsulated pixel data");
    }
    const std::uint32_t length = ReadUint32(item + 4, false);
    const bool fragment = item[0] == 0xFE && item[1] == 0xFF && item[2] == 0x00 && item[3] == 0xE0;
    if (!fragment || length == DCM_UndefinedLength) return Status();  // delimiter, or beyond us
    offset += sizeof item + length;
  }
}

/// `offset` is where DCMTK stopped: behind the length of the pixel data, or at the end of a file
/// without pixel data.
Status CheckPixelData(HeaderSource& source, std::uint64_t offset, E_TransferSyntax encoding,
                      Completeness completeness, DicomHeader& header) {
  const bool big_endian = DcmXfer(encoding).getByteOrder() == EBO_BigEndian;
  const std::uint64_t tag_offset = DcmXfer(encoding).isExplicitVR() ? 12 : 8;
  unsigned char tag[4] = {};
  unsigned char length_bytes[4] = {};
  const bool found = offset >= tag_offset &&
                     source.PeekAt(offset - tag_offset, tag, sizeof tag) == sizeof tag &&
                     source.PeekAt(offset - 4, length_bytes, 4) == 4 &&
                     (big_endian ? tag[0] == 0x7F && tag[1] == 0xE0 && tag[3] == 0x10
                                 : tag[0] == 0xE0 && tag[1] == 0x7F && tag[2] == 0x10);
  XNA_RETURN_IF_ERROR(source.status());
  if (!found) {
    // Headers without pixels are legitimate, and some objects have none.
    if (completeness == Completeness::kWholeFile) return Status();
    return Truncated("the bytes given end before the pixel data");
  }
  const std::uint32_t length = ReadUint32(length_bytes, big_endian);
  if (length == DCM_UndefinedLength) {
    header.set_least_file_size(offset + 8);
    if (completeness == Completeness::kWholeFile) return CheckFragments(source, offset);
    return Status();
  }
  header.set_least_file_size(offset + length);
  if (completeness == Completeness::kWholeFile && offset + length > source.size()) {
    return Truncated("the pixel data has " + std::to_string(length) +
                     " bytes, the file ends after " + std::to_string(source.size() - offset));
  }
  return Status();
}

// --- The whole ---

std::string StringOf(DcmItem& item, const DcmTagKey& key) {
  OFString value;
  if (item.findAndGetOFStringArray(key, value).bad()) return std::string();
  return std::string(Trim(std::string_view(value.c_str(), value.length())));
}

Status CheckIdentity(const DicomHeader& header) {
  if (!IsValidUid(header.Get(kTagSOPClassUID)) || !IsValidUid(header.Get(kTagSOPInstanceUID))) {
    return Bad("dicom.no-sop-uid", "SOP Class UID or SOP Instance UID is missing or not a UID");
  }
  if (!IsValidUid(header.Get(kTagStudyInstanceUID))) {
    return Bad("dicom.no-study-uid", "Study Instance UID is missing or not a UID");
  }
  return Status();
}

/// Why a parse ended as it did; OK when `result` is.
Status ParseStatus(const OFCondition& result, HeaderStream& stream, const HeaderSource& source) {
  XNA_RETURN_IF_ERROR(source.status());
  if (result.good() && !stream.gave_up()) return Status();
  // A failure with every byte used up is a cut: what it looks like depends on where.
  if (stream.gave_up() && !(stream.deflated() && stream.read_all())) {
    return Bad("dicom.too-complex", "the header has more elements or nesting than any real object");
  }
  if (stream.read_all() || result == EC_StreamNotifyClient || result == EC_EndOfStream ||
      result == EC_InvalidStream) {
    return Truncated("the file ends inside the header, after " + std::to_string(source.size()) +
                     " bytes");
  }
  return Bad("dicom.bad-header", "the header cannot be read: " + std::string(result.text()));
}

/// A data set as far as it was read.
struct Parsed {
  DcmDataset dataset;
  std::string transfer_syntax;  ///< As the meta header names it.
};

/// Reads elements up to `stop`, which is not.
Status Parse(HeaderSource& source, HeaderStream& stream, const DcmTagKey& stop, Parsed* parsed) {
  PrepareDcmtk();
  char buffer[kFirstBytes];
  const std::string_view first(buffer, source.ReadAt(0, buffer, kFirstBytes));
  XNA_RETURN_IF_ERROR(source.status());
  XNA_RETURN_IF_ERROR(CheckFirstBytes(first));

  DcmMetaInfo meta;
  meta.transferInit();
  const OFCondition meta_result =
      meta.read(stream, EXS_Unknown, EGL_noChange, kHeaderValueBytesMax);
  meta.transferEnd();
  XNA_RETURN_IF_ERROR(ParseStatus(meta_result, stream, source));
  if (StringOf(meta, DCM_MediaStorageSOPClassUID) == kDicomdirUid) {
    return Bad("dicom.dicomdir", "a DICOMDIR, not an object");
  }

  char peek[8];
  const auto dataset_begin = static_cast<std::uint64_t>(stream.tell());
  const std::string_view begin(peek, source.PeekAt(dataset_begin, peek, sizeof peek));
  parsed->transfer_syntax = StringOf(meta, DCM_TransferSyntaxUID);
  DcmDataset& dataset = parsed->dataset;
  dataset.transferInit();
  const OFCondition result =
      dataset.readUntilTag(stream, ChooseEncoding(parsed->transfer_syntax, begin), EGL_noChange,
                           kHeaderValueBytesMax, stop);
  dataset.transferEnd();
  XNA_RETURN_IF_ERROR(ParseStatus(result, stream, source));
  if (dataset.tagExists(DCM_DirectoryRecordSequence)) {
    return Bad("dicom.dicomdir", "a DICOMDIR, not an object");
  }
  return Status();
}

Result<DicomHeader> Read(HeaderSource& source, Completeness completeness,
                         const std::vector<Tag>& extra) {
  HeaderStream stream(source);
  Parsed parsed;
  XNA_RETURN_IF_ERROR(Parse(source, stream, DCM_PixelData, &parsed));
  const E_TransferSyntax encoding = parsed.dataset.getOriginalXfer();
  const std::string& named = parsed.transfer_syntax;
  DicomHeader header;
  header.Add(kTagTransferSyntaxUID, IsValidUid(named) ? named : DcmXfer(encoding).getXferID());
  CollectValues(parsed.dataset, extra, header);
  if (!stream.deflated()) {
    const auto end = static_cast<std::uint64_t>(stream.tell());
    XNA_RETURN_IF_ERROR(CheckPixelData(source, end, encoding, completeness, header));
  }
  XNA_RETURN_IF_ERROR(CheckIdentity(header));
  return header;
}

Result<DicomHeader> ReadFile(const Directory& tree, std::string_view path,
                             const std::vector<Tag>& extra) {
  FileInfo info;
  XNA_ASSIGN_OR_RETURN(File file, tree.OpenRead(path, &info));
  HeaderSource source(file, info.size);
  return Read(source, Completeness::kWholeFile, extra);
}

Result<DicomIdentity> ReadFileIdentity(const Directory& tree, std::string_view path) {
  FileInfo info;
  XNA_ASSIGN_OR_RETURN(File file, tree.OpenRead(path, &info));
  HeaderSource source(file, info.size);
  const std::string_view first_block = source.FirstBlock();
  XNA_RETURN_IF_ERROR(source.status());
  if (std::optional<DicomIdentity> plain = FindPlainIdentity(first_block)) return *std::move(plain);
  HeaderStream stream(source);
  Parsed parsed;
  // Of the elements behind Instance Number none is needed.
  XNA_RETURN_IF_ERROR(Parse(source, stream, DCM_PatientOrientation, &parsed));
  DicomIdentity identity;
  identity.uid = StringOf(parsed.dataset, DCM_SOPInstanceUID);
  identity.instance_number = ParseInt(StringOf(parsed.dataset, DCM_InstanceNumber));
  const bool named =
      IsValidUid(identity.uid) && IsValidUid(StringOf(parsed.dataset, DCM_SOPClassUID));
  if (named) return identity;
  return Bad("dicom.no-sop-uid", "SOP Class UID or SOP Instance UID is missing or not a UID");
}

}  // namespace

bool LooksLikeDicom(std::string_view first_bytes) {
  return HasPreamble(first_bytes) || GuessEncoding(first_bytes) != EXS_Unknown;
}

Result<DicomHeader> ReadHeader(std::string_view bytes, Completeness completeness,
                               const std::vector<Tag>& extra) {
  HeaderSource source(bytes);
  return Read(source, completeness, extra);
}

Result<DicomHeader> ReadHeader(const Directory& tree, std::string_view path,
                               const std::vector<Tag>& extra) {
  Result<DicomHeader> header = ReadFile(tree, path, extra);
  if (header.ok()) return header;
  return std::move(header).status().WithPath(path);
}

Result<DicomIdentity> ReadIdentity(const Directory& tree, std::string_view path) {
  Result<DicomIdentity> identity = ReadFileIdentity(tree, path);
  if (identity.ok()) return identity;
  return std::move(identity).status().WithPath(path);
}

}  // namespace xnatarchive
