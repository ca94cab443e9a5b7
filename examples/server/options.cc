#include "options.hpp"

#include <charconv>

#include "xnatarchive/version.hpp"

namespace server {

using xnatarchive::Code;
using xnatarchive::Result;
using xnatarchive::Status;

void DefineOptions(CLI::App& app, Options* options) {
  app.name("xnatarchive-server");
  app.description("xnatarchive-server - serves an archive over HTTP, as XNAT does\n");
  app.set_help_flag("-h,--help", "Show this help");
  app.set_version_flag("--version", std::string("xnatarchive-server ") + xnatarchive::Version());
  app.add_option("--root", options->root, "Directory of prearchive, archive and store")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--store", options->store, "Store [sqlite3://ROOT/store.sqlite3]")
      ->type_name("URL");
  app.add_flag("--init", options->init, "Make the root when there is none");
  app.add_option("--listen", options->listen, "Address and port; port 0: any that is free")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--users", options->users,
                 "Who may sign in [one admin, whose password is printed]")
      ->type_name("FILE");
  CLI::Option* cert = app.add_option("--tls-cert", options->tls_cert, "Certificate (PEM)");
  CLI::Option* key = app.add_option("--tls-key", options->tls_key, "Its key (PEM)");
  cert->type_name("FILE")->needs(key);
  key->type_name("FILE")->needs(cert);
  app.add_option("--workers", options->http.workers,
                 "Threads; each serves one connection at a time")
      ->type_name("N")
      ->check(CLI::Range(1u, 1024u).description(""))
      ->capture_default_str();
  app.add_option("--threads", options->threads, "Threads one request may use; 0: one per core")
      ->type_name("N")
      ->check(CLI::Range(0u, 1024u).description(""))
      ->capture_default_str();
  app.add_option("--job-workers", options->job_workers, "Threads that archive what was queued")
      ->type_name("N")
      ->check(CLI::Range(0u, 64u).description(""))
      ->capture_default_str();
}

Result<ListenAddress> ParseListen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  ListenAddress address;
  address.host = text.substr(0, colon);
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const auto [end, error] =
      std::from_chars(port.data(), port.data() + port.size(), address.port, 10);
  const bool whole = error == std::errc() && end == port.data() + port.size();
  if (address.host.empty() || !whole || address.port < 0 || address.port > 65535) {
    return Status(Code::kInvalidArgument, "options.bad-listen",
                  "--listen takes HOST:PORT, such as 127.0.0.1:8080");
  }
  address.loopback = address.host.compare(0, 4, "127.") == 0 || address.host == "::1" ||
                     address.host == "localhost";
  return address;
}

}  // namespace server
