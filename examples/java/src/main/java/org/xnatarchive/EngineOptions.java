package org.xnatarchive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where an engine works, and what the host gives it. */
public final class EngineOptions {
  private static final int NO_RECOVERY = 1;

  private final Path root;
  private Path archivePath;
  private Path prearchivePath;
  private String storeUrl;
  private int threads = 1;
  private int jobWorkers;
  private boolean recovery = true;
  private long containerEntriesMax;
  private long containerBytesMax;
  private AccessPolicy accessPolicy;
  private EventSink eventSink;
  private LogSink logSink;
  private SessionTransform transform;
  private PipelineLauncher pipelineLauncher;
  private final List<SessionValidator> validators = new ArrayList<>();
  final List<ImportHandler> handlers = new ArrayList<>();

  private EngineOptions(Path root) {
    this.root = root;
  }

  /** {@code root}: directory of what is not placed elsewhere. */
  public static EngineOptions of(Path root) {
    return new EngineOptions(root);
  }

  public EngineOptions archivePath(Path archivePath) {
    this.archivePath = archivePath;
    return this;
  }

  public EngineOptions prearchivePath(Path prearchivePath) {
    this.prearchivePath = prearchivePath;
    return this;
  }

  public EngineOptions storeUrl(String storeUrl) {
    this.storeUrl = storeUrl;
    return this;
  }

  /** Threads one call may use, its own included; 0: one per core. */
  public EngineOptions threads(int threads) {
    this.threads = threads;
    return this;
  }

  /** Threads that work off submitted jobs. */
  public EngineOptions jobWorkers(int jobWorkers) {
    this.jobWorkers = jobWorkers;
    return this;
  }

  /** Leaves what crashed processes left to {@link Engine#recover}. */
  public EngineOptions noRecovery() {
    recovery = false;
    return this;
  }

  /** How much one zip or tar may unpack to; 0: the library's limits. */
  public EngineOptions containerLimits(long entriesMax, long bytesMax) {
    containerEntriesMax = entriesMax;
    containerBytesMax = bytesMax;
    return this;
  }

  public EngineOptions accessPolicy(AccessPolicy accessPolicy) {
    this.accessPolicy = accessPolicy;
    return this;
  }

  public EngineOptions eventSink(EventSink eventSink) {
    this.eventSink = eventSink;
    return this;
  }

  public EngineOptions logSink(LogSink logSink) {
    this.logSink = logSink;
    return this;
  }

  public EngineOptions transform(SessionTransform transform) {
    this.transform = transform;
    return this;
  }

  public EngineOptions pipelineLauncher(PipelineLauncher pipelineLauncher) {
    this.pipelineLauncher = pipelineLauncher;
    return this;
  }

  /** Asked in the order they are added. */
  public EngineOptions validator(SessionValidator validator) {
    validators.add(validator);
    return this;
  }

  public EngineOptions handler(ImportHandler handler) {
    handlers.add(handler);
    return this;
  }

  private static String text(Path path) {
    return path == null ? null : path.toString();
  }

  /** Places only. */
  Struct places(Arena arena) {
    return Struct.of(arena, "xna_engine_options")
        .set("root", text(root))
        .set("archive_path", text(archivePath))
        .set("prearchive_path", text(prearchivePath))
        .set("store_url", storeUrl);
  }

  /** All but the handlers; has to be given to xna_engine_open. */
  Struct struct(Arena arena) {
    Struct struct =
        places(arena)
            .set("flags", recovery ? 0 : NO_RECOVERY)
            .set("threads", threads)
            .set("job_workers", jobWorkers)
            .set("container_entries_max", containerEntriesMax)
            .set("container_bytes_max", containerBytesMax);
    MemorySegment name = transform == null ? null : Native.text(arena, transform.name(), "name");
    hook(arena, struct, "access_policy", "allows", accessPolicy);
    hook(arena, struct, "event_sink", "notify", eventSink);
    hook(arena, struct, "log_sink", "write", logSink);
    hook(arena, struct, "pipeline_launcher", "launch", pipelineLauncher);
    if (transform != null) {
      Struct made = Hooks.of(arena, "xna_session_transform", "transform", transform);
      struct.set("session_transform", made.set("name", name).memory);
    }
    if (validators.isEmpty()) return struct;
    MemorySegment array = arena.allocate(ValueLayout.ADDRESS, validators.size());
    for (int i = 0; i < validators.size(); i++) {
      Struct made = Hooks.of(arena, "xna_session_validator", "validate", validators.get(i));
      array.setAtIndex(ValueLayout.ADDRESS, i, made.memory);
    }
    return struct.set("validators", array).set("validator_count", (long) validators.size());
  }

  private static void hook(
      Arena arena, Struct struct, String member, String function, Object host) {
    if (host == null) return;
    struct.set(member, Hooks.of(arena, "xna_" + member, function, host).memory);
  }
}
