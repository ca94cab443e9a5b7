package org.xnatarchive;

/** Understands one kind of input. May be called on several threads at once. */
public interface ImportHandler {
  /** Its permanent name: [A-Za-z0-9-]{1,32}. */
  String name();

  /** This input is the handler's, when a request names none. What it throws counts as false. */
  default boolean accepts(String inputName, ImportSource.Kind kind) throws Exception {
    return false;
  }

  /**
   * Says which files belong to which session, scan and resource. What it throws ends the import,
   * and changes nothing. May read from the engine.
   */
  void describe(ImportSource source) throws Exception;
}
