#include "xml/session_values.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "base/time.hpp"
#include "xml/digits.hpp"
#include "xml/session_schema.hpp"

namespace xnatarchive {
namespace {

using Attributes = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kPrefix = "xnat:";

/// One digit or more.
bool SkipDigits(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(end);
  return end > 0;
}

/// Nothing, or ".5".
bool SkipFraction(std::string_view& text) { return !ReadChar(text, '.') || SkipDigits(text); }

bool ReadDate(std::string_view& text) {
  const int year = ReadDigits(text, 4, 4);
  if (!ReadChar(text, '-')) return false;
  const int month = ReadDigits(text, 2, 2);
  if (!ReadChar(text, '-')) return false;
  return IsCalendarDay(year, month, ReadDigits(text, 2, 2));
}

bool ReadTime(std::string_view& text) {
  const int hour = ReadDigits(text, 2, 2);
  if (!ReadChar(text, ':')) return false;
  const int minute = ReadDigits(text, 2, 2);
  if (!ReadChar(text, ':')) return false;
  const int second = ReadDigits(text, 2, 2);
  if (hour == 24) return minute == 0 && second == 0;  // without a fraction
  if (!SkipFraction(text)) return false;
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
}

/// Nothing, "Z" or "+01:00".
bool ReadZone(std::string_view& text) {
  if (text.empty() || ReadChar(text, 'Z')) return true;
  if (!ReadChar(text, '+') && !ReadChar(text, '-')) return false;
  const int hour = ReadDigits(text, 2, 2);
  if (!ReadChar(text, ':')) return false;
  const int minute = ReadDigits(text, 2, 2);
  return hour >= 0 && minute >= 0 && minute < 60 && (hour < 14 || (hour == 14 && minute == 0));
}

/// Counts with their letters, each once and in this order: "1Y2M". Whether there was one.
bool ReadCounts(std::string_view& text, std::string_view letters) {
  bool any = false;
  for (const char letter : letters) {
    std::string_view rest = text;
    if (!SkipDigits(rest) || (letter == 'S' && !SkipFraction(rest))) continue;
    if (!ReadChar(rest, letter)) continue;
    text = rest;
    any = true;
  }
  return any;
}

bool IsDuration(std::string_view text) {
  ReadChar(text, '-');
  if (!ReadChar(text, 'P')) return false;
  const bool days = ReadCounts(text, "YMD");
  if (ReadChar(text, 'T')) return ReadCounts(text, "HMS") && text.empty();
  return days && text.empty();
}

bool IsInteger(std::string_view text) {
  if (!ReadChar(text, '-')) ReadChar(text, '+');
  return SkipDigits(text) && text.empty();
}

bool IsFloat(std::string_view text) {
  if (!ReadChar(text, '-')) ReadChar(text, '+');
  for (const char* word : {"INF", "Infinity", "NaN"}) {
    if (EqualsIgnoreCase(text, word)) return true;
  }
  if (text.empty() || (text[0] != '.' && (text[0] < '0' || text[0] > '9'))) return false;
  double number = 0;
  const std::from_chars_result read =
      std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec != std::errc::invalid_argument && read.ptr == text.data() + text.size();
}

bool IsBoolean(std::string_view text) {
  return text == "0" || text == "1" || EqualsIgnoreCase(text, "true") ||
         EqualsIgnoreCase(text, "false");
}

bool IsOneOf(std::string_view text, std::string_view values) {
  const std::vector<std::string> all = Split(values, '|');
  return std::any_of(all.begin(), all.end(),
                     [&](const std::string& one) { return EqualsIgnoreCase(one, text); });
}

/// What is wrong with a value that is not of the type.
std::string Problem(std::string_view value) {
  if (value == "date") return "is no date (yyyy-MM-dd)";
  if (value == "time") return "is no time (HH:mm:ss)";
  if (value == "dateTime") return "is no date with a time (yyyy-MM-ddTHH:mm:ss)";
  if (value == "duration") return "is no duration (P1DT2H3M4S)";
  if (value == "integer") return "is no whole number";
  if (value == "float") return "is no number";
  if (value == "boolean") return "is neither true nor false";
  return "is none of " + Join(Split(value, '|'), ", ");
}

/// Checks an element of one schema type, and what is below it. `path` is the element's, with a '/'
/// at its end; names are put together only for what is found.
class ValueCheck {
 public:
  void Check(std::string_view type, const Attributes& attributes,
             const std::vector<XmlElement>& children, const std::string& path) {
    for (const SchemaChild& known : SchemaChildren(type)) {
      if (known.attribute) {
        CheckAttribute(known, attributes, path);
      } else {
        CheckElements(known, children, path);
      }
    }
  }
  std::vector<std::string> Take() { return std::move(problems_); }

 private:
  void CheckText(const SchemaChild& known, std::string_view text, const std::string& path) {
    if (known.value.empty() && !known.required) return;
    if (Trim(text).empty()) {
      if (known.required) Add(known, path, "is missing");
    } else if (!known.value.empty() && !IsOfType(text, known.value)) {
      Add(known, path, Problem(known.value));
    }
  }

  void CheckAttribute(const SchemaChild& known, const Attributes& attributes,
                      const std::string& path) {
    const auto at = std::find_if(attributes.begin(), attributes.end(),
                                 [&](const auto& one) { return one.first == known.name; });
    CheckText(known, at == attributes.end() ? std::string_view() : at->second, path);
  }

  void CheckElements(const SchemaChild& known, const std::vector<XmlElement>& children,
                     const std::string& path) {
    bool any = false;
    for (const XmlElement& child : children) {
      const std::string_view name = child.name;
      if (!StartsWith(name, kPrefix) || name.substr(kPrefix.size()) != known.name) continue;
      any = true;
      CheckText(known, child.text, path);
      if (known.type.empty()) continue;
      Check(known.type, child.attributes, child.children, path + std::string(known.name) + '/');
    }
    if (!any) CheckText(known, "", path);
  }

  /// Of an element that is repeated, once.
  void Add(const SchemaChild& known, const std::string& path, const std::string& what) {
    std::string problem =
        path + (known.attribute ? "@" : "") + std::string(known.name) + ' ' + what;
    if (problems_.empty() || problems_.back() != problem) problems_.push_back(std::move(problem));
  }

  std::vector<std::string> problems_;
};

}  // namespace

bool IsOfType(std::string_view text, std::string_view value) {
  text = Trim(text);
  if (value == "date") return ReadDate(text) && ReadZone(text) && text.empty();
  if (value == "time") return ReadTime(text) && ReadZone(text) && text.empty();
  if (value == "dateTime") {
    const bool parted = ReadDate(text) && (ReadChar(text, 'T') || ReadChar(text, ' '));
    return parted && ReadTime(text) && ReadZone(text) && text.empty();
  }
  if (value == "duration") return IsDuration(text);
  if (value == "integer") return IsInteger(text);
  if (value == "float") return IsFloat(text);
  if (value == "boolean") return IsBoolean(text);
  return IsOneOf(text, value);
}

std::vector<std::string> FindBadValues(const SessionDocument& session) {
  ValueCheck check;
  check.Check(SessionSchemaType(session.xsi_type), session.attributes, session.elements, "");
  return check.Take();
}

std::vector<std::string> FindBadValues(const Scan& scan) {
  ValueCheck check;
  check.Check(ScanSchemaType(scan.xsi_type), scan.attributes, scan.elements, "");
  return check.Take();
}

}  // namespace xnatarchive
