// files.cc - files of sessions, archived and waiting: their list, and their bytes.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/request_body.hpp"
#include "rest/response.hpp"
#include "rest/routes.hpp"
#include "rest/session_path.hpp"
#include "rest/session_zip.hpp"
#include "rest/tables.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kArchive = "/archive";
constexpr std::size_t kPieceBytes = 256u << 10;

/// Part of a file: [first, last], or nothing when it is empty.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// The part that a Range header names. nullopt for a header that is to be passed over (another
/// unit, several ranges, no number); kInvalidArgument "rest.bad-range" for one behind the end.
Result<std::optional<ByteRange>> RangeOf(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  const std::optional<ByteRange> whole;
  if (!StartsWith(header, kUnit)) return whole;
  header.remove_prefix(kUnit.size());
  const std::size_t dash = header.find('-');
  if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return whole;
  const auto number = [](std::string_view text) {
    const auto value = ParseInt(Trim(text));
    return value && *value >= 0 ? std::optional<std::uint64_t>(*value) : std::nullopt;
  };
  const auto first = number(header.substr(0, dash));
  const auto last = number(header.substr(dash + 1));
  const bool suffix = Trim(header.substr(0, dash)).empty();
  const bool to_end = Trim(header.substr(dash + 1)).empty();
  if ((suffix ? !last : !first) || (!last && !to_end) || (first && last && *last < *first)) {
    return whole;
  }
  const std::uint64_t begin = suffix ? size - std::min(size, *last) : *first;
  if (begin >= size) {
    return Status(Code::kInvalidArgument, "rest.bad-range", "the range is behind the file's end");
  }
  const std::uint64_t end = suffix || !last ? size - 1 : std::min(*last, size - 1);
  return std::optional<ByteRange>({begin, end});
}

Status SendBytes(const OpenedFile& file, std::uint64_t at, std::uint64_t end,
                 const OutputStream& output) {
  std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(end - at, kPieceBytes)), '\0');
  while (at < end) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(end - at, piece.size()));
    XNA_ASSIGN_OR_RETURN(const std::size_t count, file.read(at, piece.data(), wanted));
    if (count == 0) {
      return Status(Code::kCorruption, "rest.file-shrank", "a file is shorter than it was");
    }
    XNA_RETURN_IF_ERROR(output(std::string_view(piece.data(), count)));
    at += count;
  }
  return Status();
}

/// Files are what was uploaded: their type is told only where it is sure and harmless.
std::string_view TypeOf(std::string_view name) {
  const std::string lower = AsciiLower(name);
  if (EndsWith(lower, ".dcm")) return "application/dicom";
  if (EndsWith(lower, ".zip")) return "application/zip";
  if (EndsWith(lower, ".json")) return "application/json";
  if (EndsWith(lower, ".txt") || EndsWith(lower, ".log")) return "text/plain";
  return "application/octet-stream";
}

