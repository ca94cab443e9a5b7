package org.xnatarchive;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Objects of the host as the library's structs of callbacks.
 *
 * <p>There is one C function for each callback, for good, so none can be called that is freed. What
 * it is about is told by its ctx, a number that names what the host gave until the library releases
 * it. Nothing is thrown out of one: that would end the process.
 */
final class Hooks {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final int PASSTHROUGH = -1;
  private static final int READ_BYTES_MAX = 1 << 20;

  private static final Map<Long, Object> GIVEN = new ConcurrentHashMap<>();
  private static final AtomicLong LAST_CONTEXT = new AtomicLong();
  private static final Map<String, MemorySegment> FUNCTIONS = new ConcurrentHashMap<>();

  private Hooks() {}

  /** How many objects the library has not released yet. */
  static int held() {
    return GIVEN.size();
  }

  /**
   * The struct of this name, such as "xna_input", whose callback {@code member} is about {@code
   * host}. The function it is given to has to be called: it releases it.
   */
  static Struct of(Arena arena, String struct, String member, Object host) {
    Struct made =
        Struct.of(arena, struct)
            .set(member, function(struct + "." + member, member))
            .set("release", function(struct + ".release", "release"));
    long context = LAST_CONTEXT.incrementAndGet();
    GIVEN.put(context, host);
    return made.set("ctx", MemorySegment.ofAddress(context));
  }

  /** The C function of a callback, made when first asked for. */
  static MemorySegment function(String callback, String member) {
    return FUNCTIONS.computeIfAbsent(callback, name -> stub(member, Native.callback(name)));
  }

