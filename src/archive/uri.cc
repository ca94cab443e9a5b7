#include "archive/uri.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "fs/directory.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {
namespace {

/// One level of an archive URI: its word, where its value goes, and the levels that may follow.
struct Level {
  std::string_view word;
  UriKind kind;
  std::string ParsedUri::*value;
  std::string_view next;  // words, space separated
};

constexpr std::string_view kTop = "projects subjects experiments";
constexpr std::array<Level, 8> kLevels = {{
    {"projects", UriKind::kProject, &ParsedUri::project, "subjects experiments resources"},
    {"subjects", UriKind::kSubject, &ParsedUri::subject, "experiments resources"},
    {"experiments", UriKind::kExperiment, &ParsedUri::experiment,
     "scans reconstructions assessors resources"},
    {"scans", UriKind::kScan, &ParsedUri::scan, "resources"},
    {"reconstructions", UriKind::kReconstruction, &ParsedUri::reconstruction, "in out resources"},
    {"assessors", UriKind::kAssessor, &ParsedUri::assessor, "in out resources"},
    {"resources", UriKind::kResource, &ParsedUri::resource, "files"},
    {"files", UriKind::kFile, &ParsedUri::file, ""},
}};

const Level* FindLevel(std::string_view word, std::string_view allowed) {
  for (const std::string& name : Split(allowed, ' ')) {
    if (name != word) continue;
    return std::find_if(kLevels.begin(), kLevels.end(),
                        [&](const Level& level) { return level.word == word; });
  }
  return nullptr;
}

/// "in" or "out", where one may stand.
bool IsDirection(std::string_view word, std::string_view allowed) {
  return StartsWith(allowed, "in out ") && (word == "in" || word == "out");
}

Status Malformed(std::string_view expected) {
  return Status(Code::kInvalidArgument, "uri.malformed",
                "the URI is malformed: expected " + std::string(expected));
}

/// Decoded path components. '?' and '#' would begin a query and a fragment.
Result<std::vector<std::string>> SplitUri(std::string_view uri) {
  if (uri.empty() || uri[0] != '/' || uri.find_first_of("?#") != std::string_view::npos) {
    return Malformed("a path that begins with '/'");
  }
  uri.remove_prefix(1);
  if (EndsWith(uri, "/")) uri.remove_suffix(1);
  std::vector<std::string> parts;
  for (const std::string& part : Split(uri, '/')) {
    std::optional<std::string> decoded = DecodePercent(part);
    if (!decoded.has_value() || decoded->find('/') != std::string::npos ||
        !CheckRelativePath(*decoded).ok()) {
      return Malformed("components that can be names");
    }
    parts.push_back(std::move(*decoded));
  }
  return parts;
}

/// Eight digits, '_', six or nine digits.
bool LooksLikeTimestamp(std::string_view text) {
  if (text.size() != 15 && text.size() != 18) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (i == 8 ? text[i] != '_' : !digit) return false;
  }
  return true;
}

Result<ParsedUri> ParsePrearchive(const std::vector<std::string>& parts, std::size_t i) {
  ParsedUri uri;
  uri.kind = UriKind::kPrearchive;
  const std::size_t count = parts.size() - i;
  if (count == 0) return uri;
  if (parts[i] != "projects" || count > 4) {
    return Malformed("/prearchive/projects/PROJECT/TIMESTAMP/FOLDER");
  }
  if (count == 1) {
    uri.collection = parts[i];
    return uri;
  }
  uri.kind = UriKind::kPrearchiveProject;
  if (!EqualsIgnoreCase(parts[i + 1], kUnassigned)) uri.project = parts[i + 1];
  if (count == 2) return uri;
  uri.kind = UriKind::kPrearchiveTimestamp;
  uri.timestamp = parts[i + 2];
  if (!LooksLikeTimestamp(uri.timestamp)) return Malformed("a timestamp yyyyMMdd_HHmmssSSS");
  if (count == 3) return uri;
  uri.kind = UriKind::kPrearchiveSession;
  uri.folder = parts[i + 3];
  return uri;
}

Result<ParsedUri> ParseArchive(const std::vector<std::string>& parts, std::size_t i) {
  ParsedUri uri;
  std::string_view allowed = kTop;
  while (i < parts.size()) {
    if (IsDirection(parts[i], allowed)) {
      uri.direction = parts[i];
      allowed = "resources";
      if (++i == parts.size()) return Malformed("resources");
    }
    const Level* level = FindLevel(parts[i], allowed);
    if (level == nullptr) return Malformed("one of " + std::string(allowed));
    if (++i == parts.size()) {
      uri.collection = level->word;
      break;
    }
    uri.kind = level->kind;
    std::string& value = uri.*(level->value);
    value = parts[i++];
    if (level->kind == UriKind::kFile) {
      for (; i < parts.size(); ++i) value += "/" + parts[i];
    }
    allowed = level->next;
  }
  return uri;
}

/// Percent-encodes what RFC 3986 does not call unreserved; '/' is kept.
std::string EncodePath(std::string_view path) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (letter || (c >= '0' && c <= '9') ||
        std::string_view("-._~/").find(c) != std::string::npos) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

}  // namespace

Result<ParsedUri> ParseUri(std::string_view uri) {
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> parts, SplitUri(uri));
  std::size_t i = 0;
  if (parts[i] == "data" || parts[i] == "REST") ++i;
  if (i == parts.size()) return Malformed("/archive or /prearchive");
  if (parts[i] == "prearchive") return ParsePrearchive(parts, i + 1);
  if (parts[i] == "archive") return ParseArchive(parts, i + 1);
  if (FindLevel(parts[i], kTop) == nullptr) return Malformed("/archive or /prearchive");
  return ParseArchive(parts, i);
}

std::string FormatUri(const ParsedUri& uri) {
  std::string text;
  const auto add = [&](std::string_view value) { text += "/" + EncodePath(value); };
  if (uri.kind <= UriKind::kPrearchiveSession) {
    text = "/prearchive";
    if (uri.kind >= UriKind::kPrearchiveProject) {
      add("projects");
      add(uri.project.empty() ? kUnassigned : std::string_view(uri.project));
    }
    if (uri.kind >= UriKind::kPrearchiveTimestamp) add(uri.timestamp);
    if (uri.kind >= UriKind::kPrearchiveSession) add(uri.folder);
  } else {
    text = "/archive";
    for (const Level& level : kLevels) {
      if (level.kind == UriKind::kResource && !uri.direction.empty()) add(uri.direction);
      if ((uri.*(level.value)).empty()) continue;
      add(level.word);
      add(uri.*(level.value));
    }
  }
  if (!uri.collection.empty()) add(uri.collection);
  return text;
}

}  // namespace xnatarchive
