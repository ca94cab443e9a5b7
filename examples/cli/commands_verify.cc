// commands_verify.cc - verify: whether the archive is still what its catalogs say.
#include <cmath>
#include <stdexcept>

#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::Table;
using xnatarchive::VerifyProblem;
using xnatarchive::VerifyReport;
using xnatarchive::VerifyRequest;

namespace {

// "10%" or "10", and "100M": a number, and what it is multiplied by.
double ParseNumber(const std::string& text, const std::string& suffixes, double* factor) {
  std::size_t used = 0;
  double number = 0;
  try {
    number = std::stod(text, &used);
  } catch (const std::exception&) {
    throw CLI::ValidationError(text, "expected a number");
  }
  *factor = 1;
  if (used + 1 == text.size() && suffixes.find(text[used]) != std::string::npos) {
    *factor = std::pow(1024, static_cast<double>(suffixes.find(text[used]) + 1));
    ++used;
  }
  if (used != text.size() || !std::isfinite(number) || number <= 0) {
    throw CLI::ValidationError(text, "expected a number above 0");
  }
  return number;
}

double ParsePercent(const std::string& text) {
  double ignored = 1;
  const double percent = ParseNumber(text, "%", &ignored);
  if (percent > 100) throw CLI::ValidationError(text, "expected at most 100 percent");
  return percent;
}

std::uint64_t ParseRate(const std::string& text) {
  double factor = 1;
  const double number = ParseNumber(text, "kMG", &factor);
  if (number * factor < 1 || number * factor > 1e15) {
    throw CLI::ValidationError(text, "expected bytes per second");
  }
  return static_cast<std::uint64_t>(number * factor);
}

Table ProblemTable(const VerifyReport& report) {
  Table table{{"problem", "path", "URI", "message"}, {}};
  for (const VerifyProblem& problem : report.problems) {
    table.rows.push_back(
        {std::string(VerifyProblemName(problem.kind)), problem.path, problem.uri, problem.message});
  }
  return table;
}

Table SummaryTable(const VerifyReport& report) {
  const auto row = [](const char* name, std::uint64_t count) {
    return std::vector<std::string>{name, std::to_string(count)};
  };
  return {{"verified", "count"},
          {row("sessions", report.sessions), row("catalogs", report.catalogs),
           row("files", report.files), row("bytes", report.bytes),
           row("files read", report.files_read), row("bytes read", report.bytes_read),
           row("files without a digest", report.files_without_digest),
           row("files elsewhere", report.files_elsewhere), row("problems", report.problems.size()),
           row("sessions busy", report.busy.size()), row("seed", report.seed)}};
}

void PrintReport(const Output& output, const VerifyReport& report) {
  if (output.format() == Format::kJson) {  // an object on each line, the summary last
    for (const VerifyProblem& problem : report.problems) {
      output.Line(DumpJson(ToJson(problem), JsonLayout::kOneLine));
    }
    Json summary = ToJson(report);
    summary["problems"] = report.problems.size();
    output.Line(DumpJson(summary, JsonLayout::kOneLine));
    return;
  }
  if (output.format() == Format::kCsv || !report.problems.empty()) {
    output.Print(ProblemTable(report));
  }
  if (output.format() == Format::kTable) output.Print(SummaryTable(report));
}

ExitStatus RunVerify(const GlobalOptions& options, const VerifyRequest& request) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto report = [&] {
      const Call call(options);
      return engine.Verify(request, call.options());
    }();
    if (!report.ok()) return output.Fail(report.status(), options.root);
    PrintReport(output, *report);
    for (const std::string& uri : report->busy) output.Note("not verified, busy: " + uri);
    if (!report->problems.empty()) return kExitConflict;
    return report->busy.empty() ? kExitDone : kExitLocked;
  });
}

}  // namespace

void AddVerifyCommand(CLI::App& app, Command* chosen) {
  auto* command = app.add_subcommand("verify", "Read archived files again and compare them");
  auto request = std::make_shared<VerifyRequest>();
  command->add_option("URI", request->uris, "Projects, subjects, sessions, scans, resources [all]")
      ->type_name("");
  command
      ->add_option_function<std::string>(
          "--sample",
          [request](const std::string& text) { request->sample_percent = ParsePercent(text); },
          "Read so much of the files; the others are only looked for [100%]")
      ->type_name("N%");
  command->add_option("--seed", request->seed, "Which files the sample has [another one each time]")
      ->type_name("N");
  command
      ->add_option_function<std::string>(
          "--max-rate",
          [request](const std::string& text) { request->bytes_per_second_max = ParseRate(text); },
          "Read so many bytes a second, with k, M or G")
      ->type_name("RATE");
  command->add_flag("--all-digests", request->all_digests,
                    "Compare MD5 and XXH3, not the faster one alone");
  command
      ->add_option("--resume", request->resume_path, "Keep in FILE how far it is, and go on there")
      ->type_name("FILE");
  command->footer(
      "Changes nothing, and keeps nobody from archiving. Exit status: 0 all is well, 4 something "
      "is\n"
      "not, 5 others worked on a session all the time. With --format json one object for each\n"
      "problem, on a line of its own, then the summary.\n"
      "Examples:\n"
      "  xnatarchive verify /projects/BRAINDEV --sample 10%\n"
      "  xnatarchive verify --max-rate 50M --resume verify.state");
  command->callback([chosen, request] {
    *chosen = [request](const GlobalOptions& options) { return RunVerify(options, *request); };
  });
}
