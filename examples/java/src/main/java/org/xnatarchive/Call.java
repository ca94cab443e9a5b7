package org.xnatarchive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One call: what the library's callback asks for progress, and what came of it. */
final class Call {
  private final CallOptions options;
  private volatile Throwable failure;

  /** Kept until the library has released the call. */
  volatile Object attached;

  private final Struct struct;

  /** Throws when a text of the options is none. */
  Call(Arena arena, CallOptions options) {
    this.options = options;
    struct =
        Struct.of(arena, "xna_call_options")
            .set("user", options.user())
            .set("origin", options.origin());
    if (options.cancel() != null) struct.set("cancel", options.cancel().handle);
  }

  /** For one function of the library, which has to be called: it releases the callback. */
  MemorySegment struct(Arena arena) {
    Struct sink = Hooks.of(arena, "xna_progress_sink", "update", this);
    return struct.set("progress", sink.memory).memory;
  }

  static ProgressListener.Progress progressOf(Struct progress) {
    return new ProgressListener.Progress(
        progress.text("phase"),
        progress.size("files_done"),
        progress.size("files_total"),
        progress.size("bytes_done"),
        progress.size("bytes_total"));
  }

  boolean goesOn(Struct progress) throws Exception {
    if (Thread.currentThread().isInterrupted()) return false;
    return options.progress() == null || options.progress().update(progressOf(progress));
  }

  void fail(Throwable thrown) {
    failure = thrown;
  }

  /** What to throw for a call that has failed: what its progress listener threw, if it did. */
  RuntimeException because(XnatArchiveException thrown) {
    if (failure instanceof Error fatal) throw fatal;
    if (failure instanceof RuntimeException unchecked) return unchecked;
    return failure == null ? thrown : thrown.causedBy(failure);
  }
}
