// join_session.hpp - how files that arrive later become part of a session that waits already.
#ifndef XNATARCHIVE_PREARCHIVE_JOIN_SESSION_HPP_
#define XNATARCHIVE_PREARCHIVE_JOIN_SESSION_HPP_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "archive/operation.hpp"
#include "prearchive/file_index.hpp"
#include "prearchive/session_paths.hpp"

namespace xnatarchive {

struct JoinedSession {
  std::vector<Step> steps;  ///< Moves staged files into the session.
  /// Of all files afterwards, or only of those that came one by one: what is to be written to
  /// `index_path`.
  FileIndex index;
  std::string index_path;
  bool late_index_ends = false;  ///< There is one, and `index` has what is in it.
  std::uint64_t files_received = 0;
  std::uint64_t files_identical = 0;
  std::uint64_t bytes_received = 0;
};

/// So many files may be in the late index (file_index.hpp): few enough to write them again for
/// every file that comes, many enough that looking at all files of the session is rare.
inline constexpr std::size_t kLateFilesMax = 256;

/// Plans it. `incoming` describes the files below `stage`, laid out as a session directory; the
/// session's lock is held. Nothing is written. Rules: PublishReceived.
///
/// A few objects that the session's indexes do not have go to the late index without a look at
/// those that are there, but for the names they get. So an object that somebody has put into the
/// directory by hand, and that no build has seen, is not recognised when it is sent, too.
Result<JoinedSession> PlanJoin(const Directory& prearchive, const SessionPaths& session,
                               const std::string& stage, const FileIndex& incoming);

/// What the index and the late index beside the session say together. An unreadable or missing one
/// is empty.
FileIndex CachedIndex(const Directory& prearchive, const SessionPaths& session);

/// The session's files as they are on disk now: what its index says where size and modification
/// time still match; other DICOM files have their header read anew (digests stay empty).
/// `others` receives the paths of files that are not DICOM and that the index does not know, except
/// catalogs, logs and side-cars. A file that was DICOM and can not be read any more is ReadHeader's
/// failure. `progress`, when given, is told the number of files looked at;
/// false ends the call with kCancelled "build.cancelled".
Result<FileIndex> ReadSessionIndex(const Directory& prearchive, const SessionPaths& session,
                                   std::vector<std::string>* others,
                                   const std::function<bool(std::uint64_t)>& progress = {});

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_JOIN_SESSION_HPP_
