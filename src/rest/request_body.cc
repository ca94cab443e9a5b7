#include "rest/request_body.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "rest/multipart.hpp"

namespace xnatarchive {
namespace {

/// Of JSON documents; the deepest that a client sends has three levels.
constexpr int kJsonDepthMax = 32;

Status BadMediaType() {
  return Status(Code::kInvalidArgument, "rest.bad-media-type",
                "a body of this content type is not taken here");
}

Status ReadFields(const RestRequest& request, const RestLimits& limits, Parameters* parameters) {
  const std::string boundary =
      HeaderParameter(FindHeader(request, "Content-Type"), "boundary").value_or("");
  Multipart body(request.body, boundary, limits);
  std::size_t left = limits.form_bytes_max;
  while (true) {
    XNA_ASSIGN_OR_RETURN(std::optional<Part> part, body.Next());
    if (!part) return body.ReadToEnd();
    if (part->is_file) {
      return Status(Code::kInvalidArgument, "rest.file-in-form", "no file is taken here");
    }
    XNA_ASSIGN_OR_RETURN(std::string value, body.ReadAll(left));
    left -= value.size();
    XNA_RETURN_IF_ERROR(parameters->Add(std::move(part->name), std::move(value)));
  }
}

}  // namespace

std::string_view FindHeader(const RestRequest& request, std::string_view wanted) {
  for (const auto& [name, value] : request.headers) {
    if (EqualsIgnoreCase(name, wanted)) return value;
  }
  return {};
}

BodyKind KindOfBody(const RestRequest& request) {
  const std::string type = HeaderValue(FindHeader(request, "Content-Type"));
  if (type.empty()) return BodyKind::kUntyped;
  if (type == "application/x-www-form-urlencoded") return BodyKind::kForm;
  if (type == "multipart/form-data") return BodyKind::kMultipart;
  if (type == "application/json") return BodyKind::kJson;
  return BodyKind::kOther;
}

Result<std::string> ReadBody(const RestRequest& request, std::size_t size_max) {
  std::string text;
  if (!request.body) return text;
  std::string piece(16u << 10, '\0');
  while (true) {
    XNA_ASSIGN_OR_RETURN(const std::size_t count, request.body(piece.data(), piece.size()));
    if (count == 0) return text;
    if (count > piece.size() || text.size() + count > size_max) {
      return Status(Code::kInvalidArgument, "rest.body-too-large", "the body is too large");
    }
    text.append(piece, 0, count);
  }
}

Status ReadForm(const RestRequest& request, const RestLimits& limits, Parameters* parameters) {
  if (!request.body) return Status();
  const BodyKind kind = KindOfBody(request);
  if (kind == BodyKind::kMultipart) return ReadFields(request, limits, parameters);
  XNA_ASSIGN_OR_RETURN(const std::string text, ReadBody(request, limits.form_bytes_max));
  if (text.empty()) return Status();
  if (kind != BodyKind::kForm && kind != BodyKind::kUntyped) return BadMediaType();
  return parameters->AddEncoded(text);
}

Result<Json> ReadJson(const RestRequest& request, const RestLimits& limits) {
  XNA_ASSIGN_OR_RETURN(const std::string text, ReadBody(request, limits.form_bytes_max));
  if (Trim(text).empty()) return Json();
  const BodyKind kind = KindOfBody(request);
  if (kind != BodyKind::kJson && kind != BodyKind::kUntyped) return BadMediaType();
  // Refused before it is parsed: the parser and the document's end both recurse.
  int depth = 0;
  int depth_max = 0;
  for (const char c : text) {
    depth += c == '[' || c == '{' ? 1 : (c == ']' || c == '}' ? -1 : 0);
    depth_max = std::max(depth_max, depth);
  }
  Json json = depth_max > kJsonDepthMax ? Json(Json::value_t::discarded)
                                        : Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return Status(Code::kInvalidArgument, "rest.bad-json", "the body is no JSON document");
  }
  return json;
}

}  // namespace xnatarchive
