// rest_fixture.hpp - an engine, a service on it, and requests in one line.
#ifndef XNATARCHIVE_TESTS_UNIT_REST_REST_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_REST_REST_FIXTURE_HPP_

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"
#include "xnatarchive/rest_service.hpp"

namespace xnatarchive {

/// Gives `bytes` in pieces.
inline InputStream BodyOf(std::string bytes, std::size_t piece = 4096) {
  auto left = std::make_shared<std::string>(std::move(bytes));
  auto at = std::make_shared<std::size_t>(0);
  return [=](void* buffer, std::size_t size) -> Result<std::size_t> {
    const std::size_t count = std::min({piece, size, left->size() - *at});
    std::memcpy(buffer, left->data() + *at, count);
    *at += count;
    return count;
  };
}

inline constexpr const char* kForm = "application/x-www-form-urlencoded";
inline constexpr const char* kJson = "application/json";

struct RestFixture : EngineFixture {
  RestOptions rest_options;
  std::unique_ptr<RestService> service;
  std::string user = "ann";

  RestFixture() { Serve(); }

  void Serve() { service = std::make_unique<RestService>(*engine, rest_options); }

  /// Opens the engine again, with what the test has set in `options`.
  void Reopen() {
    service.reset();
    Open();
    Serve();
  }

  RestRequest Ask(const std::string& method, const std::string& target) const {
    RestRequest request;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    if (request.path != target) request.query = target.substr(target.find('?') + 1);
    request.user = user;
    request.origin = "127.0.0.1";
    return request;
  }

  /// The whole answer as text: status, headers but the one that all have, body.
  static std::string Show(const RestResponse& response) {
    std::string text = std::to_string(response.status) + "\n";
    for (const auto& [name, value] : response.headers) {
      if (name != "X-Content-Type-Options") text += name + ": " + value + "\n";
    }
    return text + "\n" + Body(response);
  }

  static std::string Body(const RestResponse& response) {
    if (!response.stream) return response.text;
    std::string bytes;
    Must(response.stream([&](std::string_view piece) {
      bytes.append(piece);
      return Status();
    }));
    if (response.stream_bytes && *response.stream_bytes != bytes.size()) {
      throw std::runtime_error("stream_bytes is wrong");
    }
    return bytes;
  }

  std::string Send(const std::string& method, const std::string& target,
                   const std::optional<std::string>& body = {}, const std::string& type = "") {
    RestRequest request = Ask(method, target);
    if (body) request.body = BodyOf(*body);
    if (!type.empty()) request.headers.emplace_back("content-type", type);
    return Show(service->Handle(request));
  }
  std::string Get(const std::string& target) { return Send("GET", target); }

  /// The path of a received session without "/data": "/prearchive/projects/DEMO/TS/S1".
  std::string Receive(int study) {
    const std::string folder = "study" + std::to_string(study);
    WriteStudy(folder, study);
    return Import(folder).uris.at(0).substr(5);
  }

  static std::string Text(int status, const std::string& type, const std::string& body) {
    return std::to_string(status) + "\nContent-Type: " + type + "\n\n" + body;
  }
  static std::string JsonAnswer(const std::string& body) {
    return Text(200, "application/json;charset=UTF-8", body);
  }
  static std::string Uri(const std::string& uri) {
    return Text(200, "text/uri-list", uri + "\r\n");
  }
  static std::string Error(int status, const std::string& reason, const std::string& message) {
    return std::to_string(status) +
           "\nContent-Type: text/plain;charset=UTF-8\nX-Reason: " + reason + "\n\n" + reason +
           ": " + message + "\n";
  }
  /// Status and reason alone.
  static std::string Brief(const std::string& shown) {
    const std::string status = shown.substr(0, 3);
    const std::string header = "\nX-Reason: ";
    const std::size_t at = shown.find(header);
    if (at == std::string::npos) return status;
    const std::size_t reason = at + header.size();
    return status + " " + shown.substr(reason, shown.find('\n', reason) - reason);
  }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_REST_REST_FIXTURE_HPP_
