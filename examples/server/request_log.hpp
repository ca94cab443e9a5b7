// request_log.hpp - one line for each request, without patient data: no path, no query, no label.
//
//   2026-11-26T04:15:27.485Z 127.0.0.1 alice POST /data/services/import 200 4547788 51 812ms
//
// Time, address, user ("-": nobody), method, route, status, bytes received, bytes sent, time taken;
// and "cut" when the answer did not reach its end.
#ifndef XNATARCHIVE_SERVER_REQUEST_LOG_HPP_
#define XNATARCHIVE_SERVER_REQUEST_LOG_HPP_

#include <cstdint>
#include <fstream>
#include <mutex>
#include <string>

#include "http_server.hpp"

namespace server {

/// `now_ms`: since the epoch, UTC.
std::string LogLine(const HttpExchange& exchange, const std::string& route, std::int64_t now_ms);

/// Threads: any function may be called from any thread.
class RequestLog {
 public:
  /// Appends to the file; to standard error when `path` is empty. kIo "log.cannot-open".
  static xnatarchive::Result<std::unique_ptr<RequestLog>> Open(const std::string& path);

  void Write(const std::string& line);
  /// Opens the file anew, after somebody has moved it away. False when that fails.
  bool Reopen();

 private:
  explicit RequestLog(const std::string& path) : path_(path) {}

  const std::string path_;
  std::mutex mutex_;
  std::ofstream file_;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_REQUEST_LOG_HPP_
