package org.xnatarchive;

import java.lang.foreign.Arena;

/** A project. */
public final class Project extends Request {
  private final String id;
  private int prearchiveCode;
  private boolean quarantine;
  private String autorun;

  /** {@code id}: a valid label, unique ignoring case. */
  public Project(String id) {
    this.id = id;
  }

  /** 0: sessions wait; 4: archived at once; 5: the same, overwriting. */
  public Project prearchiveCode(int prearchiveCode) {
    this.prearchiveCode = prearchiveCode;
    return this;
  }

  /** Archived sessions are quarantined. */
  public Project quarantine() {
    quarantine = true;
    return this;
  }

  /** Command for the launcher. */
  public Project autorun(String autorun) {
    this.autorun = autorun;
    return this;
  }

  @Override
  Struct struct(Arena arena) {
    return Struct.of(arena, "xna_project")
        .set("id", id)
        .set("prearchive_code", prearchiveCode)
        .set("quarantine_code", quarantine ? 1 : 0)
        .set("autorun", autorun);
  }
}
