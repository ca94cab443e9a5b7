// build_session.hpp - makes a waiting session's document and catalogs from its DICOM headers.
#ifndef XNATARCHIVE_PREARCHIVE_BUILD_SESSION_HPP_
#define XNATARCHIVE_PREARCHIVE_BUILD_SESSION_HPP_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "archive/operation.hpp"
#include "archive/session_inventory.hpp"
#include "base/named_values.hpp"
#include "prearchive/file_index.hpp"
#include "store/store.hpp"
#include "xnatarchive/import_handler.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {

/// Whether a parameter of an upload is XNAT's XML path of a value that every build of its session
/// sets, such as "xnat:mrSessionData/note".
bool IsXmlPath(std::string_view name);

/// Which session is built, and for whom.
struct BuildRequest {
  PrearchiveId id;
  Actor actor;
  std::function<bool(std::uint64_t)> progress = {};
  SessionLocks held = {};        ///< Its lock, when the caller has it: it is released at the end.
  bool archive_pending = false;  ///< Of the session that was built.
  /// XML paths and their values, kept with the row as those of an upload are: this build and every
  /// later one sets them. They replace what was kept for the same path.
  NamedValues fields = {};
};

/// Builds the session and leaves it READY: document, catalogs and file places are new,
/// all together. Only files that changed since they were received or built are read.
///
/// Resources of the previous document that are not made of DICOM survive. Takes the session's lock
/// (kLocked). On any failure the previous document, the catalogs and the files are as they were. A
/// session that can not be built is in ERROR afterwards, with the reason in its log:
/// "build.no-dicom", "build.several-studies", "build.no-type" (kInvalidArgument), or kCorruption.
/// Failures of the disk leave the row as it was, and so does kCancelled "build.cancelled":
/// `progress` is told how many files were looked at, and false stops.
Result<PrearchiveSession> BuildPrearchiveSession(const Trees& trees, Store& store,
                                                 BuildRequest request,
                                                 const Acknowledge& acknowledge);

/// What a build would make of the session.
struct BuildPreview {
  /// With all resources that the document would have, but the catalogs of those alone that a build
  /// makes.
  SessionDraft draft;
  /// What would lie there, but for catalogs and a log that are not there yet.
  SessionInventory inventory;
  /// Where the files lie now that a build would move, by the paths they would have.
  std::unordered_map<std::string, std::string> received_at;
};

/// Builds in memory and writes nothing. The failures of BuildPrearchiveSession, except its lock's.
Result<BuildPreview> PreviewBuild(const Trees& trees, const PrearchiveSession& row);

/// The store's part of a "build" plan. Repeatable.
Status AcknowledgeBuild(Store& store, const OperationPlan& plan);

/// Removes the session, its document and its row for good. Takes the session's lock (kLocked).
/// kNotFound "prearchive.not-found" when it is not there any more.
Status DeletePrearchiveSession(const Trees& trees, Store& store, const PrearchiveId& id,
                               const Actor& actor, const Acknowledge& acknowledge);

/// The store's part of a "delete" plan. Repeatable.
Status AcknowledgeDelete(Store& store, const OperationPlan& plan);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_BUILD_SESSION_HPP_
