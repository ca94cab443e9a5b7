package org.xnatarchive;

/** A host's own checks of what is archived. May be called on several threads at once. */
@FunctionalInterface
public interface SessionValidator {
  /** Looks, and tells the candidate what is wrong. What it throws ends the call. */
  void validate(Candidate candidate) throws Exception;
}
