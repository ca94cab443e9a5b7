// commands_project.cc - project add, project list.
#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::Project;
using xnatarchive::Status;
using xnatarchive::Table;

namespace {

Table ToTable(const std::vector<Project>& projects) {
  Table table{{"id", "prearchive_code", "quarantine_code", "autorun"}, {}};
  for (const Project& project : projects) {
    table.rows.push_back({project.id, std::to_string(project.prearchive_code),
                          std::to_string(project.quarantine_code), project.autorun});
  }
  return table;
}

ExitStatus RunAdd(const GlobalOptions& options, const Project& project) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const Status status = engine.AddProject(project);
    if (!status.ok()) return output.Fail(status);
    const std::string uri = "/data/archive/projects/" + project.id;
    if (output.format() == Format::kJson) {
      output.PrintJson({{"uri", uri}});
    } else {
      output.Line(uri);
    }
    return kExitDone;
  });
}

ExitStatus RunProjectList(const GlobalOptions& options) {
  return WithEngine(options, [&options](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto projects = engine.Projects();
    if (!projects.ok()) return output.Fail(projects.status());
    output.Print(ToTable(*projects));
    return kExitDone;
  });
}

void AddAdd(CLI::App& project, Command* chosen) {
  auto* add = project.add_subcommand("add", "Make a project");
  auto arguments = std::make_shared<Project>();
  add->add_option("ID", arguments->id, "Letters, digits, '-' and '_'")->required();
  add->add_option("--prearchive-code", arguments->prearchive_code,
                  "0: sessions wait; 4: archived at once; 5: as 4, overwriting")
      ->type_name("0|4|5")
      ->check(CLI::IsMember({0, 4, 5}).description(""))
      ->capture_default_str();
  add->add_option("--quarantine-code", arguments->quarantine_code,
                  "1: archived sessions are quarantined")
      ->type_name("0|1")
      ->check(CLI::IsMember({0, 1}).description(""))
      ->capture_default_str();
  add->add_option("--autorun", arguments->autorun,
                  "Shell command to run after each session is archived")
      ->type_name("COMMAND");
  add->footer(
      "The command runs in the session directory and finds the session in XNAT_PROJECT,\n"
      "XNAT_SUBJECT, XNAT_SESSION, XNAT_EXPERIMENT_ID, XNAT_URI, XNAT_SESSION_DIR, XNAT_USER.\n"
      "Example: xnatarchive project add BRAINDEV --prearchive-code 4 --autorun 'make-previews .'");
  add->callback([chosen, arguments] {
    *chosen = [arguments](const GlobalOptions& options) { return RunAdd(options, *arguments); };
  });
}

}  // namespace

void AddProjectCommands(CLI::App& app, Command* chosen) {
  auto* project = app.add_subcommand("project", "Make and list projects");
  project->require_subcommand(1);
  AddAdd(*project, chosen);
  auto* list = project->add_subcommand("list", "List the projects and their settings");
  list->callback([chosen] { *chosen = RunProjectList; });
}
