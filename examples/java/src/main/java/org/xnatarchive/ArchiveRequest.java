package org.xnatarchive;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Asks for one prearchive session to be archived. */
public final class ArchiveRequest extends Request {
  private static final int QUARANTINE = 1;
  private static final int NO_PIPELINES = 2;

  /** What to do with a session that exists. */
  public enum Overwrite {
    /** It is a conflict. */
    NONE,
    /** Add what is not there. */
    APPEND,
    /** Add and replace; what is replaced goes to the history. */
    DELETE
  }

  private final String src;
  private String dest;
  private Overwrite overwrite = Overwrite.NONE;
  private int flags;
  private Duration wait = Duration.ZERO;
  private final Map<String, String> parameters = new LinkedHashMap<>();
  private final Map<String, String> fields = new LinkedHashMap<>();

  private ArchiveRequest(String src) {
    this.src = src;
  }

  /** {@code src}: prearchive URI of one session. */
  public static ArchiveRequest of(String src) {
    return new ArchiveRequest(src);
  }

  /** An archive URI of a project, subject or experiment. */
  public ArchiveRequest dest(String dest) {
    this.dest = dest;
    return this;
  }

  public ArchiveRequest overwrite(Overwrite overwrite) {
    this.overwrite = overwrite;
    return this;
  }

  /** Quarantined, whatever the project says. */
  public ArchiveRequest quarantine() {
    flags |= QUARANTINE;
    return this;
  }

  /** AutoRun is not launched. */
  public ArchiveRequest noPipelines() {
    flags |= NO_PIPELINES;
    return this;
  }

  /** How long to wait for whoever works on it; then {@link XnatArchiveException.Locked}. */
  public ArchiveRequest waitAtMost(Duration wait) {
    this.wait = wait;
    return this;
  }

  /** "project", "subject", "session" or "label", "event_reason". */
  public ArchiveRequest parameter(String name, String value) {
    parameters.put(name, value);
    return this;
  }

  /** One of XNAT's XML paths, and the value to set. */
  public ArchiveRequest field(String path, String value) {
    fields.put(path, value);
    return this;
  }

  @Override
  Struct struct(Arena arena) {
    return Struct.of(arena, "xna_archive_request")
        .set("flags", flags)
        .set("src", src)
        .set("dest", dest)
        .set("overwrite", overwrite.ordinal())
        .set("wait_ms", wait.toMillis())
        .set("parameters", "parameter_count", parameters)
        .set("fields", "field_count", fields);
  }
}
