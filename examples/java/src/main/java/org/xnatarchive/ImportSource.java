package org.xnatarchive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One import, as its handler sees it, until describe returns; afterwards using it, or what came
 * from it, is an exception or finds nothing.
 */
public final class ImportSource {
  /** What is imported. */
  public enum Kind {
    FILE,
    FOLDER,
    CONTAINER,
    PREARCHIVE_SESSION,
    SESSION_BAG,
    /** Of a newer library, or of no import. */
    UNKNOWN;

    static Kind of(int value) {
      return value < 0 || value >= UNKNOWN.ordinal() ? UNKNOWN : values()[value];
    }
  }

  /** Looks at one file. */
  @FunctionalInterface
  public interface Visitor {
    void visit(ImportedFile file) throws Exception;
  }

  private final MemorySegment handle;
  private final MemorySegment callback;

  ImportSource(MemorySegment handle, MemorySegment callback) {
    this.handle = handle;
    this.callback = callback;
  }

  /** Last component of a path, "-" for a stream. */
  public String name() {
    return Native.text("xna_import_name", handle);
  }

  public Kind kind() {
    return Kind.of(Native.number("xna_import_kind", handle));
  }

  /** Nobody waits for the call any more: return soon. */
  public boolean cancelled() {
    return Native.number("xna_callback_cancelled", callback) == 1;
  }

  /** A parameter of the request; null when it was not given. */
  public String parameter(String name) {
    try (Arena arena = Arena.ofConfined()) {
      return Native.text("xna_import_parameter", handle, Native.text(arena, name, "name"));
    }
  }

  /** ID of the project of this ID or alias; null when there is none that the user may edit. */
  public String findProject(String name) {
    try (Arena arena = Arena.ofConfined()) {
      return Native.text("xna_import_find_project", handle, Native.text(arena, name, "name"));
    }
  }

  /**
   * Calls {@code visitor} once for each file, in the input's order. What it throws, this throws.
   */
  public void forEachFile(Visitor visitor) throws Exception {
    try (Arena arena = Arena.ofConfined();
        Hooks.Visit visit = new Hooks.Visit(visitor, callback)) {
      try {
        XnatArchiveException.check(
            arena, "xna_import_each_file", handle, visit.function(), visit.context());
      } catch (XnatArchiveException e) {
        throw visit.thrown() == null ? e : visit.thrown();
      }
    }
  }

  /** Appends an empty session. */
  public ImportedSession addSession() {
    MemorySegment session = Native.pointer("xna_import_add_session", handle);
    if (Native.isNull(session)) throw new IllegalStateException("the import is over");
    return new ImportedSession(session);
  }

  /** Keeps the file as part of a resource of the session. */
  public void keep(ImportedFile file, ImportedSession session, Entry entry) {
    try (Arena arena = Arena.ofConfined()) {
      XnatArchiveException.check(
          arena,
          "xna_import_keep",
          handle,
          file.handle,
          session.handle,
          Native.text(arena, entry.scan(), "scan"),
          Native.text(arena, entry.resource(), "resource"),
          entry.struct(arena).memory);
    }
  }

  /** Leaves the file out: counted and told, not an error. */
  public void skip(ImportedFile file, String reason, String message) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment why = Native.text(arena, reason, "reason");
      MemorySegment told = Native.text(arena, message, "message");
      Native.call("xna_import_skip", handle, file.handle, why, told);
    }
  }

  /** One file, until its visit returns. */
  public static final class ImportedFile {
    private final MemorySegment handle;

    ImportedFile(MemorySegment handle) {
      this.handle = handle;
    }

    /** Path inside the input. */
    public String path() {
      return Native.text("xna_file_path", handle);
    }

    /** Bytes; -1 where the input does not say. */
    public long size() {
      return Native.size("xna_file_size", handle);
    }

    /** Its first bytes, or all of a shorter file. Reading does not use it up. */
    public byte[] head(long sizeMax) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
        MemorySegment error = arena.allocate(ValueLayout.ADDRESS);
        MemorySegment bytes = Native.pointer("xna_file_head", handle, sizeMax, size, error);
        MemorySegment failure = error.get(ValueLayout.ADDRESS, 0);
        if (!Native.isNull(failure)) throw XnatArchiveException.taken(failure);
        return Native.bytesAt(bytes, size.get(ValueLayout.JAVA_LONG, 0));
      }
    }
  }

  /** One session a handler has found. */
  public static final class ImportedSession {
    private static final int NEEDS_BUILD = 1;
    private static final int AUTO_ARCHIVE = 2;
    private static final int WAIT_FOR_USER = 4;

    private final MemorySegment handle;

    ImportedSession(MemorySegment handle) {
      this.handle = handle;
    }

    /** To be filled: xsi_type, label, subject_ID and at least one scan. */
    public SessionDocument document() {
      return SessionDocument.borrowed(Native.pointer("xna_session_document", handle));
    }

    /**
     * Sets what the prearchive is told.
     *
     * @param needsBuild it has to be built from its DICOM headers first
     * @param archiveAtOnce what the data says: true at once, false not, null nothing
     * @param scanDate yyyy-MM-dd, or null
     * @param scanTime HH:mm:ss, or null
     */
    public void describe(
        boolean needsBuild, Boolean archiveAtOnce, String scanDate, String scanTime) {
      int flags = needsBuild ? NEEDS_BUILD : 0;
      if (archiveAtOnce != null) flags |= archiveAtOnce ? AUTO_ARCHIVE : WAIT_FOR_USER;
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment date = Native.text(arena, scanDate, "scanDate");
        MemorySegment time = Native.text(arena, scanTime, "scanTime");
        XnatArchiveException.check(arena, "xna_session_describe", handle, flags, date, time);
      }
    }
  }

  /**
   * Where a file goes and what it is; of texts but {@code resource} any may be null.
   *
   * @param scan null: the session's own
   * @param resource label of the resource
   * @param uri path inside the resource; null: the file's path
   * @param uid SOP Instance UID
   * @param instanceNumber -1: none
   */
  public record Entry(
      String scan,
      String resource,
      String uri,
      String format,
      String content,
      String uid,
      long instanceNumber,
      boolean dicom) {
    private static final int DICOM = 1;

    public static Entry of(String scan, String resource, String format) {
      return new Entry(scan, resource, null, format, null, null, -1, false);
    }

    private Struct struct(Arena arena) {
      return Struct.of(arena, "xna_entry")
          .set("flags", dicom ? DICOM : 0)
          .set("uri", uri)
          .set("format", format)
          .set("content", content)
          .set("uid", uid)
          .set("instance_number", instanceNumber);
    }
  }
}
