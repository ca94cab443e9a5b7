package org.xnatarchive;

/** Hears one line for each event and each failed call, on several threads at once. */
@FunctionalInterface
public interface LogSink {
  /** How bad it is. */
  enum Level {
    INFO,
    WARNING,
    ERROR
  }

  /** May not call the engine. What it throws is lost. */
  void write(Level level, String line);
}
