#include "request_log.hpp"

#include <cstdio>
#include <ctime>
#include <iostream>
#include <memory>

namespace server {

using xnatarchive::Code;
using xnatarchive::Result;
using xnatarchive::Status;

std::string LogLine(const HttpExchange& exchange, const std::string& route, std::int64_t now_ms) {
  const std::time_t seconds = static_cast<std::time_t>(now_ms / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char time[40];
  const std::size_t size = std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(time + size, sizeof time - size, ".%03dZ", static_cast<int>(now_ms % 1000));
  const auto& request = exchange.request;
  const std::string user = request.user.empty() ? "-" : request.user;
  const std::string method = request.method.empty() ? "-" : request.method;
  return std::string(time) + " " + request.origin + " " + user + " " + method + " " + route + " " +
         std::to_string(exchange.status) + " " + std::to_string(exchange.bytes_in) + " " +
         std::to_string(exchange.bytes_out) + " " + std::to_string(exchange.time.count() / 1000) +
         "ms" + (exchange.whole ? "" : " cut");
}

Result<std::unique_ptr<RequestLog>> RequestLog::Open(const std::string& path) {
  std::unique_ptr<RequestLog> log(new RequestLog(path));
  if (log->Reopen()) return log;
  return Status(Code::kIo, "log.cannot-open", "the log file can not be opened");
}

void RequestLog::Write(const std::string& line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::ostream& out = path_.empty() ? std::cerr : file_;
  out.clear();  // that one line could not be written is no reason to write none
  out << line << '\n';
  out.flush();
}

bool RequestLog::Reopen() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (path_.empty()) return true;
  file_ = std::ofstream(path_, std::ios::app);
  return file_.is_open();
}

}  // namespace server
