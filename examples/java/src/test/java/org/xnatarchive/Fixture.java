package org.xnatarchive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** What the tests build: roots, DICOM studies, zips. */
final class Fixture {
  private Fixture() {}

  /** DICOM files below a new directory. */
  static Path dicom(Path directory, int series, int instances) {
    try {
      Process made =
          new ProcessBuilder(
                  System.getenv("MAKE_DICOM"),
                  "--out",
                  directory.toString(),
                  "--studies",
                  "1",
                  "--series",
                  Integer.toString(series),
                  "--instances",
                  Integer.toString(instances))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (made.waitFor() != 0) throw new IllegalStateException("make_dicom failed");
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of that many series and instances, as a zip. `last` is added to the last byte of each file. */
  static byte[] zip(int series, int instances, int last) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      Path directory = dicom(Files.createTempDirectory("xna-java"), series, instances);
      List<Path> paths = below(directory);
      for (Path path : paths.stream().filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(path);
        content[content.length - 1] += (byte) last;
        zip.putNextEntry(new ZipEntry(directory.relativize(path).toString()));
        zip.write(content);
      }
      for (Path path : paths.reversed()) Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static List<Path> below(Path directory) throws IOException {
    try (Stream<Path> found = Files.walk(directory)) {
      return found.sorted().toList();
    }
  }

  static byte[] zip() {
    return zip(2, 3, 0);
  }

  /** An engine on a new root below a directory, with the project P. */
  static Engine engine(EngineOptions options) {
    Engine.createRoot(options);
    Engine engine = Engine.open(options);
    engine.addProject(new Project("P"));
    return engine;
  }

  static EngineOptions root(Path directory) {
    return EngineOptions.of(directory.resolve("root"));
  }

  static Engine engine(Path directory) {
    return engine(root(directory));
  }

  static ImportRequest request(byte[] zip) {
    return ImportRequest.of(zip).parameter("project", "P");
  }

  /** Receives a zip; the prearchive URI of its only session. */
  static String receive(Engine engine, byte[] zip) {
    return engine.importFrom(request(zip)).uri();
  }

  static Report archived(Engine engine, byte[] zip) {
    return engine.archive(ArchiveRequest.of(receive(engine, zip)));
  }

  /** A folder of images with its side-car. */
  static Path images(Path directory) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("images"));
    Files.writeString(
        folder.resolve("scan.json"),
        "{\"subject\": \"S01\", \"session\": \"S01_MR1\", \"series_description\": \"T1w\"}");
    Files.writeString(folder.resolve("scan.nii.gz"), "an image");
    return folder;
  }
}
