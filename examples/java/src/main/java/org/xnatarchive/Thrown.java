package org.xnatarchive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What hooks threw, by the status that stands for it on its way through the library. Some are never
 * asked for, such as an event sink's; so only the last ones are kept.
 */
final class Thrown {
  private static final int HOST_STATUS_MIN = 1000;
  private static final int KEPT_MAX = 256;

  private static final Map<Integer, Throwable> THROWN = new LinkedHashMap<>();
  private static int lastStatus = HOST_STATUS_MIN - 1;

  private Thrown() {}

  /** What a hook threw that failed with this status; null for another. */
  static synchronized Throwable of(int hostStatus) {
    return THROWN.get(hostStatus);
  }

  private static synchronized int keep(Throwable thrown) {
    lastStatus = lastStatus == Integer.MAX_VALUE ? HOST_STATUS_MIN : lastStatus + 1;
    THROWN.put(lastStatus, thrown);
    if (THROWN.size() > KEPT_MAX) THROWN.remove(THROWN.keySet().iterator().next());
    return lastStatus;
  }

  /** The status a callback returns for what its hook threw. */
  static int statusOf(Throwable thrown, MemorySegment callback) {
    if (thrown instanceof XnatArchiveException ours) {
      explain(callback, ours.reason(), ours.getMessage());
      return ours.status();
    }
    if (thrown instanceof HookException ours) {
      explain(callback, ours.reason(), ours.getMessage());
    } else {
      // Its message may hold anything, and goes to logs.
      explain(callback, "java.threw", "a " + thrown.getClass().getSimpleName() + " was thrown");
    }
    return keep(thrown);
  }

  private static void explain(MemorySegment callback, String reason, String message) {
    try (Arena arena = Arena.ofConfined()) {
      Native.call("xna_callback_fail", callback, plain(arena, reason), plain(arena, message));
    }
  }

  /** Whatever it holds: the library puts right what is left. */
  private static MemorySegment plain(Arena arena, String text) {
    return arena.allocateFrom(String.valueOf(text).replace('\0', ' '));
  }
}
