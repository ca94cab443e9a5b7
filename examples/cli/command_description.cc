#include "command_description.hpp"

#include <sstream>

namespace {

OptionDescription Describe(const CLI::Option& option) {
  OptionDescription result;
  for (const std::string& name : option.get_snames()) result.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) result.names.push_back("--" + name);
  if (option.get_positional()) {
    result.names = {option.get_name(true)};
  } else if (option.get_items_expected_max() > 0) {
    result.value = option.get_type_name();
  }
  result.text = option.get_description();
  result.default_value = option.get_default_str();
  result.variable = option.get_envname();
  result.required = option.get_required();
  result.repeated = option.get_expected_max() > 1;
  return result;
}

void AppendDescriptions(const CLI::App& app, const std::string& before,
                        std::vector<CommandDescription>* all) {
  CommandDescription command;
  command.name = before + app.get_name();
  command.purpose = app.get_description();
  command.notes = app.get_footer();
  for (const CLI::Option* option : app.get_options({})) {
    auto& list = option->get_positional() ? command.arguments : command.options;
    list.push_back(Describe(*option));
  }
  const std::string name = command.name;
  all->push_back(std::move(command));
  for (const CLI::App* subcommand : app.get_subcommands({})) {
    AppendDescriptions(*subcommand, name + " ", all);
  }
}

}  // namespace

std::vector<std::string> OptionDescription::Choices() const {
  std::vector<std::string> choices;
  if (value.find('|') == std::string::npos) return choices;
  std::istringstream words(value);
  for (std::string word; std::getline(words, word, '|');) choices.push_back(word);
  return choices;
}

bool OptionDescription::IsPath() const {
  const std::string& kind = value.empty() ? names.back() : value;
  return kind == "PATH" || kind == "FILE" || kind == "DIR" || kind == "TARGET";
}

std::string CommandDescription::Word() const { return name.substr(name.rfind(' ') + 1); }

std::vector<CommandDescription> DescribeCommands(const CLI::App& app) {
  std::vector<CommandDescription> all;
  AppendDescriptions(app, "", &all);
  return all;
}

std::vector<CommandDescription> SubcommandsOf(const std::string& command,
                                              const std::vector<CommandDescription>& all) {
  std::vector<CommandDescription> subcommands;
  for (const CommandDescription& candidate : all) {
    if (candidate.name == command + " " + candidate.Word()) subcommands.push_back(candidate);
  }
  return subcommands;
}
