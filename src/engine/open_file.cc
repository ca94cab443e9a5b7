// open_file.cc - a file of a session, opened where its resource's catalog lies.
#include <algorithm>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/session_place.hpp"
#include "fs/open_for_reading.hpp"

namespace xnatarchive {
namespace {

/// Names that are ours, at any level, are no files of the resource.
bool IsOurs(std::string_view path) {
  const std::vector<std::string> parts = Split(path, '/');
  return std::any_of(parts.begin(), parts.end(),
                     [](const std::string& part) { return StartsWith(part, ".xa"); });
}

}  // namespace

Result<OpenedFile> ArchiveEngine::Core::OpenFile(std::string_view text, Hooks& hooks) const {
  XNA_ASSIGN_OR_RETURN(const SessionUri uri, ParseSessionUri(text));
  const ParsedUri& inside = uri.inside;
  const bool below_session =
      uri.session.kind == UriKind::kPrearchiveSession || !uri.session.experiment.empty();
  if (inside.kind != UriKind::kFile || !below_session || !inside.reconstruction.empty() ||
      !inside.assessor.empty()) {
    return Status(Code::kInvalidArgument, "uri.not-a-file",
                  "expected the URI of a file of a session or a scan");
  }
  XNA_RETURN_IF_ERROR(hooks.AuthorizeUri(uri.session));
  XNA_ASSIGN_OR_RETURN(const SessionPlace place, FindSession(*this, uri.session, hooks));
  XNA_ASSIGN_OR_RETURN(const SessionDocument document, ReadDocument(place));
  XNA_ASSIGN_OR_RETURN(const ResourceOwnerPlace owner, FindOwner(place, document, inside));
  XNA_ASSIGN_OR_RETURN(const Resource* resource, FindResource(owner, inside.resource));
  if (resource->uri.empty() || IsOurs(inside.file)) return NoSuch("file");
  const std::string directory(ParentPath(JoinPath(place.directory, resource->uri)));
  Result<OpenedFile> opened = OpenForReading(*place.tree, JoinPath(directory, inside.file));
  if (opened.status().code() == Code::kNotFound || opened.status().reason() == "fs.not-a-file") {
    return NoSuch("file");
  }
  return opened;
}

}  // namespace xnatarchive
