#include "dicom/identify.hpp"

#include <algorithm>
#include <charconv>
#include <regex>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kRuleCharactersMax = 64;
/// Bounded because std::regex recurses for every character it looks at.
constexpr std::size_t kReplacingRuleCharactersMax = 1024;

struct Rule {
  Tag tag = 0;
  std::regex pattern;
  std::size_t group = 1;
  std::optional<std::pair<std::regex, std::string>> replacement;  ///< TARGET, REPLACEMENT
};

Status BadRule(std::string_view what) {
  return Status(
      Code::kInvalidArgument, "routing.bad-rule",
      "expected (GGGG,EEEE):REGEX[:GROUP][ t:TARGET r:REPLACEMENT]: " + std::string(what));
}

Result<std::regex> Compile(std::string_view pattern) {
  auto flags = std::regex::ECMAScript;
  if (StartsWith(pattern, "(?i)")) {
    flags |= std::regex::icase;
    pattern.remove_prefix(4);
  }
  try {
    return std::regex(pattern.begin(), pattern.end(), flags);
  } catch (const std::regex_error&) {
    return BadRule("the regular expression is malformed");
  }
}

bool ParseHex4(std::string_view text, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
  return error == std::errc() && end == text.data() + 4 && text.front() != '-';
}

/// Cuts ":GROUP" off the end of `pattern` when digits follow its last colon.
bool CutGroup(std::string_view& pattern, std::size_t& group) {
  const std::size_t colon = pattern.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return true;
  const std::string_view digits = pattern.substr(colon + 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return true;
  }
  const std::optional<std::int64_t> number = ParseInt(digits);
  if (!number) return false;
  group = static_cast<std::size_t>(*number);
  pattern = pattern.substr(0, colon);
  return true;
}

Result<Rule> ParseRule(std::string_view line) {
  Rule rule;
  std::uint32_t group_number = 0;
  std::uint32_t element_number = 0;
  if (line.size() < 13 || line[0] != '(' || line[5] != ',' || line.substr(10, 2) != "):" ||
      !ParseHex4(line.substr(1), group_number) || !ParseHex4(line.substr(6), element_number)) {
    return BadRule("no (GGGG,EEEE): at its beginning");
  }
  rule.tag = group_number << 16 | element_number;

  std::string_view pattern = line.substr(12);
  if (const std::size_t t = pattern.find(" t:"); t != std::string_view::npos) {
    const std::size_t r = pattern.rfind(" r:");
    if (r == std::string_view::npos || r < t + 3) return BadRule("\" t:\" without \" r:\"");
    XNA_ASSIGN_OR_RETURN(std::regex target, Compile(pattern.substr(t + 3, r - t - 3)));
    rule.replacement.emplace(std::move(target), std::string(pattern.substr(r + 3)));
    pattern = pattern.substr(0, t);
  }
  if (!CutGroup(pattern, rule.group)) return BadRule("the group is not a number");
  XNA_ASSIGN_OR_RETURN(rule.pattern, Compile(pattern));
  if (rule.group > rule.pattern.mark_count()) {
    return BadRule("the expression has no group " + std::to_string(rule.group));
  }
  return rule;
}

/// What the rule answers; "" when it does not match.
std::string Apply(const Rule& rule, const DicomHeader& header) {
  const std::string value(FirstCharacters(
      header.Get(rule.tag), rule.replacement ? kReplacingRuleCharactersMax : kRuleCharactersMax));
  if (value.empty()) return std::string();
  try {
    std::smatch match;
    if (!std::regex_match(value, match, rule.pattern)) return std::string();
    std::string captured = match[rule.group].str();
    if (!rule.replacement) return captured;
    return std::regex_replace(captured, rule.replacement->first, rule.replacement->second);
  } catch (const std::regex_error&) {
    return std::string();  // an expression too complex for this value
  }
}

bool IsSeparator(char c) { return c == ',' || c == ';' || c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsSpace(char c) { return IsSeparator(c) && c != ',' && c != ';'; }
bool IsValueCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-';
}

