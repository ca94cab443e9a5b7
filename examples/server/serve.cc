#include "serve.hpp"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "application.hpp"
#include "clock.hpp"
#include "credentials.hpp"
#include "http_server.hpp"
#include "idle_timer.hpp"
#include "metrics.hpp"
#include "monitor.hpp"
#include "request_log.hpp"
#include "route_names.hpp"
#include "sessions.hpp"
#include "tls.hpp"
#include "users_policy.hpp"

namespace server {
namespace {

using xnatarchive::ArchiveEngine;
using xnatarchive::Code;
using xnatarchive::EngineOptions;
using xnatarchive::Permission;
using xnatarchive::RestRequest;
using xnatarchive::Result;
using xnatarchive::Status;

void Note(const std::string& text) { std::cerr << "xnatarchive-server: " << text << std::endl; }

Result<Users> ReadUsers(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return Status(Code::kNotFound, "users.unreadable", "the users file can not be read");
  return ParseUsers(text);
}

/// Without a users file: one admin, whose password nobody knows but who sees it here.
Result<Users> OneAdmin(const ListenAddress& address) {
  if (!address.loopback) {
    return Status(Code::kInvalidArgument, "options.no-users",
                  "without --users only a loopback address can be listened at");
  }
  const Result<std::string> password = RandomToken(16);
  if (!password.ok()) return password.status();
  const Result<PasswordHash> hash = PasswordHash::Of(*password);
  if (!hash.ok()) return hash.status();
  std::cout << "user admin, password " << *password << std::endl;
  Users users;
  users.emplace("admin", User{*hash, {{"*", Permission::kAdmin}}});
  return users;
}

Result<std::unique_ptr<ArchiveEngine>> OpenEngine(const Options& options,
                                                  const Credentials& credentials,
                                                  std::shared_ptr<Metrics> metrics) {
  EngineOptions engine;
  engine.root = options.root;
  engine.store_url = options.store;
  engine.threads = options.threads;
  engine.job_workers = options.job_workers;
  engine.access_policy = std::make_shared<UsersPolicy>(credentials);
  engine.event_sink = std::move(metrics);
  if (options.init) {
    Status made = ArchiveEngine::Init(engine, {});
    if (!made.ok() && made.code() != Code::kAlreadyExists) return made;
  }
  return ArchiveEngine::Open(engine);
}

/// Takes what the users file has now. Sessions go on of those whose password is the same.
void ReloadUsers(const std::string& path, Credentials* credentials, Sessions* sessions) {
  if (path.empty()) return;
  Result<Users> users = ReadUsers(path);
  if (!users.ok()) return Note("the users stay as they were: " + users.status().ToString());
  const std::shared_ptr<const Users> former = credentials->users();
  const Users now = *users;
  credentials->Replace(std::move(users).value());
  sessions->Keep([&](const std::string& name) {
    const auto before = former->find(name);
    const auto after = now.find(name);
    return before != former->end() && after != now.end() &&
           before->second.password.Text() == after->second.password.Text();
  });
  Note("the users file was read again");
}

sigset_t Signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

/// Waits for one of the signals, at most so long. 0: none came.
int WaitForSignal(std::chrono::milliseconds time) {
  const sigset_t signals = Signals();
  timespec wait{};
  wait.tv_sec = static_cast<time_t>(time.count() / 1000);
  wait.tv_nsec = static_cast<long>(time.count() % 1000 * 1000000);
  const int signal = sigtimedwait(&signals, nullptr, &wait);
  return signal > 0 ? signal : 0;
}

/// What signals do, while `http` serves on a thread of its own.
class Operator {
 public:
  Operator(const Options& options, Credentials& credentials, Sessions& sessions, RequestLog& log,
           Application& application, HttpServer& http)
      : options_(options),
        credentials_(credentials),
        sessions_(sessions),
        log_(log),
        application_(application),
        http_(http) {}

