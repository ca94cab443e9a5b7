// command_description.hpp - the command line as plain values, read from its definitions: what the
// manual page and the completions say can not differ from what is parsed.
#ifndef XNATARCHIVE_EXAMPLES_CLI_COMMAND_DESCRIPTION_HPP_
#define XNATARCHIVE_EXAMPLES_CLI_COMMAND_DESCRIPTION_HPP_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

struct OptionDescription {
  std::vector<std::string> names;  // {"-h", "--help"}; of a positional argument {"SRC"}
  std::string value;               // "DIR", or "none|append|delete"; empty for a flag
  std::string text;
  std::string default_value;
  std::string variable;  // of the environment; "" when there is none
  bool required = false;
  bool repeated = false;

  /// The values there are, when `value` lists them.
  std::vector<std::string> Choices() const;
  /// Whether the value names a file or directory.
  bool IsPath() const;
};

struct CommandDescription {
  std::string name;  // all words: "xnatarchive job wait"
  std::string purpose;
  std::string notes;  // the help's last part: prose, and indented examples
  std::vector<OptionDescription> arguments;
  std::vector<OptionDescription> options;

  /// The last word of the name.
  std::string Word() const;
};

/// The command itself, and below it all others, each before its own subcommands. The options of the
/// first are taken by all.
std::vector<CommandDescription> DescribeCommands(const CLI::App& app);

/// Those of `all` that are one word longer than `command`.
std::vector<CommandDescription> SubcommandsOf(const std::string& command,
                                              const std::vector<CommandDescription>& all);

#endif  // XNATARCHIVE_EXAMPLES_CLI_COMMAND_DESCRIPTION_HPP_
