#include "xnatarchive/checksum.hpp"

namespace xnatarchive {

std::optional<Checksum> ParseChecksum(std::string_view text) {
  for (const Checksum checksum :
       {Checksum::kMd5AndXxh3, Checksum::kMd5, Checksum::kXxh3, Checksum::kNone}) {
    if (text == ChecksumName(checksum)) return checksum;
  }
  return std::nullopt;
}

std::string_view ChecksumName(Checksum checksum) noexcept {
  switch (checksum) {
    case Checksum::kMd5AndXxh3:
      return "md5+xxh3";
    case Checksum::kMd5:
      return "md5";
    case Checksum::kXxh3:
      return "xxh3";
    case Checksum::kNone:
      return "none";
  }
  return "unknown";
}

}  // namespace xnatarchive
