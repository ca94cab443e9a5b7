// field_source.hpp - one value from many headers.
//
// A scan has one repetition time, but its files each state theirs. A field takes the value that all
// files agree on; when they contradict each other it is left out, because a wrong value in a
// session document is worse than none, and the log says so.
#ifndef XNATARCHIVE_PREARCHIVE_FIELD_SOURCE_HPP_
#define XNATARCHIVE_PREARCHIVE_FIELD_SOURCE_HPP_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dicom/header.hpp"

namespace xnatarchive {

/// How a DICOM value is spelled in the document (field_values.hpp).
enum class FieldForm {
  kText,        ///< As it is; several values joined by '\'.
  kReal,        ///< Java's double: "2300.0".
  kRealPair,    ///< Two reals joined by '\'.
  kThousandth,  ///< A real divided by 1000: micro to milli.
  kTenth,       ///< A real divided by 10: millimetres to centimetres.
  kNumber,      ///< A number without needless decimals: "9".
  kInteger,     ///< A whole number: "256".
  kDate,
  kTime,
  kDateTime,
  kOrientation,
  kTesla,
  kRotation,  ///< "CW" or "CC"; the "CCW" that one vendor writes becomes "CC".
};

/// nullopt for a value that is not what `form` asks for.
std::optional<std::string> ConvertField(FieldForm form, std::string_view value);

/// One field of a session document and the element its value comes from. When several rows have
/// the same path, the first that has a value counts.
struct FieldRow {
  const char* path;  ///< For Scan::Set or SessionDocument::Set.
  Tag tag;
  FieldForm form = FieldForm::kText;
};

/// The headers of one scan, or of a whole session. A missing value contradicts nothing.
class FieldSource {
 public:
  /// `what` begins the log lines, such as "scan 4". The log outlives this; headers need not be
  /// distinct but cost time if they are not.
  FieldSource(std::string what, std::vector<const DicomHeader*> headers,
              std::vector<std::string>* log);

  const std::vector<const DicomHeader*>& headers() const { return headers_; }

  /// The converted value all headers and frames agree on. Empty when none has one, and, with a line
  /// in the log that names `field`, when values differ or one cannot be converted.
  std::string Unique(const char* field, Tag tag, FieldForm form) const;
  /// Every distinct value as it is, in order of appearance.
  std::vector<std::string> Distinct(Tag tag) const;
  /// Says in the log that `field` is left out.
  void LeftOut(const char* field, Tag tag, const char* why) const;

 private:
  std::string what_;
  std::vector<const DicomHeader*> headers_;
  std::vector<std::string>* log_;
};

/// Sets every row that has a value on a Scan or a SessionDocument.
template <typename Target>
void SetRows(const FieldSource& source, const std::vector<FieldRow>& rows, Target& target) {
  for (const FieldRow& row : rows) {
    if (!target.Get(row.path).empty()) continue;
    const std::string value = source.Unique(row.path, row.tag, row.form);
    if (!value.empty()) target.Set(row.path, value);
  }
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_FIELD_SOURCE_HPP_
