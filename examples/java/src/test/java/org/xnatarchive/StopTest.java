package org.xnatarchive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopTest {
  private static final byte[] ZIP = Fixture.zip(4, 25, 0);

  @TempDir Path directory;

  /** The zip in pieces, with a rest before each, and what happens at the first. */
  private static final class Slow extends InputStream {
    private final InputStream zip = new ByteArrayInputStream(ZIP);
    private final CountDownLatch begun = new CountDownLatch(1);

    @Override
    public int read() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      begun.countDown();
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return zip.read(bytes, offset, Math.min(length, 4096));
    }
  }

  private static ImportRequest slow(InputStream stream) {
    return ImportRequest.of(stream).parameter("project", "P");
  }

  @Test
  @DisplayName("progress is heard, and a task's is told when it has ended")
  void progress() {
    List<ProgressListener.Progress> heard = new ArrayList<>();
    CallOptions listening = CallOptions.NONE.progress(heard::add);
    try (Engine engine = Fixture.engine(directory)) {
      String src = engine.importFrom(Fixture.request(ZIP), listening).uri();
      String uri = engine.archive(ArchiveRequest.of(src), listening).uri();
      assertTrue(heard.stream().anyMatch(progress -> progress.phase().equals("receive")));
      try (Task task = engine.startVerify(VerifyRequest.of(uri))) {
        task.join();
        assertEquals("verify", task.progress().phase());
        assertEquals(100, task.progress().filesDone());
      }
    }
  }

  @Test
  @DisplayName("a cancel that was requested stops calls that are given it, before and meanwhile")
  void cancel() throws Exception {
    try (Engine engine = Fixture.engine(directory);
        Cancel cancel = new Cancel()) {
      CallOptions options = CallOptions.NONE.cancel(cancel);
      Slow stream = new Slow();
      Thread canceller =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      stream.begun.await();
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                    cancel.request();
                  });
      assertThrows(
          XnatArchiveException.Cancelled.class, () -> engine.importFrom(slow(stream), options));
      canceller.join();
      assertThrows(
          XnatArchiveException.Cancelled.class,
          () -> engine.importFrom(Fixture.request(ZIP), options));
      assertEquals(List.of(), engine.prearchive(null));
    }
  }

  @Test
  @DisplayName("interrupting the thread of a call cancels it, and leaves it interrupted")
  void interrupt() {
    try (Engine engine = Fixture.engine(directory)) {
      Thread.currentThread().interrupt();
      assertThrows(XnatArchiveException.Cancelled.class, () -> engine.importFrom(slow(new Slow())));
      assertTrue(Thread.interrupted());
      assertEquals(List.of(), engine.prearchive(null));
    }
  }

  @Test
  @DisplayName("progress that returns false or throws cancels; what it throws is told")
  void progressThrows() {
    RuntimeException unchecked = new IllegalStateException("enough");
    IOException checked = new IOException("enough");
    try (Engine engine = Fixture.engine(directory)) {
      CallOptions stops = CallOptions.NONE.progress(progress -> false);
      assertThrows(
          XnatArchiveException.Cancelled.class, () -> engine.importFrom(slow(new Slow()), stops));
      CallOptions throwing =
          CallOptions.NONE.progress(
              progress -> {
                throw unchecked;
              });
      assertSame(
          unchecked,
          assertThrows(
              RuntimeException.class, () -> engine.importFrom(slow(new Slow()), throwing)));
      CallOptions failing =
          CallOptions.NONE.progress(
              progress -> {
                throw checked;
              });
      XnatArchiveException.Cancelled caught =
          assertThrows(
              XnatArchiveException.Cancelled.class,
              () -> engine.importFrom(slow(new Slow()), failing));
      assertSame(checked, caught.getCause());
    }
  }

  @Test
  @DisplayName("a task is a future: waited for, timed out, cancelled, failed")
  void task() throws Exception {
    try (Engine engine = Fixture.engine(directory)) {
      Task cancelled = engine.startImport(slow(new Slow()));
      assertThrows(TimeoutException.class, () -> cancelled.get(1, TimeUnit.MILLISECONDS));
      assertFalse(cancelled.isDone());
      assertTrue(cancelled.cancel(true));
      assertThrows(CancellationException.class, cancelled::get);
      assertTrue(cancelled.isCancelled());
      assertFalse(cancelled.cancel(true));
      assertThrows(XnatArchiveException.Cancelled.class, cancelled::join);

      Task good = engine.startImport(Fixture.request(ZIP));
      assertEquals(100, good.get(1, TimeUnit.MINUTES).number("files_received"));
      assertEquals(100, good.get().number("files_received"));
      assertFalse(good.isCancelled());
      good.close();
      good.close();
      assertEquals("capi.bad-handle", EngineTest.reasonOf(good::join));

      Task failed = engine.startArchive(ArchiveRequest.of("/data/prearchive/projects/P/1/none"));
      ExecutionException caught = assertThrows(ExecutionException.class, failed::get);
      assertTrue(caught.getCause() instanceof XnatArchiveException);
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, failed::get);
    }
  }

  @Test
  @DisplayName("a task that is closed while it runs is cancelled")
  void closedTask() throws Exception {
    try (Engine engine = Fixture.engine(directory)) {
      Slow stream = new Slow();
      Task task = engine.startImport(slow(stream));
      stream.begun.await();
      task.close();
    }
    try (Engine engine = Engine.open(Fixture.root(directory))) {
      assertEquals(List.of(), engine.prearchive(null));
    }
  }

  @Test
  @DisplayName("what a stream throws is thrown by the call")
  void streams() {
    IOException checked = new IOException("connection reset");
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw checked;
          }
        };
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            throw checked;
          }
        };
    try (Engine engine = Fixture.engine(directory)) {
      XnatArchiveException in =
          assertThrows(XnatArchiveException.class, () -> engine.importFrom(slow(broken)));
      assertSame(checked, in.getCause());
      String uri = Fixture.archived(engine, ZIP).uri();
      XnatArchiveException.HandlerFailed out =
          assertThrows(
              XnatArchiveException.HandlerFailed.class,
              () -> engine.export(ExportRequest.of(uri, full)));
      assertSame(checked, out.getCause());
    }
  }

  @Test
  @DisplayName("waiting for a job ends when the thread is interrupted, and the job goes on")
  void interruptedWait() throws Exception {
    try (Engine engine = Fixture.engine(directory)) {
      String src = Fixture.receive(engine, ZIP);
      String id = engine.submit(List.of(ArchiveRequest.of(src)));
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> engine.waitForJob(id, Duration.ofMinutes(1)));
      assertTrue(engine.runJob());
    }
  }
}
