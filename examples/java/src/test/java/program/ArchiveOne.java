package program;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.xnatarchive.ArchiveRequest;
import org.xnatarchive.CallOptions;
import org.xnatarchive.Engine;
import org.xnatarchive.EngineOptions;
import org.xnatarchive.ImportRequest;
import org.xnatarchive.Project;
import org.xnatarchive.Report;
import org.xnatarchive.XnatArchiveException;

/**
 * The whole round: receives a zip, archives it, meets a conflict, and teaches the archive a kind of
 * input it does not know. Arguments: ROOT STUDY_ZIP NIFTI_FOLDER.
 */
public final class ArchiveOne {
  private ArchiveOne() {}

  public static void main(String[] arguments) {
    if (arguments.length != 3) {
      System.err.println("usage: ArchiveOne ROOT STUDY_ZIP NIFTI_FOLDER");
      System.exit(2);
    }
    Path study = Path.of(arguments[1]);
    NiftiFolder images = new NiftiFolder();
    EngineOptions options = EngineOptions.of(Path.of(arguments[0])).threads(0).handler(images);
    Engine.createRoot(options);
    try (Engine engine = Engine.open(options)) {
      engine.addProject(new Project("DEMO"));
      AtomicInteger heard = new AtomicInteger();
      CallOptions listening =
          CallOptions.NONE.progress(
              progress -> {
                heard.incrementAndGet();
                return true;
              });
      String src = receive(engine, ImportRequest.of(study));
      Report archived = engine.archive(ArchiveRequest.of(src), listening);
      System.out.println("archived " + archived.uri() + ", " + archived.number("files") + " files");
      System.out.println("heard of " + (heard.get() > 0 ? "progress" : "nothing"));

      String again = receive(engine, ImportRequest.of(study));
      try {
        engine.archive(ArchiveRequest.of(again));
      } catch (XnatArchiveException.Conflict e) {
        System.out.println("conflict: " + e.reason());
        Report merged =
            engine.archive(ArchiveRequest.of(again).overwrite(ArchiveRequest.Overwrite.APPEND));
        System.out.println("merged into " + merged.uri());
      }

      Path folder = Path.of(arguments[2]);
      String found = receive(engine, ImportRequest.of(folder).handler(images.name()));
      String session = engine.archive(ArchiveRequest.of(found)).uri();
      List<String> files =
          engine.list(session + "/scans/1/resources/NIFTI").stream()
              .map(row -> row.get("Name"))
              .toList();
      System.out.println("archived " + session + ": " + String.join(", ", files));
    }
  }

  private static String receive(Engine engine, ImportRequest request) {
    return engine.importFrom(request.parameter("project", "DEMO")).uri();
  }
}
