// commands_history.cc - history: what archiving with --overwrite delete replaced.
#include <chrono>

#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::HistoryEntry;
using xnatarchive::Table;

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

ExitStatus ListHistory(const GlobalOptions& options, const std::string& uri) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto entries = engine.History(uri);
    if (!entries.ok()) return output.Fail(entries.status(), uri);
    Table table{{"ID", "project", "session", "experiment", "user", "time", "files", "bytes"}, {}};
    for (const HistoryEntry& entry : *entries) {
      table.rows.push_back({entry.id, entry.project, entry.label, entry.experiment_id, entry.user,
                            LocalTime(entry.time_ms), std::to_string(entry.files),
                            std::to_string(entry.bytes)});
    }
    output.Print(table);
    return kExitDone;
  });
}

ExitStatus RestoreHistory(const GlobalOptions& options, const std::string& id) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto report = [&] {
      const Call call(options);
      return engine.RestoreHistory(id, call.options());
    }();
    if (!report.ok()) return output.Fail(report.status(), id);
    if (output.format() == Format::kJson) {
      output.PrintJson(ToJson(*report));
    } else {
      output.Line(report->uri);
    }
    return kExitDone;
  });
}

struct PruneArguments {
  std::vector<std::string> ids;
  int older_than_days = -1;
};

// Prints the ID of every record it removed.
ExitStatus PruneHistory(const GlobalOptions& options, const PruneArguments& arguments) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    std::vector<std::string> ids = arguments.ids;
    if (arguments.older_than_days >= 0) {
      const auto entries = engine.History();
      if (!entries.ok()) return output.Fail(entries.status());
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      const std::int64_t limit =
          std::chrono::duration_cast<std::chrono::milliseconds>(now).count() -
          arguments.older_than_days * kDayMs;
      for (const HistoryEntry& entry : *entries) {
        if (entry.time_ms <= limit) ids.push_back(entry.id);
      }
    }
    ExitStatus exit_status = kExitDone;
    for (const std::string& id : ids) {
      const Call call(options);
      const auto pruned = engine.PruneHistory(id, call.options());
      if (pruned.ok()) {
        output.Line(id);
        continue;
      }
      const ExitStatus failed = output.Fail(pruned, id);
      if (exit_status == kExitDone) exit_status = failed;
    }
    return exit_status;
  });
}

}  // namespace

void AddHistoryCommands(CLI::App& app, Command* chosen) {
  auto* history = app.add_subcommand("history", "What archiving with --overwrite delete replaced");
  history->require_subcommand(1);
  history->footer(
      "Replaced files are kept with the entries that described them until they are pruned.\n"
      "Examples:\n"
      "  xnatarchive history list /archive/projects/BRAINDEV\n"
      "  xnatarchive history restore ID\n"
      "  xnatarchive history prune --older-than 30");

  auto uri = std::make_shared<std::string>();
  auto* list = history->add_subcommand("list", "List the records, oldest first");
  list->add_option("URI", *uri, "A project or an experiment [all]")->type_name("");
  list->callback([chosen, uri] {
    *chosen = [uri](const GlobalOptions& options) { return ListHistory(options, *uri); };
  });

  auto id = std::make_shared<std::string>();
  auto* restore = history->add_subcommand(
      "restore", "Put the files of a record back; what they replace goes to the history");
  restore->add_option("ID", *id, "As history list shows it")->required()->type_name("");
  restore->callback([chosen, id] {
    *chosen = [id](const GlobalOptions& options) { return RestoreHistory(options, *id); };
  });

  auto arguments = std::make_shared<PruneArguments>();
  auto* prune = history->add_subcommand("prune", "Remove records and their files for good");
  prune->add_option("ID", arguments->ids, "As history list shows it")->type_name("");
  prune->add_option("--older-than", arguments->older_than_days, "Those of at least so many days")
      ->type_name("DAYS")
      ->check(CLI::Range(0, 100000).description(""));
  prune->callback([chosen, arguments] {
    *chosen = [arguments](const GlobalOptions& options) {
      return PruneHistory(options, *arguments);
    };
  });
}
