// command.hpp - how a command is added to the command line, and what all commands share.
//
// Each commands_*.cc defines one group: it declares the arguments, and what to run once everything
// is parsed. Nothing runs during parsing, so a usage error never leaves half a command done.
#ifndef XNATARCHIVE_EXAMPLES_CLI_COMMAND_HPP_
#define XNATARCHIVE_EXAMPLES_CLI_COMMAND_HPP_

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "exit_status.hpp"
#include "output.hpp"
#include "progress_bar.hpp"
#include "xnatarchive/archive_engine.hpp"

/// The options that stand before or after any command.
struct GlobalOptions {
  std::string root = "./xnat";
  std::string store;
  std::string user;
  Format format = Format::kTable;
  bool quiet = false;
  unsigned threads = 0;
};

/// How often a command that waits for others looks again.
inline constexpr std::chrono::milliseconds kLookAgain{200};

/// What main runs after parsing; set by the parser's callback of the command that was given.
using Command = std::function<ExitStatus(const GlobalOptions&)>;

void AddRootCommands(CLI::App& app, Command* chosen);              // init, recover, reindex
void AddProjectCommands(CLI::App& app, Command* chosen);           // project add, project list
void AddConfigCommands(CLI::App& app, Command* chosen);            // config ...
void AddImportCommand(CLI::App& app, Command* chosen);             // import
void AddPrearchiveCommands(CLI::App& app, Command* chosen);        // prearchive ...
void AddCommitIdleCommand(CLI::App& prearchive, Command* chosen);  // prearchive commit-idle
void AddArchiveCommand(CLI::App& app, Command* chosen);            // archive
void AddValidateCommand(CLI::App& app, Command* chosen);           // validate
void AddJobCommands(CLI::App& app, Command* chosen);               // job ...
void AddHistoryCommands(CLI::App& app, Command* chosen);           // history ...
void AddRefreshCommand(CLI::App& app, Command* chosen);            // refresh
void AddListCommands(CLI::App& app, Command* chosen);              // list, show
void AddVerifyCommand(CLI::App& app, Command* chosen);             // verify
void AddExportCommand(CLI::App& app, Command* chosen);             // export
void AddAuditCommands(CLI::App& app, Command* chosen);             // audit, activate

Output OutputFor(const GlobalOptions& options);
xnatarchive::EngineOptions EngineOptionsFor(const GlobalOptions& options);

/// Opens the root and calls `body`; a root that cannot be opened is reported as any failure is.
ExitStatus WithEngine(const GlobalOptions& options,
                      const std::function<ExitStatus(xnatarchive::ArchiveEngine&)>& body);

/// The part of an engine call that is about people: user name, bar, Ctrl-C. Lives as long as the
/// call; its end clears the bar.
class Call {
 public:
  explicit Call(const GlobalOptions& options);
  const xnatarchive::CallOptions& options() const { return call_; }

 private:
  ProgressBar bar_;
  xnatarchive::CallOptions call_;
};

/// Makes the first SIGINT or SIGTERM cancel the running call, which then changes nothing; the
/// second ends the process at once, as it would have without this.
void CancelOnSignals();
/// True once such a signal came: do not start the next piece of work.
bool Cancelled();

#endif  // XNATARCHIVE_EXAMPLES_CLI_COMMAND_HPP_
