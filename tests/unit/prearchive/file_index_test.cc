#include "prearchive/file_index.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <limits>
#include <string>

namespace xnatarchive {
namespace {

FileIndex SampleIndex() {
  FileIndex index;
  index.facts = {{"subject", "Zo\u00eb\t100%\n\x01"}, {"odd\tname", ""}, {"label", "S1"}};
  index.notes = {"", "tabs\tand\nlines and 100% of it", "second"};
  IndexedFile file;
  file.path = "SCANS/4/DICOM/odd\tname\n100%.dcm";
  file.size = std::numeric_limits<std::uint64_t>::max();
  file.mtime_ns = -1;
  file.md5 = "9e107d9d372bb6826bd81d3542a419d6";
  file.xxh3 = "0123456789abcdef0123456789abcdef";
  file.note = 1;
  file.sop_instance_uid = "1.2.3";
  file.instance_number = "17";
  index.files.push_back(file);
  index.files.emplace_back();
  index.files.back().path = "SCANS/4/DICOM/b.dcm";
  index.files.back().note = 2;
  return index;
}

bool SameFile(const IndexedFile& a, const IndexedFile& b) {
  return a.path == b.path && a.size == b.size && a.mtime_ns == b.mtime_ns && a.md5 == b.md5 &&
         a.xxh3 == b.xxh3 && a.note == b.note && a.sop_instance_uid == b.sop_instance_uid &&
         a.instance_number == b.instance_number;
}

bool SameIndex(const FileIndex& a, const FileIndex& b) {
  if (a.facts != b.facts || a.notes != b.notes || a.files.size() != b.files.size()) return false;
  for (std::size_t i = 0; i < a.files.size(); ++i) {
    if (!SameFile(a.files[i], b.files[i])) return false;
  }
  return true;
}

bool IsCorrupt(const std::string& bytes) {
  const Result<FileIndex> result = ParseFileIndex(bytes);
  return !result.ok() && result.status().code() == Code::kCorruption &&
         result.status().reason() == "index.corrupt";
}

}  // namespace

TEST_SUITE("prearchive.file_index") {
  TEST_CASE("everything written comes back, whatever characters are in it") {
    const FileIndex index = SampleIndex();
    const Result<FileIndex> parsed = ParseFileIndex(WriteFileIndex(index));
    REQUIRE(parsed.ok());
    CHECK(SameIndex(parsed.value(), index));
  }

  TEST_CASE("the text is one line for each note and file, readable, with counts at the end") {
    FileIndex index;
    index.notes = {"a\tb"};
    index.files.emplace_back();
    index.files[0].path = "SCANS/1/DICOM/x";
    index.files[0].size = 5;
    const std::string text = WriteFileIndex(index);
    CHECK(text.substr(0, text.rfind('\t') + 1) ==
          "xna-index 1\n"
          "note\ta%09b\n"
          "file\tSCANS/1/DICOM/x\t5\t0\t\t\t0\t\t\n"
          "end\t1\t1\t");
  }

  TEST_CASE("facts are lines before the notes, found by name, empty when absent") {
    FileIndex index;
    index.facts = {{"subject", "A B"}, {"label", "a\tb"}};
    const std::string text = WriteFileIndex(index);
    CHECK(text.substr(0, text.rfind('\t') + 1) ==
          "xna-index 1\n"
          "fact\tsubject\tA B\n"
          "fact\tlabel\ta%09b\n"
          "end\t0\t0\t");
    CHECK(index.Fact("label") == "a\tb");
    CHECK(index.Fact("study_uid") == "");
  }

  TEST_CASE("a fact that is there twice is corrupt") {
    FileIndex index;
    index.facts = {{"subject", "A"}, {"subject", "B"}};
    CHECK(IsCorrupt(WriteFileIndex(index)));
  }

  TEST_CASE("an empty index is an index") {
    const Result<FileIndex> parsed = ParseFileIndex(WriteFileIndex(FileIndex()));
    REQUIRE(parsed.ok());
    CHECK(SameIndex(parsed.value(), FileIndex()));
  }

  TEST_CASE("a text cut anywhere is refused") {
    const std::string text = WriteFileIndex(SampleIndex());
    for (std::size_t size = 0; size < text.size(); ++size) {
      CAPTURE(size);
      CHECK(IsCorrupt(text.substr(0, size)));
    }
  }

  TEST_CASE("a text with any one byte changed is refused") {
    const std::string text = WriteFileIndex(SampleIndex());
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      CAPTURE(i);
      CHECK(IsCorrupt(changed));
    }
  }

  TEST_CASE("text after the last line, or a second copy, is refused") {
    const std::string text = WriteFileIndex(SampleIndex());
    CHECK(IsCorrupt(text + "\n"));
    CHECK(IsCorrupt(text + "file"));
    CHECK(IsCorrupt(text + text));
    CHECK(IsCorrupt("xna-index 2\n"));
  }

  TEST_CASE("100,000 files of one note come back") {
    FileIndex index;
    index.notes = {"note"};
    for (int i = 0; i < 100000; ++i) {
      index.files.emplace_back();
      index.files.back().path = "SCANS/1/DICOM/" + std::to_string(i) + ".dcm";
      index.files.back().sop_instance_uid = "1.2." + std::to_string(i);
    }
    const Result<FileIndex> parsed = ParseFileIndex(WriteFileIndex(index));
    REQUIRE(parsed.ok());
    CHECK(SameIndex(parsed.value(), index));
  }

  TEST_CASE("the file's name begins with .xa, which readers of a tree ignore") {
    CHECK(FileIndexName("BD0017_MR1") == ".xa-BD0017_MR1.index");
  }
}

}  // namespace xnatarchive
