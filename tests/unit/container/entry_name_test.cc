#include "container/entry_name.hpp"

#include <doctest/doctest.h>

#include <map>

#include "container/container.hpp"

namespace xnatarchive {
namespace {

std::string Clean(std::string_view raw) {
  const Result<std::string> name = CleanEntryName(raw);
  return name.ok() ? *name : std::string(name.status().reason());
}

}  // namespace

TEST_SUITE("container.entry_name") {
  TEST_CASE("container names are known by their extension in any case") {
    for (const char* name : {"a.zip", "a.zar", "a.tar", "a.xar", "a.tar.gz", "a.tgz", "a.tar.bz2",
                             "a.tbz2", "a.tar.xz", "a.txz", "A.ZIP", "dir/B.Tar.Gz", "x.y.TXZ"}) {
      CAPTURE(name);
      CHECK(IsContainerName(name));
    }
    for (const char* name : {"", "-", "zip", ".zip", "dir/.tgz", "a.gz", "a.zip.dcm", "a.zip/",
                             "a.7z", "._a.zip", "__MACOSX/dir/._a.tar.gz", "a.tar.", "a.dcm"}) {
      CAPTURE(name);
      CHECK_FALSE(IsContainerName(name));
    }
  }

  TEST_CASE("a name becomes a relative path in UTF-8 on one line") {
    const std::map<std::string, std::string> expected = {
        {"a/b.dcm", "a/b.dcm"},
        {"./a//./b.dcm", "a/b.dcm"},
        {"dir/", "dir"},
        {"./", ""},
        {"a b'c%20.dcm", "a b'c%20.dcm"},
        {"...", "..."},
        {"a..b/..c", "a..b/..c"},
        {"Zo\xC3\xAB.dcm", "Zo\xC3\xAB.dcm"},
        {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
        {"M\xFCller.dcm", "M%fcller.dcm"},
        {"M\x81ller", "M%81ller"},
        {"cut\xC3", "cut%c3"},
        {"a\nb\x7F\x1B[0m", "a%0ab%7f%1b[0m"},
        {"dir\\file.dcm", "dir\\file.dcm"},
        {"T:1.dcm", "T:1.dcm"},
    };
    for (const auto& [raw, clean] : expected) {
      CAPTURE(raw);
      CHECK(Clean(raw) == clean);
    }
    CHECK(Clean(std::string(kEntryNameBytesMax, 'x')) == std::string(kEntryNameBytesMax, 'x'));
  }

  TEST_CASE("names that lead out of the tree, or are none, are refused") {
    for (const char* raw :
         {"", "/", "/etc/passwd", "//a", "..", "../a", "a/../b", "a/..", "./../a", "..\\a",
          "a\\..\\b", "a/b\\..", "\\\\host\\share", "\\a", "C:\\a", "c:/a"}) {
      CAPTURE(raw);
      CHECK(Clean(raw) == "container.unsafe-name");
    }
    CHECK(Clean(std::string(kEntryNameBytesMax + 1, 'x')) == "container.unsafe-name");
  }
}

}  // namespace xnatarchive
