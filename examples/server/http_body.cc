#include "http_body.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace server {
namespace {

using xnatarchive::Code;
using xnatarchive::Result;
using xnatarchive::Status;

constexpr std::size_t kLineMax = 128;
constexpr int kTrailersMax = 32;

std::optional<std::uint64_t> NumberOf(std::string_view text, int base) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

Status BadChunk() { return {Code::kInvalidArgument, "http.bad-chunk", "a chunk is malformed"}; }

Status SenderGone() {
  return {Code::kCancelled, "http.sender-gone", "the connection ended before the body did"};
}

Status TooLarge() {
  return {Code::kInvalidArgument, "rest.body-too-large", "the body is larger than is taken here"};
}

}  // namespace

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string HeaderOf(const Headers& headers, std::string_view name) {
  const auto at = std::find_if(headers.begin(), headers.end(),
                               [&](const auto& header) { return SameName(header.first, name); });
  return at == headers.end() ? std::string() : at->second;
}

Result<BodyFraming> FramingOf(const Headers& headers) {
  std::optional<std::uint64_t> length;
  std::optional<std::string> encoding;
  for (const auto& [name, value] : headers) {
    if (SameName(name, "Content-Length")) {
      const std::optional<std::uint64_t> number = NumberOf(value, 10);
      if (!number || (length && *length != *number)) {
        return Status(Code::kInvalidArgument, "http.bad-length", "Content-Length is no number");
      }
      length = number;
    } else if (SameName(name, "Transfer-Encoding")) {
      encoding = encoding ? *encoding + ", " + value : value;
    }
  }
  if (encoding && length) {
    return Status(Code::kInvalidArgument, "http.ambiguous-body",
                  "both Content-Length and Transfer-Encoding say where the body ends");
  }
  if (encoding && !SameName(*encoding, "chunked")) {
    return Status(Code::kUnsupported, "http.bad-transfer-encoding",
                  "the only Transfer-Encoding that is taken is chunked");
  }
  return BodyFraming{encoding.has_value(), length.value_or(0)};
}

HttpBody::HttpBody(BodyFraming framing, std::uint64_t bytes_max, Source source)
    : framing_(framing),
      bytes_max_(bytes_max),
      source_(std::move(source)),
      left_(framing.length),
      at_end_(!framing.chunked && framing.length == 0) {}

Result<std::string> HttpBody::ReadLine() {
  std::string line;
  char c = 0;
  while (line.size() < kLineMax) {
    if (source_(&c, 1) != 1) return SenderGone();
    if (c == '\n') {
      if (line.empty() || line.back() != '\r') return BadChunk();
      line.pop_back();
      return line;
    }
    line += c;
  }
  return BadChunk();
}

Status HttpBody::BeginChunk() {
  if (!first_chunk_) {  // the end of the chunk before
    const Result<std::string> end = ReadLine();
    if (!end.ok()) return end.status();
    if (!end->empty()) return BadChunk();
  }
  first_chunk_ = false;
  const Result<std::string> line = ReadLine();
  if (!line.ok()) return line.status();
  const std::optional<std::uint64_t> size = NumberOf(line->substr(0, line->find(';')), 16);
  if (!size) return BadChunk();
  left_ = *size;
  if (left_ > 0) return Status();
  for (int trailers = 0; trailers < kTrailersMax; ++trailers) {
    const Result<std::string> trailer = ReadLine();
    if (!trailer.ok()) return trailer.status();
    if (trailer->empty()) {
      at_end_ = true;
      return Status();
    }
  }
  return BadChunk();
}

Result<std::size_t> HttpBody::Read(void* buffer, std::size_t size) {
  if (!framing_.chunked && framing_.length > bytes_max_) return TooLarge();
  if (!at_end_ && framing_.chunked && left_ == 0) {
    Status begun = BeginChunk();
    if (!begun.ok()) return begun;
  }
  if (at_end_) return std::size_t{0};
  if (left_ > bytes_max_ - bytes_) return TooLarge();
  const std::ptrdiff_t got =
      source_(buffer, static_cast<std::size_t>(std::min<std::uint64_t>(size, left_)));
  if (got <= 0) return SenderGone();
  const auto count = static_cast<std::size_t>(got);
  left_ -= count;
  bytes_ += count;
  if (!framing_.chunked && left_ == 0) at_end_ = true;
  return count;
}

}  // namespace server
