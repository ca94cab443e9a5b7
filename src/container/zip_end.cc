#include "container/zip_end.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kEndMagic = "PK\x05\x06";
constexpr std::string_view kLargeEndMagic = "PK\x06\x06";
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kLargeEndBytes = 56;
constexpr std::uint64_t kSeeLargeEnd = 0xFFFF;

std::uint64_t LittleEndian(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i > 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[offset + i - 1]);
  }
  return value;
}

/// Finds the last end record that is there with its whole comment.
std::size_t FindEnd(std::string_view tail) {
  std::size_t end = tail.rfind(kEndMagic);
  while (end != std::string_view::npos) {
    if (end + kEndBytes <= tail.size() &&
        end + kEndBytes + LittleEndian(tail, end + 20, 2) <= tail.size()) {
      return end;
    }
    end = end == 0 ? std::string_view::npos : tail.rfind(kEndMagic, end - 1);
  }
  return std::string_view::npos;
}

}  // namespace

bool ZipEndMatches(std::string_view tail, std::uint64_t entries) {
  const std::size_t end = FindEnd(tail);
  if (end == std::string_view::npos) return false;
  const std::uint64_t claimed = LittleEndian(tail, end + 10, 2);
  if (claimed == kSeeLargeEnd) {
    const std::size_t large = tail.substr(0, end).rfind(kLargeEndMagic);
    if (large != std::string_view::npos && large + kLargeEndBytes <= end) {
      return LittleEndian(tail, large + 32, 8) == entries;
    }
  }
  return claimed == (entries & 0xFFFF);
}

}  // namespace xnatarchive
