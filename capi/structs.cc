#include "structs.hpp"

#include <algorithm>

#include "guard.hpp"

namespace xnatarchive::capi {
namespace {

/// Names and values a call can have: far more than any has.
constexpr std::size_t kTextsMax = 1 << 20;

/// Length of the UTF-8 sequence at `at`, 0 when it is none (RFC 3629: no surrogates, no overlong
/// forms, up to U+10FFFF).
std::size_t SequenceLength(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) > 0x8F;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

/// Whether a document can hold the character: not most control characters, U+FFFE and U+FFFF.
bool IsXmlChar(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence.front());
  const bool space = first == '\t' || first == '\n' || first == '\r';
  return (first >= 0x20 || space) && sequence != "\uFFFE" && sequence != "\uFFFF";
}

Status BadText(std::string_view what, const char* why) {
  return Status(Code::kInvalidArgument, "capi.bad-text", std::string(what) + " " + why);
}

}  // namespace

template <>
xna_engine_options Defaults() {
  xna_engine_options value;
  std::memset(&value, 0, sizeof value);
  value.struct_size = sizeof value;
  value.threads = 1;
  return value;
}

template <>
xna_verify_request Defaults() {
  xna_verify_request value;
  std::memset(&value, 0, sizeof value);
  value.struct_size = sizeof value;
  value.sample_percent = 100;
  return value;
}

template <>
xna_entry Defaults() {
  xna_entry value;
  std::memset(&value, 0, sizeof value);
  value.struct_size = sizeof value;
  value.instance_number = -1;
  return value;
}

Status CheckStruct(const void* from, std::size_t known_size, std::uint32_t known_flags) {
  std::uint32_t head[2];
  std::memcpy(head, from, sizeof head);
  const std::size_t size = head[0];
  if (!IsStructSize(size)) {
    return Status(Code::kInvalidArgument, "capi.bad-struct-size",
                  "struct_size is " + std::to_string(size) + ": xna_*_init sets it");
  }
  const auto* bytes = static_cast<const char*>(from);
  if (size > known_size &&
      std::any_of(bytes + known_size, bytes + size, [](char byte) { return byte != 0; })) {
    return Status(Code::kUnsupported, "capi.newer-struct",
                  "the struct has members this version of the library does not know");
  }
  if ((head[1] & ~known_flags) != 0) {
    return Status(Code::kUnsupported, "capi.unknown-flag",
                  "the struct has flags this version of the library does not know");
  }
  return Status();
}

xna_status InitStruct(void* to, std::size_t size, const void* defaults, std::size_t known_size) {
  if (to == nullptr || !IsStructSize(size)) return XNA_E_INVALID_ARGUMENT;
  std::memset(to, 0, size);
  std::memcpy(to, defaults, std::min(size, known_size));
  const auto struct_size = static_cast<std::uint32_t>(size);
  std::memcpy(to, &struct_size, sizeof struct_size);
  return XNA_OK;
}

Status CheckText(std::string_view text, std::string_view what) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = SequenceLength(text, at);
    if (length == 0) return BadText(what, "is not UTF-8");
    if (!IsXmlChar(text.substr(at, length))) return BadText(what, "has characters XML has not");
    at += length;
  }
  return Status();
}

Status CheckName(std::string_view text, std::string_view what) {
  Status status = CheckText(text, what);
  if (!status.ok()) return status;
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  return control ? BadText(what, "has control characters") : Status();
}

Status CheckBytes(const void* data, std::size_t size) {
  if (size > static_cast<std::size_t>(PTRDIFF_MAX)) {
    return Status(Code::kInvalidArgument, "capi.bad-size", "no memory has so many bytes");
  }
  return data == nullptr && size > 0 ? NullArgument("data") : Status();
}

Status ReadName(const char* text, std::string_view what, std::string* to) {
  *to = TextOr(text, "");
  return CheckName(*to, what);
}

Status ReadRequiredName(const char* text, std::string_view what, std::string* to) {
  if (text == nullptr) return NullArgument(what);
  return ReadName(text, what, to);
}

Status ReadNames(const char* const* texts, std::size_t count, std::string_view what,
                 std::vector<std::string>* to) {
  if (count > kTextsMax) {
    return Status(Code::kInvalidArgument, "capi.too-many",
                  "there are more " + std::string(what) + " than a call can have");
  }
  if (texts == nullptr && count > 0) return NullArgument(what);
  for (std::size_t i = 0; i < count; ++i) {
    Status status = ReadRequiredName(texts[i], what, &to->emplace_back());
    if (!status.ok()) return status;
  }
  return Status();
}

Status ReadPairs(const char* const* texts, std::size_t pair_count, std::string_view what,
                 std::vector<std::pair<std::string, std::string>>* to) {
  if (pair_count > kTextsMax) {
    return Status(Code::kInvalidArgument, "capi.too-many",
                  "there are more " + std::string(what) + " than a call can have");
  }
  if (texts == nullptr && pair_count > 0) return NullArgument(what);
  for (std::size_t i = 0; i < pair_count; ++i) {
    auto& [name, value] = to->emplace_back();
    Status status = ReadRequiredName(texts[2 * i], what, &name);
    if (!status.ok()) return status;
    value = TextOr(texts[2 * i + 1], "");
    status = CheckText(value, what);
    if (!status.ok()) return status;
  }
  return Status();
}

Status ReadMap(const char* const* texts, std::size_t pair_count, std::string_view what,
               std::map<std::string, std::string>* to) {
  std::vector<std::pair<std::string, std::string>> pairs;
  Status status = ReadPairs(texts, pair_count, what, &pairs);
  if (!status.ok()) return status;
  for (auto& [name, value] : pairs) (*to)[name] = std::move(value);
  return Status();
}

}  // namespace xnatarchive::capi

#define XNA_INIT(name)                                                             \
  xna_status xna_##name##_init(xna_##name* value, size_t size) {                   \
    const auto defaults = xnatarchive::capi::Defaults<xna_##name>();               \
    return xnatarchive::capi::InitStruct(value, size, &defaults, sizeof defaults); \
  }
XNA_INIT(access_policy)
XNA_INIT(event_sink)
XNA_INIT(log_sink)
XNA_INIT(session_validator)
XNA_INIT(session_transform)
XNA_INIT(pipeline_launcher)
XNA_INIT(import_handler)
XNA_INIT(entry)
XNA_INIT(engine_options)
XNA_INIT(progress)
XNA_INIT(progress_sink)
XNA_INIT(call_options)
XNA_INIT(project)
XNA_INIT(input)
XNA_INIT(import_request)
XNA_INIT(archive_request)
XNA_INIT(refresh_request)
XNA_INIT(verify_request)
XNA_INIT(output)
XNA_INIT(export_request)
XNA_INIT(rest_options)
XNA_INIT(rest_request)
#undef XNA_INIT
