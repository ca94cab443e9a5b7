package org.xnatarchive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadTest {
  private static final byte[] ZIP = Fixture.zip(1, 2, 0);

  @TempDir Path directory;

  @Test
  @DisplayName("many threads on one engine, with hooks that collect garbage, all end well")
  void threads() throws Exception {
    int held = Hooks.held();
    EngineOptions options =
        Fixture.root(directory)
            .threads(2)
            .accessPolicy((user, permission, project) -> true)
            .eventSink(event -> System.gc())
            .logSink((level, line) -> {})
            .validator(candidate -> System.gc());
    try (Engine engine = Fixture.engine(options);
        ExecutorService pool = Executors.newFixedThreadPool(8)) {
      List<Future<String>> archives = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        int number = i;
        archives.add(pool.submit(() -> archive(engine, number)));
      }
      List<Future<?>> lists = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        lists.add(pool.submit(() -> engine.list("/projects/P/experiments")));
      }
      HashSet<String> uris = new HashSet<>();
      for (Future<String> archive : archives) uris.add(archive.get());
      for (Future<?> list : lists) list.get();
      assertEquals(24, uris.size());
      assertEquals(24, engine.list("/projects/P/experiments").size());
      assertEquals(0, engine.verify(VerifyRequest.of()).json().getAsJsonArray("problems").size());
    }
    assertEquals(held, Hooks.held());
  }

  /** A task or a call, of bytes or a stream. */
  private static String archive(Engine engine, int number) {
    CallOptions collects =
        CallOptions.NONE.progress(
            progress -> {
              System.gc();
              return true;
            });
    ImportRequest request =
        number % 2 == 0 ? ImportRequest.of(ZIP) : ImportRequest.of(new ByteArrayInputStream(ZIP));
    request
        .parameter("project", "P")
        .parameter("session", "E" + number)
        .parameter("subject", "U" + number % 5);
    Report received =
        number % 3 == 0
            ? engine.importFrom(request, collects)
            : engine.startImport(request, collects).join();
    ArchiveRequest archive = ArchiveRequest.of(received.uri()).waitAtMost(Duration.ofMinutes(1));
    return number % 5 == 0
        ? engine.archive(archive, collects).uri()
        : engine.startArchive(archive, collects).join().uri();
  }

  @Test
  @DisplayName("tasks that are forgotten go on; documents and engines that are do no harm")
  void forgotten() throws Exception {
    Engine engine = Fixture.engine(directory);
    String uri = Fixture.archived(engine, ZIP).uri();
    for (int i = 0; i < 20; i++) {
      engine.document(uri);
      engine.startVerify(VerifyRequest.of(uri));
      Fixture.engine(EngineOptions.of(directory.resolve("other" + i)));
      System.gc();
    }
    engine.startImport(Fixture.request(ZIP));
    for (int i = 0; i < 400 && engine.prearchive(null).isEmpty(); i++) {
      System.gc();
      Thread.sleep(5);
    }
    assertEquals(1, engine.prearchive(null).size());
    Task kept = engine.startVerify(VerifyRequest.of());
    engine.close();
    assertTrue(kept.join().number("files_read") > 0);
  }
}
