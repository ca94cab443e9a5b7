#include "archive/read_catalog.hpp"

#include <cstdint>
#include <functional>
#include <vector>

#include "archive/describe_session.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "container/byte_source.hpp"
#include "container/unpacked_source.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint64_t kCatalogBytesMax = 1u << 30;

/// Reads a file whose name may say of packing what is not so.
Result<std::string> ReadBytes(const Directory& tree, const std::string& path) {
  if (!EndsWith(path, ".gz")) return tree.ReadFile(path, kCatalogBytesMax);
  XNA_ASSIGN_OR_RETURN(File file, tree.OpenRead(path));
  XNA_ASSIGN_OR_RETURN(FileSource source, FileSource::Make(file));
  PeekingSource packed(source);
  const std::function<bool()> never_cancelled;
  XNA_ASSIGN_OR_RETURN(const auto unpacked, MakeUnpackedSource(packed, never_cancelled));
  ByteSource& content = unpacked ? *unpacked : static_cast<ByteSource&>(packed);
  std::string bytes;
  std::vector<char> buffer(std::size_t{1} << 16);
  for (;;) {
    XNA_ASSIGN_OR_RETURN(const std::size_t count, content.Read(buffer.data(), buffer.size()));
    if (count == 0) return bytes;
    bytes.append(buffer.data(), count);
    if (bytes.size() > kCatalogBytesMax) {
      return Status(Code::kCorruption, "fs.too-large", "the catalog unpacks to too much")
          .WithPath(path);
    }
  }
}

/// A packed catalog is unpacked when it changes.
Status CheckNoPlain(const Directory& tree, const std::string& plain) {
  XNA_ASSIGN_OR_RETURN(const bool there, tree.Exists(plain));
  if (!there) return Status();
  return Status(Code::kConflict, "catalog.two-in-directory",
                "the document names a packed catalog, whose place unpacked is taken: " +
                    std::string(BaseName(plain)))
      .WithPath(plain);
}

}  // namespace

std::string WithoutPacking(const std::string& path) {
  return EndsWith(path, ".gz") ? path.substr(0, path.size() - 3) : path;
}

Result<Catalog> ReadCatalog(const Directory& tree, const std::string& path, bool* packed) {
  const std::string plain = WithoutPacking(path);
  std::string found = path;
  Result<std::string> bytes = ReadBytes(tree, found);
  if (bytes.status().code() == Code::kNotFound) {
    found = path == plain ? plain + ".gz" : plain;
    bytes = ReadBytes(tree, found);
  }
  const bool is_packed = bytes.status().code() != Code::kNotFound && found != plain;
  if (packed != nullptr) *packed = is_packed;
  if (is_packed && found == path) XNA_RETURN_IF_ERROR(CheckNoPlain(tree, plain));
  if (!bytes.ok()) return bytes.status();
  return ParseCatalog(*bytes);
}

std::string_view PathBelow(std::string_view uri, std::string_view directory) {
  if (!StartsWith(uri, "/") || directory.empty()) return {};
  const std::string inside = "/" + std::string(directory) + "/";
  const std::size_t at = uri.find(inside);
  return at == std::string_view::npos ? std::string_view() : uri.substr(at + inside.size());
}

std::string_view PathOf(const CatalogEntry& entry, std::string_view directory) {
  const std::string_view below = PathBelow(entry.uri, directory);
  return below.empty() ? entry.RelativePath().view() : below;
}

void CompletePaths(std::string_view directory, Catalog* catalog) {
  ForEachEntry(*catalog, [&](CatalogEntry& entry) {
    const std::string_view path = PathOf(entry, directory);
    if (path != entry.RelativePath()) entry.cache_path = path;
  });
}

}  // namespace xnatarchive
