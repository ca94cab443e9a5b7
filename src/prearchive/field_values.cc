#include "prearchive/field_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <vector>

#include "base/text.hpp"
#include "base/time.hpp"

namespace xnatarchive {
namespace {

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int TwoDigits(std::string_view text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

// `digits` is hh, hhmm or hhmmss.
std::optional<std::string> TimeFromDigits(std::string_view digits) {
  std::string hhmmss(digits);
  if (digits.size() > 6 || digits.size() % 2 != 0 || digits.empty() || !AllDigits(digits)) {
    return std::nullopt;
  }
  hhmmss.resize(6, '0');
  const std::string_view view = hhmmss;
  if (TwoDigits(view) > 23 || TwoDigits(view.substr(2)) > 59 || TwoDigits(view.substr(4)) > 60) {
    return std::nullopt;
  }
  if (view.substr(4) == "60") hhmmss.replace(4, 2, "59");  // a leap second, which XML does not have
  return hhmmss.substr(0, 2) + ':' + hhmmss.substr(2, 2) + ':' + hhmmss.substr(4, 2);
}

// Shortest digits that read back as `value`, as "d.ddde[+-]xx".
struct Scientific {
  bool negative = false;
  std::string digits;  // no trailing zeros, at least one
  int exponent = 0;    // of the first digit
};

Scientific ToScientific(double value) {
  std::array<char, 32> buffer{};
  const std::to_chars_result end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                                 std::fabs(value), std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  Scientific result;
  result.negative = std::signbit(value);
  result.digits = text.substr(0, 1);
  if (e > 2) result.digits += text.substr(2, e - 2);
  const char* exponent = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent, end.ptr, result.exponent);
  return result;
}

}  // namespace

std::optional<double> ParseReal(std::string_view text) {
  if (StartsWith(text, "+")) text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string FormatReal(double value) {
  Scientific number = ToScientific(value);
  std::string text = number.negative ? "-" : "";
  std::string& digits = number.digits;
  if (value == 0) return text + "0.0";
  if (number.exponent < -3 || number.exponent >= 7) {
    text += digits.substr(0, 1) + '.' + (digits.size() > 1 ? digits.substr(1) : "0");
    return text + 'E' + std::to_string(number.exponent);
  }
  if (number.exponent < 0) {
    return text + "0." + std::string(static_cast<std::size_t>(-1 - number.exponent), '0') + digits;
  }
  const auto whole = static_cast<std::size_t>(number.exponent) + 1;
  if (digits.size() <= whole) digits.resize(whole + 1, '0');
  return text + digits.substr(0, whole) + '.' + digits.substr(whole);
}

std::string FormatNumber(double value) {
  std::string text = FormatReal(value);
  if (EndsWith(text, ".0")) text.resize(text.size() - 2);
  return text;
}

std::optional<std::string> DateFromDicom(std::string_view value) {
  std::string digits(value);
  if (digits.size() == 10 && digits[4] == '.' && digits[7] == '.') {
    digits = digits.substr(0, 4) + digits.substr(5, 2) + digits.substr(8, 2);
  }
  if (digits.size() != 8 || !AllDigits(digits)) return std::nullopt;
  const std::string_view view = digits;
  const int year = TwoDigits(view) * 100 + TwoDigits(view.substr(2));
  if (!IsCalendarDay(year, TwoDigits(view.substr(4)), TwoDigits(view.substr(6)))) {
    return std::nullopt;
  }
  return digits.substr(0, 4) + '-' + digits.substr(4, 2) + '-' + digits.substr(6, 2);
}

std::optional<std::string> TimeFromDicom(std::string_view value) {
  std::string digits(value.substr(0, value.find('.')));
  if (digits.size() == 8 && digits[2] == ':' && digits[5] == ':') {
    digits = digits.substr(0, 2) + digits.substr(3, 2) + digits.substr(6, 2);
  }
  return TimeFromDigits(digits);
}

std::optional<std::string> DateTimeFromDicom(std::string_view value) {
  value = value.substr(0, value.find_first_of(".+-"));
  if (value.size() < 10) return std::nullopt;
  const std::optional<std::string> date = DateFromDicom(value.substr(0, 8));
  const std::optional<std::string> time = TimeFromDigits(value.substr(8));
  if (!date.has_value() || !time.has_value()) return std::nullopt;
  return *date + 'T' + *time;
}

std::optional<std::string> OrientationFromDicom(std::string_view value) {
  const std::vector<std::string> parts = Split(value, '\\');
  if (parts.size() != 6) return std::nullopt;
  std::array<double, 6> v{};
  for (std::size_t i = 0; i < v.size(); ++i) {
    const std::optional<double> component = ParseReal(Trim(parts[i]));
    if (!component.has_value()) return std::nullopt;
    v[i] = *component;
  }
  constexpr double kTolerance = 0.001;
  const double dot = v[0] * v[3] + v[1] * v[4] + v[2] * v[5];
  const double row = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
  const double column = v[3] * v[3] + v[4] * v[4] + v[5] * v[5];
  if (std::fabs(dot) > kTolerance || std::fabs(1 - row) > kTolerance ||
      std::fabs(1 - column) > kTolerance) {
    return std::nullopt;
  }
  const double x = std::fabs(v[1] * v[5] - v[2] * v[4]);
  const double y = std::fabs(v[2] * v[3] - v[0] * v[5]);
  const double z = std::fabs(v[0] * v[4] - v[1] * v[3]);
  if (x > y && x > z) return "Sag";
  return y >= x && y > z ? "Cor" : "Tra";
}

double FieldStrength(double value) {
  constexpr double kSmallestGauss = 500;
  const double tesla = value >= kSmallestGauss ? value / 10000 : value;
  return std::floor(tesla * 2 + 0.5) / 2;
}

}  // namespace xnatarchive
