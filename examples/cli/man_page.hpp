// man_page.hpp - xnatarchive(1).
#ifndef XNATARCHIVE_EXAMPLES_CLI_MAN_PAGE_HPP_
#define XNATARCHIVE_EXAMPLES_CLI_MAN_PAGE_HPP_

#include <string>
#include <vector>

#include "command_description.hpp"

/// The page in the macros of man(7). `commands` as DescribeCommands returns them.
std::string ManPage(const std::vector<CommandDescription>& commands);

#endif  // XNATARCHIVE_EXAMPLES_CLI_MAN_PAGE_HPP_
