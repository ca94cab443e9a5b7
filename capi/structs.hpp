// structs.hpp - reading the structs a host passes, whichever header it was compiled with.
#ifndef XNATARCHIVE_CAPI_STRUCTS_HPP_
#define XNATARCHIVE_CAPI_STRUCTS_HPP_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xnatarchive.h"
#include "xnatarchive/status.hpp"

namespace xnatarchive::capi {

/// struct_size and flags: what every struct begins with, and the least of it.
inline constexpr std::size_t kStructHead = 8;
/// More than any struct will ever have: above it is a number that is no size.
inline constexpr std::size_t kStructMax = 1 << 16;

/// Whether a struct can have this size. None ends within a pointer.
constexpr bool IsStructSize(std::size_t size) {
  return size >= kStructHead && size <= kStructMax && size % sizeof(void*) == 0;
}

/// The defaults of a struct: all zero but for struct_size and what a specialisation says.
template <typename Struct>
Struct Defaults() {
  Struct value;
  std::memset(&value, 0, sizeof value);
  value.struct_size = sizeof value;
  return value;
}
template <>
xna_engine_options Defaults();
template <>
xna_verify_request Defaults();
template <>
xna_entry Defaults();

/// kInvalidArgument "capi.bad-struct-size", kUnsupported "capi.newer-struct", "capi.unknown-flag".
Status CheckStruct(const void* from, std::size_t known_size, std::uint32_t known_flags);

/// Reads the host's struct, completed with defaults; a null one is the defaults.
template <typename Struct>
Status ReadStruct(const Struct* from, std::uint32_t known_flags, Struct* to) {
  *to = Defaults<Struct>();
  if (from == nullptr) return Status();
  Status status = CheckStruct(from, sizeof *to, known_flags);
  if (!status.ok()) return status;
  const std::size_t size = from->struct_size < sizeof *to ? from->struct_size : sizeof *to;
  std::memcpy(to, from, size);
  to->struct_size = sizeof *to;
  return status;
}

/// What the xna_*_init functions do: fills the caller's struct, of `size` bytes, with defaults.
xna_status InitStruct(void* to, std::size_t size, const void* defaults, std::size_t known_size);

/// kInvalidArgument "capi.bad-text" for what is not UTF-8, or has characters no document can hold
/// (XML 1.0, production Char). `what` names it in the message.
Status CheckText(std::string_view text, std::string_view what);
/// The same, and for control characters.
Status CheckName(std::string_view text, std::string_view what);

/// kInvalidArgument "capi.bad-size" for more bytes than there can be, "capi.null-argument" for
/// bytes that are nowhere.
Status CheckBytes(const void* data, std::size_t size);

/// Copies a name or path; NULL is "".
Status ReadName(const char* text, std::string_view what, std::string* to);
/// The same; kInvalidArgument "capi.null-argument" for NULL.
Status ReadRequiredName(const char* text, std::string_view what, std::string* to);
/// Copies an array of names.
Status ReadNames(const char* const* texts, std::size_t count, std::string_view what,
                 std::vector<std::string>* to);
/// Copies names and values that come in turn.
Status ReadPairs(const char* const* texts, std::size_t pair_count, std::string_view what,
                 std::vector<std::pair<std::string, std::string>>* to);
/// The same; of two of one name the last counts.
Status ReadMap(const char* const* texts, std::size_t pair_count, std::string_view what,
               std::map<std::string, std::string>* to);

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_STRUCTS_HPP_
