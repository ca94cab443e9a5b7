package org.xnatarchive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a session that is about to be archived, until the hook returns. A failure of these
 * methods ends the call, also when the hook catches it.
 */
public final class SessionFiles {
  private final MemorySegment handle;

  SessionFiles(MemorySegment handle) {
    this.handle = handle;
  }

  /** Paths relative to the session, sorted. */
  public List<String> paths() {
    List<String> paths = new ArrayList<>();
    for (long i = 0; i < Native.size("xna_session_files_count", handle); i++) {
      paths.add(Native.text("xna_session_files_path", handle, i));
    }
    return paths;
  }

  /** All bytes of one file. */
  public byte[] read(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment name = Native.text(arena, path, "path");
      XnatArchiveException.check(arena, "xna_session_files_read", handle, name, out);
      return Native.take(out.get(ValueLayout.ADDRESS, 0));
    }
  }

  /** These bytes are archived in its place. */
  public void replace(String path, byte[] data) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, data);
      MemorySegment name = Native.text(arena, path, "path");
      long size = data.length;
      XnatArchiveException.check(arena, "xna_session_files_replace", handle, name, bytes, size);
    }
  }

  /** The file is left out. */
  public void reject(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = Native.text(arena, path, "path");
      XnatArchiveException.check(arena, "xna_session_files_reject", handle, name);
    }
  }
}
