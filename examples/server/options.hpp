// options.hpp - the command line of xnatarchive-server.
#ifndef XNATARCHIVE_SERVER_OPTIONS_HPP_
#define XNATARCHIVE_SERVER_OPTIONS_HPP_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "http_server.hpp"
#include "sessions.hpp"

namespace server {

/// Times are seconds.
struct Options {
  std::string root = "./xnat";
  std::string store;
  bool init = false;
  std::string listen = "127.0.0.1:8080";
  std::string users;
  std::string tls_cert;
  std::string tls_key;
  unsigned workers = 64;
  unsigned waiting = 256;
  unsigned threads = 1;
  unsigned job_workers = 2;
  std::uint64_t upload_max = std::uint64_t{1} << 40;
  unsigned head_time = 15;
  unsigned read_time = 30;
  unsigned idle_time = 15;
  unsigned session_idle = 15 * 60;
  unsigned session_total = 8 * 60 * 60;
  unsigned stop_wait = 60;
  std::uint64_t disk_free_min = std::uint64_t{1} << 30;
  std::string log;
  bool metrics_open = false;
  bool make_password = false;  ///< The subcommand passwd: nothing is served.

  HttpLimits Http() const;
  SessionLimits Sessions() const;
};

/// Declares all options; `options` has their values once `app` has parsed them.
void DefineOptions(CLI::App& app, Options* options);

/// Where to listen.
struct ListenAddress {
  std::string host;
  int port = 0;
  bool loopback = false;
};
/// Reads "HOST:PORT", "[IPV6]:PORT". kInvalidArgument "options.bad-listen".
xnatarchive::Result<ListenAddress> ParseListen(const std::string& text);

}  // namespace server

#endif  // XNATARCHIVE_SERVER_OPTIONS_HPP_
