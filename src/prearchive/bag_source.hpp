// bag_source.hpp - a BagIt bag (RFC 8493) as an input: its payload, each file checked.
#ifndef XNATARCHIVE_PREARCHIVE_BAG_SOURCE_HPP_
#define XNATARCHIVE_PREARCHIVE_BAG_SOURCE_HPP_

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fs/directory.hpp"
#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

/// What is known of a bag before its files are read.
struct FoundBag {
  std::string root;                  ///< Its directory in the input; empty: the input itself.
  std::set<std::string> algorithms;  ///< Of its manifests; empty: not known yet.
  bool holds_session = false;        ///< A session's or a subject's document is in its payload.
};

/// Whether the names that are known are all of the input's.
enum class Names { kFirst, kAll };

/// The bag whose declaration is among these names. nullopt for none.
std::optional<FoundBag> BagAmongNames(const std::vector<std::string>& names, Names which);

/// The bag that a folder, or the only directory in it, is. kInvalidArgument "bag.among-others" when
/// a directory in it is one beside others.
Result<std::optional<FoundBag>> FindBagInFolder(const Directory& folder);

/// The payload of the bag that `bag`, whose files need not be in any order, holds: paths below
/// "data/". Tag files are not visited. Its kind is kSessionBag when it holds a session.
///
/// Every payload file is read to its end, also what a visit left unread, and compared with every
/// manifest of MD5, SHA-1, SHA-256 and SHA-512; manifests that come behind the payload are compared
/// when they come. OK means: a complete and valid bag. Memory grows with the number of files.
///
/// With the path of the file in the bag: kCorruption "bag.digest-differs", "bag.file-missing",
/// "bag.file-not-listed" (every manifest lists every file), "bag.file-twice", "bag.no-manifest" (of
/// these algorithms), "bag.bad-manifest", "bag.bad-declaration"; kUnsupported "bag.fetch" (files
/// that are elsewhere), "bag.unsupported-version", "bag.unsupported-encoding", "bag.manifest-late"
/// (of an algorithm that another manifest before the payload did not announce);
/// kInvalidArgument "bag.among-others" for a file that is outside the bag, "bag.too-large" for tag
/// files of more than 512 MiB.
std::unique_ptr<ImportSource> MakeBagSource(std::unique_ptr<ImportSource> bag, FoundBag found);

/// An input that is not known to be a bag: kUnsupported "bag.not-first" when it turns out that it
/// is, or holds, one, rather than to receive its files unchecked.
std::unique_ptr<ImportSource> MakeUnbaggedSource(std::unique_ptr<ImportSource> input);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_BAG_SOURCE_HPP_
