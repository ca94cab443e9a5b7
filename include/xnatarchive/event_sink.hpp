// event_sink.hpp - the strategy that hears what has happened.
//
// Events are news, not a log: the audit trail is what is kept. An event is told once its change is
// durable and the store knows of it. A process that dies in between tells nobody, but for what
// recovery finishes later; that is told by whoever finishes it, and may then be told twice.
#ifndef XNATARCHIVE_EVENT_SINK_HPP_
#define XNATARCHIVE_EVENT_SINK_HPP_

#include <cstdint>
#include <string>

#include "xnatarchive/cancelled.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// What happened. Values are permanent.
enum class EventKind : std::int32_t {
  kReceived = 0,   ///< Files came into a prearchive session, a new one or a waiting one.
  kBuilt = 1,      ///< A prearchive session's document and catalogs were made.
  kArchived = 2,   ///< A new session is in the archive.
  kMerged = 3,     ///< Files came into a session that was archived before.
  kRefreshed = 4,  ///< Catalogs of an archived session were brought up to date.
  kDeleted = 5,    ///< A prearchive session was removed.
  /// An Import, Build, Archive, Move or Delete, or the Refresh of one catalog, did not succeed;
  /// `status` is why.
  kFailed = 6,
  kPipelineFinished = 7,  ///< A project's AutoRun ended; `status` is how.
  kMoved = 8,             ///< A prearchive session is in another project.
};

/// One thing that happened. Texts are empty and numbers 0 where they are not known or do not apply.
/// Names are those the engine's reports and tables have; nothing else is told of a patient.
struct Event {
  EventKind kind = EventKind::kReceived;
  std::int64_t time_ms = 0;  ///< Milliseconds since the epoch.
  std::string user;          ///< Who called; of an operation that recovery finished, who began it.
  std::string project;       ///< Empty: Unassigned.
  std::string subject;       ///< Label.
  std::string label;
  std::string experiment_id;
  /// Of the session as it is named afterwards; of a failure, what the request named.
  std::string uri;
  std::int64_t audit_id = 0;  ///< Number of the audit record.
  /// kReceived: new or replaced files of this upload. kBuilt, kArchived, kMerged, kRefreshed: the
  /// whole session as it is now. kDeleted, kMoved: its files.
  std::uint64_t scans = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  Status status;
};

/// Hears events.
///
/// Threads:   Notify may be called from several threads at once, always on a caller's own.
/// Ownership: shared with the engine, which calls nothing after its destruction.
class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;
  virtual ~EventSink() = default;

  /// Tells one event, before the call that made it happen returns: the caller waits. No lock is
  /// held, so the engine may be called from here, in any way. An exception changes nothing and
  /// stops no other event; Import and Archive report it as `events` ("events.threw"), other calls
  /// have no place for it. How far a call is goes to CallOptions::progress and not here. What
  /// ArchiveEngine::Open recovers is told before there is an engine to call.
  virtual void Notify(const Event& event, const Cancelled& cancelled) = 0;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_EVENT_SINK_HPP_
