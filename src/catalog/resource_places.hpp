// resource_places.hpp - which resources of an archived session a URI names. Pure.
#ifndef XNATARCHIVE_CATALOG_RESOURCE_PLACES_HPP_
#define XNATARCHIVE_CATALOG_RESOURCE_PLACES_HPP_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/uri.hpp"
#include "xnatarchive/session_document.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

enum class ResourceOwner { kSession, kScan, kReconstruction, kAssessor };

/// A resource as the session's document names it.
struct ResourcePlace {
  ResourceOwner owner = ResourceOwner::kSession;
  std::string owner_id;   ///< Of the scan, reconstruction or assessor.
  std::string direction;  ///< "in" or "out" of a reconstruction or an assessor; else empty.
  std::string label;
  std::string format;
  std::string content;
  std::string series_uid;  ///< Of its scan.
  bool is_catalog = true;  ///< Else it is one of XNAT's types that list no files.
  /// Relative to the session, also where the document has XNAT's absolute path. Empty when it is
  /// not below the session.
  std::string catalog_path;
  std::optional<std::int64_t> file_count;  ///< As the document says.
  std::optional<std::int64_t> file_size;
  std::size_t number = 0;  ///< Its place among all resources of the document.
};

/// What a URI that ends above its resources stands for.
enum class Cascade {
  /// What XNAT refreshes: a session is its own resources, its scans', and what came out of its
  /// reconstructions and assessors; an assessor its resources and what came out of it.
  kRefresh,
  kEverything,
};

/// The path, relative to the session, that a resource's URI is: the URI itself, or what XNAT's
/// absolute path has behind that of the session (which is relative to the archive; an archive that
/// was moved keeps its old place in front). XNAT takes '\' for '/', and runs of them for one.
/// Empty when it is not below the session.
std::string CatalogPath(std::string_view uri, const std::string& session_directory);

/// Makes the URIs of the session's and its scans' resources such paths, where they are below it.
void MakeCatalogPaths(const std::string& session_directory, SessionDocument* document);

/// All resources of a document. `session_directory` is relative to the archive.
std::vector<ResourcePlace> PlacesOf(const SessionDocument& document,
                                    const std::string& session_directory);

/// Those of `places` that `uri`, one of this session or of something in it, names. A scan,
/// reconstruction or assessor is found by its ID, an assessor also by its label. None is fine but
/// where one is named: kNotFound "uri.not-found" when there is no such owner or no resource of that
/// label, kInvalidArgument "uri.is-a-file" for the URI of a file.
Result<std::vector<ResourcePlace>> PlacesNamed(const SessionDocument& document,
                                               const std::vector<ResourcePlace>& places,
                                               const ParsedUri& uri, Cascade cascade);

/// The place's URI below that of its session, its names percent-encoded where they have to be.
std::string PlaceUri(const std::string& session_uri, const ResourcePlace& place);

/// What a document is to say of one of its resources.
struct ResourceEdit {
  std::optional<std::int64_t> file_count;  ///< Absent: as it is.
  std::optional<std::int64_t> file_size;
  bool unpacked = false;  ///< The ".gz" goes off its URI: its catalog is not packed any more.
};

/// Makes the edits, by ResourcePlace::number.
void EditResources(const std::map<std::size_t, ResourceEdit>& edits, SessionDocument* document);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_RESOURCE_PLACES_HPP_
