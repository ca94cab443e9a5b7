#include "rest/multipart.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kBufferBytes = 128u << 10;
/// RFC 2046: 70 characters.
constexpr std::size_t kBoundaryMax = 70;

Status Malformed(const char* what) {
  return Status(Code::kInvalidArgument, "multipart.malformed",
                std::string("the multipart body is malformed: ") + what);
}

Result<Part> ParsePart(const std::string& headers) {
  Part part;
  bool has_disposition = false;
  bool has_type = false;
  for (const std::string& line : Split(headers, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string name = AsciiLower(Trim(std::string_view(line).substr(0, colon)));
    const std::string_view value = Trim(std::string_view(line).substr(colon + 1));
    if (name == "content-disposition") {
      has_disposition = HeaderValue(value) == "form-data";
      part.name = HeaderParameter(value, "name").value_or("");
      const auto file_name = HeaderParameter(value, "filename");
      if (file_name) part.is_file = true;
      part.file_name = file_name.value_or("");
    } else if (name == "content-type") {
      has_type = !StartsWith(HeaderValue(value), "text/");
    }
  }
  if (!has_disposition) return Malformed("a part has no Content-Disposition: form-data");
  part.is_file = part.is_file || has_type;
  return part;
}

}  // namespace

std::string HeaderValue(std::string_view header) {
  return AsciiLower(Trim(header.substr(0, header.find(';'))));
}

std::optional<std::string> HeaderParameter(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at != std::string_view::npos) {
    header.remove_prefix(at + 1);
    const std::size_t equals = header.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const bool found = EqualsIgnoreCase(Trim(header.substr(0, equals)), name);
    std::string_view rest = header.substr(equals + 1);
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    std::string value;
    if (!rest.empty() && rest.front() == '"') {
      std::size_t i = 1;
      for (; i < rest.size() && rest[i] != '"'; ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
        value += rest[i];
      }
      rest.remove_prefix(std::min(rest.size(), i + 1));
    } else {
      value = std::string(Trim(rest.substr(0, rest.find(';'))));
    }
    if (found) return value;
    at = rest.find(';');
    header = rest;
  }
  return std::nullopt;
}

Multipart::Multipart(const InputStream& input, std::string_view boundary, const RestLimits& limits)
    : input_(input),
      delimiter_("\r\n--" + std::string(boundary.substr(0, kBoundaryMax + 1))),
      header_bytes_max_(limits.part_header_bytes_max),
      buffer_("\r\n") {}  // so that the first boundary looks like the others

Status Multipart::Fill() {
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    clear_ -= std::min(clear_, begin_);
    begin_ = 0;
  }
  const std::size_t old_size = buffer_.size();
  buffer_.resize(old_size + kBufferBytes);
  Result<std::size_t> count = input_(buffer_.data() + old_size, kBufferBytes);
  const bool sane = count.ok() && *count <= kBufferBytes;
  buffer_.resize(old_size + (sane ? *count : 0));
  XNA_RETURN_IF_ERROR(count.status());
  if (!sane) return Malformed("the input counts wrongly");
  at_end_ = *count == 0;
  return Status();
}

std::size_t Multipart::Available() {
  if (clear_ > begin_) return clear_ - begin_;
  const std::size_t found = buffer_.find(delimiter_, begin_);
  // The last bytes may be the beginning of a delimiter.
  const std::size_t tail = std::min(delimiter_.size() - 1, buffer_.size() - begin_);
  clear_ = found != std::string::npos ? found : buffer_.size() - tail;
  return clear_ - begin_;
}

Result<std::size_t> Multipart::Read(void* buffer, std::size_t size) {
  if (closed_ || !started_) return std::size_t{0};
  std::size_t available = Available();
  while (available == 0 && !StartsWith(buffered(), delimiter_)) {
    if (at_end_) return Malformed("it ends within a part");
    XNA_RETURN_IF_ERROR(Fill());
    available = Available();
  }
  const std::size_t count = std::min(size, available);
  std::memcpy(buffer, buffered().data(), count);
  begin_ += count;
  return count;
}

Result<std::string> Multipart::ReadAll(std::size_t size_max) {
  std::string text;
  std::string piece(16u << 10, '\0');
  while (true) {
    XNA_ASSIGN_OR_RETURN(const std::size_t count, Read(piece.data(), piece.size()));
    if (count == 0) return text;
    if (text.size() + count > size_max) {
      return Status(Code::kInvalidArgument, "rest.body-too-large", "a field is too large");
    }
    text.append(piece, 0, count);
  }
}

Status Multipart::PassDelimiter() {
  begin_ += delimiter_.size();
  started_ = true;
  // "--" after the last one; else blanks and the end of the line.
  std::size_t line = std::string_view::npos;
  while (true) {
    if (StartsWith(buffered(), "--")) {
      closed_ = true;
      return Status();
    }
    line = buffered().find("\r\n");
    if (line != std::string_view::npos || buffered().size() > header_bytes_max_) break;
    if (at_end_) return Malformed("it ends within a boundary");
    XNA_RETURN_IF_ERROR(Fill());
  }
  if (line > header_bytes_max_ || !Trim(buffered().substr(0, line)).empty()) {
    return Malformed("text follows a boundary");
  }
  begin_ += line;  // the end of the line may belong to the empty line that ends no headers
  return Status();
}

Result<std::string> Multipart::ReadHeaders() {
  while (true) {
    const std::size_t end = buffered().find("\r\n\r\n");
    const std::size_t size = std::min(end, buffered().size());
    if (size > header_bytes_max_) {
      return Status(Code::kInvalidArgument, "multipart.headers-too-large",
                    "the headers of a part are too large");
    }
    if (end != std::string_view::npos) {
      std::string headers(buffered().substr(0, end));
      begin_ += end + 4;
      return headers;
    }
    if (at_end_) return Malformed("it ends within the headers of a part");
    XNA_RETURN_IF_ERROR(Fill());
  }
}

Result<std::optional<Part>> Multipart::Next() {
  if (closed_) return std::optional<Part>();
  if (delimiter_.size() == 4 || delimiter_.size() > 4 + kBoundaryMax) {
    return Malformed("its boundary is missing or too long");
  }
  while (!StartsWith(buffered(), delimiter_)) {
    const std::size_t available = Available();
    begin_ += available;
    if (available > 0) continue;
    if (at_end_) return Malformed("it ends without its last boundary");
    XNA_RETURN_IF_ERROR(Fill());
  }
  XNA_RETURN_IF_ERROR(PassDelimiter());
  if (closed_) return std::optional<Part>();
  XNA_ASSIGN_OR_RETURN(const std::string headers, ReadHeaders());
  XNA_ASSIGN_OR_RETURN(Part part, ParsePart(headers));
  return std::optional<Part>(std::move(part));
}

Status Multipart::ReadToEnd() {
  while (!at_end_) {
    begin_ = buffer_.size();
    XNA_RETURN_IF_ERROR(Fill());
  }
  return Status();
}

}  // namespace xnatarchive
