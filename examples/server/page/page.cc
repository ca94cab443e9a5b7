#include "page.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "../query.hpp"
#include "assets.hpp"
#include "pages.hpp"

namespace page {
namespace {

using server::DecodePercent;
using xnatarchive::RestRequest;
using xnatarchive::RestResponse;

/// The pieces between `separator`s, empty ones left out. What is in them REST looks at again.
std::vector<std::string_view> Pieces(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end != 0) pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return pieces;
}

Pairs ParametersOf(std::string_view query) {
  Pairs pairs;
  for (const std::string_view piece : Pieces(query, '&')) {
    const std::size_t equals = piece.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1);
    pairs.emplace_back(DecodePercent(piece.substr(0, equals), true), DecodePercent(value, true));
  }
  return pairs;
}

RestResponse Asset(std::string_view type, std::string_view bytes) {
  RestResponse response;
  response.headers = {{"Content-Type", std::string(type)},
                      {"Cache-Control", "public, max-age=86400, immutable"}};
  response.text = bytes;
  return response;
}

RestResponse Rendered(const View& view, const PageUser& user) {
  RestResponse response;
  response.status = view.status;
  response.headers = {{"Content-Type", "text/html;charset=UTF-8"}};
  response.text = Framed(view, user);
  return response;
}

View ViewOf(const Visit& visit) {
  const std::vector<std::string>& path = visit.path;
  if (path.empty()) return PrearchiveView(visit);
  if (path[0] == "session" && path.size() == 4) return WaitingView(visit);
  if (path[0] == "archive" && path.size() == 1) return ArchiveView(visit);
  if (path[0] == "archive" && path.size() == 3) return ArchivedView(visit);
  if (path[0] == "audit" && path.size() == 1) return AuditView(visit);
  Answer none;
  none.status = 404;
  return FailureView(none, "This page");
}

RestResponse Answered(const xnatarchive::RestService& service, const RestRequest& request,
                      const PageUser& user, std::int64_t now_ms) {
  if (request.path == "/page/style.css") return Asset("text/css;charset=UTF-8", Style());
  if (request.path == "/page/page.js") return Asset("text/javascript;charset=UTF-8", Script());
  if (request.path == "/page/icon.svg") return Asset("image/svg+xml", Icon());
  if (user.name.empty()) return Rendered(SignInView(request.path == "/" ? 200 : 401), user);
  const RestAnswers rest(service, user.name, request.origin);
  Visit visit{rest, user, {}, ParametersOf(request.query), now_ms};
  const std::vector<std::string_view> segments = Pieces(request.path, '/');
  for (std::size_t i = 1; i < segments.size(); ++i) {
    visit.path.push_back(DecodePercent(segments[i], false));
  }
  return Rendered(ViewOf(visit), user);
}

}  // namespace

std::optional<RestResponse> Page(const xnatarchive::RestService& service,
                                 const RestRequest& request, const PageUser& user,
                                 std::int64_t now_ms) {
  const std::string_view path = request.path;
  if (path != "/" && path != "/page" && path.substr(0, 6) != "/page/") return std::nullopt;
  RestResponse response;
  if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    response.headers = {{"Allow", "GET, HEAD"}};
    return response;
  }
  response = Answered(service, request, user, now_ms);
  if (request.method == "HEAD") {
    response.stream_bytes = response.text.size();
    response.text.clear();
  }
  return response;
}

}  // namespace page
