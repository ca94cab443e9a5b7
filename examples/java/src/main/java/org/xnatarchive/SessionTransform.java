package org.xnatarchive;

/** Rewrites sessions on their way into the archive. May be called on several threads at once. */
public interface SessionTransform {
  /** Name and version, such as "anonymize 2.1". */
  String name();

  /**
   * {@code document} is the one that will be archived. What it throws ends the call, and changes
   * nothing.
   */
  void transform(Candidate candidate, SessionFiles files, SessionDocument document)
      throws Exception;
}
