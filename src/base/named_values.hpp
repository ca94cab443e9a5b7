// named_values.hpp - names and values as lines of text, for columns and files that keep requests.
#ifndef XNATARCHIVE_BASE_NAMED_VALUES_HPP_
#define XNATARCHIVE_BASE_NAMED_VALUES_HPP_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xnatarchive {

/// Appends a line "name=value". Both are percent-encoded, so that a line is a line whatever is in
/// it; a name is not empty.
void AppendNamedValue(std::string_view name, std::string_view value, std::string* text);
/// The lines that were written, in their order; a name may be there more than once. nullopt for
/// anything else.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseNamedValueLines(
    std::string_view text);

using NamedValues = std::map<std::string, std::string>;
std::string WriteNamedValues(const NamedValues& values);
std::optional<NamedValues> ParseNamedValues(std::string_view text);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_BASE_NAMED_VALUES_HPP_
