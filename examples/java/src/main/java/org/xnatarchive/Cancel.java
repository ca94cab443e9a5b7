package org.xnatarchive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;

/** Stops calls from another thread, for good. Fully thread-safe. */
public final class Cancel implements AutoCloseable {
  final MemorySegment handle;
  private final Cleaner.Cleanable owned;

  public Cancel() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      XnatArchiveException.check(arena, "xna_cancel_create", out);
      MemorySegment made = out.get(ValueLayout.ADDRESS, 0);
      handle = made;
      owned = Engine.CLEANER.register(this, () -> Native.call("xna_cancel_free", made));
    }
  }

  /**
   * Every call that was given it, or will be, ends with {@link XnatArchiveException.Cancelled}
   * within a tenth of a second, unless it is past the point where it can: then it goes on to its
   * end.
   */
  public void request() {
    Native.call("xna_cancel_request", handle);
  }

  @Override
  public void close() {
    owned.clean();
  }
}
