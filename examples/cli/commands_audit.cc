// commands_audit.cc - audit, activate: what was done to sessions, and releasing one.
#include <algorithm>

#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::Table;

namespace {

// For people: what was done to what, without the texts that may be long.
Table ShortTable(const Table& audit) {
  static const std::vector<std::string> kept = {"started", "type",  "status", "user",   "origin",
                                                "project", "label", "files",  "reason", "URI"};
  Table table{kept, {}};
  for (const auto& row : audit.rows) {
    auto& cells = table.rows.emplace_back();
    for (const std::string& column : kept) {
      const auto at = std::find(audit.columns.begin(), audit.columns.end(), column);
      cells.push_back(row[static_cast<std::size_t>(at - audit.columns.begin())]);
    }
  }
  return table;
}

ExitStatus RunAudit(const GlobalOptions& options, const std::string& uri) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto audit = engine.Audit(uri);
    if (!audit.ok()) return output.Fail(audit.status(), uri);
    output.Print(output.format() == Format::kTable ? ShortTable(*audit) : *audit);
    return kExitDone;
  });
}

ExitStatus RunActivate(const GlobalOptions& options, const std::string& uri) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto activated = [&] {
      const Call call(options);
      return engine.Activate(uri, call.options());
    }();
    if (!activated.ok()) return output.Fail(activated.status(), uri);
    if (output.format() == Format::kJson) {
      output.PrintJson({{"uri", uri}, {"activated", *activated}});
    } else {
      output.Line(uri);
      if (!*activated) output.Note("it was active already");
    }
    return kExitDone;
  });
}

}  // namespace

void AddAuditCommands(CLI::App& app, Command* chosen) {
  auto* audit = app.add_subcommand("audit", "Show who did what to which session");
  auto audit_uri = std::make_shared<std::string>();
  audit->add_option("URI", *audit_uri, "Project, experiment or prearchive session [everything]")
      ->type_name("");
  audit->footer(
      "Oldest first. An experiment's records include those of the prearchive sessions that went\n"
      "into it. With --format json or csv also the texts: justification, output of pipelines.");
  audit->callback([chosen, audit_uri] {
    *chosen = [audit_uri](const GlobalOptions& options) { return RunAudit(options, *audit_uri); };
  });

  auto* activate = app.add_subcommand("activate", "Release an archived session from quarantine");
  auto uri = std::make_shared<std::string>();
  activate->add_option("URI", *uri, "Archive URI of an experiment")->required()->type_name("");
  activate->footer("Prints the URI. Fine, and without effect, when the session is active already.");
  activate->callback([chosen, uri] {
    *chosen = [uri](const GlobalOptions& options) { return RunActivate(options, *uri); };
  });
}
