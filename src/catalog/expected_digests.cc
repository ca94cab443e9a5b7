#include "catalog/expected_digests.hpp"

#include <string_view>

#include "archive/describe_session.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

bool Same(std::string_view expected, std::string_view found) {
  return expected.empty() || found.empty() || EqualsIgnoreCase(expected, found);
}

}  // namespace

Digests ExpectedDigests(const CatalogEntry& entry, const SessionFile& file) {
  Digests expected{std::string(entry.digest), std::string(entry.Meta("XXH3"))};
  const bool current = expected.md5.empty() || KnowsDigests(entry, file, Checksum::kXxh3);
  if (!current) expected.xxh3.clear();
  return expected;
}

Checksum CheapestCheck(const Digests& expected) {
  if (!expected.xxh3.empty()) return Checksum::kXxh3;
  return expected.md5.empty() ? Checksum::kNone : Checksum::kMd5;
}

bool Agree(const Digests& expected, const Digests& found) {
  return Same(expected.md5, found.md5) && Same(expected.xxh3, found.xxh3);
}

}  // namespace xnatarchive
