#include "prearchive/field_source.hpp"

#include <array>
#include <charconv>
#include <unordered_set>

#include "base/text.hpp"
#include "prearchive/field_values.hpp"

namespace xnatarchive {
namespace {

std::optional<std::string> ConvertReal(std::string_view value) {
  const std::optional<double> real = ParseReal(value);
  if (!real.has_value()) return std::nullopt;
  return FormatReal(*real);
}

// In another unit. Rounded to 12 digits: 0.7 / 10 is 0.07 and not 0.06999999999999999.
std::optional<std::string> ConvertDivided(std::string_view value, double divisor) {
  const std::optional<double> real = ParseReal(value);
  if (!real.has_value()) return std::nullopt;
  std::array<char, 32> digits{};
  const std::to_chars_result end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                                 *real / divisor, std::chars_format::general, 12);
  return ConvertReal({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
}

std::optional<std::string> ConvertPair(std::string_view value) {
  const std::size_t separator = value.find('\\');
  if (separator == std::string_view::npos) return std::nullopt;
  const std::optional<std::string> first = ConvertReal(Trim(value.substr(0, separator)));
  const std::optional<std::string> second = ConvertReal(Trim(value.substr(separator + 1)));
  if (!first.has_value() || !second.has_value()) return std::nullopt;
  return *first + '\\' + *second;
}

std::optional<std::string> ConvertRotation(std::string_view value) {
  if (value == "CW") return "CW";
  if (value == "CC" || value == "CCW") return "CC";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ConvertField(FieldForm form, std::string_view value) {
  switch (form) {
    case FieldForm::kText:
      return std::string(value);
    case FieldForm::kReal:
      return ConvertReal(value);
    case FieldForm::kRealPair:
      return ConvertPair(value);
    case FieldForm::kThousandth:
      return ConvertDivided(value, 1000);
    case FieldForm::kTenth:
      return ConvertDivided(value, 10);
    case FieldForm::kNumber: {
      const std::optional<double> number = ParseReal(value);
      if (!number.has_value()) return std::nullopt;
      return FormatNumber(*number);
    }
    case FieldForm::kInteger: {
      const std::optional<std::int64_t> number = ParseInt(value);
      if (!number.has_value()) return std::nullopt;
      return std::to_string(*number);
    }
    case FieldForm::kDate:
      return DateFromDicom(value);
    case FieldForm::kTime:
      return TimeFromDicom(value);
    case FieldForm::kDateTime:
      return DateTimeFromDicom(value);
    case FieldForm::kOrientation:
      return OrientationFromDicom(value);
    case FieldForm::kTesla: {
      const std::optional<double> strength = ParseReal(value);
      if (!strength.has_value()) return std::nullopt;
      return FormatReal(FieldStrength(*strength));
    }
    case FieldForm::kRotation:
      return ConvertRotation(value);
  }
  return std::nullopt;
}

FieldSource::FieldSource(std::string what, std::vector<const DicomHeader*> headers,
                         std::vector<std::string>* log)
    : what_(std::move(what)), headers_(std::move(headers)), log_(log) {}

std::string FieldSource::Unique(const char* field, Tag tag, FieldForm form) const {
  std::string unique;
  std::string raw;  // what `unique` was made from
  for (const DicomHeader* header : headers_) {
    for (const std::string_view value : header->GetAll(tag)) {
      if (value == raw) continue;
      const std::optional<std::string> converted = ConvertField(form, value);
      if (!converted.has_value()) {
        LeftOut(field, tag, "cannot be read");
        return std::string();
      }
      if (!unique.empty() && *converted != unique) {
        LeftOut(field, tag, "has several values");
        return std::string();
      }
      unique = *converted;
      raw = value;
    }
  }
  return unique;
}

std::vector<std::string> FieldSource::Distinct(Tag tag) const {
  std::vector<std::string> distinct;
  std::unordered_set<std::string_view> seen;
  for (const DicomHeader* header : headers_) {
    for (const std::string_view value : header->GetAll(tag)) {
      if (seen.insert(value).second) distinct.emplace_back(value);
    }
  }
  return distinct;
}

void FieldSource::LeftOut(const char* field, Tag tag, const char* why) const {
  const KeptTag* kept = FindKeptTag(tag);
  log_->push_back(what_ + ": " + field + " left out, " + (kept != nullptr ? kept->keyword : "") +
                  ' ' + why);
}

}  // namespace xnatarchive
