package org.xnatarchive;

import com.google.gson.JsonObject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;

/**
 * The document of a session: of one that is there a read-only copy, in a hook perhaps the one that
 * will be archived. Paths are XNAT's, as in "scanner/@model": see xna_document_get. One thread at a
 * time. One that is forgotten is freed when it is collected; a hook's is over when the hook
 * returns.
 */
public final class SessionDocument implements AutoCloseable {
  private final MemorySegment handle;
  private final Cleaner.Cleanable owned;

  private SessionDocument(MemorySegment handle, boolean owned) {
    this.handle = handle;
    this.owned =
        owned
            ? Engine.CLEANER.register(this, () -> Native.call("xna_document_free", handle))
            : null;
  }

  static SessionDocument owned(MemorySegment handle) {
    return new SessionDocument(handle, true);
  }

  static SessionDocument borrowed(MemorySegment handle) {
    return new SessionDocument(handle, false);
  }

  public List<String> scanIds() {
    List<String> ids = new ArrayList<>();
    for (long i = 0; i < Native.size("xna_document_scan_count", handle); i++) {
      ids.add(Native.text("xna_document_scan_id", handle, i));
    }
    return ids;
  }

  /** A value of the session; "" when it is not set. */
  public String get(String path) {
    return get(null, path);
  }

  /** A value of a scan; "" when it is not set, null when the scan is not there. */
  public String get(String scanId, String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment scan = Native.text(arena, scanId, "scanId");
      return Native.text("xna_document_get", handle, scan, Native.text(arena, path, "path"));
    }
  }

  /** Sets a value of the session; "" removes it. */
  public void set(String path, String value) {
    set(null, path, value);
  }

  /**
   * Sets a value of a scan.
   *
   * @throws XnatArchiveException "document.no-scan", "document.read-only"
   */
  public void set(String scanId, String path, String value) {
    try (Arena arena = Arena.ofConfined()) {
      XnatArchiveException.check(
          arena,
          "xna_document_set",
          handle,
          Native.text(arena, scanId, "scanId"),
          Native.text(arena, path, "path"),
          Native.text(arena, value, "value"));
    }
  }

  /**
   * Adds a scan, such as ("1", "xnat:mrScanData"), at the end.
   *
   * @throws XnatArchiveException "document.scan-exists", "document.read-only"
   */
  public void addScan(String scanId, String xsiType) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment id = Native.text(arena, scanId, "scanId");
      MemorySegment type = Native.text(arena, xsiType, "xsiType");
      XnatArchiveException.check(arena, "xna_document_add_scan", handle, id, type);
    }
  }

  /** All of it, as it is now. */
  public JsonObject json() {
    return Native.json("xna_document_json", handle);
  }

  @Override
  public void close() {
    if (owned != null) owned.clean();
  }
}
