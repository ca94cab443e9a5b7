package org.xnatarchive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import program.ArchiveOne;

class PackageTest {
  @TempDir Path directory;

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(found -> found.group(1).replaceAll("\\s+", " ").trim())
        .sorted()
        .toList();
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "XNATARCHIVE_HEADER", matches = ".+")
  @DisplayName("the declarations are those of the header")
  void declarations() throws Exception {
    String header =
        Files.readString(Path.of(System.getenv("XNATARCHIVE_HEADER")))
            .replaceAll("(?s)/\\*.*?\\*/", "")
            .replaceAll("(?m)^#.*$", "");
    String declared =
        new String(
            Native.class.getResourceAsStream("declarations.txt").readAllBytes(),
            StandardCharsets.UTF_8);
    String struct = "struct \\w+ \\{[^}]*\\}";
    assertEquals(all("typedef (" + struct + ") \\w+;", header), all("(" + struct + ");", declared));
    assertEquals(
        all("XNA_API\\s+([^;]+);", header), all("([^;]+);", declared.replaceAll(struct + ";", "")));
  }

  @Test
  @DisplayName("the program prints what the README shows")
  void program() throws Exception {
    Path study = Files.write(directory.resolve("study.zip"), Fixture.zip());
    String[] arguments = {
      directory.resolve("root").toString(), study.toString(), Fixture.images(directory).toString()
    };
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (PrintStream to = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(to);
      ArchiveOne.main(arguments);
    } finally {
      System.setOut(before);
    }
    String output = printed.toString(StandardCharsets.UTF_8);
    assertTrue(Files.readString(Path.of("README.md")).contains(output), output);
  }
}
