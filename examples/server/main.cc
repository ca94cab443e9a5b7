// main.cc - xnatarchive-server: an archive served over HTTP, as XNAT does.
#include <pthread.h>
#include <signal.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "application.hpp"
#include "credentials.hpp"
#include "http_server.hpp"
#include "options.hpp"
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

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

int Fail(const Status& status) {
  std::cerr << "xnatarchive-server: " << status.ToString() << "\n";
  return kExitFailed;
}

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
                                                  const Credentials& credentials) {
  EngineOptions engine;
  engine.root = options.root;
  engine.store_url = options.store;
  engine.threads = options.threads;
  engine.job_workers = options.job_workers;
  engine.access_policy = std::make_shared<UsersPolicy>(credentials);
  if (options.init) {
    Status made = ArchiveEngine::Init(engine, {});
    if (!made.ok() && made.code() != Code::kAlreadyExists) return made;
  }
  return ArchiveEngine::Open(engine);
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

int Serve(const Options& options) {
  const Result<ListenAddress> address = ParseListen(options.listen);
  if (!address.ok()) return Fail(address.status());
  Result<Users> users = options.users.empty() ? OneAdmin(*address) : ReadUsers(options.users);
  if (!users.ok()) return Fail(users.status());
  Result<std::unique_ptr<Credentials>> credentials =
      Credentials::Make(std::move(users).value(), {});
  if (!credentials.ok()) return Fail(credentials.status());
  Tls tls;
  if (!options.tls_cert.empty()) {
    Result<Tls> made = MakeTls(options.tls_cert, options.tls_key);
    if (!made.ok()) return Fail(made.status());
    tls = std::move(made).value();
  }
  // Every thread that is started from here on leaves the signals to the one that waits for them.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Result<std::unique_ptr<ArchiveEngine>> engine = OpenEngine(options, **credentials);
  if (!engine.ok()) return Fail(engine.status());
  Sessions sessions(options.sessions);
  const Application application(**engine, **credentials, sessions, options.sessions,
                                tls != nullptr);
  HttpServer http(
      options.http, tls.get(), [&](RestRequest& request) { return application.Answer(request); },
      [](const HttpExchange&) {});
  const Result<int> port = http.Listen(address->host, address->port);
  if (!port.ok()) return Fail(port.status());
  std::cout << "listening at " << (tls ? "https" : "http") << "://" << address->host << ":" << *port
            << std::endl;
  std::thread waiter([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    http.Stop();
  });
  http.Serve();
  waiter.join();
  return 0;
}

}  // namespace
}  // namespace server

int main(int argc, char** argv) {
  server::Options options;
  CLI::App app;
  server::DefineOptions(app, &options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    app.exit(error, std::cout, std::cerr);
    return server::kExitUsage;
  }
  return server::Serve(options);
}
