#include "container/entry_name.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool IsSeparator(char c) { return c == '/' || c == '\\'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Length of the UTF-8 character at the beginning of `text`, or 0.
std::size_t CharacterLength(std::string_view text) {
  for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length) {
    if (IsValidUtf8(text.substr(0, length))) return length;
  }
  return 0;
}

bool IsAbsolute(std::string_view name) {
  return IsSeparator(name[0]) ||
         (name.size() > 2 && IsLetter(name[0]) && name[1] == ':' && IsSeparator(name[2]));
}

bool HasParentComponent(std::string_view name) {
  for (std::size_t begin = 0; begin <= name.size();) {
    std::size_t end = begin;
    while (end < name.size() && !IsSeparator(name[end])) ++end;
    if (name.substr(begin, end - begin) == "..") return true;
    begin = end + 1;
  }
  return false;
}

Status UnsafeName(const char* message) {
  return Status(Code::kInvalidArgument, "container.unsafe-name", message);
}

}  // namespace

ContainerFormat FormatOfName(std::string_view name) {
  struct Suffix {
    std::string_view text;
    ContainerFormat format;
  };
  static constexpr std::array<Suffix, 10> kSuffixes = {{
      {".zip", ContainerFormat::kZip},
      {".zar", ContainerFormat::kZip},
      {".tar", ContainerFormat::kTar},
      {".xar", ContainerFormat::kTar},
      {".tar.gz", ContainerFormat::kTar},
      {".tgz", ContainerFormat::kTar},
      {".tar.bz2", ContainerFormat::kTar},
      {".tbz2", ContainerFormat::kTar},
      {".tar.xz", ContainerFormat::kTar},
      {".txz", ContainerFormat::kTar},
  }};
  const std::string base = AsciiLower(name.substr(name.rfind('/') + 1));
  if (StartsWith(base, "._")) return ContainerFormat::kUnknown;
  for (const Suffix& suffix : kSuffixes) {
    if (base.size() > suffix.text.size() && EndsWith(base, suffix.text)) return suffix.format;
  }
  return ContainerFormat::kUnknown;
}

Result<std::string> CleanEntryName(std::string_view raw) {
  if (raw.empty()) return UnsafeName("the entry has no name");
  if (raw.size() > kEntryNameBytesMax) {
    return Status(Code::kInvalidArgument, "container.unsafe-name",
                  "the name has " + std::to_string(raw.size()) + " bytes, at most " +
                      std::to_string(kEntryNameBytesMax) + " are allowed");
  }
  if (IsAbsolute(raw)) return UnsafeName("the entry's name is an absolute path");
  if (HasParentComponent(raw)) return UnsafeName("the entry's name has a component ..");
  std::string clean;
  for (const std::string& component : Split(raw, '/')) {
    if (component.empty() || component == ".") continue;
    if (!clean.empty()) clean += '/';
    clean += EscapeBytes(component);
  }
  return clean;
}

std::string EscapeBytes(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  while (!raw.empty()) {
    const std::size_t length = IsControl(raw[0]) ? 0 : CharacterLength(raw);
    if (length == 0) {
      text += '%' + Hex(raw.data(), 1);
    } else {
      text += raw.substr(0, length);
    }
    raw.remove_prefix(std::max<std::size_t>(1, length));
  }
  return text;
}

}  // namespace xnatarchive
