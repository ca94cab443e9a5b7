// read_catalog.hpp - reads a resource's catalog however XNAT left it: packed, or with entries whose
// paths only the place of the catalog tells.
#ifndef XNATARCHIVE_ARCHIVE_READ_CATALOG_HPP_
#define XNATARCHIVE_ARCHIVE_READ_CATALOG_HPP_

#include <string>
#include <string_view>

#include "fs/directory.hpp"
#include "xnatarchive/catalog.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// The path or URI of a catalog without the ".gz" at its end, if there is one.
std::string WithoutPacking(const std::string& path);

/// Reads the catalog at `path` below `tree`, or when there is no such file, the one of that name
/// with ".gz", or without; what is packed is unpacked. Entries are as they stand.
///
/// `packed`, when given, says afterwards whether it is (or was to be) read from the ".gz", also
/// when that fails. kNotFound when neither is there; kConflict "catalog.two-in-directory" when
/// `path` is a packed one beside a plain one of that name; kCorruption "fs.too-large" above 1 GiB,
/// for what does not unpack, and as ParseCatalog says; failures of the disk.
Result<Catalog> ReadCatalog(const Directory& tree, const std::string& path, bool* packed = nullptr);

/// What an absolute URI has behind `directory`, which is relative to its tree: a tree that was
/// moved keeps its old place in front. Empty when it is not below it.
std::string_view PathBelow(std::string_view uri, std::string_view directory);

/// The path of an entry's file, relative to `directory`, that of its catalog, relative to its tree:
/// what an absolute URI has behind that directory, else RelativePath(). With an empty `directory`
/// always the latter.
std::string_view PathOf(const CatalogEntry& entry, std::string_view directory);

/// Gives every entry whose RelativePath() is not PathOf that path as its cachePath: from here on it
/// is.
void CompletePaths(std::string_view directory, Catalog* catalog);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_READ_CATALOG_HPP_
