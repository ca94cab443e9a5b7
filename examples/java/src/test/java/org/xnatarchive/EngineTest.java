package org.xnatarchive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {
  private static final byte[] ZIP = Fixture.zip();

  @TempDir Path directory;

  static String reasonOf(Executable call) {
    return assertThrows(XnatArchiveException.class, call).reason();
  }

  @Test
  @DisplayName("versions are told")
  void versions() {
    assertTrue(Engine.version().matches("\\d+\\.\\d+\\.\\d+"));
    assertEquals(1, Engine.abiVersion() / 1000);
  }

  @Test
  @DisplayName("a root is made once, and one that is not there is told")
  void roots() {
    EngineOptions root = Fixture.root(directory);
    Engine.createRoot(root, "HERE", "md5");
    XnatArchiveException.AlreadyExists exists =
        assertThrows(XnatArchiveException.AlreadyExists.class, () -> Engine.createRoot(root));
    assertEquals("engine.root-in-use", exists.reason());
    try (Engine engine = Engine.open(root)) {
      assertEquals("HERE", engine.setting("site_id", null));
    }
    assertThrows(
        XnatArchiveException.NotFound.class, () -> Engine.open(EngineOptions.of(directory)));
  }

  @Test
  @DisplayName("a folder, bytes and a stream are received alike")
  void inputs() {
    try (Engine engine = Fixture.engine(directory)) {
      Path folder = Fixture.dicom(directory.resolve("dicom"), 2, 3);
      List<ImportRequest> requests =
          List.of(
              ImportRequest.of(folder),
              ImportRequest.of(ZIP),
              ImportRequest.of(new ByteArrayInputStream(ZIP)));
      for (ImportRequest request : requests) {
        Report report = engine.importFrom(request.parameter("project", "P"));
        assertEquals(6, report.number("files_received") + report.number("files_identical"));
        assertTrue(report.uri().matches("/data/prearchive/projects/P/\\d{8}_\\d{9}/S1"));
      }
    }
  }

  @Test
  @DisplayName("a session goes the whole round")
  void round() {
    try (Engine engine = Fixture.engine(directory)) {
      String src = Fixture.receive(engine, ZIP);
      assertEquals(1, engine.prearchive("P").size());
      engine.build(src);
      assertEquals("READY", engine.prearchiveSession(src).text("state"));
      assertFalse(engine.validate(ArchiveRequest.of(src)).is("blocked"));

      CallOptions ann = CallOptions.NONE.user("ann").origin("test");
      Report report = engine.archive(ArchiveRequest.of(src), ann);
      assertEquals(2, report.number("scans"));
      assertEquals(6, report.number("files"));
      assertEquals(List.of(), engine.prearchive(null));

      assertEquals("1", engine.list(report.uri()).get(0).get("ID"));
      Report refreshed =
          engine.refresh(RefreshRequest.of(report.uri()).with(RefreshRequest.Option.CHECKSUM));
      assertEquals(2, refreshed.json().getAsJsonArray("catalogs").size());
      Report verified = engine.verify(VerifyRequest.of().allDigests().sample(100, 7));
      assertEquals(6, verified.number("files_read"));
      assertEquals(0, verified.json().getAsJsonArray("problems").size());
      List<String> users = engine.audit(null).stream().map(row -> row.get("user")).toList();
      assertEquals(List.of("unknown", "unknown", "ann"), users);
      assertEquals(0, engine.recover().json().getAsJsonArray("failed").size());
      assertFalse(engine.reindex().toString().isEmpty());
    }
  }

  @Test
  @DisplayName("a session that exists is a conflict, and can be merged into")
  void conflict() {
    try (Engine engine = Fixture.engine(directory)) {
      Fixture.archived(engine, ZIP);
      String src = Fixture.receive(engine, ZIP);
      ArchiveRequest request = ArchiveRequest.of(src);
      XnatArchiveException.Conflict conflict =
          assertThrows(XnatArchiveException.Conflict.class, () -> engine.archive(request));
      assertEquals("archive.session-exists", conflict.reason());
      assertEquals(4, conflict.status());
      assertEquals(XnatArchiveException.DiskState.UNCHANGED, conflict.diskState());
      String told = engine.prearchiveLog(src).getLast().get("entry");
      assertTrue(told.contains("archive.session-exists"), told);
      assertEquals("", conflict.path());
      assertEquals(0, conflict.errno());
      engine.checkPrearchiveSession(src, AccessPolicy.Permission.DELETE);
      Report merged = engine.archive(request.overwrite(ArchiveRequest.Overwrite.APPEND));
      assertTrue(merged.is("merged"));
    }
  }

  @Test
  @DisplayName("what a merge replaced is listed, restored and pruned")
  void history() {
    try (Engine engine = Fixture.engine(directory)) {
      String uri = Fixture.archived(engine, ZIP).uri();
      String src = Fixture.receive(engine, Fixture.zip(2, 4, 1));
      engine.archive(ArchiveRequest.of(src).overwrite(ArchiveRequest.Overwrite.DELETE));
      engine.restoreHistory(engine.history(uri).get(0).get("ID"));
      engine.pruneHistory(engine.history(null).get(0).get("ID"));
      assertEquals(List.of(), engine.history(null));
      assertEquals("history.not-found", reasonOf(() -> engine.restoreHistory("none")));
    }
  }

  @Test
  @DisplayName("a session is exported to a bag and to a stream that can be received again")
  void export() throws Exception {
    try (Engine engine = Fixture.engine(directory)) {
      String uri = Fixture.archived(engine, ZIP).uri();
      Path bag = directory.resolve("bag");
      engine.export(ExportRequest.of(uri, bag).bag());
      assertTrue(Files.exists(bag.resolve("bagit.txt")));
      assertEquals(
          "export.target-exists", reasonOf(() -> engine.export(ExportRequest.of(uri, bag))));
      ByteArrayOutputStream stream = new ByteArrayOutputStream();
      engine.export(ExportRequest.of(uri, stream));
      engine.addProject(new Project("COPY"));
      ImportRequest copy = ImportRequest.of(stream.toByteArray()).parameter("project", "COPY");
      assertEquals(6, engine.importFrom(copy).number("files_received"));
    }
  }

  @Test
  @DisplayName("a session is archived into quarantine, and activated once")
  void quarantine() {
    try (Engine engine = Fixture.engine(directory)) {
      ArchiveRequest request =
          ArchiveRequest.of(Fixture.receive(engine, ZIP))
              .quarantine()
              .noPipelines()
              .waitAtMost(Duration.ofSeconds(1))
              .parameter("session", "RENAMED")
              .field("xnat:mrSessionData/note", "seen");
      Report report = engine.archive(request);
      assertEquals("quarantine", report.text("status"));
      assertTrue(report.uri().endsWith("/RENAMED"));
      assertTrue(engine.activate(report.uri()));
      assertFalse(engine.activate(report.uri()));
    }
  }

  @Test
  @DisplayName("a document is read, and a copy is read-only")
  void document() {
    try (Engine engine = Fixture.engine(directory)) {
      String uri = Fixture.archived(engine, ZIP).uri();
      SessionDocument document = engine.document(uri);
      assertEquals(List.of("1", "2"), document.scanIds());
      assertEquals("S1", document.get("label"));
      assertEquals("", document.get("nothing_of_this_name"));
      assertNull(document.get("99", "type"));
      assertEquals("S1", document.json().get("label").getAsString());
      assertEquals("document.read-only", reasonOf(() -> document.set("label", "x")));
      assertEquals("document.read-only", reasonOf(() -> document.addScan("9", "xnat:mrScanData")));
      document.close();
      document.close();
      assertEquals("capi.bad-handle", reasonOf(document::json));
      assertNull(document.get("label"));
      String xml = new String(engine.documentXml(uri), StandardCharsets.UTF_8);
      assertTrue(xml.startsWith("<?xml"));
    }
  }

  @Test
  @DisplayName("projects and settings are told and set")
  void settings() {
    try (Engine engine = Fixture.engine(directory)) {
      engine.addProject(new Project("Q").prearchiveCode(4).quarantine().autorun("true"));
      assertEquals("4", engine.projects().get(1).get("prearchive_code"));
      assertThrows(
          XnatArchiveException.AlreadyExists.class, () -> engine.addProject(new Project("q")));
      engine.setSetting("aliases", "other", "P");
      assertEquals("other", engine.setting("aliases", "P"));
      assertTrue(engine.settings(null).size() > 3);
      assertEquals("setting.unknown", reasonOf(() -> engine.setting("no_such", null)));
    }
  }

  @Test
  @DisplayName("jobs are submitted, found, worked off, waited for and cancelled")
  void jobs() throws Exception {
    try (Engine engine = Fixture.engine(directory)) {
      String src = Fixture.receive(engine, ZIP);
      String id = engine.submit(List.of(ArchiveRequest.of(src)));
      assertEquals("job.timeout", reasonOf(() -> engine.waitForJob(id, Duration.ZERO)));
      assertEquals(1, engine.job(id).json().getAsJsonArray("items").size());
      assertTrue(engine.runJob());
      assertFalse(engine.runJob());
      assertEquals("done", engine.waitForJob(id, Duration.ofSeconds(5)).text("state"));
      String next = engine.submit(List.of(ArchiveRequest.of(Fixture.receive(engine, ZIP))));
      engine.cancelJob(next);
      assertEquals("cancelled", engine.job(next).text("state"));
      assertEquals(2, engine.jobs().size());
      assertEquals("job.empty", reasonOf(() -> engine.submit(List.of())));
    }
  }

  @Test
  @DisplayName("job workers archive what is submitted")
  void jobWorkers() throws Exception {
    try (Engine engine = Fixture.engine(Fixture.root(directory).jobWorkers(2))) {
      String id = engine.submit(List.of(ArchiveRequest.of(Fixture.receive(engine, ZIP))));
      assertEquals("done", engine.waitForJob(id, Duration.ofSeconds(30)).text("state"));
    }
  }

  @Test
  @DisplayName("after close every call fails, and closing again does nothing")
  void closed() {
    Engine engine = Fixture.engine(directory);
    String src = Fixture.receive(engine, ZIP);
    Task task = engine.startArchive(ArchiveRequest.of(src));
    engine.close();
    engine.close();
    assertEquals(6, task.join().number("files"));
    List<Executable> calls =
        List.of(
            () -> engine.list(null),
            () -> engine.archive(ArchiveRequest.of(src)),
            () -> engine.startArchive(ArchiveRequest.of(src)),
            engine::runJob,
            () -> engine.submit(List.of(ArchiveRequest.of(src))));
    for (Executable call : calls) assertEquals("capi.bad-handle", reasonOf(call));
  }

  @Test
  @DisplayName("texts that C can not hold, and requests of nothing, are refused and hold nothing")
  void badText() {
    try (Engine engine = Fixture.engine(directory)) {
      int held = Hooks.held();
      CallOptions badUser = CallOptions.NONE.user("a\0");
      ImportRequest stream = ImportRequest.of(new ByteArrayInputStream(ZIP));
      List<Executable> calls =
          List.of(
              () -> engine.list("/projects/P\0/x"),
              () -> engine.archive(ArchiveRequest.of("a\ud800")),
              () -> engine.list(null, badUser),
              () -> engine.importFrom(stream, badUser),
              () -> engine.startImport(stream, badUser),
              () -> engine.importFrom(ImportRequest.of(ZIP).parameter("a\0", "b")),
              () -> engine.list("a\nb"));
      for (Executable call : calls) assertEquals("capi.bad-text", reasonOf(call));
      assertThrows(
          XnatArchiveException.InvalidArgument.class,
          () -> engine.archive(ArchiveRequest.of(null)));
      ImportRequest nothing = Fixture.request(new byte[0]);
      assertEquals("container.unknown-format", reasonOf(() -> engine.importFrom(nothing)));
      assertEquals(held, Hooks.held());
    }
  }

  @Test
  @DisplayName("a session that is removed from the prearchive is gone")
  void removed() {
    try (Engine engine = Fixture.engine(directory)) {
      String src = Fixture.receive(engine, ZIP);
      engine.deletePrearchiveSession(src);
      assertThrows(XnatArchiveException.NotFound.class, () -> engine.prearchiveSession(src));
    }
  }

  @Test
  @DisplayName("a session that comes over time is moved, and built when nothing more comes")
  void overTime() {
    try (Engine engine = Fixture.engine(directory)) {
      engine.addProject(new Project("Q"));
      assertEquals(engine.addSubject("Q", "S9"), engine.addSubject("Q", "S9"));
      String moved = engine.movePrearchiveSession(Fixture.receive(engine, ZIP), "Q");
      assertTrue(moved.startsWith("/data/prearchive/projects/Q/"), moved);
      assertTrue(engine.commitIdle().number("next_ms") > 0);
      engine.setSetting("session_idle_minutes", "0", null);
      assertEquals(1, engine.commitIdle().json().getAsJsonArray("built").size());
      engine.setPrearchiveState(moved, "ERROR");
      Report row = engine.setPrearchiveState(moved, null);
      assertEquals("READY", row.json().get("state").getAsString());
      CallOptions ann = CallOptions.NONE.user("ann");
      engine.build(moved, Map.of("xnat:mrSessionData/note", "seen"), ann);
      engine.build(moved);
      try (SessionDocument document = engine.document(moved)) {
        assertEquals("seen", document.get("note"));
      }
      Map<String, String> noPath = Map.of("no path", "seen");
      assertEquals("build.bad-field", reasonOf(() -> engine.build(moved, noPath)));
    }
  }
}
