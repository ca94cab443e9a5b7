// completions.hpp - what a shell offers when Tab is pressed after "xnatarchive".
//
// All three scripts do the same: they find the command among the words so far, and offer its
// subcommands and options, the values of an option that has a list of them, and file names where
// the argument is one.
#ifndef XNATARCHIVE_EXAMPLES_CLI_COMPLETIONS_HPP_
#define XNATARCHIVE_EXAMPLES_CLI_COMPLETIONS_HPP_

#include <string>
#include <vector>

#include "command_description.hpp"

/// `commands` as DescribeCommands returns them.
std::string BashCompletion(const std::vector<CommandDescription>& commands);
std::string ZshCompletion(const std::vector<CommandDescription>& commands);
std::string FishCompletion(const std::vector<CommandDescription>& commands);

#endif  // XNATARCHIVE_EXAMPLES_CLI_COMPLETIONS_HPP_
