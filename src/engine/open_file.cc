// open_file.cc - a file of a session, opened where its resource's catalog lies.
#include <algorithm>
#include <memory>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/session_place.hpp"

namespace xnatarchive {
namespace {

/// Names that are ours, at any level, are no files of the resource.
bool IsOurs(std::string_view path) {
  const std::vector<std::string> parts = Split(path, '/');
  return std::any_of(parts.begin(), parts.end(),
                     [](const std::string& part) { return StartsWith(part, ".xa"); });
}

std::string VersionOf(const FileInfo& info) {
  return Base36(info.size) + "x" + Base36(static_cast<std::uint64_t>(info.mtime_ns)) + "x" +
         Base36(info.inode);
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
  FileInfo info;
  Result<File> file = place.tree->OpenRead(JoinPath(directory, inside.file), &info);
  if (file.status().code() == Code::kNotFound || file.status().reason() == "fs.not-a-file") {
    return NoSuch("file");
  }
  XNA_RETURN_IF_ERROR(file.status());
  OpenedFile opened;
  opened.name = BaseName(inside.file);
  opened.size = info.size;
  opened.mtime_ms = info.mtime_ns / 1'000'000;
  opened.version = VersionOf(info);
  const auto shared = std::make_shared<File>(std::move(file).value());
  opened.read = [shared](std::uint64_t offset, void* buffer, std::size_t size) {
    return shared->ReadAt(buffer, size, offset);
  };
  return opened;
}

}  // namespace xnatarchive
