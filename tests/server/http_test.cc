// Bodies as they are sent, and what is told of requests.
#include <doctest/doctest.h>

#include <string>

#include "http_body.hpp"
#include "metrics.hpp"
#include "request_log.hpp"
#include "route_names.hpp"
#include "security_headers.hpp"
#include "server_fixture.hpp"

namespace server {
namespace {

/// Reads it all in pieces of `piece` bytes: the bytes, or the reason; and what follows the body.
std::string ReadAll(const Headers& headers, const std::string& sent, std::size_t piece,
                    std::uint64_t bytes_max = 1000) {
  const Result<BodyFraming> framing = FramingOf(headers);
  if (!framing.ok()) return std::string(framing.status().reason());
  std::size_t at = 0;
  HttpBody body(*framing, bytes_max, [&](void* buffer, std::size_t size) {
    const std::size_t count = std::min({size, piece, sent.size() - at});
    std::memcpy(buffer, sent.data() + at, count);
    at += count;
    return static_cast<std::ptrdiff_t>(count);
  });
  std::string bytes;
  while (true) {
    char buffer[16];
    const Result<std::size_t> got = body.Read(buffer, sizeof buffer);
    if (!got.ok()) return bytes + " " + std::string(got.status().reason());
    if (*got == 0) break;
    bytes.append(buffer, *got);
  }
  CHECK(body.at_end());
  CHECK(body.bytes() == bytes.size());
  return bytes + "|" + sent.substr(at);
}

const Headers kChunked = {{"transfer-encoding", "Chunked"}};

HttpExchange Exchange(const std::string& method, int status, int ms) {
  HttpExchange exchange;
  exchange.request = Ask(method, "/data/projects/SMITH^JOHN?secret=1");
  exchange.status = status;
  exchange.bytes_in = 10;
  exchange.bytes_out = 20;
  exchange.time = std::chrono::milliseconds(ms);
  return exchange;
}

}  // namespace

TEST_SUITE("server.http_body") {
  TEST_CASE("a body ends where its head says, and the next request begins there") {
    for (const std::size_t piece : {1, 3, 100}) {
      CHECK(ReadAll({{"Content-Length", "5"}}, "helloGET /", piece) == "hello|GET /");
      CHECK(ReadAll({{"Content-Length", "0"}}, "GET /", piece) == "|GET /");
      CHECK(ReadAll({}, "GET /", piece) == "|GET /");
      CHECK(ReadAll({{"Content-Length", "2"}, {"content-length", "2"}}, "hi", piece) == "hi|");
      CHECK(ReadAll(kChunked, "5\r\nhello\r\n6;x=1\r\n world\r\n0\r\n\r\nGET /", piece) ==
            "hello world|GET /");
      CHECK(ReadAll(kChunked, "A\r\n0123456789\r\n000\r\nTrailer: x\r\n\r\nGET", piece) ==
            "0123456789|GET");
    }
  }

  TEST_CASE("a body whose end is unclear is not begun") {
    CHECK(ReadAll({{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}, "", 9) ==
          "http.ambiguous-body");
    CHECK(ReadAll({{"Content-Length", "5"}, {"Content-Length", "6"}}, "", 9) == "http.bad-length");
    for (const char* length : {"", "-1", "+5", "5x", " 5", "5,5", "99999999999999999999", "0x5"}) {
      CAPTURE(length);
      CHECK(ReadAll({{"Content-Length", length}}, "", 9) == "http.bad-length");
    }
    for (const char* encoding : {"gzip", "gzip, chunked", "identity", ""}) {
      CAPTURE(encoding);
      CHECK(ReadAll({{"Transfer-Encoding", encoding}}, "", 9) == "http.bad-transfer-encoding");
    }
    CHECK(ReadAll({{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}, "", 9) ==
          "http.bad-transfer-encoding");
  }

  TEST_CASE("a body that is cut, malformed or too large fails where it is") {
    CHECK(ReadAll({{"Content-Length", "5"}}, "hel", 9) == "hel http.sender-gone");
    CHECK(ReadAll(kChunked, "5\r\nhel", 9) == "hel http.sender-gone");
    CHECK(ReadAll(kChunked, "5\r\nhello\r\n", 9) == "hello http.sender-gone");
    CHECK(ReadAll(kChunked, "5\r\nhello\r\n0\r\n", 9) == "hello http.sender-gone");
    for (const char* sent : {"x\r\n", "\r\n", "-5\r\nhello", "5\nhello", "10000000000000000\r\n",
                             "5 \r\nhello", "0\r\nno end of line here"}) {
      CAPTURE(sent);
      const std::string shown = ReadAll(kChunked, sent, 9);
      CHECK((shown == " http.bad-chunk" || shown == " http.sender-gone"));
    }
    CHECK(ReadAll(kChunked, "5\r\nhelloX\r\n", 9) == "hello http.bad-chunk");
    CHECK(ReadAll(kChunked, "1;" + std::string(200, 'x') + "\r\n", 9) == " http.bad-chunk");
    CHECK(ReadAll({{"Content-Length", "6"}}, "hello!", 9, 5) == " rest.body-too-large");
    CHECK(ReadAll(kChunked, "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", 9, 5) ==
          "hello rest.body-too-large");
    CHECK(ReadAll({{"Content-Length", "5"}}, "hello", 9, 5) == "hello|");
  }
}

TEST_SUITE("server.watch") {
  TEST_CASE("a request is named by its route, never by what stands in its path") {
    const RouteNames names(Application::Routes());
    const std::string session =
        "/data/projects/{project}/subjects/{subject}/experiments/{experiment}";
    CHECK(names.Of("GET", "/data/projects") == "/data/projects");
    CHECK(names.Of("HEAD", "/REST/projects/") == "/data/projects");
    CHECK(names.Of("GET", "/data/projects/SMITH/subjects/JOHN/experiments/E%201") == session);
    CHECK(names.Of("GET",
                   "/data/projects/P/subjects/S/experiments/E/scans/1/resources/DICOM/files/"
                   "a/b/SMITH.dcm") == session +
                                           "/scans/{scan}/resources/{resource}/files/"
                                           "{file...}");
    CHECK(names.Of("POST", "/data/projects/SMITH") == "other");
    CHECK(names.Of("GET", "/SMITH") == "other");
    CHECK(names.Of("GET", "//") == "other");
    CHECK(names.Of("GET", "*") == "other");
    CHECK(names.Of("", "") == "other");
    CHECK(names.Of("GET", "/") == "/");
    CHECK(names.Of("GET", "/healthz") == "/healthz");
  }

  TEST_CASE("a line of the log has what an operator needs, and nothing of a patient") {
    HttpExchange exchange = Exchange("GET", 200, 1234);
    CHECK(LogLine(exchange, "/data/projects/{project}", 1714566645678) ==
          "2024-05-01T12:30:45.678Z 192.0.2.1 - GET /data/projects/{project} 200 10 20 1234ms");
    exchange.request.user = "ann";
    exchange.request.method.clear();
    exchange.whole = false;
    CHECK(LogLine(exchange, "other", 5) ==
          "1970-01-01T00:00:00.005Z 192.0.2.1 ann - other 200 10 20 1234ms cut");
  }

  TEST_CASE("metrics count requests by route and status, and how long they took") {
    Metrics metrics;
    metrics.Count(Exchange("GET", 200, 4), "/data/projects");
    metrics.Count(Exchange("GET", 200, 40), "/data/projects");
    metrics.Count(Exchange("EVIL", 404, 400000), "other");
    xnatarchive::Event event;
    event.kind = xnatarchive::EventKind::kArchived;
    metrics.Notify(event, {});
    const std::string text = metrics.Text({{{"jobs", "state=\"done\""}, 2}, {{"rss", ""}, 3}});
    for (const char* line :
         {"xnatarchive_http_requests_total{method=\"GET\",route=\"/data/projects\",status=\"200\"} "
          "2",
          "xnatarchive_http_requests_total{method=\"other\",route=\"other\",status=\"404\"} 1",
          "xnatarchive_http_request_seconds_bucket{le=\"0.001\"} 0",
          "xnatarchive_http_request_seconds_bucket{le=\"0.005\"} 1",
          "xnatarchive_http_request_seconds_bucket{le=\"300\"} 2",
          "xnatarchive_http_request_seconds_bucket{le=\"+Inf\"} 3",
          "xnatarchive_http_request_seconds_count 3", "xnatarchive_http_received_bytes_total 30",
          "xnatarchive_http_sent_bytes_total 60", "xnatarchive_events_total{kind=\"archived\"} 1",
          "# TYPE jobs gauge", "jobs{state=\"done\"} 2", "rss 3"}) {
      CAPTURE(line);
      CHECK(text.find(std::string(line) + "\n") != std::string::npos);
    }
  }

  TEST_CASE("metrics are for admins, or for everybody when they are opened") {
    const std::string users = UserLine("ann", "*:admin") + UserLine("bob", "P:admin");
    const ServerFixture closed(users);
    CHECK(closed.Send("", "GET", "/metrics").status == 401);
    CHECK(closed.Send("bob", "GET", "/metrics").status == 403);
    CHECK(closed.Send("ann", "GET", "/metrics").status == 200);
    const ServerFixture opened(users, true);
    const RestResponse response = opened.Send("", "GET", "/metrics");
    CHECK(response.status == 200);
    CHECK(response.text.find("process_resident_memory_bytes ") != std::string::npos);
    CHECK(ResidentBytes() > 1000000);
  }

  TEST_CASE("what was uploaded can not run in a browser, and pages run nothing of others") {
    RestResponse file;
    file.headers = {{"ETag", "\"1\""}};
    AddSecurityHeaders("/data/projects/P", &file);
    CHECK(file.headers == Headers{{"ETag", "\"1\""},
                                  {"Content-Security-Policy",
                                   "default-src 'none'; frame-ancestors 'none'; sandbox"},
                                  {"X-Content-Type-Options", "nosniff"},
                                  {"Referrer-Policy", "same-origin"},
                                  {"Cache-Control", "private, no-cache"}});
    RestResponse page;
    page.headers = {{"cache-control", "max-age=60"}};
    AddSecurityHeaders("/page/style.css", &page);
    CHECK(
        page.headers ==
        Headers{{"cache-control", "max-age=60"},
                {"Content-Security-Policy",
                 "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
                {"X-Content-Type-Options", "nosniff"},
                {"Referrer-Policy", "same-origin"}});
  }
}

}  // namespace server