/// Reads what follows a key at `position`: the value, or nullopt when this is not an assignment.
std::optional<std::string> AssignedValue(std::string_view text, std::size_t position) {
  const auto skip_space = [&] {
    while (position < text.size() && IsSpace(text[position])) ++position;
  };
  skip_space();
  if (position == text.size() || text[position] != ':') return std::nullopt;
  const std::size_t behind_colon = ++position;
  skip_space();
  std::size_t end = position;
  while (end < text.size() && IsValueCharacter(text[end])) ++end;
  if (end == text.size() || IsSeparator(text[end])) {
    return std::string(text.substr(position, end - position));
  }
  // "Key: a.b": an empty value that the white space ends.
  if (position > behind_colon) return std::string();
  return std::nullopt;
}

/// Everything the sources say to one question, in their order.
Result<std::vector<std::string>> Answers(const DicomHeader& header,
                                         const std::vector<std::string>& rules,
                                         std::string_view key, const std::vector<Tag>& elements) {
  std::vector<std::string> answers;
  const auto add = [&](std::string answer) {
    if (!answer.empty() && std::find(answers.begin(), answers.end(), answer) == answers.end()) {
      answers.push_back(std::move(answer));
    }
  };
  for (const std::string& line : rules) {
    XNA_ASSIGN_OR_RETURN(const Rule rule, ParseRule(line));
    add(Apply(rule, header));
  }
  for (const Tag tag : {kTagPatientComments, kTagStudyComments, kTagAdditionalPatientHistory}) {
    add(FindAssignment(header.Get(tag), key).value_or(std::string()));
  }
  for (const Tag tag : elements) add(std::string(header.Get(tag)));
  return answers;
}

std::optional<bool> ParseBool(std::string_view text) {
  if (EqualsIgnoreCase(text, "t") || EqualsIgnoreCase(text, "true")) return true;
  if (EqualsIgnoreCase(text, "f") || EqualsIgnoreCase(text, "false")) return false;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> FindAssignment(std::string_view text, std::string_view key) {
  text = Trim(text);
  if (text.size() < key.size() || text.find_first_of("\r\n") != std::string_view::npos) {
    return std::nullopt;
  }
  for (std::size_t i = text.size() - key.size() + 1; i-- > 0;) {
    if (i > 0 && !IsSeparator(text[i - 1])) continue;
    if (!EqualsIgnoreCase(text.substr(i, key.size()), key)) continue;
    if (auto value = AssignedValue(text, i + key.size())) return value;
  }
  return std::nullopt;
}

Status CheckRoutingRule(std::string_view line) {
  const Result<Rule> rule = ParseRule(line);
  return rule.ok() ? Status() : rule.status();
}

std::vector<Tag> RoutingTags(const RoutingRules& rules) {
  std::vector<Tag> tags;
  for (const auto* lines : {&rules.project, &rules.subject, &rules.session, &rules.auto_archive}) {
    for (const std::string& line : *lines) {
      const Result<Rule> rule = ParseRule(line);
      if (rule.ok()) tags.push_back(rule->tag);
    }
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

Result<Identity> Identify(const DicomHeader& header, const RoutingRules& rules) {
  Identity identity;
  XNA_ASSIGN_OR_RETURN(
      identity.project_candidates,
      Answers(header, rules.project, "Project", {kTagStudyDescription, kTagAccessionNumber}));
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> subjects,
                       Answers(header, rules.subject, "Subject", {kTagPatientName}));
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> sessions,
                       Answers(header, rules.session, "Session", {kTagPatientID}));
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> auto_archive,
                       Answers(header, rules.auto_archive, "AA", {}));
  if (!subjects.empty()) identity.subject = SanitiseLabel(subjects.front());
  identity.session = SanitiseLabel(sessions.empty() ? kDefaultSessionLabel : sessions.front());
  if (!auto_archive.empty()) identity.auto_archive = ParseBool(auto_archive.front());
  return identity;
}

}  // namespace xnatarchive
