// main.cc - xnatarchive: XNAT's archive services at the command line.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "command_line.hpp"

using xnatarchive::Code;
using xnatarchive::Status;

namespace {

std::string LoginName() {
  const passwd* entry = getpwuid(geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(geteuid());
}

// CLI11 takes a bare "[a,b]" for a list; as "./[a,b]" it is the file that was meant.
std::vector<std::string> ArgumentsWithPlainPaths(int argc, char** argv) {
  std::vector<std::string> arguments;
  for (int i = argc - 1; i > 0; --i) {  // CLI11 wants the last argument first.
    const std::string argument = argv[i];
    struct stat info {};
    const bool bracketed = argument.size() > 1 && argument.front() == '[' && argument.back() == ']';
    const bool is_file = bracketed && lstat(argv[i], &info) == 0;
    arguments.push_back(is_file ? "./" + argument : argument);
  }
  return arguments;
}

// The options are not parsed when parsing failed; this is enough to answer in the right form.
Format FormatAskedFor(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const bool next_is_json = i + 1 < argc && std::strcmp(argv[i + 1], "json") == 0;
    if (std::strcmp(argv[i], "--format") == 0 && next_is_json) return Format::kJson;
    if (std::strcmp(argv[i], "--format=json") == 0) return Format::kJson;
  }
  return Format::kTable;
}

ExitStatus UsageError(const CLI::ParseError& error, Format format) {
  const Status status(Code::kInvalidArgument, "cli.usage", error.what());
  const Output output(format, false);
  output.Fail(status);
  output.Note("try xnatarchive --help");
  return kExitUsage;
}

ExitStatus RunCommand(const Command& command, const GlobalOptions& options) {
  ExitStatus exit_status = kExitFailed;
  try {
    exit_status = command(options);
  } catch (const std::exception& error) {
    return OutputFor(options).Fail(Status(Code::kInternal, "cli.exception", error.what()));
  }
  std::cout.flush();
  if (!std::cout) {
    return OutputFor(options).Fail(
        Status(Code::kIo, "cli.output", "cannot write the results to standard output"));
  }
  return exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  GlobalOptions options;
  Command command;
  CLI::App app;
  DefineCommandLine(app, &options, &command);
  try {
    app.parse(ArgumentsWithPlainPaths(argc, argv));
  } catch (const CLI::Success& help_or_version) {
    app.exit(help_or_version, std::cout, std::cerr);
    return kExitDone;
  } catch (const CLI::ParseError& error) {
    return UsageError(error, FormatAskedFor(argc, argv));
  }
  if (options.user.empty()) options.user = LoginName();
  CancelOnSignals();
  return RunCommand(command, options);
}