Result<RestResponse> GetFile(RestCall& call) {
  const std::string uri = EngineUri(call) + "/files/" + EncodeFilePath(call.Path("file"));
  XNA_ASSIGN_OR_RETURN(OpenedFile file, call.engine.OpenFile(uri, call.call));
  const std::string etag = "\"" + file.version + "\"";
  RestResponse response;
  response.headers = {
      {"ETag", etag}, {"Accept-Ranges", "bytes"}, {"Cache-Control", "private, no-cache"}};
  const std::string_view known = FindHeader(call.request, "If-None-Match");
  if (known == "*" || known.find(etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  const std::string_view same = FindHeader(call.request, "If-Range");
  std::optional<ByteRange> range;
  if (same.empty() || same == etag) {
    XNA_ASSIGN_OR_RETURN(range, RangeOf(FindHeader(call.request, "Range"), file.size));
  }
  if (range) {
    response.status = 206;
    response.headers.emplace_back("Content-Range", "bytes " + std::to_string(range->first) + "-" +
                                                       std::to_string(range->last) + "/" +
                                                       std::to_string(file.size));
  }
  const std::uint64_t begin = range ? range->first : 0;
  const std::uint64_t end = range ? range->last + 1 : file.size;
  response.headers.emplace_back("Content-Type", TypeOf(file.name));
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"" + QuotedName(file.name) + "\"");
  response.stream_bytes = end - begin;
  response.stream = [file = std::move(file), begin, end](const OutputStream& output) {
    return SendBytes(file, begin, end, output);
  };
  return response;
}

/// Adds a resource's files to XNAT's table. `uri` is the engine's, of what has the resource.
Status AddFiles(const RestCall& call, const std::string& uri, const Resource& resource,
                Table* table) {
  const std::string files_uri = uri + Level("resources", resource.label) + "/files";
  XNA_ASSIGN_OR_RETURN(const Table files, call.engine.List(files_uri, call.call));
  const std::size_t name = ColumnOf(files, "Name");
  const std::size_t size = ColumnOf(files, "Size");
  const std::size_t digest = ColumnOf(files, "digest");
  const std::size_t file_uri = ColumnOf(files, "URI");
  // The path of a file is not encoded there.
  const std::string before_path = "/resources/" + resource.label + "/files/";
  // Without "/archive", as XNAT has it: xnatpy looks for a file's row by this URI.
  const bool waits = IsWaiting(call);
  const std::string shown = "/data" + (waits ? files_uri : files_uri.substr(kArchive.size()));
  for (const auto& row : files.rows) {
    const std::string& plain = row[file_uri];
    const std::string path = plain.substr(plain.find(before_path) + before_path.size());
    table->rows.push_back({row[name], row[size], shown + "/" + EncodeFilePath(path), resource.label,
                           "", resource.format, resource.content, resource.label, row[digest]});
  }
  return Status();
}

Table NewFileTable() {
  Table table;
  table.columns = {"Name",        "Size",         "URI",    "collection", "file_tags",
                   "file_format", "file_content", "cat_ID", "digest"};
  return table;
}

Status NoSuch(const char* what) {
  return Status(Code::kNotFound, "uri.not-found", std::string("there is no such ") + what);
}

/// Some of a session's resources: those of one owner, whose URI is the engine's.
struct Owner {
  std::string uri;
  const std::vector<Resource>* resources;
};

/// Who owns the files that the path asks for: the session and its scans; or with a scan's ID this
/// scan, or these ("1,2"), or with "ALL" every scan.
Result<std::vector<Owner>> OwnersOf(const std::string& scans, bool of_resource,
                                    const SessionDocument& document, const std::string& session) {
  std::vector<Owner> owners;
  const bool all_scans = EqualsIgnoreCase(scans, "ALL") || (scans.empty() && !of_resource);
  const std::vector<std::string> wanted = Split(scans, ',');
  if (scans.empty()) owners.push_back({session, &document.resources});
  for (const Scan& scan : document.scans) {
    if (!all_scans && std::find(wanted.begin(), wanted.end(), scan.id) == wanted.end()) continue;
    owners.push_back({session + Level("scans", scan.id), &scan.resources});
  }
  if (owners.empty() && !all_scans) return NoSuch("scan");
  return owners;
}

/// What the engine calls it when it is one thing, to be had as a zip; else "".
std::string UriOfZip(const std::string& scans, const std::string& label,
                     const std::string& session) {
  const bool all_scans = EqualsIgnoreCase(scans, "ALL");
  if (scans.find(',') != std::string::npos || (all_scans && !label.empty())) return "";
  std::string uri = session;
  if (!scans.empty()) uri += all_scans ? "/scans" : Level("scans", scans);
  if (!label.empty()) uri += Level("resources", label);
  return uri;
}

Result<RestResponse> ListFiles(RestCall& call) {
  const std::string scans = call.Path("scan");
  const std::string label = call.Path("resource");
  call.path.erase("scan");
  call.path.erase("resource");
  std::string session = EngineUri(call);
  XNA_ASSIGN_OR_RETURN(const SessionDocument document, call.engine.Document(session, call.call));
  if (!IsWaiting(call)) session = std::string(kArchive) + Level("experiments", document.id);
  XNA_ASSIGN_OR_RETURN(const std::vector<Owner> owners,
                       OwnersOf(scans, !label.empty(), document, session));
  const bool zip = WantedFormat(call) == "zip";
  Table table = NewFileTable();
  bool found = label.empty();
  for (const Owner& owner : owners) {
    for (const Resource& resource : *owner.resources) {
      if (!label.empty() && resource.label != label) continue;
      found = true;
      if (!zip) XNA_RETURN_IF_ERROR(AddFiles(call, owner.uri, resource, &table));
    }
  }
  if (!found) return NoSuch("resource");
  if (!zip) return TableResponse(call, std::move(table));
  const std::string uri = UriOfZip(scans, label, session);
  if (!uri.empty()) return ZipResponse(call, uri, document.label);
  return Status(Code::kUnsupported, "rest.no-such-zip",
                "a zip is of a session, all its scans, one scan, or one resource");
}

}  // namespace

std::vector<Route> FileRoutes() {
  return OfSessions({
      {"/files", ListFiles, RouteAnswer::kFiles, "Lists or gives the files of a session."},
      {"/scans/{scan}/files", ListFiles, RouteAnswer::kFiles,
       "Lists or gives the files of a scan; of several with their IDs, comma separated, or ALL."},
      {"/resources/{resource}/files", ListFiles, RouteAnswer::kFiles,
       "Lists or gives the files of a session's resource."},
      {"/resources/{resource}/files/{file...}", GetFile, RouteAnswer::kFile,
       "Gives a file of a session's resource."},
      {"/scans/{scan}/resources/{resource}/files", ListFiles, RouteAnswer::kFiles,
       "Lists or gives the files of a scan's resource."},
      {"/scans/{scan}/resources/{resource}/files/{file...}", GetFile, RouteAnswer::kFile,
       "Gives a file of a scan's resource."},
  });
}

}  // namespace xnatarchive
