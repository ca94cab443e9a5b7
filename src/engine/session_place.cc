#include "engine/session_place.hpp"

#include <algorithm>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/resource_places.hpp"
#include "prearchive/session_paths.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

/// Of a prearchive URI, how many characters name the session: all, when it does not go on.
std::size_t SessionLength(std::string_view text) {
  std::size_t at = 0;
  for (const std::string_view prefix : {"/data/", "/REST/"}) {
    if (StartsWith(text, prefix)) at = prefix.size() - 1;
  }
  if (!StartsWith(text.substr(at), "/prearchive/projects/")) return text.size();
  for (int segment = 0; segment < 5; ++segment) {
    at = text.find('/', at + 1);
    if (at == std::string_view::npos) return text.size();
  }
  return at + 1 == text.size() ? text.size() : at;
}

}  // namespace

Result<SessionUri> ParseSessionUri(std::string_view text) {
  const std::size_t length = SessionLength(text);
  SessionUri uri;
  XNA_ASSIGN_OR_RETURN(uri.session, ParseUri(text.substr(0, length)));
  uri.inside = uri.session;
  if (length == text.size()) return uri;
  XNA_ASSIGN_OR_RETURN(uri.inside, ParseUri("/experiments/_" + std::string(text.substr(length))));
  return uri;
}

Result<SessionPlace> FindSession(const ArchiveEngine::Core& core, const ParsedUri& uri,
                                 Hooks& hooks) {
  if (uri.kind == UriKind::kPrearchiveSession) {
    XNA_ASSIGN_OR_RETURN(const auto row,
                         core.store.FindPrearchive({uri.project, uri.timestamp, uri.folder}));
    if (!row) return NoSuch("prearchive session");
    const SessionPaths paths(row->Id());
    return SessionPlace{&core.trees.prearchive, paths.directory, paths.document,
                        PrearchiveUri(*row)};
  }
  XNA_ASSIGN_OR_RETURN(const ExperimentRow row, core.FindExperiment(uri, Permission::kRead, hooks));
  XNA_ASSIGN_OR_RETURN(const auto subject, core.store.FindSubject(row.project, row.subject_id));
  return SessionPlace{
      &core.trees.archive, row.path, JoinPath(row.path, "session.xml"),
      ExperimentUri(row.project, subject ? subject->label : row.subject_id, row.label)};
}

Result<SessionDocument> ReadDocument(const SessionPlace& place) {
  XNA_ASSIGN_OR_RETURN(const std::string bytes, place.tree->ReadFile(place.document, kXmlBytesMax));
  Result<SessionDocument> document = ParseSession(bytes);
  if (!document.ok()) return std::move(document).status().WithPath(place.document);
  MakeCatalogPaths(place.directory, &*document);
  return document;
}

Result<ResourceOwnerPlace> FindOwner(const SessionPlace& place, const SessionDocument& document,
                                     const ParsedUri& uri) {
  if (uri.scan.empty()) return ResourceOwnerPlace{&document.resources, place.uri};
  const Scan* scan = document.FindScan(uri.scan);
  if (scan == nullptr) return NoSuch("scan");
  return ResourceOwnerPlace{&scan->resources, place.uri + "/scans/" + scan->id};
}

Result<const Resource*> FindResource(const ResourceOwnerPlace& owner, const std::string& label) {
  const auto at = std::find_if(owner.resources->begin(), owner.resources->end(),
                               [&](const Resource& resource) { return resource.label == label; });
  if (at == owner.resources->end()) return NoSuch("resource");
  return &*at;
}

}  // namespace xnatarchive
