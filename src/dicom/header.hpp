// header.hpp - what a DICOM file says about itself, without its pixels.
//
// ReadHeader reads up to the pixel data and no further, from memory or through a Directory. Large
// values in front of the pixels are passed over without being read. The result is a compact value:
// a session has many thousand of them.
//
// Hostile input is bounded: a header may not take more work, nesting or time than any real one
// (reason "dicom.too-complex"), and a value longer than kHeaderValueBytesMax is left out.
#ifndef XNATARCHIVE_DICOM_HEADER_HPP_
#define XNATARCHIVE_DICOM_HEADER_HPP_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/tags.hpp"
#include "fs/directory.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// A longer value is treated as absent. The longest text of the standard that we keep (LT) has
/// 10,240 characters.
inline constexpr std::size_t kHeaderValueBytesMax = 64 * 1024;
/// Distinct values kept of one element of a multi-frame object.
inline constexpr std::size_t kFrameValuesMax = 256;

/// The kept elements (tags.hpp) of one DICOM object.
///
/// A value is UTF-8 text without control characters other than tab, line feed and carriage return;
/// the padding of the file is trimmed; several values of one element are joined by '\'. Numbers
/// are decimal text. A code sequence has the Code Meaning of its items. An element without a value
/// is the same as an absent one.
///
/// Elements absent from the top level are looked up in the radiopharmaceutical sequence and in the
/// shared and per-frame functional groups. Frames may differ: Get returns the first frame's value,
/// GetAll every distinct one in order of appearance.
class DicomHeader {
 public:
  bool Has(Tag tag) const { return !Get(tag).empty(); }
  /// Returns the value, or "" when there is none. Valid until the header changes.
  std::string_view Get(Tag tag) const;
  std::vector<std::string_view> GetAll(Tag tag) const;

  /// Adds one more distinct value; an empty one, one that is there, and those beyond
  /// kFrameValuesMax are left out. `value` must already be as described above.
  void Add(Tag tag, std::string_view value);
  /// Removes every value of the element. With SOPInstanceUID and what else differs between the
  /// instances of a series removed, their headers are equal and can be kept once.
  void Remove(Tag tag);

  /// Text that Decode turns into an equal header: "GGGGEEEEvalue" lines, percent-encoded. For
  /// keeping headers on disk; the format may change between versions of the library.
  std::string Encode() const;
  /// kCorruption "dicom.bad-note" for anything else.
  static Result<DicomHeader> Decode(std::string_view text);

  /// The fewest bytes the whole file must have, going by what the header claims about the pixel
  /// data; 0 when it does not tell. For callers that read a prefix and learn the size later. Not
  /// part of Encode or of equality.
  std::uint64_t least_file_size() const { return least_file_size_; }
  void set_least_file_size(std::uint64_t bytes) { least_file_size_ = bytes; }

  friend bool operator==(const DicomHeader& a, const DicomHeader& b);
  friend bool operator!=(const DicomHeader& a, const DicomHeader& b) { return !(a == b); }

 private:
  struct Value {
    Tag tag;
    std::uint32_t begin;  ///< In text_.
    std::uint32_t size;
  };
  std::string_view Text(const Value& value) const;
  std::vector<Value>::const_iterator Find(Tag tag) const;

  std::vector<Value> values_;  ///< By tag; values of one tag in order of appearance.
  std::string text_;
  std::uint64_t least_file_size_ = 0;
};

/// What ReadHeader was given.
enum class Completeness {
  kWholeFile,  ///< Every byte: pixel data that ends before its length says so is found out.
  kPrefix,     ///< The first bytes; all that stands before the pixel data, at least.
};

/// Reads the header of a DICOM object in any transfer syntax, with or without preamble and meta
/// header. `extra` names top-level elements to keep beside tags.hpp (see RoutingTags).
///
/// Every failure is kCorruption:
///   "dicom.not-dicom"     something else: text, JPEG, an AppleDouble "._" file, ...
///   "dicom.dicomdir"      a DICOMDIR, which is an index of other files
///   "dicom.truncated"     empty, cut inside the header, or shorter than its pixel data claims
///                         (which deflated files do not tell). Given a prefix: try a longer one.
///   "dicom.bad-header"    DICOM, but its structure makes no sense
///   "dicom.too-complex"   more elements or deeper nesting than any real object has
///   "dicom.no-sop-uid"    SOP Class or SOP Instance UID missing or not a UID
///   "dicom.no-study-uid"  Study Instance UID missing or not a UID
///
/// Threads: any number at once. DCMTK writes its warnings to standard error unless told otherwise;
/// its loggers "dcmtk.dcmdata" and "dcmtk.ofstd" are switched off on first use, unless the host
/// program has given them a level itself.
Result<DicomHeader> ReadHeader(std::string_view bytes, Completeness completeness,
                               const std::vector<Tag>& extra = {});

/// The same for a file; reads only the blocks it needs. Also returns the failures of
/// Directory::OpenRead and File::ReadAt. Failures carry `path`.
Result<DicomHeader> ReadHeader(const Directory& tree, std::string_view path,
                               const std::vector<Tag>& extra = {});

/// What tells one object from all others, and its place among those of its series.
struct DicomIdentity {
  std::string uid;  ///< SOP Instance UID.
  std::optional<std::int64_t> instance_number;
};

/// Reads no further than that, so that a file that is cut behind it has an identity, too. Failures
/// as of ReadHeader; kCorruption for what is no DICOM object.
Result<DicomIdentity> ReadIdentity(const Directory& tree, std::string_view path);

/// Says whether a file that begins with these bytes can be DICOM; 140 bytes decide. For choosing a
/// handler: ReadHeader is the judge.
bool LooksLikeDicom(std::string_view first_bytes);

/// 1 to 64 characters of [0-9.].
bool IsValidUid(std::string_view text);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DICOM_HEADER_HPP_
