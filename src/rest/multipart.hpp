// multipart.hpp - multipart/form-data, read as it comes in.
#ifndef XNATARCHIVE_REST_MULTIPART_HPP_
#define XNATARCHIVE_REST_MULTIPART_HPP_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "xnatarchive/rest_service.hpp"

namespace xnatarchive {

/// What the headers of one part say.
struct Part {
  std::string name;
  std::string file_name;  ///< As its sender wrote it: anything may stand in it.
  bool is_file = false;   ///< It has a file name, or a type that is no text.
};

/// Reads one body, part by part, holding no more than a buffer of it. All failures are
/// kInvalidArgument "multipart.malformed" (also for a body that ends before its last boundary),
/// "multipart.headers-too-large", or the input's own; after one there is nothing more to read.
class Multipart {
 public:
  /// `input` outlives it.
  Multipart(const InputStream& input, std::string_view boundary, const RestLimits& limits);

  /// Goes on to the next part, passing over what is left of this one. nullopt behind the last.
  Result<std::optional<Part>> Next();
  /// The next bytes of the part; 0 at its end.
  Result<std::size_t> Read(void* buffer, std::size_t size);
  /// The rest of the part; kInvalidArgument "rest.body-too-large" above `size_max`.
  Result<std::string> ReadAll(std::size_t size_max);
  /// Reads whatever follows the last boundary, which means nothing.
  Status ReadToEnd();

 private:
  Status Fill();                      ///< Reads more into the buffer; at_end_ when there is none.
  std::size_t Available();            ///< Bytes of the part that are in the buffer.
  Result<std::string> ReadHeaders();  ///< Up to the empty line, without it.
  Status PassDelimiter();             ///< The delimiter is the next in the buffer.
  std::string_view buffered() const { return std::string_view(buffer_).substr(begin_); }

  const InputStream& input_;
  const std::string delimiter_;  // CRLF "--" boundary
  const std::size_t header_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t clear_ = 0;  // of the buffer, up to where there is no delimiter
  bool at_end_ = false;    // of the input
  bool started_ = false;   // the first boundary was passed
  bool closed_ = false;    // the last one was
};

/// The value of a header such as Content-Type, without its parameters, in lower case.
std::string HeaderValue(std::string_view header);
/// A parameter of it, such as "boundary" or "filename", unquoted; nullopt when it has none.
std::optional<std::string> HeaderParameter(std::string_view header, std::string_view name);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_MULTIPART_HPP_