  /** The method of this class that has the member's name and types. */
  private static MemorySegment stub(String member, FunctionDescriptor type) {
    try {
      MethodHandle target = LOOKUP.findStatic(Hooks.class, member, type.toMethodType());
      return Linker.nativeLinker().upcallStub(target, type, Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a callback that returns xna_status does. */
  @FunctionalInterface
  private interface Body<H> {
    int run(H host) throws Exception;
  }

  @SuppressWarnings("unchecked") // Each struct's context is of what `of` was given for it.
  private static <H> H host(MemorySegment context) {
    return (H) GIVEN.get(context.address());
  }

  private static <H> int guarded(MemorySegment context, MemorySegment callback, Body<H> body) {
    try {
      return body.run(host(context));
    } catch (Throwable e) {
      return Thrown.statusOf(e, callback);
    }
  }

  // The callbacks, by their names and types in the header.

  private static void release(MemorySegment context) {
    GIVEN.remove(context.address());
  }

  private static int allows(
      MemorySegment context,
      MemorySegment user,
      int permission,
      MemorySegment project,
      MemorySegment callback) {
    return Hooks.<AccessPolicy>guarded(
        context,
        callback,
        policy -> {
          AccessPolicy.Permission wanted = AccessPolicy.Permission.values()[permission];
          boolean allowed = policy.allows(Native.textAt(user), wanted, Native.textAt(project));
          return allowed ? XnatArchiveException.OK : XnatArchiveException.PERMISSION;
        });
  }

  private static int notify(MemorySegment context, MemorySegment event, MemorySegment callback) {
    return Hooks.<EventSink>guarded(
        context,
        callback,
        sink -> {
          sink.notify(event(Struct.at(event, "xna_event")));
          return XnatArchiveException.OK;
        });
  }

  private static EventSink.Event event(Struct event) {
    EventSink.Kind[] kinds = EventSink.Kind.values();
    int kind = event.number("kind");
    return new EventSink.Event(
        kind >= 0 && kind < kinds.length ? kinds[kind] : EventSink.Kind.UNKNOWN,
        event.number("status"),
        event.size("time_ms"),
        event.size("audit_id"),
        event.size("scans"),
        event.size("files"),
        event.size("bytes"),
        event.text("user"),
        event.text("project"),
        event.text("subject"),
        event.text("label"),
        event.text("experiment_id"),
        event.text("uri"),
        event.text("reason"),
        event.text("message"));
  }

  private static void write(MemorySegment context, int level, MemorySegment text) {
    try {
      LogSink.Level[] levels = LogSink.Level.values();
      LogSink.Level known = levels[Math.max(0, Math.min(level, levels.length - 1))];
      Hooks.<LogSink>host(context).write(known, Native.textAt(text));
    } catch (Throwable e) {
      // Nobody can be told.
    }
  }

  private static int validate(
      MemorySegment context, MemorySegment candidate, MemorySegment callback) {
    return Hooks.<SessionValidator>guarded(
        context,
        callback,
        validator -> {
          validator.validate(new Candidate(candidate));
          return XnatArchiveException.OK;
        });
  }

  private static int transform(
      MemorySegment context,
      MemorySegment candidate,
      MemorySegment files,
      MemorySegment document,
      MemorySegment callback) {
    return Hooks.<SessionTransform>guarded(
        context,
        callback,
        transform -> {
          SessionDocument archived = SessionDocument.borrowed(document);
          transform.transform(new Candidate(candidate), new SessionFiles(files), archived);
          return XnatArchiveException.OK;
        });
  }

  private record Launch(MemorySegment callback) implements PipelineLauncher.Context {
    @Override
    public boolean cancelled() {
      return Native.number("xna_callback_cancelled", callback) == 1;
    }

    @Override
    public void print(String output) {
      byte[] bytes = output.getBytes(StandardCharsets.UTF_8);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
        Native.call("xna_callback_print", callback, copy, (long) bytes.length);
      }
    }
  }

  private static int launch(MemorySegment context, MemorySegment request, MemorySegment callback) {
    return Hooks.<PipelineLauncher>guarded(
        context,
        callback,
        launcher -> {
          Struct asked = Struct.at(request, "xna_pipeline_request");
          PipelineLauncher.Request copy =
              new PipelineLauncher.Request(
                  asked.text("command"),
                  asked.text("project"),
                  asked.text("subject_label"),
                  asked.text("session_label"),
                  asked.text("experiment_id"),
                  asked.text("uri"),
                  asked.text("directory"),
                  asked.text("user"),
                  asked.size("timeout_ms"));
          boolean launched = launcher.launch(copy, new Launch(callback));
          return launched ? XnatArchiveException.OK : PASSTHROUGH;
        });
  }

  private static int accepts(MemorySegment context, MemorySegment name, int kind) {
    try {
      ImportHandler handler = host(context);
      return handler.accepts(Native.textAt(name), ImportSource.Kind.of(kind)) ? 1 : 0;
    } catch (Throwable e) {
      return 0; // The next handler is asked.
    }
  }

  private static int describe(MemorySegment context, MemorySegment source, MemorySegment callback) {
    return Hooks.<ImportHandler>guarded(
        context,
        callback,
        handler -> {
          handler.describe(new ImportSource(source, callback));
          return XnatArchiveException.OK;
        });
  }

  private static int update(MemorySegment context, MemorySegment progress) {
    Call call = host(context);
    try {
      return call.goesOn(Struct.at(progress, "xna_progress")) ? 0 : 1;
    } catch (Throwable e) {
      call.fail(e);
      return 1;
    }
  }

  private static int read(
      MemorySegment context,
      MemorySegment buffer,
      long size,
      MemorySegment outCount,
      MemorySegment callback) {
    return Hooks.<InputStream>guarded(
        context,
        callback,
        stream -> {
          byte[] bytes = new byte[(int) Math.min(size, READ_BYTES_MAX)];
          int count = stream.read(bytes);
          long stored = Math.max(count, 0); // -1 at the end.
          MemorySegment.copy(
              bytes, 0, buffer.reinterpret(size), ValueLayout.JAVA_BYTE, 0, (int) stored);
          outCount.reinterpret(Long.BYTES).set(ValueLayout.JAVA_LONG, 0, stored);
          return XnatArchiveException.OK;
        });
  }

  private static int write(
      MemorySegment context, MemorySegment data, long size, MemorySegment callback) {
    return Hooks.<OutputStream>guarded(
        context,
        callback,
        stream -> {
          stream.write(Native.bytesAt(data, size));
          return XnatArchiveException.OK;
        });
  }

  /** A visitor of files, which a function of the library calls until it returns. */
  static final class Visit implements AutoCloseable {
    private static final FunctionDescriptor TYPE =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);

    private final ImportSource.Visitor visitor;
    private final MemorySegment callback;
    private final long context = LAST_CONTEXT.incrementAndGet();
    private Exception thrown;

    Visit(ImportSource.Visitor visitor, MemorySegment callback) {
      this.visitor = visitor;
      this.callback = callback;
      GIVEN.put(context, this);
    }

    MemorySegment function() {
      return FUNCTIONS.computeIfAbsent("visit", name -> stub(name, TYPE));
    }

    MemorySegment context() {
      return MemorySegment.ofAddress(context);
    }

    /** What the visitor threw; null for nothing. */
    Exception thrown() {
      return thrown;
    }

    @Override
    public void close() {
      GIVEN.remove(context);
    }
  }

  private static int visit(MemorySegment context, MemorySegment file) {
    Visit visit = host(context);
    return guarded(
        context,
        visit.callback,
        same -> {
          try {
            visit.visitor.visit(new ImportSource.ImportedFile(file));
            return XnatArchiveException.OK;
          } catch (Exception e) {
            visit.thrown = e;
            throw e;
          }
        });
  }
}
