package org.xnatarchive;

/** Hears how far a call is, on the call's thread, at most ten times a second. */
@FunctionalInterface
public interface ProgressListener {
  /** How far a call is; totals are 0 while unknown. {@code phase} is null before the first news. */
  record Progress(String phase, long filesDone, long filesTotal, long bytesDone, long bytesTotal) {}

  /** False cancels; so does throwing. May not call the engine. */
  boolean update(Progress progress) throws Exception;
}
