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

inline constexpr std::string_view kSessionDocument = "session.xml";

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
  /// Digests computed now: one vector per resource, empty or parallel to its files.
  std::vector<std::vector<Digests>> digests;
};

/// Reads the files whose digests are not known.
Status HashUnknown(Staging& staging);

/// Copies the session to `target`, a new directory of the archive tree whose parent exists: all
/// files but those the archived session has its own of (catalogs, document, temporaries), in one
/// read each, hashed on the way.
Status CopySession(Staging& staging, const std::string& target);

/// Brings every catalog to its archived form, writes it to `targets[i]` of the archive tree, and
/// frees it.
Status StageCatalogs(Staging& staging, const ArchiveStamp& stamp,
                     const std::vector<std::string>& targets);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_STAGE_SESSION_HPP_
