#include "completions.hpp"

#include <map>

namespace {

using Commands = std::vector<CommandDescription>;

// Single-quoted; within, shells differ in how a quote is written.
std::string Quoted(const std::string& text, const std::string& quote) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? quote : std::string(1, c);
  return result + "'";
}

std::string PosixQuoted(const std::string& text) { return Quoted(text, "'\\''"); }
std::string FishQuoted(const std::string& text) { return Quoted(text, "\\'"); }

std::string Joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// Options that take a value, by name. One name takes the same kind of value in all commands.
std::map<std::string, OptionDescription> ValueOptions(const Commands& commands) {
  std::map<std::string, OptionDescription> options;
  for (const CommandDescription& command : commands) {
    for (const OptionDescription& option : command.options) {
      if (!option.value.empty()) options.emplace(option.names.back(), option);
    }
  }
  return options;
}

std::vector<std::string> Names(const std::map<std::string, OptionDescription>& options) {
  std::vector<std::string> names;
  for (const auto& [name, option] : options) names.push_back(name);
  return names;
}

std::vector<std::string> QuotedCommandNames(const Commands& commands) {
  std::vector<std::string> names;
  for (const CommandDescription& command : commands) {
    if (&command != &commands.front()) names.push_back(PosixQuoted(command.name));
  }
  return names;
}

// The options a command takes: its own and those of all commands.
std::vector<OptionDescription> OptionsOf(const CommandDescription& command,
                                         const Commands& commands) {
  std::vector<OptionDescription> options = command.options;
  if (&command == &commands.front()) return options;
  for (const OptionDescription& option : commands.front().options) {
    if (option.names.back() == "--help" || option.names.back() == "--version") continue;
    options.push_back(option);
  }
  return options;
}

bool TakesPath(const CommandDescription& command) {
  for (const OptionDescription& argument : command.arguments) {
    if (argument.IsPath()) return true;
  }
  return false;
}

// "    --format) <choices>;;", a line for each option with a value. `offer` says how a shell offers
// choices, directories and files.
struct Offers {
  std::string choices_begin, choices_end, directories, files;
};

std::string ValueCases(const Commands& commands, const Offers& offer) {
  std::string cases;
  for (const auto& [name, option] : ValueOptions(commands)) {
    const auto choices = option.Choices();
    cases += "    " + name + ") ";
    if (!choices.empty()) {
      cases += offer.choices_begin + Joined(choices, " ") + offer.choices_end + "; ";
    } else if (option.IsPath()) {
      cases += (option.value == "DIR" ? offer.directories : offer.files) + "; ";
    }
    cases += "return ;;\n";
  }
  return cases;
}

// "name:what it does" for zsh, where a ":" in the name would end it.
std::string ZshItem(const std::string& name, const std::string& text) {
  return " " + PosixQuoted(name + ":" + text);
}

// "-s h -l help -d '...'"
std::string FishOption(const OptionDescription& option) {
  std::string line;
  for (const std::string& name : option.names) {
    line += name[1] == '-' ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (option.IsPath() && !option.value.empty()) {
    line += option.value == "DIR" ? " -x -a '(__fish_complete_directories)'" : " -r -F";
  } else if (!option.value.empty()) {
    line += " -x";
    if (!option.Choices().empty()) line += " -a " + FishQuoted(Joined(option.Choices(), " "));
  }
  return line + " -d " + FishQuoted(option.text);
}

}  // namespace