  /// Returns when all connections have ended after a signal to stop, or listening has failed.
  Status Run() {
    Status served;
    std::atomic<bool> ended{false};
    std::thread serving([&] {
      served = http_.Serve();
      ended = true;
    });
    while (!ended && !StopAsked()) {
    }
    if (!ended) http_.Stop();
    const auto deadline = Clock::now() + std::chrono::seconds(options_.stop_wait);
    while (!ended && Clock::now() < deadline && !StopAsked()) {
    }
    if (!ended) {
      Note("what is going on is cancelled");
      application_.Cancel();
      http_.Abort();
    }
    serving.join();
    return served;
  }

 private:
  static constexpr std::chrono::milliseconds kSlice{100};

  bool StopAsked() {
    const int signal = WaitForSignal(kSlice);
    if (signal != SIGHUP) return signal != 0;
    if (!log_.Reopen()) Note("the log file can not be opened");
    ReloadUsers(options_.users, &credentials_, &sessions_);
    return false;
  }

  const Options& options_;
  Credentials& credentials_;
  Sessions& sessions_;
  RequestLog& log_;
  Application& application_;
  HttpServer& http_;
};

/// `text`, and where the address is IPv6 with the brackets a URL needs.
std::string UrlOf(const ListenAddress& address, int port, bool tls) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return std::string(tls ? "https://" : "http://") + (v6 ? "[" : "") + address.host +
         (v6 ? "]" : "") + ":" + std::to_string(port);
}

Status ServeEngine(const Options& options, const ListenAddress& address, Credentials& credentials,
                   SSL_CTX* tls, RequestLog& log) {
  const auto metrics = std::make_shared<Metrics>();
  Result<std::unique_ptr<ArchiveEngine>> engine = OpenEngine(options, credentials, metrics);
  if (!engine.ok()) return engine.status();
  Sessions sessions(options.Sessions());
  Monitor monitor(**engine, *metrics, sessions, options.root, options.disk_free_min);
  xnatarchive::RestOptions rest;
  rest.user_cache = options.root + "/user-cache";  // not "cache", which XNAT has for other things
  Application application(**engine, rest, credentials, sessions, monitor, options.Sessions(),
                          tls != nullptr, options.metrics_open);
  const RouteNames names(Application::Routes());
  HttpServer http(
      options.Http(), tls, [&](RestRequest& request) { return application.Answer(request); },
      [&](const HttpExchange& exchange) {
        const std::string& route = names.Of(exchange.request.method, exchange.request.path);
        metrics->Count(exchange, route);
        log.Write(LogLine(exchange, route, NowMs()));
      });
  monitor.connections = [&http] { return http.connections(); };
  const Result<int> port = http.Listen(address.host, address.port);
  if (!port.ok()) return port.status();
  std::cout << "listening at " << UrlOf(address, *port, tls != nullptr) << std::endl;
  const IdleTimer idle_timer(**engine, Note);
  return Operator(options, credentials, sessions, log, application, http).Run();
}

}  // namespace

Status Serve(const Options& options) {
  const Result<ListenAddress> address = ParseListen(options.listen);
  if (!address.ok()) return address.status();
  Result<Users> users = options.users.empty() ? OneAdmin(*address) : ReadUsers(options.users);
  if (!users.ok()) return users.status();
  Result<std::unique_ptr<Credentials>> credentials =
      Credentials::Make(std::move(users).value(), {});
  if (!credentials.ok()) return credentials.status();
  Tls tls;
  if (!options.tls_cert.empty()) {
    Result<Tls> made = MakeTls(options.tls_cert, options.tls_key);
    if (!made.ok()) return made.status();
    tls = std::move(made).value();
  }
  Result<std::unique_ptr<RequestLog>> log = RequestLog::Open(options.log);
  if (!log.ok()) return log.status();
  // Every thread that is started from here on leaves the signals to the one that waits for them.
  const sigset_t signals = Signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return ServeEngine(options, *address, **credentials, tls.get(), **log);
}

}  // namespace server
