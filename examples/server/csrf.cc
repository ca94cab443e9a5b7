#include "csrf.hpp"

#include <string>

#include "http_body.hpp"
#include "query.hpp"
#include "secret.hpp"

namespace server {
namespace {

using xnatarchive::Code;
using xnatarchive::RestRequest;
using xnatarchive::Status;

bool ChangesNothing(const RestRequest& request) {
  return request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
}

/// "host:port" of "scheme://host:port/path"; the text itself when it is none ("null").
std::string_view HostOf(std::string_view url) {
  const std::size_t slashes = url.find("://");
  if (slashes == std::string_view::npos) return url;
  url.remove_prefix(slashes + 3);
  return url.substr(0, url.find('/'));
}

Status CrossSite() {
  return {Code::kPermission, "csrf.cross-site", "the request was made by another site's page"};
}

}  // namespace

Status CheckCsrf(const RestRequest& request, std::string_view token) {
  if (ChangesNothing(request)) return Status();
  const std::string site = HeaderOf(request.headers, "Sec-Fetch-Site");
  const std::string origin = HeaderOf(request.headers, "Origin");
  const std::string referer = HeaderOf(request.headers, "Referer");
  const std::string& source = origin.empty() ? referer : origin;
  if (site.empty() && source.empty()) return Status();
  if (site == "cross-site" || site == "same-site") return CrossSite();
  if (!source.empty() && HostOf(source) != HeaderOf(request.headers, "Host")) return CrossSite();
  if (token.empty()) return Status();
  std::string sent = HeaderOf(request.headers, "X-CSRF-Token");
  if (sent.empty()) sent = ParameterOf(request.query, "XNAT_CSRF");
  if (SameSecret(sent, token)) return Status();
  return {Code::kPermission, "csrf.no-token",
          "a request of a page needs the token of its session (X-CSRF-Token or XNAT_CSRF)"};
}

}  // namespace server
