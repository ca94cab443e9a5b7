// session_place.hpp - where a session that a URI names lies, in the archive or the prearchive, and
// what of it the URI names.
#ifndef XNATARCHIVE_ENGINE_SESSION_PLACE_HPP_
#define XNATARCHIVE_ENGINE_SESSION_PLACE_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "archive/uri.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {

/// Of documents and catalogs.
inline constexpr std::uint64_t kXmlBytesMax = 512u << 20;

/// A URI taken apart at the session: what names it, and what is named in it. For one of the archive
/// both are the same.
struct SessionUri {
  ParsedUri session;
  ParsedUri inside;
};

/// As ParseUri, and takes prearchive URIs that go on below the session as those of experiments do:
/// "/prearchive/projects/P/TS/FOLDER/scans/1/resources/DICOM/files/a.dcm". Only what reads a
/// session takes them.
Result<SessionUri> ParseSessionUri(std::string_view text);

/// An archived or prearchive session: where it lies, and the URI its parts begin with.
struct SessionPlace {
  const Directory* tree = nullptr;
  std::string directory;
  std::string document;
  std::string uri;
};

/// The session, if it may be read.
Result<SessionPlace> FindSession(const ArchiveEngine::Core& core, const ParsedUri& uri,
                                 Hooks& hooks);

/// Its document, whose resources have paths relative to the session.
Result<SessionDocument> ReadDocument(const SessionPlace& place);

/// What a URI names in a session, that has resources: a scan, or the session itself.
struct ResourceOwnerPlace {
  const std::vector<Resource>* resources = nullptr;  ///< Of the document.
  std::string uri;
};
/// kNotFound "uri.not-found".
Result<ResourceOwnerPlace> FindOwner(const SessionPlace& place, const SessionDocument& document,
                                     const ParsedUri& uri);
Result<const Resource*> FindResource(const ResourceOwnerPlace& owner, const std::string& label);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_SESSION_PLACE_HPP_
