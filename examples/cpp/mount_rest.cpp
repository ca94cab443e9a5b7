// mount_rest.cpp - XNAT's REST interface as a CGI program, which any web server runs.
//
// XNATARCHIVE_ROOT is a root; the web server has found out who asks. A host that goes on
// running has one engine and one service for all requests, on any of its threads.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "xnatarchive/rest_service.hpp"

using namespace xnatarchive;

static std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

static RestRequest ReadRequest() {
  RestRequest request;
  request.method = Variable("REQUEST_METHOD");
  request.path = Variable("REQUEST_URI");  // as it was sent, unlike PATH_INFO
  request.path.erase(std::min(request.path.find('?'), request.path.size()));
  request.query = Variable("QUERY_STRING");
  request.user = Variable("REMOTE_USER");
  request.headers = {{"Content-Type", Variable("CONTENT_TYPE")},
                     {"Accept", Variable("HTTP_ACCEPT")},
                     {"Range", Variable("HTTP_RANGE")},
                     {"If-Range", Variable("HTTP_IF_RANGE")},
                     {"If-None-Match", Variable("HTTP_IF_NONE_MATCH")}};
  std::size_t left = std::strtoull(Variable("CONTENT_LENGTH").c_str(), nullptr, 10);
  request.body = [left](void* buffer, std::size_t size) mutable -> Result<std::size_t> {
    const std::size_t count = std::fread(buffer, 1, std::min(size, left), stdin);
    if (count == 0 && left > 0) return Status(Code::kCancelled, "cgi.gone", "the sender is gone");
    left -= count;
    return count;
  };
  return request;
}

int main() {
  EngineOptions options;
  options.root = Variable("XNATARCHIVE_ROOT");
  auto engine = ArchiveEngine::Open(options);
  if (!engine.ok()) {
    std::fprintf(stderr, "mount_rest: %s\n", engine.status().ToString().c_str());
    return 1;
  }
  const RestService service(**engine, RestOptions());
  const RestResponse response = service.Handle(ReadRequest());
  std::string head = "Status: " + std::to_string(response.status) + "\r\n";
  for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
  const OutputStream print = [](std::string_view bytes) {
    const bool taken = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
    return taken ? Status() : Status(Code::kCancelled, "cgi.gone", "nobody reads the answer");
  };
  Status sent = print(head + "\r\n" + response.text);
  if (sent.ok() && response.stream) sent = response.stream(print);
  return sent.ok() ? 0 : 1;
}
