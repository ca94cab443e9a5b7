// main.cc - xnatarchive-server: an archive served over HTTP, as XNAT does.
#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <string>

#include "options.hpp"
#include "secret.hpp"
#include "serve.hpp"

using server::PasswordHash;
using xnatarchive::Code;
using xnatarchive::Result;
using xnatarchive::Status;

namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

int Fail(const Status& status) {
  std::cerr << "xnatarchive-server: " << status.ToString() << "\n";
  return kExitFailed;
}

/// One line of standard input, which a terminal does not show.
std::string ReadPassword() {
  termios shown{};
  const bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
  if (terminal) {
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    std::cerr << "password: " << std::flush;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  std::string password;
  std::getline(std::cin, password);
  if (terminal) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    std::cerr << "\n";
  }
  return password;
}

int PrintHash() {
  const std::string password = ReadPassword();
  if (password.empty()) {
    return Fail(Status(Code::kInvalidArgument, "passwd.empty", "there is no password"));
  }
  const Result<PasswordHash> hash = PasswordHash::Of(password);
  if (!hash.ok()) return Fail(hash.status());
  std::cout << hash->Text() << "\n";
  return 0;
}

}  // namespace

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
    return kExitUsage;
  }
  if (options.make_password) return PrintHash();
  const Status status = server::Serve(options);
  return status.ok() ? 0 : Fail(status);
}
