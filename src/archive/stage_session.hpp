// stage_session.hpp - everything an archive operation does to a session's files before its plan.
#ifndef XNATARCHIVE_ARCHIVE_STAGE_SESSION_HPP_
#define XNATARCHIVE_ARCHIVE_STAGE_SESSION_HPP_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "archive/archived_form.hpp"
#include "archive/describe_session.hpp"
#include "digest/digest.hpp"
#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive {

/// Passes progress on to the caller, on the caller's own thread only, and remembers a "stop".
class CallerProgress {
 public:
  explicit CallerProgress(const std::function<bool(const Progress&)>& report) : report_(report) {}

  /// kCancelled "archive.cancelled" once the caller asked to stop.
  Status Report(const Progress& progress);
  /// The same for the callbacks of HashFiles and CopyFiles.
  bool GoOn(const Progress& progress) { return Report(progress).ok(); }

 private:
  const std::function<bool(const Progress&)>& report_;
  const std::thread::id caller_ = std::this_thread::get_id();
  std::atomic<bool> cancelled_{false};
};

/// What the functions below work on.
struct Staging {
  const Directory& source;   ///< The session's directory.
  const Directory& archive;  ///< The tree the stage is in.
  DescribedSession& session;
  Checksum checksum;
  unsigned threads;
  CallerProgress& progress;
};

/// Whether the archived session has its own instead of this file of the waiting one: its document,
/// and what begins with ".xa". `path` is relative to the session.
bool IsReplacedInArchive(std::string_view path);

/// I7: kNoSpace "archive.no-space" when so many bytes do not fit into the archive.
Status CheckSpace(const Staging& staging, std::uint64_t bytes);

/// Reads the files whose digests are not known. Fails like CopySession.
Status HashUnknown(Staging& staging);

/// Which files of a session are copied: indices into the inventory's lists.
struct FilesToCopy {
  std::function<bool(std::size_t resource, std::size_t file)> of_resource;
  std::function<bool(std::size_t file)> other;
};
/// All of them.
FilesToCopy WholeSession();

/// Copies the session to `target`, a new directory of the archive tree whose parent exists: the
/// chosen files but those the archived session has its own of (catalogs, document, temporaries), in
/// one read each, hashed on the way.
///
/// kCancelled "archive.cancelled"; kConflict "archive.source-changed" when a file is written to
/// meanwhile; kNoSpace "archive.no-space".
Status CopySession(Staging& staging, const std::string& target, const FilesToCopy& files);

/// Brings every catalog to its archived form, writes it to `targets[i]` of the archive tree, and
/// frees it. Returns what they list.
Result<std::vector<ResourceTotals>> StageCatalogs(Staging& staging, const ArchiveStamp& stamp,
                                                  const std::vector<std::string>& targets);

/// I8: what was hashed, or taken for hashed, is what will be published. kConflict
/// "archive.source-changed" when `source` does not hold what `session` was described from.
Status CheckSourceUnchanged(const Directory& source, const DescribedSession& session,
                            unsigned threads);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_STAGE_SESSION_HPP_
