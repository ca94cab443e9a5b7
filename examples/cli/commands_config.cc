// commands_config.cc - config list, config get, config set.
#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::Status;
using xnatarchive::Table;

namespace {

struct SettingArguments {
  std::string name;
  std::string value;
  std::string project;
};

ExitStatus PrintSetting(const Output& output, const std::string& name, const std::string& value) {
  if (output.format() == Format::kTable) {
    output.Line(value);
  } else if (output.format() == Format::kJson) {
    output.PrintJson({{"name", name}, {"value", value}});
  } else {
    output.Print({{"name", "value"}, {{name, value}}});
  }
  return kExitDone;
}

// For people: without the values it takes, which a refusal tells.
Table ShortSettings(Table settings) {
  settings.columns.erase(settings.columns.begin() + 3);
  for (auto& row : settings.rows) row.erase(row.begin() + 3);
  return settings;
}

ExitStatus RunConfigList(const GlobalOptions& options, const SettingArguments& arguments) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto settings = engine.Settings(arguments.project);
    if (!settings.ok()) return output.Fail(settings.status(), arguments.project);
    output.Print(output.format() == Format::kTable ? ShortSettings(*settings) : *settings);
    return kExitDone;
  });
}

ExitStatus RunGet(const GlobalOptions& options, const SettingArguments& arguments) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto value = engine.Setting(arguments.name, arguments.project);
    if (!value.ok()) return output.Fail(value.status(), arguments.name);
    return PrintSetting(output, arguments.name, *value);
  });
}

ExitStatus RunSet(const GlobalOptions& options, const SettingArguments& arguments) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const Status status = [&] {
      const Call call(options);
      return engine.SetSetting(arguments.name, arguments.value, arguments.project, call.options());
    }();
    if (!status.ok()) return output.Fail(status, arguments.name);
    return PrintSetting(output, arguments.name, arguments.value);
  });
}

using SettingCommand = ExitStatus (*)(const GlobalOptions&, const SettingArguments&);

std::shared_ptr<SettingArguments> AddSettingCommand(CLI::App& command, SettingCommand run,
                                                    Command* chosen) {
  auto arguments = std::make_shared<SettingArguments>();
  command.add_option("--project", arguments->project, "This project's, instead of the site's")
      ->type_name("P");
  command.callback([chosen, run, arguments] {
    *chosen = [run, arguments](const GlobalOptions& options) { return run(options, *arguments); };
  });
  return arguments;
}

}  // namespace

void AddConfigCommands(CLI::App& app, Command* chosen) {
  auto* config = app.add_subcommand("config", "Settings of the site and of projects");
  config->require_subcommand(1);
  auto* list = config->add_subcommand("list", "List the settings, their values and defaults");
  AddSettingCommand(*list, RunConfigList, chosen);

  auto* get = config->add_subcommand("get", "Print the value of a setting");
  auto wanted = AddSettingCommand(*get, RunGet, chosen);
  get->add_option("NAME", wanted->name, "A name of config list")->required()->type_name("");

  auto* set = config->add_subcommand("set", "Change a setting; prints the new value");
  auto given = AddSettingCommand(*set, RunSet, chosen);
  set->add_option("NAME", given->name, "A name of config list")->required()->type_name("");
  set->add_option("VALUE", given->value, "What it takes")->required()->type_name("");
  set->footer(
      "A series_import_filter is a mode and below it a list of regular expressions for the series\n"
      "description, or below [Element] for another DICOM element; \\n stands for a line break.\n"
      "Examples:\n"
      "  xnatarchive config set checksum md5\n"
      "  xnatarchive config set --project BRAINDEV aliases 'Brain^Dev,BD'\n"
      "  xnatarchive config set series_import_filter 'blacklist\\nlocalizer\\nscout'");
}
