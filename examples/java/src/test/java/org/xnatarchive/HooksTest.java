package org.xnatarchive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import program.NiftiFolder;

class HooksTest {
  private static final byte[] ZIP = Fixture.zip();

  @TempDir Path directory;

  /** Describes a source. */
  private interface Describes {
    void describe(ImportSource source) throws Exception;
  }

  private static ImportHandler handler(String name, Describes describes) {
    return new ImportHandler() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void describe(ImportSource source) throws Exception {
        describes.describe(source);
      }
    };
  }

  private Engine engine(ImportHandler... handlers) {
    EngineOptions options = Fixture.root(directory);
    for (ImportHandler handler : handlers) options.handler(handler);
    return Fixture.engine(options);
  }

  private ImportRequest images(ImportHandler handler) throws IOException {
    Path folder = Fixture.images(directory);
    return ImportRequest.of(folder).handler(handler.name()).parameter("project", "P");
  }

  @Test
  @DisplayName("a handler in Java makes a session of a folder of images")
  void niftiFolder() throws Exception {
    NiftiFolder handler = new NiftiFolder();
    ImportRequest request = images(handler);
    Files.writeString(directory.resolve("images/notes.txt"), "left out");
    try (Engine engine = engine(handler)) {
      Report received = engine.importFrom(request);
      assertEquals(2, received.number("files_received"));
      assertEquals(1, received.number("files_skipped"));
      String uri = engine.archive(ArchiveRequest.of(received.uri())).uri();
      assertEquals("/data/archive/projects/P/subjects/S01/experiments/S01_MR1", uri);
      try (SessionDocument document = engine.document(uri)) {
        assertEquals("T1w", document.get("1", "series_description"));
      }
    }
  }

  @Test
  @DisplayName("a handler sees the import it is asked about, and may read from the engine")
  void source() throws Exception {
    List<Object> seen = new ArrayList<>();
    AtomicReference<Engine> opened = new AtomicReference<>();
    ImportHandler handler =
        handler(
            "Curious",
            source -> {
              seen.addAll(List.of(source.name(), source.kind(), source.cancelled()));
              seen.add(source.parameter("color"));
              seen.add(source.parameter("absent"));
              seen.add(source.findProject("P"));
              seen.add(source.findProject("none"));
              source.forEachFile(
                  file -> {
                    String head = new String(file.head(4), StandardCharsets.UTF_8);
                    seen.addAll(List.of(file.path(), file.size(), head));
                  });
              seen.add(opened.get().projects().size());
              opened.get().addProject(new Project("NO"));
            });
    try (Engine engine = engine(handler)) {
      opened.set(engine);
      Path folder = Files.createDirectory(directory.resolve("folder"));
      Files.writeString(folder.resolve("a.bin"), "bytes");
      ImportRequest request = ImportRequest.of(folder).handler("Curious");
      request.parameter("project", "P").parameter("color", "red");
      assertEquals("capi.reentered", EngineTest.reasonOf(() -> engine.importFrom(request)));
    }
    List<Object> expected = new ArrayList<>();
    expected.addAll(List.of("folder", ImportSource.Kind.FOLDER, false, "red"));
    Collections.addAll(expected, null, "P", null, "a.bin", 5L, "byte", 1);
    assertEquals(expected, seen);
  }

  @Test
  @DisplayName("what a handler throws is thrown by the import, or is its cause when it is checked")
  void thrown() throws Exception {
    RuntimeException unchecked = new IllegalStateException("patient Doe");
    IOException checked = new IOException("patient Doe");
    Error error = new AssertionError("patient Doe");
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    List<ImportHandler> handlers = new ArrayList<>();
    handlers.add(handler("A", source -> raise(unchecked)));
    handlers.add(handler("B", source -> source.forEachFile(file -> raise(unchecked))));
    handlers.add(handler("C", source -> source.forEachFile(file -> raise(checked))));
    handlers.add(handler("D", source -> raise(error)));
    EngineOptions options = Fixture.root(directory).logSink((level, line) -> lines.add(line));
    handlers.forEach(options::handler);
    try (Engine engine = Fixture.engine(options)) {
      for (ImportHandler handler : handlers) {
        ImportRequest request = images(handler);
        Throwable caught = assertThrows(Throwable.class, () -> engine.importFrom(request));
        switch (handler.name()) {
          case "C" -> assertSame(checked, caught.getCause());
          case "D" -> assertSame(error, caught);
          default -> assertSame(unchecked, caught);
        }
        if (!handler.name().equals("D")) continue;
        Task task = engine.startImport(request);
        assertSame(error, assertThrows(Error.class, task::join));
      }
      assertEquals(List.of(), engine.prearchive(null));
    }
    assertTrue(lines.stream().anyMatch(line -> line.contains("IllegalStateException was thrown")));
    assertTrue(lines.stream().noneMatch(line -> line.contains("Doe")));
  }

  private static void raise(Throwable thrown) throws Exception {
    if (thrown instanceof Error error) throw error;
    throw (Exception) thrown;
  }

  @Test
  @DisplayName("a failure of the library that a handler passes on keeps its class and reason")
  void passedOn() throws Exception {
    ImportHandler handler =
        handler(
            "Twice",
            source -> {
              SessionDocument document = source.addSession().document();
              document.addScan("1", "xnat:mrScanData");
              document.addScan("1", "xnat:mrScanData");
            });
    try (Engine engine = engine(handler)) {
      ImportRequest request = images(handler);
      XnatArchiveException.AlreadyExists caught =
          assertThrows(XnatArchiveException.AlreadyExists.class, () -> engine.importFrom(request));
      assertEquals("document.scan-exists", caught.reason());
    }
  }

  @Test
  @DisplayName("two handlers of one name are refused, and nothing is left of them")
  void twoOfOneName() {
    int held = Hooks.held();
    EngineOptions options = Fixture.root(directory);
    options.handler(new NiftiFolder()).handler(new NiftiFolder());
    assertThrows(XnatArchiveException.AlreadyExists.class, () -> Fixture.engine(options));
    assertEquals(held, Hooks.held());
  }

  @Test
  @DisplayName("what a handler was given is of no use afterwards")
  void afterwards() throws Exception {
    AtomicReference<ImportSource> source = new AtomicReference<>();
    AtomicReference<ImportSource.ImportedFile> file = new AtomicReference<>();
    AtomicReference<ImportSource.ImportedSession> session = new AtomicReference<>();
    ImportHandler handler =
        handler(
            "Keeps",
            given -> {
              source.set(given);
              session.set(given.addSession());
              given.forEachFile(file::set);
              throw new HookException("keeps.all", "for later");
            });
    try (Engine engine = engine(handler)) {
      ImportRequest request = images(handler);
      HookException caught = assertThrows(HookException.class, () -> engine.importFrom(request));
      assertEquals("keeps.all", caught.reason());
    }
    assertNull(source.get().parameter("project"));
    assertFalse(source.get().cancelled());
    assertThrows(IllegalStateException.class, () -> source.get().addSession());
    ImportSource.Entry entry = ImportSource.Entry.of("1", "X", "Y");
    List<Executable> uses =
        List.of(
            () -> source.get().forEachFile(given -> {}),
            () -> file.get().head(1),
            () -> source.get().keep(file.get(), session.get(), entry),
            () -> session.get().describe(true, null, null, null),
            () -> session.get().document().set("label", "x"));
    for (Executable use : uses) assertEquals("capi.bad-handle", EngineTest.reasonOf(use));
  }

  @Test
  @DisplayName("a policy allows and denies, and one that throws ends the call")
  void policy() {
    RuntimeException thrown = new IllegalStateException("no directory service");
    AccessPolicy policy =
        (user, permission, project) -> {
          if (user.equals("broken")) throw thrown;
          return !user.equals("guest") || permission == AccessPolicy.Permission.READ;
        };
    try (Engine engine = Fixture.engine(Fixture.root(directory).accessPolicy(policy))) {
      CallOptions guest = CallOptions.NONE.user("guest");
      assertEquals(List.of(), engine.list("/projects/P", guest));
      assertThrows(
          XnatArchiveException.Permission.class, () -> engine.addProject(new Project("G"), guest));
      CallOptions broken = CallOptions.NONE.user("broken");
      Executable call = () -> engine.list("/projects/P", broken);
      assertSame(thrown, assertThrows(RuntimeException.class, call));
    }
  }

  @Test
  @DisplayName("events and log lines are heard, and what an event sink throws is in the report")
  void sinks() {
    List<EventSink.Event> events = Collections.synchronizedList(new ArrayList<>());
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    EngineOptions options =
        Fixture.root(directory)
            .eventSink(
                event -> {
                  events.add(event);
                  if (event.kind() == EventSink.Kind.ARCHIVED) throw new IOException("full");
                })
            .logSink(
                (level, line) -> {
                  lines.add(level + " " + line);
                  throw new IllegalStateException("lost");
                });
    try (Engine engine = Fixture.engine(options)) {
      Report report = Fixture.archived(engine, ZIP);
      String code = report.json().getAsJsonObject("events").get("code").getAsString();
      assertEquals("handler_failed", code);
    }
    assertEquals(
        List.of(EventSink.Kind.RECEIVED, EventSink.Kind.BUILT, EventSink.Kind.ARCHIVED),
        events.stream().map(EventSink.Event::kind).toList());
    assertTrue(events.stream().allMatch(event -> event.files() == 6 && event.status() == 0));
    assertTrue(events.stream().allMatch(event -> event.label().equals("S1")));
    assertTrue(lines.stream().allMatch(line -> line.startsWith("INFO ")), lines::toString);
  }

  @Test
  @DisplayName("an event sink may call the engine")
  void eventSinkCalls() {
    AtomicReference<Engine> opened = new AtomicReference<>();
    List<Integer> scans = Collections.synchronizedList(new ArrayList<>());
    EventSink sink =
        event -> {
          if (event.kind() == EventSink.Kind.ARCHIVED) {
            scans.add(opened.get().list(event.uri()).size());
          }
        };
    try (Engine engine = Fixture.engine(Fixture.root(directory).eventSink(sink))) {
      opened.set(engine);
      Fixture.archived(engine, ZIP);
    }
    assertEquals(List.of(2), scans);
  }

  @Test
  @DisplayName("validators find what keeps a session out, and what is only told")
  void validators() {
    AtomicReference<Candidate.Severity> severity = new AtomicReference<>(Candidate.Severity.FAIL);
    SessionValidator validator =
        candidate -> {
          assertEquals("P", candidate.json().get("project").getAsString());
          assertEquals("S1", candidate.document().get("label"));
          candidate.find(severity.get(), "site.no-consent", "there is no consent");
        };
    try (Engine engine = Fixture.engine(Fixture.root(directory).validator(validator))) {
      ArchiveRequest request = ArchiveRequest.of(Fixture.receive(engine, ZIP));
      assertTrue(engine.validate(request).is("blocked"));
      assertEquals("site.no-consent", EngineTest.reasonOf(() -> engine.archive(request)));
      severity.set(Candidate.Severity.WARN);
      assertEquals(1, engine.archive(request).json().getAsJsonArray("warnings").size());
    }
  }

  @Test
  @DisplayName("a transform rewrites files and document on their way in")
  void transform() {
    SessionTransform transform =
        new SessionTransform() {
          @Override
          public String name() {
            return "shorten 1";
          }

          @Override
          public void transform(Candidate candidate, SessionFiles files, SessionDocument document) {
            List<String> paths =
                files.paths().stream().filter(path -> path.endsWith(".dcm")).toList();
            files.replace(paths.get(0), files.read(paths.get(0)));
            files.reject(paths.get(1));
            document.set("note", "seen");
          }
        };
    try (Engine engine = Fixture.engine(Fixture.root(directory).transform(transform))) {
      Report report = Fixture.archived(engine, ZIP);
      assertEquals(5, report.number("files"));
      assertEquals("seen", engine.document(report.uri()).get("note"));
    }
  }

  @Test
  @DisplayName("a launcher runs AutoRun, fails it, or leaves it to the shell")
  void launcher() {
    List<String> reasons = new ArrayList<>();
    PipelineLauncher launcher =
        (request, context) -> {
          context.print("launched " + request.sessionLabel() + context.cancelled());
          if (request.project().equals("B")) throw new HookException("site.queue-full", "later");
          return request.project().equals("A");
        };
    try (Engine engine = Fixture.engine(Fixture.root(directory).pipelineLauncher(launcher))) {
      for (String id : List.of("A", "B", "C")) {
        engine.addProject(new Project(id).autorun("exit 3"));
        ImportRequest request = ImportRequest.of(ZIP).parameter("project", id);
        Report report = engine.archive(ArchiveRequest.of(engine.importFrom(request).uri()));
        boolean failed = report.json().get("pipeline").isJsonObject();
        reasons.add(
            failed
                ? report.json().getAsJsonObject("pipeline").get("reason").getAsString()
                : "none");
      }
    }
    assertEquals(List.of("none", "site.queue-full"), reasons.subList(0, 2));
    assertTrue(reasons.get(2).startsWith("pipeline."));
  }

  @Test
  @DisplayName("all that an engine was given is released when it is closed")
  void released() {
    int held = Hooks.held();
    EngineOptions options =
        Fixture.root(directory)
            .handler(new NiftiFolder())
            .accessPolicy((user, permission, project) -> true)
            .eventSink(event -> {})
            .logSink((level, line) -> {})
            .pipelineLauncher((request, context) -> true)
            .validator(candidate -> {})
            .validator(candidate -> {});
    try (Engine engine = Fixture.engine(options)) {
      assertEquals(held + 7, Hooks.held());
      Fixture.archived(engine, ZIP);
    }
    assertEquals(held, Hooks.held());
  }
}
