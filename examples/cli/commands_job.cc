// commands_job.cc - job: sessions that were submitted with archive --async, and working them off.
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::CallOptions;
using xnatarchive::Code;
using xnatarchive::Job;
using xnatarchive::JobItem;
using xnatarchive::Progress;
using xnatarchive::Table;

namespace {

std::string Ended(const Job& job) {
  return std::to_string(job.items_done) + "/" + std::to_string(job.items_total);
}

ExitStatus ListJobs(const GlobalOptions& options) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto jobs = engine.Jobs();
    if (!jobs.ok()) return output.Fail(jobs.status());
    Table table{{"ID", "state", "kind", "user", "created", "started", "ended", "sessions"}, {}};
    for (const Job& job : *jobs) {
      table.rows.push_back({job.id, std::string(JobStateName(job.state)), job.kind, job.user,
                            LocalTime(job.created_ms), LocalTime(job.started_ms),
                            LocalTime(job.ended_ms), Ended(job)});
    }
    output.Print(table);
    return kExitDone;
  });
}

void PrintItems(const Output& output, const Job& job) {
  Table table{{"state", "src", "reason", "URI"}, {}};
  for (const JobItem& item : job.items) {
    table.rows.push_back({std::string(JobStateName(item.state)), item.src,
                          std::string(item.status.reason()), item.uri});
  }
  output.Print(table);
}

ExitStatus ShowJob(const GlobalOptions& options, const std::string& id) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto job = engine.FindJob(id);
    if (!job.ok()) return output.Fail(job.status(), id);
    if (output.format() == Format::kJson) {
      output.PrintJson(ToJson(*job));
    } else {
      PrintItems(output, *job);
    }
    return kExitDone;
  });
}

// As archive would have printed it: URIs, failures, and the first failure's exit status.
ExitStatus PrintOutcomes(const Output& output, const Job& job) {
  if (output.format() == Format::kJson) output.PrintJson(ToJson(job));
  ExitStatus exit_status = kExitDone;
  for (const JobItem& item : job.items) {
    if (item.status.ok()) {
      if (output.format() != Format::kJson) output.Line(item.uri);
      continue;
    }
    const ExitStatus failed = output.Fail(item.status, item.src);
    if (exit_status == kExitDone) exit_status = failed;
  }
  return exit_status;
}

struct WaitArguments {
  std::string id;
  double timeout_seconds = -1;
};

ExitStatus WaitForJob(const GlobalOptions& options, const WaitArguments& arguments) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto job = [&] {
      const Call call(options);
      const auto timeout_ms = static_cast<std::int64_t>(arguments.timeout_seconds * 1000);
      return engine.WaitForJob(arguments.id, timeout_ms, call.options());
    }();
    if (!job.ok()) return output.Fail(job.status(), arguments.id);
    return PrintOutcomes(output, *job);
  });
}

ExitStatus CancelJob(const GlobalOptions& options, const std::string& id) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const Call call(options);
    const auto cancelled = engine.CancelJob(id, call.options());
    if (!cancelled.ok()) return output.Fail(cancelled, id);
    if (output.format() == Format::kJson) {
      output.PrintJson({{"id", id}});
    } else {
      output.Line(id);
    }
    return kExitDone;
  });
}

struct RunArguments {
  unsigned workers = 1;
  bool until_empty = false;
};

// One worker. Its end is a signal, a failure that is not a session's own, or an empty queue.
ExitStatus Work(ArchiveEngine& engine, const GlobalOptions& options, const RunArguments& arguments,
                std::atomic<bool>* stop) {
  CallOptions call;
  call.user = options.user;
  call.origin = "cli";
  call.progress = [&](const Progress&) { return !Cancelled() && !*stop; };
  while (!Cancelled() && !*stop) {
    const auto worked = engine.RunOneJobItem(call);
    if (!worked.ok()) {
      if (worked.status().code() == Code::kCancelled) break;
      *stop = true;
      static std::mutex one_at_a_time;
      const std::lock_guard<std::mutex> lock(one_at_a_time);
      return OutputFor(options).Fail(worked.status());
    }
    if (*worked) continue;
    if (arguments.until_empty) break;
    std::this_thread::sleep_for(kLookAgain);
  }
  return kExitDone;
}

ExitStatus RunJobs(const GlobalOptions& options, const RunArguments& arguments) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    std::atomic<bool> stop{false};
    std::vector<ExitStatus> outcomes(arguments.workers, kExitDone);
    std::vector<std::thread> workers;
    for (ExitStatus& outcome : outcomes) {
      workers.emplace_back([&] { outcome = Work(engine, options, arguments, &stop); });
    }
    for (std::thread& worker : workers) worker.join();
    for (const ExitStatus outcome : outcomes) {
      if (outcome != kExitDone) return outcome;
    }
    return kExitDone;
  });
}

void AddJobCommand(CLI::App* job, const char* name, const char* purpose, Command* chosen,
                   ExitStatus (*run)(const GlobalOptions&, const std::string&)) {
  auto id = std::make_shared<std::string>();
  auto* command = job->add_subcommand(name, purpose);
  command->add_option("ID", *id, "As archive --async prints it")->required()->type_name("");
  command->callback([chosen, id, run] {
    *chosen = [id, run](const GlobalOptions& options) { return run(options, *id); };
  });
}

void AddWaitCommand(CLI::App* job, Command* chosen) {
  auto arguments = std::make_shared<WaitArguments>();
  auto* wait = job->add_subcommand("wait", "Wait until the job has ended; print what archive does");
  wait->add_option("ID", arguments->id, "As archive --async prints it")->required()->type_name("");
  wait->add_option("--timeout", arguments->timeout_seconds, "Exit with 5 after so long [never]")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 1e9).description(""));
  wait->callback([chosen, arguments] {
    *chosen = [arguments](const GlobalOptions& options) { return WaitForJob(options, *arguments); };
  });
}

void AddRunCommand(CLI::App* job, Command* chosen) {
  auto arguments = std::make_shared<RunArguments>();
  auto* run = job->add_subcommand("run", "Work jobs off, until Ctrl-C");
  run->add_option("--workers", arguments->workers, "Sessions at a time")
      ->capture_default_str()
      ->type_name("N")
      ->check(CLI::Range(1u, 256u).description(""));
  run->add_flag("--until-empty", arguments->until_empty, "End when no session is queued");
  run->callback([chosen, arguments] {
    *chosen = [arguments](const GlobalOptions& options) { return RunJobs(options, *arguments); };
  });
}

}  // namespace

void AddJobCommands(CLI::App& app, Command* chosen) {
  auto* job = app.add_subcommand("job", "Sessions submitted with archive --async");
  job->require_subcommand(1);
  job->footer(
      "A job is archived by whoever runs job run, here or in another process; a host that has the\n"
      "root open may do it, too. Each session is archived once and has an outcome of its own.\n"
      "Examples:\n"
      "  id=$(xnatarchive archive --async SRC SRC)\n"
      "  xnatarchive job run --workers 2 --until-empty\n"
      "  xnatarchive job wait $id --timeout 600");
  auto* list = job->add_subcommand("list", "List the jobs, newest first");
  list->callback([chosen] { *chosen = ListJobs; });
  AddJobCommand(job, "show", "Show what became of each session", chosen, ShowJob);
  AddWaitCommand(job, chosen);
  AddJobCommand(job, "cancel", "Cancel what has not been archived", chosen, CancelJob);
  AddRunCommand(job, chosen);
}
