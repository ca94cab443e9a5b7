#include "rest/upload.hpp"

#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "base/status_macros.hpp"
#include "rest/multipart.hpp"
#include "rest/request_body.hpp"

namespace xnatarchive {
namespace {

/// The stream again, of which one byte was read to see that it is not empty; null when it is.
Result<InputStream> UnlessEmpty(InputStream input) {
  char first = 0;
  XNA_ASSIGN_OR_RETURN(const std::size_t count, input(&first, 1));
  if (count == 0) return InputStream();
  return InputStream([input = std::move(input), first, given = false](
                         void* buffer, std::size_t size) mutable -> Result<std::size_t> {
    if (given) return input(buffer, size);
    given = true;
    std::memcpy(buffer, &first, 1);
    return std::size_t{1};
  });
}

/// The file part a multipart body has come to. What follows it is read before the file ends, so
/// that a body that breaks off, or goes on with something that is not taken, ends the upload.
InputStream FilePart(const std::shared_ptr<Multipart>& body) {
  return [body](void* buffer, std::size_t size) -> Result<std::size_t> {
    XNA_ASSIGN_OR_RETURN(const std::size_t count, body->Read(buffer, size));
    if (count > 0) return count;
    XNA_ASSIGN_OR_RETURN(const std::optional<Part> next, body->Next());
    if (next && next->is_file) return SeveralFiles();
    if (next) {
      return Status(Code::kInvalidArgument, "rest.field-after-file",
                    "fields are taken before the file only, as it is received while it comes in");
    }
    XNA_RETURN_IF_ERROR(body->ReadToEnd());
    return std::size_t{0};
  };
}

Result<Upload> MultipartUpload(RestCall& call) {
  const RestLimits& limits = call.options.limits;
  const std::string boundary =
      HeaderParameter(FindHeader(call.request, "Content-Type"), "boundary").value_or("");
  auto body = std::make_shared<Multipart>(call.request.body, boundary, limits);
  std::size_t left = limits.form_bytes_max;
  while (true) {
    XNA_ASSIGN_OR_RETURN(std::optional<Part> part, body->Next());
    if (!part) {
      XNA_RETURN_IF_ERROR(body->ReadToEnd());
      return Upload();
    }
    if (part->is_file) {
      XNA_ASSIGN_OR_RETURN(InputStream input, UnlessEmpty(FilePart(body)));
      if (!input) return NoFile();
      return Upload{std::move(input), std::move(part->file_name)};
    }
    XNA_ASSIGN_OR_RETURN(std::string value, body->ReadAll(left));
    left -= value.size();
    XNA_RETURN_IF_ERROR(call.parameters.Add(std::move(part->name), std::move(value)));
  }
}

}  // namespace

Result<Upload> UploadOf(RestCall& call) {
  if (!call.request.body) return Upload();
  const BodyKind kind = KindOfBody(call.request);
  const bool is_file = call.parameters.Flag("inbody");
  if (kind == BodyKind::kMultipart && !is_file) return MultipartUpload(call);
  if (kind == BodyKind::kForm && !is_file) {
    const Status read = ReadForm(call.request, call.options.limits, &call.parameters);
    if (read.code() == Code::kInvalidArgument) return NoFile();  // what curl sends without inbody
    XNA_RETURN_IF_ERROR(read);
    return Upload();
  }
  XNA_ASSIGN_OR_RETURN(InputStream input, UnlessEmpty(call.request.body));
  return Upload{std::move(input), ""};
}

Status NoFile() {
  return Status(Code::kInvalidArgument, "rest.no-file",
                "Unable to identify upload format: the request has no file");
}

Status SeveralFiles() {
  return Status(Code::kInvalidArgument, "rest.several-files",
                "Importer is limited to one uploaded resource at a time.");
}

}  // namespace xnatarchive
