// The parts of the command that are pure: what the tables, CSV, errors and the bar look like.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "exit_status.hpp"
#include "output.hpp"
#include "progress_bar.hpp"

using xnatarchive::Code;
using xnatarchive::DiskState;
using xnatarchive::Progress;
using xnatarchive::Status;
using xnatarchive::Table;

TEST_SUITE("cli.output") {
  TEST_CASE(
      "table: columns are aligned by characters, headings are words, no blanks at line ends") {
    const Table table{{"label", "file_count", "uri"},
                      {{"Zoë", "3", "/a"}, {"longer-label", "12", ""}}};
    CHECK(FormatTable(table) ==
          "LABEL         FILE COUNT  URI\n"
          "Zoë           3           /a\n"
          "longer-label  12\n");
  }

  TEST_CASE("table: without rows it is the heading alone") {
    CHECK(FormatTable({{"id", "uri"}, {}}) == "ID  URI\n");
  }

  TEST_CASE("table: control characters cannot move the cursor or break the line") {
    CHECK(FormatTable({{"a", "b"}, {{"x\n\x1b[2Jy", "z\x7f"}}}) == "A        B\nx??[2Jy  z?\n");
  }

  TEST_CASE("csv: fields are quoted only where RFC 4180 asks for it, lines end in CRLF") {
    const Table table{{"name", "value"},
                      {{"plain", "a b"}, {"quote\"d", "a,b"}, {"two\nlines", "cr\r"}, {"", ""}}};
    CHECK(FormatCsv(table) ==
          "name,value\r\n"
          "plain,a b\r\n"
          "\"quote\"\"d\",\"a,b\"\r\n"
          "\"two\nlines\",\"cr\r\"\r\n"
          ",\r\n");
  }

  TEST_CASE("json: XNAT's table shape, every value a string") {
    const Table table{{"label", "files"}, {{"A", "3"}, {"B", ""}}};
    CHECK(TableToJson(table).dump() ==
          R"({"ResultSet":{"Result":[{"label":"A","files":"3"},{"label":"B","files":""}],)"
          R"("totalRecords":"2"}})");
    CHECK(TableToJson({{"label"}, {}}).dump() ==
          R"({"ResultSet":{"Result":[],"totalRecords":"0"}})");
  }

  TEST_CASE("bytes: decimal units, one decimal below a hundred") {
    CHECK(FormatBytes(0) == "0 B");
    CHECK(FormatBytes(999) == "999 B");
    CHECK(FormatBytes(1000) == "1.0 kB");
    CHECK(FormatBytes(99'400) == "99.4 kB");
    CHECK(FormatBytes(380'000'000) == "380 MB");
    CHECK(FormatBytes(999'600'000) == "1.0 GB");
    CHECK(FormatBytes(5e15) == "5000 TB");
  }

  TEST_CASE("counts: one is singular") {
    CHECK(Counted(0, "file") == "0 files");
    CHECK(Counted(1, "file") == "1 file");
    CHECK(Counted(2, "scan") == "2 scans");
  }

  TEST_CASE("error: message, path and reason; the disk state only when it is not unchanged") {
    const Status plain(Code::kNotFound, "uri.not-found", "no such session");
    CHECK(ErrorText(plain, "") == "no such session [uri.not-found]");
    CHECK(ErrorText(plain, "/prearchive/x") == "no such session (/prearchive/x) [uri.not-found]");
    const Status detailed = Status(Code::kIo, "fs.write", "cannot write")
                                .WithPath("archive/P")
                                .WithDiskState(DiskState::kRecoveryPending);
    CHECK(ErrorText(detailed, "ignored") ==
          "cannot write (archive/P) [fs.write], disk state: recovery_pending");
  }

  TEST_CASE("exit status: every code has its documented number") {
    const int expected[] = {0, 6, 3, 4, 4, 5, 6, 1, 1, 7, 1, 1, 1, 1, 1, 1};
    for (int code = 0; code < 16; ++code) {
      CAPTURE(code);
      CHECK(static_cast<int>(ExitStatusFor(static_cast<Code>(code))) == expected[code]);
    }
    CHECK(ExitStatusFor(static_cast<Code>(999)) == kExitFailed);
  }
}

TEST_SUITE("cli.progress_bar") {
  TEST_CASE("line: bar, percent of the bytes, files, rate and time left") {
    CHECK(ProgressLine({"copy", 30, 200, 50'000'000, 200'000'000}, 10, 100) ==
          "copy [#####---------------]  25%  30/200 files  5.0 MB/s  0:30 left");
  }

  TEST_CASE("line: files decide where bytes are not known") {
    CHECK(ProgressLine({"build", 150, 200, 0, 0}, 60, 100) ==
          "build [###############-----]  75%  150/200 files  2 files/s  0:20 left");
  }

  TEST_CASE("line: without totals there is no bar and no time left") {
    CHECK(ProgressLine({"receive", 1200, 0, 3'000'000, 0}, 2, 100) ==
          "receive  1200 files  3.0 MB  1.5 MB/s");
  }

  TEST_CASE("line: a phase that counts nothing is only named") {
    CHECK(ProgressLine({"pipeline", 0, 0, 0, 0}, 60, 100) == "pipeline");
    CHECK(ProgressLine({"receive", 0, 0, 0, 0}, 0, 100) == "receive  0 files");
  }

  TEST_CASE("line: done is 100 percent, even when more came than was announced") {
    CHECK(ProgressLine({"hash", 12, 10, 0, 0}, 1, 100) ==
          "hash [####################] 100%  12/10 files  12 files/s");
  }

  TEST_CASE("line: no rate before there is something to measure, and never wider than asked") {
    CHECK(ProgressLine({"hash", 0, 10, 0, 0}, 0.05, 100) ==
          "hash [--------------------]   0%  0/10 files");
    CHECK(ProgressLine({"hash", 0, 10, 0, 0}, 0.05, 12) == "hash [------");
    CHECK(ProgressLine({"hash", 0, 10, 0, 0}, 0.05, 0).size() == 1);
  }
}