std::string BashCompletion(const Commands& commands) {
  const Offers offers{"mapfile -t COMPREPLY < <(compgen -W '", "' -- \"$word\")",
                      "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$word\")",
                      "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\")"};
  std::string script =
      "# bash completion of xnatarchive\n"
      "_xnatarchive() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" command=xnatarchive words='' paths='' i\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case \"${COMP_WORDS[i]}\" in\n"
      "      " +
      Joined(Names(ValueOptions(commands)), " | ") +
      ") ((++i)) ;;\n"
      "      *)\n"
      "        case \"$command ${COMP_WORDS[i]}\" in\n"
      "          " +
      Joined(QuotedCommandNames(commands), " | ") +
      ") command+=\" ${COMP_WORDS[i]}\" ;;\n"
      "        esac ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n" +
      ValueCases(commands, offers) + "  esac\n  case \"$command\" in\n";
  for (const CommandDescription& command : commands) {
    std::vector<std::string> words;
    for (const auto& sub : SubcommandsOf(command.name, commands)) words.push_back(sub.Word());
    for (const OptionDescription& option : OptionsOf(command, commands)) {
      words.insert(words.end(), option.names.begin(), option.names.end());
    }
    script += "    " + PosixQuoted(command.name) + ") words='" + Joined(words, " ") + "'" +
              (TakesPath(command) ? "; paths=yes" : "") + " ;;\n";
  }
  return script +
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "  if [[ -n \"$paths\" && \"$word\" != -* ]]; then\n"
         "    compopt -o filenames\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         "  fi\n"
         "}\n"
         "complete -F _xnatarchive xnatarchive\n";
}

std::string ZshCompletion(const Commands& commands) {
  const Offers offers{"compadd -- ", "", "_files -/", "_files"};
  std::string script =
      "#compdef xnatarchive\n"
      "_xnatarchive() {\n"
      "  local command=xnatarchive paths='' i\n"
      "  local -a subcommands options\n"
      "  for ((i = 2; i < CURRENT; ++i)); do\n"
      "    case \"$words[i]\" in\n"
      "      " +
      Joined(Names(ValueOptions(commands)), "|") +
      ") ((++i)) ;;\n"
      "      *)\n"
      "        case \"$command $words[i]\" in\n"
      "          " +
      Joined(QuotedCommandNames(commands), "|") +
      ") command+=\" $words[i]\" ;;\n"
      "        esac ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$words[CURRENT-1]\" in\n" +
      ValueCases(commands, offers) + "  esac\n  case \"$command\" in\n";
  for (const CommandDescription& command : commands) {
    script += "    " + PosixQuoted(command.name) + ")\n      subcommands=(";
    for (const auto& sub : SubcommandsOf(command.name, commands)) {
      script += ZshItem(sub.Word(), sub.purpose);
    }
    script += " )\n      options=(";
    for (const OptionDescription& option : OptionsOf(command, commands)) {
      for (const std::string& name : option.names) script += ZshItem(name, option.text);
    }
    script += std::string(" )") + (TakesPath(command) ? "\n      paths=yes" : "") + " ;;\n";
  }
  return script +
         "  esac\n"
         "  _describe -t commands command subcommands\n"
         "  _describe -o -t options option options\n"
         "  [[ -z \"$paths\" ]] || _files\n"
         "}\n"
         "_xnatarchive \"$@\"\n";
}

std::string FishCompletion(const Commands& commands) {
  std::string script =
      "# fish completion of xnatarchive\n"
      "function __xnatarchive_in\n"
      "    set -l command xnatarchive\n"
      "    set -l is_value no\n"
      "    for word in (commandline -opc)[2..-1]\n"
      "        if test $is_value = yes\n"
      "            set is_value no\n"
      "        else if contains -- $word " +
      Joined(Names(ValueOptions(commands)), " ") +
      "\n"
      "            set is_value yes\n"
      "        else if contains -- \"$command $word\" " +
      Joined(QuotedCommandNames(commands), " ") +
      "\n"
      "            set command \"$command $word\"\n"
      "        end\n"
      "    end\n"
      "    test \"$command\" = \"$argv[1]\"\n"
      "end\n"
      "complete -c xnatarchive -f\n";
  for (const CommandDescription& command : commands) {
    const std::string begin =
        "complete -c xnatarchive -n \"__xnatarchive_in '" + command.name + "'\"";
    for (const auto& sub : SubcommandsOf(command.name, commands)) {
      script += begin + " -a " + sub.Word() + " -d " + FishQuoted(sub.purpose) + "\n";
    }
    for (const OptionDescription& option : OptionsOf(command, commands)) {
      script += begin + FishOption(option) + "\n";
    }
    if (TakesPath(command)) script += begin + " -F\n";
  }
  return script;
}
