#include "man_page.hpp"

#include <sstream>

#include "exit_status.hpp"
#include "xnatarchive/version.hpp"

namespace {

// As it is to be read, whatever roff means by it. A "-" that is typed is no hyphen.
std::string Escaped(const std::string& text, bool typed) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-' && typed) {
      result += "\\-";
    } else if (c == '^') {
      result += "\\(ha";
    } else if (c == '~') {
      result += "\\(ti";
    } else if (c == '\'') {
      result += typed ? "\\(aq" : "'";
    } else {
      result += c;
    }
  }
  const bool is_control = !result.empty() && (result[0] == '.' || result[0] == '\'');
  return is_control ? "\\&" + result : result;
}

std::string Bold(const std::string& text) { return "\\fB" + Escaped(text, true) + "\\fR"; }
std::string Italic(const std::string& text) { return "\\fI" + Escaped(text, true) + "\\fR"; }

// Filled lines of at most 76 characters.
std::string Prose(const std::string& text) {
  std::string result, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > 76) {
      result += Escaped(line, false) + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? result : result + Escaped(line, false) + "\n";
}

// The end of a help text: indented lines are examples and stay as they are.
std::string Notes(const std::string& text) {
  std::string result, prose, examples;
  const auto flush = [&] {
    if (!prose.empty()) result += ".PP\n" + Prose(prose);
    if (!examples.empty()) result += ".PP\n.nf\n.RS 4\n" + examples + ".RE\n.fi\n";
    prose.clear();
    examples.clear();
  };
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool indented = line.rfind("  ", 0) == 0;
    if (line.rfind("Example", 0) == 0) flush();
    if (line.empty() || (!indented && !examples.empty())) flush();
    if (indented) {
      examples += Escaped(line.substr(2), true) + "\n";
    } else {
      prose += line + " ";
    }
  }
  flush();
  return result;
}

std::string OptionEntry(const OptionDescription& option) {
  std::string entry = ".TP\n";
  for (const std::string& name : option.names) {
    if (&name != &option.names.front()) entry += ", ";
    entry += Bold(name);
  }
  if (!option.value.empty()) entry += " " + Italic(option.value);
  entry += "\n" + Prose(option.text);
  if (!option.default_value.empty()) entry += "(default: " + Bold(option.default_value) + ")\n";
  if (!option.variable.empty()) entry += "(environment: " + Bold(option.variable) + ")\n";
  return entry;
}

std::string ArgumentEntry(const OptionDescription& argument) {
  return ".TP\n" + Italic(argument.names.front()) + "\n" + Prose(argument.text);
}

// "xnatarchive import PATH... [OPTIONS]"
std::string Synopsis(const CommandDescription& command) {
  std::string line = Bold(command.name);
  for (const OptionDescription& argument : command.arguments) {
    const std::string name = Italic(argument.names.front()) + (argument.repeated ? "..." : "");
    line += argument.required ? " " + name : " [" + name + "]";
  }
  return line + " [" + Italic("OPTIONS") + "]\n";
}

std::string CommandSection(const CommandDescription& command) {
  std::string section = ".SS " + command.name.substr(command.name.find(' ') + 1) + "\n" +
                        Synopsis(command) + ".PP\n" + Prose(command.purpose + ".");
  for (const OptionDescription& argument : command.arguments) section += ArgumentEntry(argument);
  for (const OptionDescription& option : command.options) {
    if (option.names.back() != "--help") section += OptionEntry(option);
  }
  return section + Notes(command.notes);
}

std::string ExitStatusSection() {
  std::string section = ".SH EXIT STATUS\n";
  int status = 0;
  for (const char* meaning : kExitStatusMeanings) {
    section += ".TP\n" + Bold(std::to_string(status++)) + "\n" + Prose(meaning);
  }
  return section;
}

}  // namespace

std::string ManPage(const std::vector<CommandDescription>& commands) {
  const CommandDescription& program = commands.front();
  std::string page = ".TH XNATARCHIVE 1 \"\" \"xnatarchive " + std::string(xnatarchive::Version()) +
                     "\" \"User Commands\"\n.SH NAME\n" + Escaped(program.purpose, false) +
                     ".SH SYNOPSIS\n" + Bold(program.name) + " [" + Italic("OPTIONS") + "] " +
                     Italic("COMMAND") + " ...\n.SH OPTIONS\nBefore or after any command:\n";
  for (const OptionDescription& option : program.options) page += OptionEntry(option);
  page += ".SH COMMANDS\n";
  for (const CommandDescription& command : commands) {
    const bool group = !SubcommandsOf(command.name, commands).empty();
    if (&command == &program) continue;
    page += group && command.notes.empty() ? "" : CommandSection(command);
  }
  return page + ExitStatusSection() + ".SH NOTES\n" + Notes(program.notes).substr(4);
}
