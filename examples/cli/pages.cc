// pages.cc - writes what is installed beside the command: its manual page and its completions.
//
//   xnatarchive_pages DIRECTORY     DIRECTORY exists; files in it are replaced
#include <fstream>
#include <iostream>

#include "command_line.hpp"
#include "completions.hpp"
#include "man_page.hpp"

static bool Write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) std::cerr << "xnatarchive_pages: cannot write " << path << '\n';
  return static_cast<bool>(file);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: xnatarchive_pages DIRECTORY\n";
    return 2;
  }
  const std::string directory = argv[1];
  GlobalOptions options;
  Command command;
  CLI::App app;
  DefineCommandLine(app, &options, &command);
  const auto commands = DescribeCommands(app);
  const bool written = Write(directory + "/xnatarchive.1", ManPage(commands)) &&
                       Write(directory + "/xnatarchive.bash", BashCompletion(commands)) &&
                       Write(directory + "/_xnatarchive", ZshCompletion(commands)) &&
                       Write(directory + "/xnatarchive.fish", FishCompletion(commands));
  return written ? 0 : 1;
}
