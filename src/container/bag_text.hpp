// bag_text.hpp - the tag files of a BagIt bag (RFC 8493) as text; pure functions.
//
//   bagit.txt             the declaration: version and encoding
//   bag-info.txt          about the bag, for people
//   manifest-ALG.txt      the digest of every file below data/
//   tagmanifest-ALG.txt   the digests of the tag files
//   data/...              the payload
#ifndef XNATARCHIVE_CONTAINER_BAG_TEXT_HPP_
#define XNATARCHIVE_CONTAINER_BAG_TEXT_HPP_

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

inline constexpr std::string_view kBagDeclaration = "bagit.txt";
inline constexpr std::string_view kBagInfo = "bag-info.txt";
inline constexpr std::string_view kBagFetch = "fetch.txt";
inline constexpr std::string_view kBagPayload = "data/";

/// Of version 1.0.
std::string WriteBagDeclaration();
/// Checks a declaration and returns its version: one of 0.93 to 0.97, or 1.0. kUnsupported
/// "bag.unsupported-version", "bag.unsupported-encoding" for any but UTF-8; kCorruption
/// "bag.bad-declaration".
Result<std::string> ParseBagDeclaration(std::string_view text);

/// "Name: value" lines.
std::string WriteBagInfo(const std::vector<std::pair<std::string, std::string>>& elements);

/// One line of a manifest. CR, LF and '%' in the path are percent-encoded, as RFC 8493 says.
std::string BagManifestLine(std::string_view digest, std::string_view path);

/// Digests, in lower case, by path.
using BagManifest = std::unordered_map<std::string, std::string>;

/// kCorruption "bag.bad-manifest", with the line's number, for a line that is no digest and path, a
/// path that leads out of the bag, or one that stands there twice with different digests.
Result<BagManifest> ParseBagManifest(std::string_view text);

/// "md5" of "manifest-md5.txt", or with the prefix "tagmanifest-" of "tagmanifest-md5.txt"; empty
/// for any other name.
std::string BagManifestAlgorithm(std::string_view name, std::string_view prefix);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CONTAINER_BAG_TEXT_HPP_
