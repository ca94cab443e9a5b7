// session_inventory.hpp - what lies in a session's directory, seen by one walk.
#ifndef XNATARCHIVE_ARCHIVE_SESSION_INVENTORY_HPP_
#define XNATARCHIVE_ARCHIVE_SESSION_INVENTORY_HPP_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "fs/directory.hpp"

namespace xnatarchive {

/// A regular file as it was at one moment.
struct SessionFile {
  std::string path;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;
};

bool operator==(const SessionFile& a, const SessionFile& b);

/// Everything below a session directory. All lists are sorted by path.
struct SessionInventory {
  /// The files below each of the directories asked for, paths relative to it. A file below two of
  /// them belongs to the deeper one.
  std::vector<std::vector<SessionFile>> resources;
  std::vector<SessionFile> others;       ///< Below none of them; relative to the session.
  std::vector<std::string> directories;  ///< Relative to the session, parents before children.
  std::vector<std::string> irregular;    ///< Links, devices, sockets: relative to the session.
};

bool operator==(const SessionInventory& a, const SessionInventory& b);

/// Whether a file of a session, `path` relative to it, is one of its own logs: XNAT's build
/// warnings (dcmtoxnat.log), or what happened to it in the prearchive. They are no content.
bool IsSessionLog(std::string_view path);

/// What lies below one resource's directory; paths are relative to it.
struct ResourceInventory {
  std::vector<SessionFile> files;  ///< Sorted by path.
  std::vector<std::string> directories;
  std::vector<std::string> irregular;    ///< Links, devices, sockets.
  std::vector<std::string> not_entered;  ///< Those of the directories that are another resource's.
};

bool operator==(const ResourceInventory& a, const ResourceInventory& b);

/// The directories that lie below `directory`.
std::vector<std::string> DirectoriesBelow(const std::set<std::string>& directories,
                                          const std::string& directory);

/// Walks one resource's directory. What is below one of `others`, directories of other resources,
/// is left out. Any name that can not be looked at is a failure; a directory that disappears
/// meanwhile is one, too.
Result<ResourceInventory> TakeResourceInventory(const Directory& session,
                                                const std::string& directory,
                                                const std::vector<std::string>& others);

/// Walks `session`, the directories of `resource_directories` (relative to it) on `threads`
/// threads. Those that are absent, or can not be below the session, have no files. No file's bytes
/// are read.
Result<SessionInventory> TakeInventory(const Directory& session,
                                       const std::vector<std::string>& resource_directories,
                                       unsigned threads);

/// The inventory of a session that has `files` and nothing else, their paths relative to it.
SessionInventory InventoryOf(std::vector<SessionFile> files,
                             const std::vector<std::string>& resource_directories);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_SESSION_INVENTORY_HPP_
