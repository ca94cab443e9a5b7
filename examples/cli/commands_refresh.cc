// commands_refresh.cc - refresh: catalogs brought up to date with their files.
#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::CatalogOutcome;
using xnatarchive::RefreshOutcome;
using xnatarchive::RefreshOutcomeName;
using xnatarchive::RefreshReport;
using xnatarchive::RefreshRequest;
using xnatarchive::Table;

namespace {

std::string CheckOptions(const std::string& text) {
  const auto options = xnatarchive::ParseRefreshOptions(text);
  if (!text.empty() && options.ok()) return {};
  return "expected some of append,checksum,delete,populateStats";
}

Table TableOf(const RefreshReport& report) {
  Table table{{"outcome", "added", "removed", "modified", "checksummed", "missing", "unlisted",
               "ignored", "files", "bytes", "reason", "URI"},
              {}};
  for (const CatalogOutcome& one : report.catalogs) {
    table.rows.push_back(
        {RefreshOutcomeName(one.outcome), std::to_string(one.added), std::to_string(one.removed),
         std::to_string(one.modified), std::to_string(one.checksummed), std::to_string(one.missing),
         std::to_string(one.unlisted), std::to_string(one.ignored), std::to_string(one.files),
         std::to_string(one.bytes), std::string(one.status.reason()), one.uri});
  }
  return table;
}

ExitStatus RunRefresh(const GlobalOptions& options, const RefreshRequest& request) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto report = [&] {
      const Call call(options);
      return engine.Refresh(request, call.options());
    }();
    if (!report.ok()) return output.Fail(report.status());
    if (output.format() == Format::kJson) {
      output.PrintJson(ToJson(*report));
    } else {
      output.Print(TableOf(*report));
    }
    ExitStatus exit_status = kExitDone;
    for (const CatalogOutcome& one : report->catalogs) {
      if (one.ignored > 0) {
        output.Note("note: " + Counted(one.ignored, "name") + " without an entry, such as " +
                    Printable(one.ignored_example) + " (" + one.uri + ")");
      }
      if (one.status.ok()) continue;
      const ExitStatus failed = output.Fail(one.status, one.uri);
      if (exit_status == kExitDone) exit_status = failed;
    }
    return exit_status;
  });
}

}  // namespace

void AddRefreshCommand(CLI::App& app, Command* chosen) {
  auto* refresh = app.add_subcommand(
      "refresh", "Bring catalogs of archived sessions up to date with the files");
  auto request = std::make_shared<RefreshRequest>();
  auto words = std::make_shared<std::string>();
  auto wait_seconds = std::make_shared<double>(0);
  refresh
      ->add_option("RESOURCE", request->resources,
                   "Archive URI of an experiment, a scan, a resource, ...")
      ->required()
      ->type_name("");
  refresh->add_option("--options", *words, "Of append,checksum,delete,populateStats [all]")
      ->type_name("LIST")
      ->check(CLI::Validator(CheckOptions, ""));
  refresh->add_option("--wait", *wait_seconds, "Wait so long for a session somebody works on [0]")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 1e6).description(""));
  refresh->add_flag("--force", request->force, "Remove any number; renew wrong digests");
  refresh->add_flag("--rebuild", request->rebuild, "Make lost or damaged catalogs anew");
  refresh->footer(
      "One row for each catalog. One that fails is as it was, and keeps no other from being\n"
      "refreshed; the exit status is that of the first failure. Where everything is true already,\n"
      "no file is opened and nothing is written.\n"
      "Examples:\n"
      "  xnatarchive refresh /archive/projects/BRAINDEV/experiments/BD0017_MR1\n"
      "  xnatarchive refresh --options append,populateStats /experiments/XNAT_E00001/scans/3");
  refresh->callback([chosen, request, words, wait_seconds] {
    if (!words->empty()) request->options = *xnatarchive::ParseRefreshOptions(*words);
    request->wait_ms = static_cast<std::int64_t>(*wait_seconds * 1000);
    *chosen = [request](const GlobalOptions& options) { return RunRefresh(options, *request); };
  });
}
