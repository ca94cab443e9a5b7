// prearchive_session.hpp - one session waiting in the prearchive, and the states it goes through.
//
// The columns and the state names are XNAT's, because clients read both. XNAT has no table of
// permitted state changes: any caller may set any state, and sessions get stuck or are archived
// half received. `MayChange` is that table here, and the store applies no change that it forbids.
#ifndef XNATARCHIVE_PREARCHIVE_SESSION_HPP_
#define XNATARCHIVE_PREARCHIVE_SESSION_HPP_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace xnatarchive {

/// What is being done with a prearchive session. Four resting states (RECEIVING, READY, CONFLICT,
/// ERROR); for each operation X the states QUEUED_X (wanted), X (started) and _X (the session is
/// locked by whoever does X); and RECEIVING_INTERRUPT: files came in during a build, so that its
/// result is stale.
enum class PrearchiveState : std::uint8_t {
  kArchiving,
  kBuilding,
  kConflict,
  kDeleting,
  kError,
  kMoving,
  kReady,
  kReceiving,
  kReceivingInterrupt,
  kSeparating,
  kQueuedArchiving,
  kQueuedBuilding,
  kQueuedDeleting,
  kQueuedMoving,
  kQueuedSeparating,
  kLockedArchiving,
  kLockedBuilding,
  kLockedConflict,
  kLockedDeleting,
  kLockedMoving,
  kLockedReceiving,
  kLockedReceivingInterrupt,
  kLockedSeparating,
};

/// Number of states; their values are 0 to kPrearchiveStateCount - 1.
inline constexpr std::size_t kPrearchiveStateCount = 23;

/// Returns XNAT's name: "READY", "QUEUED_BUILDING", "_ARCHIVING".
std::string_view PrearchiveStateName(PrearchiveState state) noexcept;
/// Reads XNAT's name, case and all. nullopt for anything else.
std::optional<PrearchiveState> ParsePrearchiveState(std::string_view name) noexcept;

/// Returns true for the eight states whose name begins with '_'.
bool IsLocked(PrearchiveState state) noexcept;

/// Says whether a session may go from one state to another.
///
/// - A resting state may become any resting state, and may be queued for or start any operation,
///   except that a session still RECEIVING is not archived or separated before it was built.
///   RECEIVING to RECEIVING is how the receipt of another file is noted.
/// - QUEUED_X may become X, or a resting state (taken off the queue), or be queued for or start a
///   move or a deletion instead.
/// - X may become _X, or a resting state. BUILDING may also become RECEIVING_INTERRUPT, or be
///   queued for or start a separation.
/// - _X may become a resting state: done, failed, or taken over from an owner that died. _BUILDING
///   may also become RECEIVING_INTERRUPT.
/// - RECEIVING and CONFLICT may be locked too; _RECEIVING and _CONFLICT become a resting state.
/// - RECEIVING_INTERRUPT never becomes READY, for the build that runs is stale: only itself
/// (another
///   file), RECEIVING, ERROR, or its locked form, which goes back to these.
bool MayChange(PrearchiveState from, PrearchiveState to) noexcept;

/// Whether sessions go on from the prearchive by themselves. Values are XNAT's project codes.
enum class PrearchiveCode : std::int32_t {
  kManual = 0,                ///< Wait for a person.
  kAutoArchive = 4,           ///< Archive; refuse to overwrite.
  kAutoArchiveOverwrite = 5,  ///< Archive; overwrite what is there.
};

/// Returns "Manual", "AutoArchive" or "AutoArchiveOverwrite".
std::string_view PrearchiveCodeName(PrearchiveCode code) noexcept;
/// Reads such a name, or the number "0", "4" or "5". nullopt for anything else.
std::optional<PrearchiveCode> ParsePrearchiveCode(std::string_view text) noexcept;

/// XNAT's spelling of "no project is known", in URIs, tables and unique keys.
inline constexpr std::string_view kUnassigned = "Unassigned";

/// What identifies a prearchive session: /prearchive/projects/PROJECT/TIMESTAMP/FOLDER.
struct PrearchiveId {
  std::string project;    ///< Empty when no project is known.
  std::string timestamp;  ///< Directory name, "yyyyMMdd_HHmmssSSS".
  std::string folder;     ///< Directory name; at first the label, which may change later.
};

/// One row of the prearchive table: XNAT's columns in XNAT's order (its name where it differs),
/// then ours. Texts may be empty, and are where XNAT has NULL. Times are milliseconds since the
/// epoch.
struct PrearchiveSession {
  std::string project;                ///< Empty when no project is known (Unassigned).
  std::string timestamp;              ///< Directory name, "yyyyMMdd_HHmmssSSS".
  std::int64_t last_modified_ms = 0;  ///< `lastmod`: last activity.
  std::int64_t uploaded_ms = 0;       ///< `uploaded`: arrival of the first file.
  std::string scan_date;              ///< Study date as tables show it, "yyyy-MM-dd HH:mm:ss.S".
  std::string scan_time;
  std::string subject;    ///< Subject label.
  std::string folder;     ///< `folderName`: directory name.
  std::string label;      ///< `name`: session label, the experiment's label once archived.
  std::string study_uid;  ///< `tag`: Study Instance UID.
  PrearchiveState state = PrearchiveState::kReceiving;  ///< `status`.
  std::string url;  ///< Session directory relative to the prearchive root, '/' separated.
  std::optional<PrearchiveCode> auto_archive;  ///< Absent: the project's code decides.
  bool prevent_anon = false;                   ///< Skip site-wide anonymisation on receipt.
  bool prevent_auto_commit = false;            ///< Nothing is done because no file came for long.
  std::string source;                          ///< Such as "uploader".
  std::string visit;
  std::string protocol;
  std::string time_zone;  ///< `TIMEZONE`.

  /// What the uploads asked for and what is done later needs: names of ImportRequest::parameters.
  std::map<std::string, std::string> parameters;
  /// Built because no file came for some time, and to be archived for the same reason; that was not
  /// possible yet, or its process died. ArchiveEngine::CommitIdle tries again.
  bool archive_pending = false;
  std::int64_t key = 0;      ///< Permanent number of the row, kept through a move; set on insert.
  std::int64_t version = 0;  ///< Raised by every change of the row; set by the store.

  /// What names it.
  PrearchiveId Id() const { return {project, timestamp, folder}; }
  /// Of `parameters`; empty when absent.
  std::string Parameter(std::string_view name) const;
};

/// Whether listings tell a session that was submitted to a job at `submitted_ms` (since the epoch)
/// as QUEUED_ARCHIVING until the job takes it: it may be queued as it is, or was RECEIVING, which
/// the job will build. A file that came since is news: that one is told as RECEIVING.
bool IsToldAsQueued(const PrearchiveSession& row, std::int64_t submitted_ms) noexcept;

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_SESSION_HPP_
