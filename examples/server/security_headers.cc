#include "security_headers.hpp"

#include <string>

#include "http_body.hpp"

namespace server {

void AddSecurityHeaders(std::string_view path, xnatarchive::RestResponse* response) {
  const auto add = [response](const char* name, const char* value) {
    if (HeaderOf(response->headers, name).empty()) response->headers.emplace_back(name, value);
  };
  const bool page = path == "/" || path.substr(0, 5) == "/page";
  // Script and style of pages are this site's files: what slips into one can not run.
  add("Content-Security-Policy",
      page ? "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
           : "default-src 'none'; frame-ancestors 'none'; sandbox");
  add("X-Content-Type-Options", "nosniff");
  // Own pages say where they come from, which is how their requests are told from other sites'.
  add("Referrer-Policy", "same-origin");
  const bool tagged = !HeaderOf(response->headers, "ETag").empty();
  add("Cache-Control", tagged ? "private, no-cache" : "no-store");
}

}  // namespace server
