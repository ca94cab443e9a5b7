package org.xnatarchive;

/** Hears what has happened. May be called on several threads at once, and may call the engine. */
@FunctionalInterface
public interface EventSink {
  /** What happened. */
  enum Kind {
    RECEIVED,
    BUILT,
    ARCHIVED,
    MERGED,
    REFRESHED,
    DELETED,
    FAILED,
    PIPELINE_FINISHED,
    MOVED,
    /** Of a newer library. */
    UNKNOWN
  }

  /** One thing that happened; texts are "" where there is none. */
  record Event(
      Kind kind,
      int status,
      long timeMs,
      long auditId,
      long scans,
      long files,
      long bytes,
      String user,
      String project,
      String subject,
      String label,
      String experimentId,
      String uri,
      String reason,
      String message) {}

  /** What it throws is noted in the report of the call ("events"), and changes nothing. */
  void notify(Event event) throws Exception;
}
