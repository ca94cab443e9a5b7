// scans.cc - the scans and resources of a session, archived or waiting.
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/items.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/session_path.hpp"
#include "rest/session_zip.hpp"
#include "rest/tables.hpp"

namespace xnatarchive {
namespace {

/// The session's document, of a call whose path may go on below it.
Result<SessionDocument> DocumentOf(const RestCall& call) {
  RestCall session = call;
  session.path.erase("scan");
  session.path.erase("resource");
  return call.engine.Document(EngineUri(session), call.call);
}

Status NoScan() { return Status(Code::kNotFound, "uri.not-found", "there is no such scan"); }

Result<RestResponse> ListScans(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const SessionDocument document, DocumentOf(call));
  Table table;
  if (IsWaiting(call)) {
    table.columns = {"ID", "xsiType", "series_description"};
    for (const Scan& scan : document.scans) {
      table.rows.push_back({scan.id, scan.xsi_type, scan.Get("series_description")});
    }
    return TableResponse(call, std::move(table));
  }
  table.columns = {"xnat_imagescandata_id", "ID", "type", "quality", "xsiType", "note",
                   "series_description",    "URI"};
  for (const Scan& scan : document.scans) {
    table.rows.push_back({scan.id, scan.id, scan.type, scan.Get("quality"), scan.xsi_type,
                          scan.Get("note"), scan.Get("series_description"),
                          "/data" + Level("experiments", document.id) + Level("scans", scan.id)});
  }
  return TableResponse(call, std::move(table));
}

Result<RestResponse> GetScan(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const SessionDocument document, DocumentOf(call));
  const Scan* scan = document.FindScan(call.Path("scan"));
  if (scan == nullptr) return NoScan();
  const std::string format = WantedFormat(call);
  if (format == "zip") return ZipResponse(call, EngineUri(call), document.label);
  if (!format.empty() && format != "json") {
    return Status(Code::kInvalidArgument, "rest.bad-format", "format is json or zip here");
  }
  return TextResponse(kJsonType, ItemsText(ScanItem(*scan, document.id)));
}

/// What XNAT's table of resources says of one.
struct ResourceRow {
  const Resource* resource;
  std::string category;  // "scans" or "resources"
  const Scan* scan;      // or null
};

std::string CountCell(const std::optional<std::int64_t>& count) {
  return count ? std::to_string(*count) : "";
}

/// The documents of waiting sessions have no counts; their catalogs are counted.
Status CountFiles(const RestCall& call, const std::string& uri, std::string* count,
                  std::string* size) {
  if (!count->empty()) return Status();
  XNA_ASSIGN_OR_RETURN(const Table files, call.engine.List(uri + "/files", call.call));
  std::int64_t bytes = 0;
  const std::size_t column = ColumnOf(files, "Size");
  for (const auto& row : files.rows) bytes += ParseInt(row[column]).value_or(0);
  *count = std::to_string(files.rows.size());
  *size = std::to_string(bytes);
  return Status();
}

Result<RestResponse> ResourceTable(const RestCall& call, const std::vector<ResourceRow>& rows) {
  RestCall session = call;
  session.path.erase("scan");
  const std::string session_uri = EngineUri(session);
  Table table;
  table.columns = {"xnat_abstractresource_id",
                   "label",
                   "element_name",
                   "category",
                   "cat_id",
                   "cat_desc",
                   "file_count",
                   "file_size",
                   "tags",
                   "content",
                   "format"};
  for (const auto& [resource, category, scan] : rows) {
    std::string uri = session_uri;
    if (scan != nullptr) uri += Level("scans", scan->id);
    uri += Level("resources", resource->label);
    std::string count = CountCell(resource->file_count);
    std::string size = CountCell(resource->file_size);
    if (IsWaiting(call)) XNA_RETURN_IF_ERROR(CountFiles(call, uri, &count, &size));
    table.rows.push_back({resource->label, resource->label, resource->xsi_type, category,
                          scan != nullptr ? scan->id : "", scan != nullptr ? scan->type : "", count,
                          size, "", resource->content, resource->format});
  }
  return TableResponse(call, std::move(table));
}

/// Of a session its own; with all=true, and in the prearchive, those of its scans, too.
Result<RestResponse> ListResources(RestCall& call) {
  XNA_ASSIGN_OR_RETURN(const SessionDocument document, DocumentOf(call));
  std::vector<ResourceRow> rows;
  const auto add_scan = [&](const Scan& scan) {
    for (const Resource& resource : scan.resources) rows.push_back({&resource, "scans", &scan});
  };
  if (!call.Path("scan").empty()) {
    const Scan* scan = document.FindScan(call.Path("scan"));
    if (scan == nullptr) return NoScan();
    add_scan(*scan);
    return ResourceTable(call, rows);
  }
  for (const Resource& resource : document.resources) {
    rows.push_back({&resource, "resources", nullptr});
  }
  if (IsWaiting(call) || call.parameters.Flag("all")) {
    for (const Scan& scan : document.scans) add_scan(scan);
  }
  return ResourceTable(call, rows);
}

}  // namespace

std::vector<Route> ScanRoutes() {
  return OfSessions({
      {"/scans", ListScans, RouteAnswer::kTable, "Lists the scans of a session."},
      {"/scans/{scan}", GetScan, RouteAnswer::kScan,
       "Gives one scan: its item, or as a zip its files."},
      {"/resources", ListResources, RouteAnswer::kTable, "Lists the resources of a session.",
       "all"},
      {"/scans/{scan}/resources", ListResources, RouteAnswer::kTable,
       "Lists the resources of a scan."},
  });
}

}  // namespace xnatarchive
