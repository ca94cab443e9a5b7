package org.xnatarchive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One root, opened: every call of the library as a method. Fully thread-safe; several engines, also
 * of several processes, may have the same root open.
 *
 * <p>A call runs on the calling thread, and either does all it says or changes nothing; what each
 * does and fails with is said at the function of the same name in xnatarchive.h. Every method may
 * throw {@link XnatArchiveException}; after {@link #close} each throws InvalidArgument
 * "capi.bad-handle". Listings are rows with XNAT's column names.
 *
 * <p>Hooks are the host's objects that the library calls, on the thread of the call or task they
 * are about. An unchecked exception that one throws is thrown by the call it is in, the very
 * object; a checked one is the cause of {@link XnatArchiveException.HandlerFailed}. A hook that
 * calls the engine in a way it may not gets InvalidArgument "capi.reentered".
 */
public final class Engine implements AutoCloseable {
  static final Cleaner CLEANER = Cleaner.create();

  private static final long SLICE_MS = 50;

  private final MemorySegment handle;
  private final Cleaner.Cleanable owned;

  private Engine(MemorySegment handle) {
    this.handle = handle;
    owned = CLEANER.register(this, () -> Native.call("xna_engine_free", handle));
  }

  /** "MAJOR.MINOR.PATCH" of the library that is loaded. */
  public static String version() {
    return Native.text("xna_version");
  }

  /** The library's contract: major * 1000 + minor. */
  public static int abiVersion() {
    return Native.number("xna_abi_version");
  }

  /** Makes a new root; its parent must exist. AlreadyExists "engine.root-in-use". */
  public static void createRoot(EngineOptions places) {
    createRoot(places, null, null);
  }

  /**
   * Makes a new root.
   *
   * @param siteId begins experiment and subject IDs; null: "XNAT"
   * @param checksum "md5+xxh3", "md5", "xxh3" or "none"; null: the first
   */
  public static void createRoot(EngineOptions places, String siteId, String checksum) {
    try (Arena arena = Arena.ofConfined()) {
      XnatArchiveException.check(
          arena,
          "xna_root_create",
          places.places(arena).memory,
          Native.text(arena, siteId, "siteId"),
          Native.text(arena, checksum, "checksum"));
    }
  }

  /** Opens a root, and finishes what crashed processes left. NotFound "engine.no-root". */
  public static Engine open(EngineOptions options) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      XnatArchiveException.check(arena, "xna_engine_open", options.struct(arena).memory, out);
      Engine engine = new Engine(out.get(ValueLayout.ADDRESS, 0));
      try {
        for (ImportHandler handler : options.handlers) engine.register(arena, handler);
        return engine;
      } catch (RuntimeException e) {
        engine.close();
        throw e;
      }
    }
  }

  private void register(Arena arena, ImportHandler handler) {
    MemorySegment name = Native.text(arena, handler.name(), "name");
    Struct struct = Hooks.of(arena, "xna_import_handler", "describe", handler);
    struct.set("accepts", Hooks.function("xna_import_handler.accepts", "accepts"));
    MemorySegment made = struct.set("name", name).memory;
    XnatArchiveException.check(arena, "xna_engine_register", handle, made);
  }

  /** Calls and tasks that run go on. Waits for job workers, and for nothing else. */
  @Override
  public void close() {
    owned.clean();
  }

  /** Texts and requests as the library takes them; what else there is stays as it is. */
  private static Object nativeOf(Arena arena, Object argument) {
    if (argument == null) return Native.NULL;
    if (argument instanceof String text) return Native.text(arena, text, "an argument");
    return argument instanceof Request request ? request.struct(arena).memory : argument;
  }

  /** Calls a function with these arguments between the engine and the options. */
  private <T> T call(String function, CallOptions options, Result<T> result, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      Call call = new Call(arena, options);
      List<Object> all = new ArrayList<>();
      all.add(handle);
      for (Object argument : arguments) all.add(nativeOf(arena, argument));
      all.add(call.struct(arena));
      MemorySegment out = arena.allocate(Long.BYTES);
      if (result != Result.NOTHING) all.add(out);
      try {
        XnatArchiveException.check(arena, function, all.toArray());
      } catch (XnatArchiveException e) {
        throw call.because(e);
      }
      return result.take(out);
    }
  }

  private Task start(String function, Request request, CallOptions options) {
    Arena kept = Arena.ofAuto();
    Call call = new Call(kept, options);
    MemorySegment out = kept.allocate(ValueLayout.ADDRESS);
    MemorySegment struct = request.struct(kept).memory;
    XnatArchiveException.check(kept, function, handle, struct, call.struct(kept), out);
    return new Task(out.get(ValueLayout.ADDRESS, 0), call, kept);
  }

  public void addProject(Project project) {
    addProject(project, CallOptions.NONE);
  }

  public void addProject(Project project, CallOptions options) {
    call("xna_engine_add_project", options, Result.NOTHING, project);
  }

  /** Makes a subject of whom nothing is archived yet, and returns its ID; fine when it is there. */
  public String addSubject(String project, String label) {
    return addSubject(project, label, CallOptions.NONE);
  }

  public String addSubject(String project, String label, CallOptions options) {
    return call("xna_engine_add_subject", options, Result.TEXT, project, label);
  }

  /** ID, prearchive_code, quarantine_code, autorun, URI; sorted. */
  public List<Map<String, String>> projects() {
    return projects(CallOptions.NONE);
  }

  public List<Map<String, String>> projects(CallOptions options) {
    return call("xna_engine_projects", options, Result.ROWS);
  }

  /** The value of a setting of the site, or of a project. */
  public String setting(String name, String project) {
    return setting(name, project, CallOptions.NONE);
  }

  public String setting(String name, String project, CallOptions options) {
    return call("xna_engine_setting", options, Result.TEXT, name, project);
  }

  /** Sets it for all calls that begin from now on; {@code project} null: the site's. */
  public void setSetting(String name, String value, String project) {
    setSetting(name, value, project, CallOptions.NONE);
  }

  public void setSetting(String name, String value, String project, CallOptions options) {
    call("xna_engine_set_setting", options, Result.NOTHING, name, value, project);
  }

  /** Name, value, default, expected, purpose of all settings of the site (null) or of a project. */
  public List<Map<String, String>> settings(String project) {
    return settings(project, CallOptions.NONE);
  }

  public List<Map<String, String>> settings(String project, CallOptions options) {
    return call("xna_engine_settings", options, Result.ROWS, project);
  }

  /** Receives one input: durable and complete when it returns. */
  public Report importFrom(ImportRequest request) {
    return importFrom(request, CallOptions.NONE);
  }

  public Report importFrom(ImportRequest request, CallOptions options) {
    return call("xna_engine_import", options, Result.REPORT, request);
  }

  /** The same, on a thread of its own. */
  public Task startImport(ImportRequest request) {
    return startImport(request, CallOptions.NONE);
  }

  public Task startImport(ImportRequest request, CallOptions options) {
    return start("xna_engine_start_import", request, options);
  }

  /** Rows of the prearchive, newest first. {@code project}: null for all, "Unassigned". */
  public List<Map<String, String>> prearchive(String project) {
    return prearchive(project, CallOptions.NONE);
  }

  public List<Map<String, String>> prearchive(String project, CallOptions options) {
    return call("xna_engine_prearchive", options, Result.ROWS, project);
  }

  public Report prearchiveSession(String src) {
    return prearchiveSession(src, CallOptions.NONE);
  }

  public Report prearchiveSession(String src, CallOptions options) {
    return call("xna_engine_prearchive_session", options, Result.REPORT, src);
  }

  /**
   * What would refuse a call that needs this permission for this session now: Permission; Locked.
   * For whoever does something to several sessions.
   */
  public void checkPrearchiveSession(String src, AccessPolicy.Permission permission) {
    checkPrearchiveSession(src, permission, CallOptions.NONE);
  }

  public void checkPrearchiveSession(
      String src, AccessPolicy.Permission permission, CallOptions options) {
    String function = "xna_engine_check_prearchive_session";
    call(function, options, Result.NOTHING, src, permission.ordinal());
  }

  /** Its log, one line a row. */
  public List<Map<String, String>> prearchiveLog(String src) {
    return prearchiveLog(src, CallOptions.NONE);
  }

  public List<Map<String, String>> prearchiveLog(String src, CallOptions options) {
    return call("xna_engine_prearchive_log", options, Result.ROWS, src);
  }

  /** Makes the document and catalogs from the DICOM headers. */
  public void build(String src) {
    build(src, CallOptions.NONE);
  }

  public void build(String src, CallOptions options) {
    call("xna_engine_build", options, Result.NOTHING, src);
  }

  /**
   * The same, and sets values in the document, which later builds set, too. InvalidArgument
   * "build.bad-field".
   *
   * @param fields XNAT's XML paths and the values to set
   */
  public void build(String src, Map<String, String> fields) {
    build(src, fields, CallOptions.NONE);
  }

  public void build(String src, Map<String, String> fields, CallOptions options) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pairs = Native.pairs(arena, fields, "a field");
      long count = fields.size();
      call("xna_engine_build_with_fields", options, Result.NOTHING, src, pairs, count);
    }
  }

  /**
   * Builds every session to which no file came for the site's session_idle_minutes, and archives it
   * unless it waits for a person or its sender. To be called from a timer.
   */
  public Report commitIdle() {
    return commitIdle(CallOptions.NONE);
  }

  public Report commitIdle(CallOptions options) {
    return call("xna_engine_commit_idle", options, Result.REPORT);
  }

  /** Moves the session into a project, by renames; its URI there. */
  public String movePrearchiveSession(String src, String project) {
    return movePrearchiveSession(src, project, CallOptions.NONE);
  }

  public String movePrearchiveSession(String src, String project, CallOptions options) {
    return call("xna_engine_move_prearchive_session", options, Result.TEXT, src, project);
  }

  /**
   * Gives the session the state its files say (null), or "READY", "RECEIVING", "CONFLICT" or
   * "ERROR". Conflict "prearchive.not-built".
   */
  public Report setPrearchiveState(String src, String state) {
    return setPrearchiveState(src, state, CallOptions.NONE);
  }

  public Report setPrearchiveState(String src, String state, CallOptions options) {
    return call("xna_engine_set_prearchive_state", options, Result.REPORT, src, state);
  }

  /** Removes the session and its files for good. */
  public void deletePrearchiveSession(String src) {
    deletePrearchiveSession(src, CallOptions.NONE);
  }

  public void deletePrearchiveSession(String src, CallOptions options) {
    call("xna_engine_delete_prearchive_session", options, Result.NOTHING, src);
  }

  /** Moves one prearchive session into the archive. Conflict "archive.session-exists". */
  public Report archive(ArchiveRequest request) {
    return archive(request, CallOptions.NONE);
  }

  public Report archive(ArchiveRequest request, CallOptions options) {
    return call("xna_engine_archive", options, Result.REPORT, request);
  }

  /** The same, on a thread of its own. */
  public Task startArchive(ArchiveRequest request) {
    return startArchive(request, CallOptions.NONE);
  }

  public Task startArchive(ArchiveRequest request, CallOptions options) {
    return start("xna_engine_start_archive", request, options);
  }

  /** What archive would find and do. Writes nothing. */
  public Report validate(ArchiveRequest request) {
    return validate(request, CallOptions.NONE);
  }

  public Report validate(ArchiveRequest request, CallOptions options) {
    return call("xna_engine_validate", options, Result.REPORT, request);
  }

  /** The same, on a thread of its own. */
  public Task startValidate(ArchiveRequest request) {
    return startValidate(request, CallOptions.NONE);
  }

  public Task startValidate(ArchiveRequest request, CallOptions options) {
    return start("xna_engine_start_validate", request, options);
  }

  /** Releases a quarantined session; false when it was active. */
  public boolean activate(String uri) {
    return activate(uri, CallOptions.NONE);
  }

  public boolean activate(String uri, CallOptions options) {
    return call("xna_engine_activate", options, Result.FLAG, uri);
  }

  /** What merging replaced, oldest first; {@code uri}: null for all. */
  public List<Map<String, String>> history(String uri) {
    return history(uri, CallOptions.NONE);
  }

  public List<Map<String, String>> history(String uri, CallOptions options) {
    return call("xna_engine_history", options, Result.ROWS, uri);
  }

  /** Puts the files of one record back. */
  public Report restoreHistory(String id) {
    return restoreHistory(id, CallOptions.NONE);
  }

  public Report restoreHistory(String id, CallOptions options) {
    return call("xna_engine_restore_history", options, Result.REPORT, id);
  }

  /** Removes one record and its files for good. */
  public void pruneHistory(String id) {
    pruneHistory(id, CallOptions.NONE);
  }

  public void pruneHistory(String id, CallOptions options) {
    call("xna_engine_prune_history", options, Result.NOTHING, id);
  }

  /** Brings catalogs up to date. Each has an outcome of its own in the report. */
  public Report refresh(RefreshRequest request) {
    return refresh(request, CallOptions.NONE);
  }

  public Report refresh(RefreshRequest request, CallOptions options) {
    return call("xna_engine_refresh", options, Result.REPORT, request);
  }

  /** The same, on a thread of its own. */
  public Task startRefresh(RefreshRequest request) {
    return startRefresh(request, CallOptions.NONE);
  }

  public Task startRefresh(RefreshRequest request, CallOptions options) {
    return start("xna_engine_start_refresh", request, options);
  }

  /** Reads archived files; what is wrong is in the report ("problems"). */
  public Report verify(VerifyRequest request) {
    return verify(request, CallOptions.NONE);
  }

  public Report verify(VerifyRequest request, CallOptions options) {
    return call("xna_engine_verify", options, Result.REPORT, request);
  }

  /** The same, on a thread of its own. */
  public Task startVerify(VerifyRequest request) {
    return startVerify(request, CallOptions.NONE);
  }

  public Task startVerify(VerifyRequest request, CallOptions options) {
    return start("xna_engine_start_verify", request, options);
  }

  /** Writes a copy of an archived session: all of it, or nothing of that name. */
  public Report export(ExportRequest request) {
    return export(request, CallOptions.NONE);
  }

  public Report export(ExportRequest request, CallOptions options) {
    return call("xna_engine_export", options, Result.REPORT, request);
  }

  /** The same, on a thread of its own. */
  public Task startExport(ExportRequest request) {
    return startExport(request, CallOptions.NONE);
  }

  public Task startExport(ExportRequest request, CallOptions options) {
    return start("xna_engine_start_export", request, options);
  }

  /** One level below a URI; null: projects. */
  public List<Map<String, String>> list(String uri) {
    return list(uri, CallOptions.NONE);
  }

  public List<Map<String, String>> list(String uri, CallOptions options) {
    return call("xna_engine_list", options, Result.ROWS, uri);
  }

  /** The document of a session; read-only. */
  public SessionDocument document(String uri) {
    return document(uri, CallOptions.NONE);
  }

  public SessionDocument document(String uri, CallOptions options) {
    return call("xna_engine_document", options, Result.DOCUMENT, uri);
  }

  /** The same as the XML bytes on disk. */
  public byte[] documentXml(String uri) {
    return documentXml(uri, CallOptions.NONE);
  }

  public byte[] documentXml(String uri, CallOptions options) {
    return call("xna_engine_document_xml", options, Result.BYTES, uri);
  }

  /** Who did what to which session, oldest first; {@code uri}: null for everything. */
  public List<Map<String, String>> audit(String uri) {
    return audit(uri, CallOptions.NONE);
  }

  public List<Map<String, String>> audit(String uri, CallOptions options) {
    return call("xna_engine_audit", options, Result.ROWS, uri);
  }

  /** Finishes or undoes what dead processes left; never waits for living ones. */
  public Report recover() {
    return recover(CallOptions.NONE);
  }

  public Report recover(CallOptions options) {
    return call("xna_engine_recover", options, Result.REPORT);
  }

  /** Rebuilds the index from the trees, and tells every difference. */
  public Report reindex() {
    return reindex(CallOptions.NONE);
  }

  public Report reindex(CallOptions options) {
    return call("xna_engine_reindex", options, Result.REPORT);
  }

  /** Asks for sessions to be archived later, durably; returns the job's ID. */
  public String submit(List<ArchiveRequest> requests) {
    return submit(requests, CallOptions.NONE);
  }

  public String submit(List<ArchiveRequest> requests, CallOptions options) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment array = arena.allocate(ValueLayout.ADDRESS, Math.max(requests.size(), 1));
      for (int i = 0; i < requests.size(); i++) {
        array.setAtIndex(ValueLayout.ADDRESS, i, requests.get(i).struct(arena).memory);
      }
      return call("xna_engine_submit", options, Result.TEXT, array, (long) requests.size());
    }
  }

  /** A job: "state", "items", ... NotFound "job.not-found". */
  public Report job(String id) {
    return job(id, CallOptions.NONE);
  }

  public Report job(String id, CallOptions options) {
    return call("xna_engine_job", options, Result.REPORT, id);
  }

  /** All jobs, newest first. */
  public List<Map<String, String>> jobs() {
    return jobs(CallOptions.NONE);
  }

  public List<Map<String, String>> jobs(CallOptions options) {
    return call("xna_engine_jobs", options, Result.ROWS);
  }

  /**
   * The job when it has ended; does not work it off. Locked "job.timeout" after {@code timeout}.
   *
   * @throws InterruptedException when this thread is interrupted; the job goes on
   */
  public Report waitForJob(String id, Duration timeout) throws InterruptedException {
    return waitForJob(id, timeout, CallOptions.NONE);
  }

  public Report waitForJob(String id, Duration timeout, CallOptions options)
      throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    for (; ; ) {
      if (Thread.interrupted()) throw new InterruptedException();
      long left = Math.max(0, Duration.ofNanos(end - System.nanoTime()).toMillis());
      try {
        long slice = Math.min(left, SLICE_MS);
        return call("xna_engine_wait_for_job", options, Result.REPORT, id, slice);
      } catch (XnatArchiveException.Locked e) {
        if (left == 0 || !e.reason().equals("job.timeout")) throw e;
      }
    }
  }

  /** Cancels what has not ended. */
  public void cancelJob(String id) {
    cancelJob(id, CallOptions.NONE);
  }

  public void cancelJob(String id, CallOptions options) {
    call("xna_engine_cancel_job", options, Result.NOTHING, id);
  }

  /** Archives the session that is queued longest, on this thread; false when none is queued. */
  public boolean runJob() {
    return runJob(CallOptions.NONE);
  }

  public boolean runJob(CallOptions options) {
    return call("xna_engine_run_job", options, Result.FLAG);
  }
}
