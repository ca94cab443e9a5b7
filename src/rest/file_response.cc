#include "rest/file_response.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/request_body.hpp"
#include "rest/session_zip.hpp"

namespace xnatarchive {
namespace {

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

}  // namespace

Result<RestResponse> FileResponse(const RestRequest& request, OpenedFile file) {
  const std::string etag = "\"" + file.version + "\"";
  RestResponse response;
  response.headers = {
      {"ETag", etag}, {"Accept-Ranges", "bytes"}, {"Cache-Control", "private, no-cache"}};
  const std::string_view known = FindHeader(request, "If-None-Match");
  if (known == "*" || known.find(etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  const std::string_view same = FindHeader(request, "If-Range");
  std::optional<ByteRange> range;
  if (same.empty() || same == etag) {
    XNA_ASSIGN_OR_RETURN(range, RangeOf(FindHeader(request, "Range"), file.size));
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

}  // namespace xnatarchive
