// http_body.hpp - a request's body as it is sent: how long it is, and its bytes without their
// transfer encoding.
#ifndef XNATARCHIVE_SERVER_HTTP_BODY_HPP_
#define XNATARCHIVE_SERVER_HTTP_BODY_HPP_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "xnatarchive/status.hpp"

namespace server {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Whether two names of the protocol are one, in any case of ASCII.
bool SameName(std::string_view a, std::string_view b);
/// The value of the first header of that name, in any case; "" when there is none.
std::string HeaderOf(const Headers& headers, std::string_view name);

/// How a request says where its body ends.
struct BodyFraming {
  bool chunked = false;
  std::uint64_t length = 0;  ///< When not chunked.
};

/// kInvalidArgument "http.bad-length" for a Content-Length that is no number, or several that
/// differ; "http.ambiguous-body" for one beside a Transfer-Encoding, which is how one request is
/// hidden in another; kUnsupported "http.bad-transfer-encoding" for any but "chunked".
xnatarchive::Result<BodyFraming> FramingOf(const Headers& headers);

/// Gives the body's bytes. Reads of `source` what belongs to the body and nothing more.
///
/// Threads: used by one thread at a time.
class HttpBody {
 public:
  /// As Connection::Read: some bytes, 0 at the end, -1 when it failed.
  using Source = std::function<std::ptrdiff_t(void* buffer, std::size_t size)>;

  /// `bytes_max`: of the body; one that is longer is kInvalidArgument "rest.body-too-large".
  HttpBody(BodyFraming framing, std::uint64_t bytes_max, Source source);

  /// As InputStream. kCancelled "http.sender-gone" when the connection ends or stalls before the
  /// body does; kInvalidArgument "http.bad-chunk".
  xnatarchive::Result<std::size_t> Read(void* buffer, std::size_t size);

  bool at_end() const { return at_end_; }         ///< The next request begins here.
  std::uint64_t bytes() const { return bytes_; }  ///< That Read gave.

 private:
  /// A line without its end, of at most 128 bytes.
  xnatarchive::Result<std::string> ReadLine();
  xnatarchive::Status BeginChunk();

  const BodyFraming framing_;
  const std::uint64_t bytes_max_;
  const Source source_;
  std::uint64_t left_ = 0;  ///< Of the body, or of the chunk.
  std::uint64_t bytes_ = 0;
  bool first_chunk_ = true;
  bool at_end_ = false;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_HTTP_BODY_HPP_
