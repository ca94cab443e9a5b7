package org.xnatarchive;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Asks for catalogs to be brought up to date with the files beside them. */
public final class RefreshRequest extends Request {
  /** What to do. None of the first four: as the site says. */
  public enum Option {
    APPEND,
    CHECKSUM,
    DELETE,
    POPULATE_STATS,
    /** Removes and renews also what looks like an accident. */
    FORCE,
    /** Makes lost and damaged catalogs anew. */
    REBUILD
  }

  private final List<String> uris;
  private final Set<Option> options = EnumSet.noneOf(Option.class);
  private Duration wait = Duration.ZERO;

  private RefreshRequest(List<String> uris) {
    this.uris = uris;
  }

  /** Archive URIs of projects, subjects, experiments, scans, resources. */
  public static RefreshRequest of(String... uris) {
    return new RefreshRequest(List.of(uris));
  }

  public RefreshRequest with(Option... chosen) {
    options.addAll(List.of(chosen));
    return this;
  }

  /** How long to wait for whoever works on a session. */
  public RefreshRequest waitAtMost(Duration wait) {
    this.wait = wait;
    return this;
  }

  @Override
  Struct struct(Arena arena) {
    int flags = 0;
    for (Option option : options) flags |= 1 << option.ordinal();
    return Struct.of(arena, "xna_refresh_request")
        .set("flags", flags)
        .set("uris", "uri_count", uris)
        .set("wait_ms", wait.toMillis());
  }
}
