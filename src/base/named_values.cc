#include "base/named_values.hpp"

#include <iterator>

#include "base/text.hpp"

namespace xnatarchive {

void AppendNamedValue(std::string_view name, std::string_view value, std::string* text) {
  *text += EncodePercent(name, "=") + "=" + EncodePercent(value) + "\n";
}

std::string WriteNamedValues(const NamedValues& values) {
  std::string text;
  for (const auto& [name, value] : values) AppendNamedValue(name, value, &text);
  return text;
}

std::optional<NamedValues> ParseNamedValues(std::string_view text) {
  auto lines = ParseNamedValueLines(text);
  if (!lines) return std::nullopt;
  return NamedValues(std::make_move_iterator(lines->begin()),
                     std::make_move_iterator(lines->end()));
}

std::optional<std::vector<std::pair<std::string, std::string>>> ParseNamedValueLines(
    std::string_view text) {
  std::vector<std::pair<std::string, std::string>> values;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const std::size_t equals = line.find('=');
    if (end == std::string_view::npos || equals == std::string_view::npos) return std::nullopt;
    auto name = DecodePercent(line.substr(0, equals));
    auto value = DecodePercent(line.substr(equals + 1));
    if (!name || name->empty() || !value) return std::nullopt;
    values.emplace_back(*std::move(name), *std::move(value));
    text.remove_prefix(end + 1);
  }
  return values;
}

}  // namespace xnatarchive
