#include "catalog/archived_session.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include "archive/archive_tree.hpp"
#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/folder_places.hpp"

namespace xnatarchive {
namespace {

/// Longer than others look. Who changes the session may take longer.
constexpr auto kPatience = std::chrono::seconds(2);
constexpr auto kPause = std::chrono::milliseconds(5);

ResourceDraft DraftOf(const ResourcePlace& place) {
  ResourceDraft draft;
  if (place.owner == ResourceOwner::kScan) draft.scan_id = place.owner_id;
  draft.label = place.label;
  draft.format = place.format;
  draft.content = place.content;
  draft.directory = ParentPath(place.catalog_path);
  draft.catalog_path = place.catalog_path;
  return draft;
}

Result<ArchivedSession> ReadPlaces(const Directory& archive, const std::string& path,
                                   SessionDraft draft, std::vector<ResourcePlace> places,
                                   unsigned threads) {
  ArchivedSession session;
  for (ResourcePlace& place : places) {
    if (!place.is_catalog || place.catalog_path.empty()) {
      session.others.push_back(std::move(place));
      continue;
    }
    draft.resources.push_back(DraftOf(place));
    session.places.push_back(std::move(place));
  }
  XNA_ASSIGN_OR_RETURN(const Directory directory, archive.OpenSubdirectory(path));
  if (draft.resources.empty()) {  // DescribeSession would look for them in the document
    session.described.draft = std::move(draft);
    XNA_ASSIGN_OR_RETURN(session.described.inventory, TakeInventory(directory, {}, threads));
    return session;
  }
  XNA_ASSIGN_OR_RETURN(session.described, DescribeSession(directory, path, std::move(draft),
                                                          Checksum::kNone, threads));
  return session;
}

}  // namespace

Result<ArchivedSession> ReadArchivedSession(const Directory& archive, const std::string& path,
                                            unsigned threads) {
  SessionDraft draft;
  XNA_ASSIGN_OR_RETURN(draft.document, ReadSessionDocument(archive, path));
  std::vector<ResourcePlace> places = PlacesOf(draft.document, path);
  return ReadPlaces(archive, path, std::move(draft), std::move(places), threads);
}

Result<ArchivedSession> ReadResourceFolder(const Directory& archive, const std::string& path,
                                           unsigned threads) {
  XNA_ASSIGN_OR_RETURN(std::vector<ResourcePlace> places, PlacesInFolder(archive, path));
  return ReadPlaces(archive, path, SessionDraft(), std::move(places), threads);
}

bool CanBeOfEntry(const ResourceDraft& resource, std::string_view path) {
  if (path == resource.catalog_path) return false;
  return CanBeEntry(path) || EndsWith(path, "_catalog.xml");
}

Result<std::optional<FileLock>> LockForReading(const Trees& trees, const std::string& lock_key,
                                               const Acknowledge& acknowledge) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  Result<FileLock> lock = LockSession(trees, lock_key);
  while (lock.status().code() == Code::kLocked && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(kPause);
    lock = LockSession(trees, lock_key);
  }
  if (lock.status().code() == Code::kPermission) return std::optional<FileLock>();
  XNA_RETURN_IF_ERROR(lock.status());
  XNA_RETURN_IF_ERROR(FinishEarlier(trees, {lock_key}, acknowledge));
  return std::optional<FileLock>(std::move(lock).value());
}

}  // namespace xnatarchive
