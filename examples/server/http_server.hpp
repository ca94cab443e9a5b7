// http_server.hpp - HTTP/1.1 on sockets, for functions from a RestRequest to a RestResponse.
//
// cpp-httplib listens, parses heads and writes answers. What it does not bound or not stream is
// here: connections, their time, the size of heads, and bodies, which are given to the answering
// function as they come in instead of being collected. Values of headers are percent-decoded once,
// as cpp-httplib does it; the path and the query are as they were sent.
#ifndef XNATARCHIVE_SERVER_HTTP_SERVER_HPP_
#define XNATARCHIVE_SERVER_HTTP_SERVER_HPP_

#include <openssl/ssl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "connection.hpp"
#include "xnatarchive/rest_service.hpp"

namespace server {

/// What connections may take.
struct HttpLimits {
  ConnectionLimits connection;
  /// Threads: each serves one connection, also while that waits for its next request.
  std::size_t workers = 64;
  /// Connections that wait for a thread; those beyond are answered 503 (not under TLS) and closed.
  /// While one waits, threads close connections that are idle.
  std::size_t waiting_max = 256;
  std::uint64_t body_bytes_max = std::uint64_t{1} << 40;
  std::chrono::milliseconds idle_time{15000};   ///< Between two requests of a connection.
  std::chrono::milliseconds linger_time{5000};  ///< For the rest of a body nobody reads.
};

/// What one request was and how it ended, once its answer is sent.
struct HttpExchange {
  xnatarchive::RestRequest request;  ///< Without body.
  int status = 0;                    ///< 0: the connection was gone before there was one.
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;  ///< Of the answer's body.
  bool whole = true;            ///< The answer was sent to its end.
  std::chrono::microseconds time{0};
};

/// Threads: Serve blocks; Stop may be called from any thread; `answer` and `done` are called on the
/// server's threads, several at once.
class HttpServer {
 public:
  /// Answers one request, whose body it may leave unread. It may set `user`. Throws nothing.
  using Answer = std::function<xnatarchive::RestResponse(xnatarchive::RestRequest& request)>;
  using Done = std::function<void(const HttpExchange& exchange)>;

  /// `tls` null: plain HTTP.
  HttpServer(const HttpLimits& limits, SSL_CTX* tls, Answer answer, Done done);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds; port 0 chooses one. kIo "http.cannot-listen"; the port that is bound.
  xnatarchive::Result<int> Listen(const std::string& host, int port);
  /// Accepts connections until Stop; returns when each has ended. kIo "http.accept-failed" when it
  /// ended by itself.
  xnatarchive::Status Serve();
  /// No new connections and requests from here on; those that are being answered are. Not after
  /// Serve has returned.
  void Stop();
  /// Ends every connection, whatever it is at: who reads a body finds its sender gone.
  void Abort();
  std::size_t connections() const;  ///< That are open now.

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_HTTP_SERVER_HPP_
