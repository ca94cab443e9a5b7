#include "container/bag_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {
namespace {

struct Escape {
  char plain;
  std::string_view encoded;
};

constexpr std::array<Escape, 3> kEscapes = {{{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}}};

std::string EncodeBagPath(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    const auto* const escape = std::find_if(kEscapes.begin(), kEscapes.end(),
                                            [&](const Escape& e) { return e.plain == c; });
    if (escape == kEscapes.end()) {
      encoded += c;
    } else {
      encoded += escape->encoded;
    }
  }
  return encoded;
}

/// Undoes EncodeBagPath. Any other '%' stays: programs that follow older versions do not encode it.
std::string DecodeBagPath(std::string_view encoded) {
  std::string path;
  while (!encoded.empty()) {
    const auto* const escape = std::find_if(kEscapes.begin(), kEscapes.end(), [&](const Escape& e) {
      return EqualsIgnoreCase(encoded.substr(0, e.encoded.size()), e.encoded);
    });
    path += escape == kEscapes.end() ? encoded.front() : escape->plain;
    encoded.remove_prefix(escape == kEscapes.end() ? 1 : escape->encoded.size());
  }
  return path;
}

/// The next line, ended by LF, CR or CRLF, which is taken off `text`.
std::string_view TakeLine(std::string_view* text) {
  const std::size_t end = std::min(text->find_first_of("\r\n"), text->size());
  const std::string_view line = text->substr(0, end);
  const std::size_t ends = text->substr(end, 2) == "\r\n" ? 2 : 1;
  text->remove_prefix(std::min(end + ends, text->size()));
  return line;
}

/// The value of a "Name: value" line; empty when it is another name's.
std::string_view ValueOf(std::string_view line, std::string_view name) {
  if (!StartsWith(line, name) || line.substr(name.size(), 1) != ":") return {};
  return Trim(line.substr(name.size() + 1));
}

bool IsHex(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

}  // namespace

std::string WriteBagDeclaration() {
  return "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
}

Result<std::string> ParseBagDeclaration(std::string_view text) {
  const std::string version(ValueOf(TakeLine(&text), "BagIt-Version"));
  const std::string_view encoding = ValueOf(TakeLine(&text), "Tag-File-Character-Encoding");
  if (version.empty() || encoding.empty()) {
    return Status(Code::kCorruption, "bag.bad-declaration",
                  "expected the lines BagIt-Version and Tag-File-Character-Encoding");
  }
  constexpr std::array<std::string_view, 6> kVersions = {"0.93", "0.94", "0.95",
                                                         "0.96", "0.97", "1.0"};
  if (std::find(kVersions.begin(), kVersions.end(), version) == kVersions.end()) {
    return Status(Code::kUnsupported, "bag.unsupported-version",
                  "the bag's version is not one of 0.93 to 0.97 and 1.0");
  }
  if (!EqualsIgnoreCase(encoding, "UTF-8")) {
    return Status(Code::kUnsupported, "bag.unsupported-encoding",
                  "the bag's tag files are not in UTF-8");
  }
  return version;
}

std::string WriteBagInfo(const std::vector<std::pair<std::string, std::string>>& elements) {
  std::string text;
  for (const auto& [name, value] : elements) text.append(name).append(": ").append(value) += '\n';
  return text;
}

std::string BagManifestLine(std::string_view digest, std::string_view path) {
  return std::string(digest) + "  " + EncodeBagPath(path) + "\n";
}

Result<BagManifest> ParseBagManifest(std::string_view text) {
  BagManifest manifest;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = TakeLine(&text);
    if (Trim(line).empty()) continue;
    const std::size_t digest_end = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view digest = line.substr(0, digest_end);
    std::string_view rest = line.substr(digest_end);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (StartsWith(rest, "*")) rest.remove_prefix(1);  // md5sum's mark of a binary file
    if (StartsWith(rest, "./")) rest.remove_prefix(2);
    std::string path = DecodeBagPath(rest);
    const bool valid = IsHex(digest) && CheckSafePath(path).ok();
    std::string lower = AsciiLower(digest);
    if (!valid || manifest.emplace(std::move(path), lower).first->second != lower) {
      return Status(Code::kCorruption, "bag.bad-manifest",
                    "line " + std::to_string(number) +
                        " is not a digest and a path below the bag that stands there once");
    }
  }
  return manifest;
}

std::string BagManifestAlgorithm(std::string_view name, std::string_view prefix) {
  constexpr std::string_view kEnd = ".txt";
  if (!StartsWith(name, prefix) || !EndsWith(name, kEnd)) return {};
  if (name.size() <= prefix.size() + kEnd.size()) return {};
  return AsciiLower(name.substr(prefix.size(), name.size() - prefix.size() - kEnd.size()));
}

}  // namespace xnatarchive
