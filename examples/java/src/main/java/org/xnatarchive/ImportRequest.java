package org.xnatarchive;

import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** One input: a path, bytes, or a stream. */
public final class ImportRequest extends Request {
  private final Path path;
  private final byte[] data;
  private final InputStream stream;
  private String handler;
  private String dest;
  private final Map<String, String> parameters = new LinkedHashMap<>();

  private ImportRequest(Path path, byte[] data, InputStream stream) {
    this.path = path;
    this.data = data;
    this.stream = stream;
  }

  /** A file, folder or container. */
  public static ImportRequest of(Path path) {
    return new ImportRequest(path, null, null);
  }

  /** A container or file in memory. Copied when the call begins. */
  public static ImportRequest of(byte[] data) {
    return new ImportRequest(null, data, null);
  }

  /**
   * A container or file that is still coming in. Read on the call's or task's thread, and not
   * closed. What it throws ends the call. A read that blocks is not cancelled: closing the stream
   * ends it.
   */
  public static ImportRequest of(InputStream stream) {
    return new ImportRequest(null, null, stream);
  }

  /** By name; without it the first that accepts the input. */
  public ImportRequest handler(String handler) {
    this.handler = handler;
    return this;
  }

  /** A prearchive or archive URI; an archive URI archives at once. */
  public ImportRequest dest(String dest) {
    this.dest = dest;
    return this;
  }

  /** XNAT's "project", "subject", "session", "rename", ..., or a handler's own. */
  public ImportRequest parameter(String name, String value) {
    parameters.put(name, value);
    return this;
  }

  /** The arena has to live until the call has ended. */
  @Override
  Struct struct(Arena arena) {
    Struct struct =
        Struct.of(arena, "xna_import_request")
            .set("path", path == null ? null : path.toString())
            .set("handler", handler)
            .set("dest", dest)
            .set("parameters", "parameter_count", parameters);
    if (data != null) {
      // Of nothing, too, an address: it is not the same as no data.
      MemorySegment copy = arena.allocate(Math.max(data.length, 1));
      MemorySegment.copy(data, 0, copy, ValueLayout.JAVA_BYTE, 0, data.length);
      struct.set("data", copy).set("data_size", (long) data.length);
    }
    if (stream == null) return struct;
    return struct.set("input", Hooks.of(arena, "xna_input", "read", stream).memory);
  }
}
