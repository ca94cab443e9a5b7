package org.xnatarchive;

import com.google.gson.JsonObject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A session that is about to be archived, until the hook returns. */
public final class Candidate {
  /** What a finding does. */
  public enum Severity {
    /** Keeps the session in the prearchive. */
    FAIL,
    /** Is told, and the session archived. */
    WARN
  }

  private final MemorySegment handle;

  Candidate(MemorySegment handle) {
    this.handle = handle;
  }

  /** Its document as it would be archived; read-only. */
  public SessionDocument document() {
    return SessionDocument.borrowed(Native.pointer("xna_candidate_document", handle));
  }

  /** "project", "subject", "label", "exists", and "resources" with every file. */
  public JsonObject json() {
    return Native.json("xna_candidate_json", handle);
  }

  /** Adds what a validator has found: a slug, and one line without patient data. */
  public void find(Severity severity, String reason, String message) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment why = Native.text(arena, reason, "reason");
      MemorySegment told = Native.text(arena, message, "message");
      Native.call("xna_candidate_find", handle, severity.ordinal(), why, told);
    }
  }
}
