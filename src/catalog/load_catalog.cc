#include "catalog/load_catalog.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "container/byte_source.hpp"
#include "container/unpacked_source.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint64_t kCatalogBytesMax = 1u << 30;

/// Reads a catalog, whatever its name says of packing.
Result<std::string> ReadCatalog(const Directory& session, const std::string& path) {
  if (!EndsWith(path, ".gz")) return session.ReadFile(path, kCatalogBytesMax);
  XNA_ASSIGN_OR_RETURN(File file, session.OpenRead(path));
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

Status Missing(const ResourcePlace& resource, const ResourceInventory& found) {
  std::string message = "the catalog " + std::string(BaseName(resource.catalog_path)) +
                        ", which the session's document names, is not there";
  for (const SessionFile& file : found.files) {
    const bool other = file.path.find('/') == std::string::npos &&
                       EndsWith(file.path, "_catalog.xml") && CheckRelativePath(file.path).ok();
    if (!other) continue;
    message += "; there is " + file.path;
    break;
  }
  return Status(Code::kCorruption, "catalog.missing", std::move(message));
}

/// A packed catalog is unpacked when it changes.
Status CheckNoPlain(const Directory& session, const std::string& plain) {
  XNA_ASSIGN_OR_RETURN(const bool there, session.Exists(plain));
  if (!there) return Status();
  return Status(Code::kConflict, "catalog.two-in-directory",
                "the document names a packed catalog, whose place unpacked is taken: " +
                    std::string(BaseName(plain)))
      .WithPath(plain);
}

Catalog EmptyCatalog(const ResourcePlace& resource) {
  Catalog catalog;
  catalog.dicom = EqualsIgnoreCase(resource.format, "DICOM");
  if (catalog.dicom) {
    catalog.uid = resource.series_uid;
  } else {
    catalog.id = resource.label;
  }
  return catalog;
}

}  // namespace

Status LoadCatalog(const Directory& session, const ResourcePlace& resource,
                   const ResourceInventory& found, bool rebuild, CatalogInPlace* place) {
  const std::string plain = WithoutPacking(resource.catalog_path);
  const std::string other = plain == resource.catalog_path ? plain + ".gz" : plain;
  place->name = BaseName(plain);
  std::string path = resource.catalog_path;
  Result<std::string> bytes = ReadCatalog(session, path);
  if (bytes.status().code() == Code::kNotFound) {
    path = other;
    bytes = ReadCatalog(session, path);
  }
  place->packed = bytes.status().code() != Code::kNotFound && path != plain;
  if (place->packed && path == resource.catalog_path) {
    XNA_RETURN_IF_ERROR(CheckNoPlain(session, plain));
  }
  Result<Catalog> catalog = bytes.ok() ? ParseCatalog(*bytes) : bytes.status();
  if (catalog.ok()) {
    place->catalog = std::move(catalog).value();
    return Status();
  }
  const bool missing = bytes.status().code() == Code::kNotFound;
  if (!missing && catalog.status().code() != Code::kCorruption) return catalog.status();
  if (rebuild) {
    place->catalog = EmptyCatalog(resource);
    place->rebuilt = true;
    return Status();
  }
  Status failure = missing ? Missing(resource, found) : std::move(catalog).status();
  return std::move(failure).WithPath(JoinPath(place->directory, place->name));
}

}  // namespace xnatarchive
