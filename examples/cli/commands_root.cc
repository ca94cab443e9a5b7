// commands_root.cc - init, recover, reindex: about a root as a whole.
#include <map>
#include <vector>

#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::Checksum;
using xnatarchive::EngineOptions;
using xnatarchive::IndexDifference;
using xnatarchive::InitOptions;
using xnatarchive::RecoverySummary;
using xnatarchive::Status;
using xnatarchive::Table;

namespace {

ExitStatus RunInit(const GlobalOptions& options, const InitOptions& init) {
  const Output output = OutputFor(options);
  const Status status = ArchiveEngine::Init(EngineOptionsFor(options), init);
  if (!status.ok()) return output.Fail(status, options.root);
  if (output.format() == Format::kJson) {
    output.PrintJson({{"root", options.root}});
  } else {
    output.Line(options.root);
  }
  return kExitDone;
}

Table ToTable(const RecoverySummary& summary) {
  Table table{{"result", "operation"}, {}};
  for (const std::string& line : summary.finished) table.rows.push_back({"finished", line});
  for (const std::string& line : summary.discarded) table.rows.push_back({"discarded", line});
  for (const std::string& line : summary.busy) table.rows.push_back({"busy", line});
  for (const std::string& line : summary.failed) table.rows.push_back({"failed", line});
  return table;
}

// Opens without the recovery that Open does otherwise: here it is the work, and to be reported.
ExitStatus RunRecover(const GlobalOptions& options) {
  const Output output = OutputFor(options);
  EngineOptions engine_options = EngineOptionsFor(options);
  engine_options.recover_on_open = false;
  auto engine = ArchiveEngine::Open(engine_options);
  if (!engine.ok()) return output.Fail(engine.status(), options.root);
  const auto summary = (*engine)->Recover();
  if (!summary.ok()) return output.Fail(summary.status(), options.root);
  if (output.format() == Format::kJson) {
    output.PrintJson(ToJson(*summary));
  } else {
    output.Print(ToTable(*summary));
  }
  return summary->failed.empty() ? kExitDone : kExitFailed;
}

Table ToTable(const std::vector<IndexDifference>& differences) {
  Table table{{"kind", "change", "project", "ID", "field", "before", "after"}, {}};
  for (const IndexDifference& difference : differences) {
    table.rows.push_back({std::string(IndexRowKindName(difference.kind)),
                          std::string(IndexChangeName(difference.change)), difference.project,
                          difference.id, difference.field, difference.before, difference.after});
  }
  return table;
}

// A directory that cannot be read does not keep the others out of the index, but the caller is
// told by the exit status.
ExitStatus RunReindex(const GlobalOptions& options) {
  return WithEngine(options, [&options](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto report = engine.Reindex();
    if (!report.ok()) return output.Fail(report.status(), options.root);
    if (output.format() == Format::kJson) {
      output.PrintJson(ToJson(*report));
    } else {
      if (!report->differences.empty()) output.Print(ToTable(report->differences));
      output.Print({{"kind", "count"},
                    {{"projects", std::to_string(report->projects)},
                     {"subjects", std::to_string(report->subjects)},
                     {"experiments", std::to_string(report->experiments)},
                     {"prearchive sessions", std::to_string(report->prearchive_sessions)}}});
    }
    ExitStatus exit_status = kExitDone;
    for (const auto& [path, why] : report->unreadable) {
      const ExitStatus failure = output.Fail(why, path);
      if (exit_status == kExitDone) exit_status = failure;
    }
    return exit_status;
  });
}

std::map<std::string, Checksum> Checksums() {
  return {{"md5+xxh3", Checksum::kMd5AndXxh3},
          {"md5", Checksum::kMd5},
          {"xxh3", Checksum::kXxh3},
          {"none", Checksum::kNone}};
}

void AddInit(CLI::App& app, Command* chosen) {
  auto* init = app.add_subcommand("init", "Make a new root: directories, store, settings");
  auto arguments = std::make_shared<InitOptions>();
  init->add_option("--site-id", arguments->site_id, "Prefix of experiment and subject IDs")
      ->type_name("ID")
      ->capture_default_str();
  init->add_option_function<std::string>(
          "--checksum",
          [arguments](const std::string& name) { arguments->checksum = Checksums().at(name); },
          "Digests of each file [md5+xxh3]")
      ->type_name("md5+xxh3|md5|xxh3|none")
      ->check(CLI::IsMember(Checksums()).description(""));
  init->footer(
      "The root itself is made when it is absent; its parent must exist. Prints the root.\n"
      "Example: xnatarchive --root /data/xnat init --site-id RIC");
  init->callback([chosen, arguments] {
    *chosen = [arguments](const GlobalOptions& options) { return RunInit(options, *arguments); };
  });
}

}  // namespace

void AddRootCommands(CLI::App& app, Command* chosen) {
  AddInit(app, chosen);
  auto* recover = app.add_subcommand("recover", "Finish or undo what a crash left");
  recover->footer(
      "Every command does this when it opens the root; this one tells what was found. Operations\n"
      "of living processes are left alone (busy).");
  recover->callback([chosen] { *chosen = RunRecover; });
  auto* reindex = app.add_subcommand("reindex", "Rebuild the index from the trees");
  reindex->footer(
      "For a store that was lost or does not fit the trees: the trees are the truth. Tells every\n"
      "difference between the two.");
  reindex->callback([chosen] { *chosen = RunReindex; });
}
