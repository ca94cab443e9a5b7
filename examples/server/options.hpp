// options.hpp - the command line of xnatarchive-server.
#ifndef XNATARCHIVE_SERVER_OPTIONS_HPP_
#define XNATARCHIVE_SERVER_OPTIONS_HPP_

#include <CLI/CLI.hpp>
#include <string>

#include "http_server.hpp"
#include "sessions.hpp"

namespace server {

struct Options {
  std::string root = "xnatarchive-root";
  std::string store;
  bool init = false;
  std::string listen = "127.0.0.1:8080";
  std::string users;
  std::string tls_cert;
  std::string tls_key;
  unsigned threads = 1;
  unsigned job_workers = 2;
  HttpLimits http;
  SessionLimits sessions;
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
