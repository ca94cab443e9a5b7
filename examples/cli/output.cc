#include "output.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "to_json.hpp"

using xnatarchive::DiskState;
using xnatarchive::Status;
using xnatarchive::Table;

namespace {

// Columns a terminal needs for UTF-8 text: one per code point. East Asian double width and
// combining marks are rare in labels and only cost alignment.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
  }));
}

void AppendRow(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
               std::string* text) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = Printable(cells[i]);
    line += cell;
    if (i + 1 < cells.size()) line.append(widths[i] - Width(cell) + 2, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  *text += line + '\n';
}

void AppendCsvRow(const std::vector<std::string>& cells, std::string* text) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) *text += ',';
    if (cells[i].find_first_of(",\"\r\n") == std::string::npos) {
      *text += cells[i];
      continue;
    }
    *text += '"';
    for (const char c : cells[i]) *text += c == '"' ? std::string("\"\"") : std::string(1, c);
    *text += '"';
  }
  *text += "\r\n";
}

// Header names as people read them: "scan_date" is "SCAN DATE".
std::vector<std::string> Headings(std::vector<std::string> columns) {
  for (std::string& column : columns) {
    for (char& c : column) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      if (c == '_') c = ' ';
    }
  }
  return columns;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return result;
}

std::string FormatTable(const Table& table) {
  const std::vector<std::string> headings = Headings(table.columns);
  std::vector<std::size_t> widths;
  for (const std::string& heading : headings) widths.push_back(Width(heading));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], Width(Printable(row[i])));
    }
  }
  std::string text;
  AppendRow(headings, widths, &text);
  for (const auto& row : table.rows) AppendRow(row, widths, &text);
  return text;
}

std::string FormatCsv(const Table& table) {
  std::string text;
  AppendCsvRow(table.columns, &text);
  for (const auto& row : table.rows) AppendCsvRow(row, &text);
  return text;
}

nlohmann::ordered_json TableToJson(const Table& table) {
  auto rows = nlohmann::ordered_json::array();
  for (const auto& row : table.rows) {
    auto object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < row.size() && i < table.columns.size(); ++i) {
      object[table.columns[i]] = row[i];
    }
    rows.push_back(std::move(object));
  }
  const std::string total = std::to_string(table.rows.size());
  return {{"ResultSet", {{"Result", std::move(rows)}, {"totalRecords", total}}}};
}

std::string FormatBytes(double bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < kUnits.size()) {
    bytes /= 1000;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 || bytes >= 99.5 ? "%.0f %s" : "%.1f %s", bytes,
                kUnits[unit]);
  return text;
}

std::string LocalTime(std::int64_t time_ms) {
  if (time_ms == 0) return "";
  const std::time_t seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  return text;
}

std::string Counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string ErrorText(const Status& status, std::string_view path) {
  IgnoreError(status, "this text is what becomes of it");
  const std::string_view where = status.path().empty() ? path : status.path();
  std::string text(status.message());
  if (!where.empty()) text += " (" + std::string(where) + ")";
  text += " [" + std::string(status.reason()) + "]";
  if (status.disk_state() != DiskState::kUnchanged) {
    text += ", disk state: " + std::string(DiskStateName(status.disk_state()));
  }
  return text;
}

void Output::Line(std::string_view text) const { std::cout << Printable(text) << std::endl; }

void Output::Print(const Table& table) const {
  switch (format_) {
    case Format::kTable:
      PrintBytes(FormatTable(table));
      break;
    case Format::kCsv:
      PrintBytes(FormatCsv(table));
      break;
    case Format::kJson:
      PrintJson(TableToJson(table));
      break;
  }
}

void Output::PrintJson(const nlohmann::ordered_json& json) const {
  PrintBytes(DumpJson(json, JsonLayout::kIndented) + "\n");
}

void Output::PrintBytes(std::string_view bytes) const {
  std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  std::cout.flush();
}

void Output::Note(std::string_view text) const {
  if (quiet_ || format_ == Format::kJson) return;
  std::cerr << "xnatarchive: " << Printable(text) << '\n';
}

ExitStatus Output::Fail(const Status& status, std::string_view path) const {
  if (format_ == Format::kJson) {
    std::cerr << DumpJson(StatusToJson(status, path), JsonLayout::kOneLine) << '\n';
  } else {
    std::cerr << "xnatarchive: " << Printable(ErrorText(status, path)) << '\n';
  }
  return ExitStatusFor(status.code());
}
