package org.xnatarchive;

/** Runs AutoRun. May be called on several threads at once, and may call the engine. */
@FunctionalInterface
public interface PipelineLauncher {
  /** What is asked for. */
  record Request(
      String command,
      String project,
      String subjectLabel,
      String sessionLabel,
      String experimentId,
      String uri,
      String directory,
      String user,
      long timeoutMs) {}

  /** Of one launch, until it returns. */
  interface Context {
    /** Nobody waits for the call any more: return soon. */
    boolean cancelled();

    /** Adds to the output that goes into the audit record. */
    void print(String output);
  }

  /**
   * Returns when the pipeline has ended; false leaves the command to /bin/sh. What it throws stands
   * as "pipeline" in the report of the call, and changes nothing.
   */
  boolean launch(Request request, Context context) throws Exception;
}
