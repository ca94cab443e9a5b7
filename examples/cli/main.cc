// main.cc - xnatarchive: XNAT's archive services at the command line.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "command.hpp"
#include "xnatarchive/version.hpp"

using xnatarchive::Code;
using xnatarchive::Status;

namespace {

constexpr const char* kDescription =
    "xnatarchive - receives imaging sessions into a prearchive and archives them, as XNAT does\n";

constexpr const char* kFooter =
    "A first session, from DICOM to archive:\n"
    "  xnatarchive init\n"
    "  xnatarchive project add BRAINDEV\n"
    "  xnatarchive import --project BRAINDEV study.zip   prints /data/prearchive/projects/...\n"
    "  xnatarchive archive /data/prearchive/projects/BRAINDEV/20240318_150212847/BD0017_MR1\n"
    "  xnatarchive list /projects/BRAINDEV/experiments\n"
    "\n"
    "Results are on stdout; errors, notes and the progress bar are on stderr.\n"
    "Exit status: 0 done, 1 failed, 2 usage, 3 not found, 4 conflict (verify: damage), 5 locked,\n"
    "             6 invalid input, 7 not permitted.\n"
    "More about one command: xnatarchive COMMAND --help";

std::string LoginName() {
  const passwd* entry = getpwuid(geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(geteuid());
}

std::map<std::string, Format> Formats() {
  return {{"table", Format::kTable}, {"json", Format::kJson}, {"csv", Format::kCsv}};
}

void AddGlobalOptions(CLI::App& app, GlobalOptions* options) {
  app.add_option("--root", options->root, "Directory of prearchive, archive and store")
      ->type_name("DIR")
      ->envname("XNATARCHIVE_ROOT")
      ->capture_default_str();
  app.add_option("--store", options->store, "Store [sqlite3://ROOT/store.sqlite3]")
      ->type_name("URL");
  app.add_option("--user", options->user, "Name for catalogs and the audit trail [login name]")
      ->type_name("NAME");
  app.add_option_function<std::string>(
         "--format", [options](const std::string& name) { options->format = Formats().at(name); },
         "table, json or csv [table]")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(Formats()).description(""));
  app.add_flag("--quiet", options->quiet, "No progress bar and no notes, only results and errors");
  app.add_option("--threads", options->threads, "Threads to use; 0: one per core")
      ->capture_default_str()
      ->type_name("N")
      ->check(CLI::Range(0u, 1024u).description(""));
  app.set_version_flag("--version", std::string("xnatarchive ") + xnatarchive::Version(),
                       "Show the version");
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
  CLI::App app(kDescription, "xnatarchive");
  app.set_help_flag("-h,--help", "Show this help");
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->column_width(34);
  AddGlobalOptions(app, &options);
  AddRootCommands(app, &command);
  AddProjectCommands(app, &command);
  AddConfigCommands(app, &command);
  AddImportCommand(app, &command);
  AddPrearchiveCommands(app, &command);
  AddArchiveCommand(app, &command);
  AddValidateCommand(app, &command);
  AddJobCommands(app, &command);
  AddHistoryCommands(app, &command);
  AddRefreshCommand(app, &command);
  AddListCommands(app, &command);
  AddVerifyCommand(app, &command);
  AddExportCommand(app, &command);
  AddAuditCommands(app, &command);
  app.footer(kFooter);  // After the commands, which would inherit it.
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
