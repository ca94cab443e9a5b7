#include "rest/tables.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/multipart.hpp"
#include "rest/request_body.hpp"
#include "rest/response.hpp"

namespace xnatarchive {
namespace {

/// As JsonText of one string; most cells need no escapes.
void AppendJsonString(std::string_view text, std::string* out) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
  });
  if (!plain) {
    *out += JsonText(Json(text));
    return;
  }
  *out += '"';
  *out += text;
  *out += '"';
}

std::string TableJson(const Table& table) {
  std::vector<std::string> names;
  for (const std::string& column : table.columns) {
    std::string name = names.empty() ? "" : ",";
    AppendJsonString(column, &name);
    names.push_back(name + ":");
  }
  std::size_t bytes = 64;
  for (const std::string& name : names) bytes += (name.size() + 3) * table.rows.size();
  for (const auto& row : table.rows) {
    for (const std::string& cell : row) bytes += cell.size();
  }
  std::string text;
  text.reserve(bytes);  // growing would copy it time and again
  text += R"({"ResultSet":{"Result":[)";
  for (const auto& row : table.rows) {
    text += &row == table.rows.data() ? "{" : ",{";
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += names[i];
      AppendJsonString(row[i], &text);
    }
    text += '}';
  }
  text += R"(],"totalRecords":")";
  text += std::to_string(table.rows.size());
  text += "\"}}";
  return text;
}

void AppendXmlText(std::string_view text, std::string* out) {
  for (const char c : text) {
    switch (c) {
      case '&':
        *out += "&amp;";
        break;
      case '<':
        *out += "&lt;";
        break;
      case '>':
        *out += "&gt;";
        break;
      default:
        // What XML can not hold at all.
        *out +=
            static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r' ? '?' : c;
    }
  }
}

void AppendXmlElement(std::string_view name, std::string_view text, std::string* out) {
  *out += "<" + std::string(name) + ">";
  AppendXmlText(text, out);
  *out += "</" + std::string(name) + ">";
}

std::string TableXml(const Table& table) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ResultSet totalRecords=\"" +
                     std::to_string(table.rows.size()) + "\"><results><columns>";
  for (const std::string& column : table.columns) AppendXmlElement("column", column, &text);
  text += "</columns><rows>";
  for (const auto& row : table.rows) {
    text += "<row>";
    for (const std::string& cell : row) AppendXmlElement("cell", cell, &text);
    text += "</row>";
  }
  return text + "</rows></results></ResultSet>\n";
}

void AppendCsvRow(const std::vector<std::string>& row, std::string* out) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    *out += i == 0 ? "\"" : ",\"";
    for (const char c : row[i]) {
      if (c == '"') *out += '"';
      *out += c;
    }
    *out += '"';
  }
  *out += '\n';
}

std::string TableCsv(const Table& table) {
  std::string text;
  AppendCsvRow(table.columns, &text);
  for (const auto& row : table.rows) AppendCsvRow(row, &text);
  return text;
}

Status Sort(const Parameters& parameters, Table* table) {
  std::vector<std::size_t> columns;
  for (const std::string& name : parameters.List("sortBy")) {
    const auto at = std::find(table->columns.begin(), table->columns.end(), name);
    if (at == table->columns.end()) {
      return Status(Code::kInvalidArgument, "rest.bad-sort", "sortBy names no column");
    }
    columns.push_back(static_cast<std::size_t>(at - table->columns.begin()));
  }
  const std::string order = AsciiLower(parameters.Get("sortOrder"));
  if (!order.empty() && order != "asc" && order != "desc") {
    return Status(Code::kInvalidArgument, "rest.bad-sort", "sortOrder is ASC or DESC");
  }
  using Row = std::vector<std::string>;
  const auto less = [&](const Row& a, const Row& b) {
    for (const std::size_t i : columns) {
      if (a[i] != b[i]) return NaturalLess(a[i], b[i]);
    }
    return false;
  };
  if (columns.empty()) return Status();
  std::stable_sort(table->rows.begin(), table->rows.end(), [&](const Row& a, const Row& b) {
    return order == "desc" ? less(b, a) : less(a, b);
  });
  return Status();
}

}  // namespace

std::size_t ColumnOf(const Table& table, std::string_view column) {
  const auto at = std::find(table.columns.begin(), table.columns.end(), column);
  assert(at != table.columns.end());
  return static_cast<std::size_t>(at - table.columns.begin());
}

Table Select(const Table& from, const std::vector<Column>& columns) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  Table table;
  std::vector<std::size_t> sources;
  for (const Column& column : columns) {
    table.columns.emplace_back(column.name);
    sources.push_back(column.from.empty() ? kNone : ColumnOf(from, column.from));
  }
  table.rows.reserve(from.rows.size());
  for (const auto& row : from.rows) {
    auto& cells = table.rows.emplace_back();
    cells.reserve(sources.size());
    for (const std::size_t source : sources) {
      cells.push_back(source == kNone ? std::string() : row[source]);
    }
  }
  return table;
}

std::string AcceptedFormat(const RestRequest& request) {
  const std::string_view accept = FindHeader(request, "Accept");
  const std::string type = HeaderValue(accept.substr(0, accept.find(',')));
  if (type == "application/json") return "json";
  if (type == "text/xml" || type == "application/xml") return "xml";
  if (type == "text/csv") return "csv";
  if (type == "application/zip") return "zip";
  return {};
}

std::string WantedFormat(const RestCall& call) {
  const std::string format = AsciiLower(call.parameters.Get("format"));
  return format.empty() ? AcceptedFormat(call.request) : format;
}

Result<RestResponse> TableResponse(const RestCall& call, Table table) {
  XNA_RETURN_IF_ERROR(Sort(call.parameters, &table));
  const std::string format = WantedFormat(call);
  if (format.empty() || format == "json") return TextResponse(kJsonType, TableJson(table));
  if (format == "xml") return TextResponse(kXmlType, TableXml(table));
  if (format == "csv") return TextResponse(kCsvType, TableCsv(table));
  return Status(Code::kInvalidArgument, "rest.bad-format", "format is json, xml or csv here");
}

}  // namespace xnatarchive
