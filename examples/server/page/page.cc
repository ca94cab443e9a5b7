#include "page.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "assets.hpp"
#include "pages.hpp"

namespace page {
namespace {

using xnatarchive::RestRequest;
using xnatarchive::RestResponse;

/// Script and style are this site's files: what slips into a page can not run.
constexpr const char* kContentSecurityPolicy =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Undoes percent-encoding; what is none stays as it is. REST looks at every value again.
std::string Decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && DigitOf(text[i + 1]) >= 0 &&
                        DigitOf(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(DigitOf(text[i + 1]) * 16 + DigitOf(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

/// The pieces between `separator`s, empty ones left out.
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
    pairs.emplace_back(Decoded(piece.substr(0, equals), true), Decoded(value, true));
  }
  return pairs;
}

RestResponse Asset(std::string_view type, std::string_view bytes) {
  RestResponse response;
  response.headers = {{"Content-Type", std::string(type)},
                      {"Cache-Control", "public, max-age=86400, immutable"},
                      {"X-Content-Type-Options", "nosniff"}};
  response.text = bytes;
  return response;
}

RestResponse Rendered(const View& view, const PageUser& user) {
  RestResponse response;
  response.status = view.status;
  response.headers = {{"Content-Type", "text/html;charset=UTF-8"},
                      {"Content-Security-Policy", kContentSecurityPolicy},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"}};
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
    visit.path.push_back(Decoded(segments[i], false));
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
