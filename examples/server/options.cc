#include "options.hpp"

#include <charconv>

#include "xnatarchive/version.hpp"

namespace server {

using xnatarchive::Code;
using xnatarchive::Result;
using xnatarchive::Status;

namespace {

void Number(CLI::App& app, const char* name, unsigned* value, unsigned min, unsigned max,
            const char* help, const char* type) {
  app.add_option(name, *value, help)
      ->type_name(type)
      ->check(CLI::Range(min, max).description(""))
      ->capture_default_str();
}

void Bytes(CLI::App& app, const char* name, std::uint64_t* value, const char* help) {
  app.add_option(name, *value, help)
      ->type_name("BYTES")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->capture_default_str();
}

void DefineArchive(CLI::App& app, Options* options) {
  app.add_option("--root", options->root, "Directory of prearchive, archive and store")
      ->type_name("DIR")
      ->envname("XNATARCHIVE_ROOT")
      ->capture_default_str();
  app.add_option("--store", options->store, "Store [sqlite3://ROOT/store.sqlite3]")
      ->type_name("URL");
  app.add_flag("--init", options->init, "Make the root when there is none");
  Number(app, "--threads", &options->threads, 0, 1024, "Threads of one request; 0: one per core",
         "N");
  Number(app, "--job-workers", &options->job_workers, 0, 64, "Threads that archive what is queued",
         "N");
}

void DefineListening(CLI::App& app, Options* options) {
  app.add_option("--listen", options->listen, "Address and port; port 0: any that is free")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--users", options->users,
                 "Who may sign in [one admin, whose password is printed]")
      ->type_name("FILE");
  CLI::Option* cert = app.add_option("--tls-cert", options->tls_cert, "Certificate, PEM");
  CLI::Option* key = app.add_option("--tls-key", options->tls_key, "Its key, PEM");
  cert->type_name("FILE")->needs(key);
  key->type_name("FILE")->needs(cert);
  Number(app, "--session-idle", &options->session_idle, 1, 86400,
         "A session ends when it is not used for so long", "SECONDS");
  Number(app, "--session-total", &options->session_total, 1, 604800, "A session ends after so long",
         "SECONDS");
}

void DefineLimits(CLI::App& app, Options* options) {
  Number(app, "--workers", &options->workers, 1, 1024,
         "Threads; each serves one connection at a time", "N");
  Number(app, "--waiting", &options->waiting, 1, 65536,
         "Connections that may wait for a thread; beyond: 503", "N");
  Bytes(app, "--max-upload", &options->upload_max, "The largest body of a request; beyond: 413");
  Number(app, "--head-time", &options->head_time, 1, 3600,
         "A request's line and headers take at most so long; beyond: 408", "SECONDS");
  Number(app, "--read-time", &options->read_time, 1, 3600,
         "The other side may stall for so long, in a body or an answer", "SECONDS");
  Number(app, "--idle-time", &options->idle_time, 1, 3600,
         "A connection may wait so long for its next request", "SECONDS");
}

void DefineOperation(CLI::App& app, Options* options) {
  Number(app, "--stop-wait", &options->stop_wait, 0, 86400,
         "When stopped: what is going on may take so long, and is cancelled then", "SECONDS");
  app.add_option("--log", options->log, "Where requests are logged [standard error]")
      ->type_name("FILE");
  app.add_flag("--metrics-open", options->metrics_open, "/metrics for everybody, not admins alone");
  Bytes(app, "--disk-free-min", &options->disk_free_min,
        "With less free space than this /healthz says 503");
}

}  // namespace

HttpLimits Options::Http() const {
  using std::chrono::seconds;
  HttpLimits limits;
  limits.workers = workers;
  limits.waiting_max = waiting;
  limits.body_bytes_max = upload_max;
  limits.idle_time = seconds(idle_time);
  limits.connection.head_time = seconds(head_time);
  limits.connection.read_time = seconds(read_time);
  limits.connection.write_time = seconds(read_time);
  return limits;
}

SessionLimits Options::Sessions() const {
  SessionLimits limits;
  limits.idle = std::chrono::seconds(session_idle);
  limits.total = std::chrono::seconds(session_total);
  return limits;
}

void DefineOptions(CLI::App& app, Options* options) {
  app.name("xnatarchive-server");
  app.description("xnatarchive-server - serves an archive over HTTP, as XNAT does\n");
  app.set_help_flag("-h,--help", "Show this help");
  app.set_version_flag("--version", std::string("xnatarchive-server ") + xnatarchive::Version());
  app.get_formatter()->column_width(34);
  DefineArchive(app, options);
  DefineListening(app, options);
  DefineLimits(app, options);
  DefineOperation(app, options);
  app.add_subcommand("passwd", "Read a password from standard input and print its hash")
      ->callback([options] { options->make_password = true; });
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
