package org.xnatarchive;

import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** Asks for a copy of an archived session. */
public final class ExportRequest extends Request {
  private static final int BAG = 1;

  private final String uri;
  private final Path path;
  private final OutputStream stream;
  private boolean bag;

  private ExportRequest(String uri, Path path, OutputStream stream) {
    this.uri = uri;
    this.path = path;
    this.stream = stream;
  }

  /** To a new directory, or a zip when its name ends in ".zip". */
  public static ExportRequest of(String uri, Path path) {
    return new ExportRequest(uri, path, null);
  }

  /** As a zip, on the call's or task's thread; not closed. What it throws ends the call. */
  public static ExportRequest of(String uri, OutputStream stream) {
    return new ExportRequest(uri, null, stream);
  }

  /** A BagIt bag (RFC 8493) in place of the layout of XNAT's downloads. */
  public ExportRequest bag() {
    bag = true;
    return this;
  }

  @Override
  Struct struct(Arena arena) {
    Struct struct =
        Struct.of(arena, "xna_export_request")
            .set("flags", bag ? BAG : 0)
            .set("uri", uri)
            .set("path", path == null ? null : path.toString());
    if (stream == null) return struct;
    return struct.set("output", Hooks.of(arena, "xna_output", "write", stream).memory);
  }
}
