// output.hpp - results on stdout, everything else on stderr, in the format the user asked for.
#ifndef XNATARCHIVE_EXAMPLES_CLI_OUTPUT_HPP_
#define XNATARCHIVE_EXAMPLES_CLI_OUTPUT_HPP_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "exit_status.hpp"
#include "xnatarchive/archive_engine.hpp"

enum class Format { kTable, kJson, kCsv };

/// Writes to the two streams of the process.
class Output {
 public:
  Output(Format format, bool quiet) : format_(format), quiet_(quiet) {}

  Format format() const { return format_; }
  bool quiet() const { return quiet_; }

  /// One result line. Written at once, so that a reader of a pipe sees it while work goes on.
  void Line(std::string_view text) const;
  /// Aligned columns without lines around them; RFC 4180 with CRLF; or XNAT's
  /// {"ResultSet":{"Result":[...],"totalRecords":"n"}}, every value a string.
  void Print(const xnatarchive::Table& table) const;
  void PrintJson(const nlohmann::ordered_json& json) const;
  /// Bytes as they are.
  void PrintBytes(std::string_view bytes) const;

  /// Something worth knowing that is not a result: stderr, not with --quiet, not with JSON, whose
  /// stderr carries error objects only.
  void Note(std::string_view text) const;
  /// Writes one failure to stderr and returns the exit status for it. `path` is used when the
  /// failure itself names none.
  ExitStatus Fail(const xnatarchive::Status& status, std::string_view path = {}) const;

 private:
  Format format_;
  bool quiet_;
};

/// The three formats as text; pure, for Print.
std::string FormatTable(const xnatarchive::Table& table);
std::string FormatCsv(const xnatarchive::Table& table);
nlohmann::ordered_json TableToJson(const xnatarchive::Table& table);

/// One line: message, path, reason, and the disk state when there is something to say about it.
/// `path` is used when the failure itself names none. Counts as looking at the failure.
std::string ErrorText(const xnatarchive::Status& status, std::string_view path);

/// Bytes or a rate of them for people: "512 B", "1.4 MB".
std::string FormatBytes(double bytes);

/// "2024-03-18 15:02:12", local time, of milliseconds since the epoch; empty for 0.
std::string LocalTime(std::int64_t time_ms);

/// "1 file", "2 files".
std::string Counted(std::uint64_t count, std::string_view noun);

/// Returns `text` with every control character replaced: a file name or a series description must
/// not move the cursor of a terminal or break a line-oriented output.
std::string Printable(std::string_view text);

#endif  // XNATARCHIVE_EXAMPLES_CLI_OUTPUT_HPP_
