package org.xnatarchive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A call that runs on a thread of the library. Fully thread-safe. It goes on whether anybody keeps
 * this object or not; closing it before it has ended cancels it, and waits for nothing.
 */
public final class Task implements Future<Report>, AutoCloseable {
  private static final long SLICE_MS = 50;

  private final MemorySegment handle;
  private final Call call;
  private final Cleaner.Cleanable owned;

  /** {@code arena}: of what the library reads until the task has ended. */
  Task(MemorySegment handle, Call call, Arena arena) {
    this.handle = handle;
    this.call = call;
    owned = Engine.CLEANER.register(this, () -> Native.call("xna_task_free", handle));
    // The library holds the call, so this is not collected while the task runs.
    call.attached = new Object[] {this, arena};
  }

  /** How far it is, or was when it ended. */
  public ProgressListener.Progress progress() {
    try (Arena arena = Arena.ofConfined()) {
      Struct progress = Struct.of(arena, "xna_progress");
      XnatArchiveException.check(arena, "xna_task_progress", handle, progress.memory);
      return Call.progressOf(progress);
    }
  }

  /** Asks it to stop; false when it has ended. */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (isDone()) return false;
    Native.call("xna_task_cancel", handle);
    return true;
  }

  @Override
  public boolean isDone() {
    return Native.number("xna_task_wait", handle, 0L) != 0;
  }

  /** It has ended, and as cancelled: one past the point where it can be is not. */
  @Override
  public boolean isCancelled() {
    return isDone() && exceptionOrNull() instanceof XnatArchiveException.Cancelled;
  }

  private Throwable exceptionOrNull() {
    try {
      result();
      return null;
    } catch (RuntimeException e) {
      return e;
    }
  }

  /**
   * Waits until it has ended; interrupting the thread that waits does not cancel the task.
   *
   * @throws ExecutionException its cause is what the call failed with
   * @throws CancellationException when it was cancelled
   */
  @Override
  public Report get() throws InterruptedException, ExecutionException {
    while (!await(SLICE_MS)) {}
    return reported();
  }

  @Override
  public Report get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    long end = System.nanoTime() + unit.toNanos(timeout);
    for (long left = 1; !await(Math.min(left, SLICE_MS)); ) {
      left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) throw new TimeoutException("the task has not ended");
    }
    return reported();
  }

  private boolean await(long ms) throws InterruptedException {
    if (Thread.interrupted()) throw new InterruptedException();
    return Native.number("xna_task_wait", handle, ms) != 0;
  }

  private Report reported() throws ExecutionException {
    try {
      return result();
    } catch (XnatArchiveException.Cancelled e) {
      CancellationException cancelled = new CancellationException(e.getMessage());
      cancelled.initCause(e);
      throw cancelled;
    } catch (RuntimeException e) {
      throw new ExecutionException(e);
    }
  }

  /**
   * What {@link Engine}'s method of the same name would return or throw: waits until it has ended.
   */
  public Report join() {
    Native.number("xna_task_wait", handle, -1L);
    return result();
  }

  private Report result() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      XnatArchiveException.check(arena, "xna_task_result", handle, out);
      return Report.take(out.get(ValueLayout.ADDRESS, 0));
    } catch (XnatArchiveException e) {
      throw call.because(e);
    }
  }

  @Override
  public void close() {
    owned.clean();
  }
}
