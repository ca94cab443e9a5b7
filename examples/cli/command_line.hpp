// command_line.hpp - the whole command line: what main parses, and what the manual page and the
// completions are written from.
#ifndef XNATARCHIVE_EXAMPLES_CLI_COMMAND_LINE_HPP_
#define XNATARCHIVE_EXAMPLES_CLI_COMMAND_LINE_HPP_

#include "command.hpp"

/// Defines all options and commands in the empty `app`. Parsing fills `options`, and `chosen` with
/// what the given command runs; both are used until `app` is gone.
void DefineCommandLine(CLI::App& app, GlobalOptions* options, Command* chosen);

#endif  // XNATARCHIVE_EXAMPLES_CLI_COMMAND_LINE_HPP_
