#include "prearchive/series_filter.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "prearchive/scan_fields.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kValueCharactersMax = 300;  // XNAT's; also std::regex recurses for each

// An expression comes from an administrator, but a mistake in it must not stop the host: it is
// matched in a time that grows with its size only, and its size is bounded.
#ifdef __GLIBCXX__
constexpr auto kSyntax = std::regex::ECMAScript | std::regex::icase |
                         std::regex_constants::__polynomial;  // without references to groups
#else
constexpr auto kSyntax = std::regex::ECMAScript | std::regex::icase;
#endif
constexpr std::size_t kPatternBytesMax = 1000;
constexpr std::size_t kPatternGroupsMax = 50;
constexpr std::uint64_t kPatternWorkMax = 3000;  // bytes, times all counts such as {3,5}

/// Counts what is in classes and escaped, too: an expression that means so many is a mistake.
bool IsTooLarge(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) return true;
  std::uint64_t repeats = 1;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') continue;
    const std::string_view counts = pattern.substr(i + 1, pattern.find('}', i) - i - 1);
    for (const std::string& count : Split(counts, ',')) {
      const std::optional<std::int64_t> number = ParseInt(count);
      if (number && *number > 1) repeats *= std::min<std::uint64_t>(*number, kPatternBytesMax + 1);
      if (repeats * pattern.size() > kPatternWorkMax) return true;
    }
  }
  return std::count(pattern.begin(), pattern.end(), '(') > static_cast<int>(kPatternGroupsMax);
}

Status Malformed(std::size_t line, const std::string& what) {
  return Status(Code::kInvalidArgument, "filter.malformed",
                "line " + std::to_string(line) + ": " + what);
}

/// "0028,0301", "(0028,0301)", "00280301", or a keyword of tags.hpp.
std::optional<Tag> ParseElement(std::string_view text) {
  for (const KeptTag& known : KeptTags()) {
    if (EqualsIgnoreCase(known.keyword, text)) return known.tag;
  }
  std::string digits;
  for (const char c : text) {
    if (c != '(' && c != ')' && c != ',') digits += c;
  }
  Tag tag = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, tag, 16);
  if (digits.size() != 8 || error != std::errc() || stopped != end) return std::nullopt;
  return tag;
}

std::vector<std::string> SplitLines(std::string_view text) {
  std::string unified;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool spelled_out = text.substr(i, 2) == "\\n";
    unified += spelled_out ? '\n' : text[i];
    if (spelled_out) ++i;
  }
  return Split(unified, '\n');
}

}  // namespace

Result<SeriesFilter> SeriesFilter::Parse(std::string_view text) {
  SeriesFilter filter;
  if (Trim(text).empty()) return filter;
  XNA_ASSIGN_OR_RETURN(List list, ParseList(text));
  filter.lists_.push_back(std::move(list));
  return filter;
}

Result<SeriesFilter::List> SeriesFilter::ParseList(std::string_view text) {
  const std::vector<std::string> lines = SplitLines(Trim(text));
  List list;
  const std::string_view mode = Trim(lines.front());
  if (EqualsIgnoreCase(mode, "whitelist")) {
    list.mode = Mode::kWhitelist;
  } else if (!EqualsIgnoreCase(mode, "blacklist")) {
    return Malformed(1, "expected whitelist or blacklist");
  }
  Tag tag = kTagSeriesDescription;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string_view line = Trim(lines[i]);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[' && line.back() == ']') {
      const auto element = ParseElement(Trim(line.substr(1, line.size() - 2)));
      if (!element) return Malformed(i + 1, "expected [GGGG,EEEE] or a known keyword");
      tag = *element;
      continue;
    }
    Line& parsed = list.lines.emplace_back();
    parsed.tag = tag;
    if (line == "EXISTS" || line == "!EXISTS") {
      parsed.test = line == "EXISTS" ? Test::kExists : Test::kAbsent;
      continue;
    }
    if (IsTooLarge(line)) return Malformed(i + 1, "the regular expression is too large");
    try {
      parsed.pattern = std::regex(line.begin(), line.end(), kSyntax);
    } catch (const std::regex_error&) {
      return Malformed(i + 1, "the regular expression is malformed");
    }
  }
  if (list.lines.empty()) return Malformed(lines.size(), "expected a regular expression");
  return list;
}

void SeriesFilter::Restrict(const SeriesFilter& other) {
  lists_.insert(lists_.end(), other.lists_.begin(), other.lists_.end());
}

std::vector<Tag> SeriesFilter::Tags() const {
  std::vector<Tag> tags;
  for (const List& list : lists_) {
    for (const Line& line : list.lines) tags.push_back(line.tag);
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

bool SeriesFilter::Matches(const Line& line, const std::string& value) {
  if (line.test != Test::kMatches) return value.empty() == (line.test == Test::kAbsent);
  if (value.empty()) return false;
  const std::string_view searched = FirstCharacters(value, kValueCharactersMax);
  try {
    return std::regex_search(searched.begin(), searched.end(), line.pattern);
  } catch (const std::regex_error&) {
    return false;  // an expression too complex for this value
  }
}

bool SeriesFilter::MayTake(const List& list, const ValueOf& value_of) {
  bool unknown = false;
  for (const Line& line : list.lines) {
    const std::optional<std::string> value = value_of(line.tag);
    if (!value) {
      unknown = true;
    } else if (Matches(line, *value)) {
      return list.mode == Mode::kWhitelist;
    }
  }
  return list.mode == Mode::kBlacklist || unknown;
}

bool SeriesFilter::MayTake(const ValueOf& value_of) const {
  return std::all_of(lists_.begin(), lists_.end(),
                     [&](const List& list) { return MayTake(list, value_of); });
}

bool SeriesFilter::Takes(const DicomHeader& header) const {
  return MayTake([&](Tag tag) { return std::optional<std::string>(header.Get(tag)); });
}

std::vector<std::string> FilteredScans(const SeriesFilter& filter,
                                       const SessionDocument& document) {
  std::vector<std::string> filtered;
  if (filter.TakesEverything()) return filtered;
  for (const Scan& scan : document.scans) {
    const auto value_of = [&](Tag tag) -> std::optional<std::string> {
      const char* const path = ScanPath(scan.xsi_type, tag);
      std::string value = path == nullptr ? std::string() : scan.Get(path);
      if (value.empty()) return std::nullopt;
      return value;
    };
    if (!filter.MayTake(value_of)) filtered.push_back(scan.id);
  }
  return filtered;
}

}  // namespace xnatarchive
