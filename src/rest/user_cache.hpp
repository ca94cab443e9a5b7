// user_cache.hpp - files that users upload now and import later, as XNAT's user cache.
//
// One directory of the host's: USER/RESOURCE/FILE, a user's name with '/' and '.' percent-encoded.
// A file that is coming in lies beside the users as ".xa-<random>.tmp", so that one whose sender is
// gone leaves no trace among theirs.
#ifndef XNATARCHIVE_REST_USER_CACHE_HPP_
#define XNATARCHIVE_REST_USER_CACHE_HPP_

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fs/directory.hpp"
#include "xnatarchive/byte_stream.hpp"
#include "xnatarchive/opened_file.hpp"

namespace xnatarchive {

/// What lies in the cache longer is removed.
inline constexpr std::int64_t kCacheKeptMs = std::int64_t{7} * 24 * 60 * 60 * 1000;

/// Where in the cache a file is, or without `file` a resource, or without both what `user` has.
/// kPermission "access.denied" for nobody in particular; kInvalidArgument "rest.bad-path" for a
/// file more than 32 directories deep and names that begin with ".xa", and as CheckRelativePath.
Result<std::string> CachePath(std::string_view user, std::string_view resource = "",
                              std::string_view file = "");

/// The directory of all users' files; it is made when somebody first writes. Paths are CachePath's.
///
/// Without a directory every call is kUnsupported "rest.no-user-cache". What is not there is
/// kNotFound "uri.not-found"; kIo "user-cache.no-parent" when the directory can not be made for
/// want of one; all fail as the disk does.
///
/// Whoever writes removes first, at most once an hour, what anybody left in it for longer than
/// kCacheKeptMs; failing at that fails nothing else.
///
/// Threads: any, at any time, of several processes with one directory, too: files appear whole.
class UserCache {
 public:
  struct File {
    std::string path;  ///< In its resource.
    std::uint64_t size = 0;
  };

  UserCache(FileSystem& fs, std::string directory) : fs_(fs), directory_(std::move(directory)) {}

  /// Names of a user's resources.
  Result<std::vector<std::string>> Resources(const std::string& user) const;
  Result<std::vector<File>> Files(const std::string& resource) const;
  /// One that is replaced or removed meanwhile is read to its end.
  Result<OpenedFile> OpenFile(const std::string& file) const;

  /// Durable afterwards; fine when it is there.
  Status MakeResource(const std::string& resource) const;
  /// Receives a file, in place of one of that name. Whole and durable afterwards; after a failure
  /// of `input` everything is as it was, after one of the disk the former file or the new one is
  /// there. kInvalidArgument "rest.body-too-large" above `size_max`; kConflict
  /// "user-cache.is-a-directory", "user-cache.not-a-directory" when a file stands where its path
  /// needs a directory, "user-cache.removed-meanwhile" when its resource is removed just then.
  Status Write(const std::string& file, const InputStream& input, std::uint64_t size_max) const;
  Status RemoveFile(const std::string& file) const;
  Status RemoveResource(const std::string& resource) const;

 private:
  Result<Directory> Open() const;
  Result<Directory> OpenToWrite() const;

  FileSystem& fs_;
  const std::string directory_;
  mutable std::atomic<std::int64_t> next_look_ms_{0};  // for what is old
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_USER_CACHE_HPP_
