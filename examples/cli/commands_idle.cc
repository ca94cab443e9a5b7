// commands_idle.cc - prearchive commit-idle: sessions to which no file came for some time.
#include <algorithm>
#include <chrono>
#include <thread>

#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::IdleReport;

namespace {

// Files may come, and other processes do what was due: what is known of the time is not for long.
constexpr std::int64_t kWaitMsMax = 10'000;

ExitStatus PrintReport(const Output& output, const IdleReport& report) {
  if (output.format() == Format::kJson) {
    output.PrintJson(ToJson(report));
  } else {
    for (const std::string& uri : report.built) output.Line(uri);
    for (const std::string& uri : report.archived) output.Line(uri);
  }
  for (const auto& [uri, why] : report.failed_pipelines) {
    output.Note("warning: " + ErrorText(why, uri));
  }
  ExitStatus exit_status = kExitDone;
  for (const auto& [uri, why] : report.failed) {
    const ExitStatus failure = output.Fail(why, uri);
    if (exit_status == kExitDone) exit_status = failure;
  }
  return exit_status;
}

void WaitFor(std::int64_t next_ms) {
  const std::int64_t wait_ms = next_ms < 0 ? kWaitMsMax : std::min(next_ms, kWaitMsMax);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
  while (!Cancelled() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kLookAgain);
  }
}

// The exit status is that of the last look.
ExitStatus RunCommitIdle(const GlobalOptions& options, bool watch) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    for (;;) {
      const auto report = [&] {
        const Call call(options);
        return engine.CommitIdle(call.options());
      }();
      if (!report.ok()) {
        const ExitStatus failure = output.Fail(report.status());
        if (watch) WaitFor(kWaitMsMax);
        if (!watch || Cancelled()) return failure;
        continue;  // the store may have been busy
      }
      const bool silent = watch && report->built.empty() && report->archived.empty() &&
                          report->failed.empty() && report->failed_pipelines.empty();
      const ExitStatus exit_status = silent ? kExitDone : PrintReport(output, *report);
      if (!watch || Cancelled()) return exit_status;
      WaitFor(report->next_ms);
      if (Cancelled()) return exit_status;
    }
  });
}

}  // namespace

void AddCommitIdleCommand(CLI::App& prearchive, Command* chosen) {
  auto watch = std::make_shared<bool>(false);
  auto* command = prearchive.add_subcommand(
      "commit-idle", "Build sessions to which no file came for some time, archive those that may");
  command->add_flag("--watch", *watch, "Go on, until Ctrl-C");
  command->footer(
      "For sessions that are sent file by file, with import --handler gradual-DICOM or to a "
      "server.\n"
      "How long is the site's setting session_idle_minutes. A session is archived when its data,\n"
      "its upload or its project's prearchive_code says so; the others wait for archive.\n"
      "Prints one URI per session.\n"
      "Examples:\n"
      "  xnatarchive config set session_idle_minutes 10\n"
      "  xnatarchive prearchive commit-idle --watch");
  command->callback([chosen, watch] {
    *chosen = [watch](const GlobalOptions& options) { return RunCommitIdle(options, *watch); };
  });
}
