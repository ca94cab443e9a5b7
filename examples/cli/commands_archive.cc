// commands_archive.cc - archive: move prearchive sessions into the archive, or say what would
// happen.
#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::ArchiveReport;
using xnatarchive::ArchiveRequest;
using xnatarchive::FindingType;
using xnatarchive::Overwrite;
using xnatarchive::Table;
using xnatarchive::ValidationReport;

namespace {

struct ArchiveArguments {
  std::vector<std::string> sources;
  std::string dest;
  bool quarantine = false;
  bool no_trigger_pipelines = false;
  double wait_seconds = 0;
  std::vector<std::string> fields;
  std::string overwrite = "none";
  bool dry_run = false;
  bool async = false;
  bool plan = false;
};

const std::map<std::string, Overwrite> kOverwrites = {
    {"none", Overwrite::kNone}, {"append", Overwrite::kAppend}, {"delete", Overwrite::kDelete}};

// The '=' that ends the XML path; those inside a predicate such as [@xsi:type=xnat:mrScanData]
// belong to the path. npos when there is none.
std::size_t FieldSeparator(const std::string& field) {
  int depth = 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '[') ++depth;
    if (field[i] == ']') --depth;
    if (field[i] == '=' && depth <= 0) return i;
  }
  return std::string::npos;
}

std::string CheckField(const std::string& field) {
  const std::size_t separator = FieldSeparator(field);
  if (separator != std::string::npos && separator > 0) return {};
  return "expected XMLPATH=VALUE, such as xnat:mrSessionData/note=text";
}

ArchiveRequest RequestFor(const ArchiveArguments& arguments, const std::string& src) {
  ArchiveRequest request;
  request.src = src;
  request.dest = arguments.dest;
  request.overwrite = kOverwrites.at(arguments.overwrite);
  request.quarantine = arguments.quarantine;
  request.trigger_pipelines = !arguments.no_trigger_pipelines;
  request.wait_ms = static_cast<std::int64_t>(arguments.wait_seconds * 1000);
  for (const std::string& field : arguments.fields) {
    const std::size_t separator = FieldSeparator(field);
    request.fields.emplace_back(field.substr(0, separator), field.substr(separator + 1));
  }
  return request;
}

// What stands beside a success: warnings, and a pipeline that could not be run.
void NoteWarnings(const Output& output, const ArchiveReport& report) {
  for (const auto& warning : report.warnings) {
    output.Note("warning: " + warning.message + " (" + report.uri + ") [" + warning.reason + "]");
  }
  if (!report.pipeline.ok()) {
    output.Note("warning: " + ErrorText(report.pipeline, report.uri));
  }
}

ExitStatus ArchiveOne(ArchiveEngine& engine, const GlobalOptions& options,
                      const ArchiveArguments& arguments, const std::string& src, Json* reports) {
  const Output output = OutputFor(options);
  const auto report = [&] {
    const Call call(options);
    return engine.Archive(RequestFor(arguments, src), call.options());
  }();
  if (!report.ok()) return output.Fail(report.status(), src);
  if (output.format() == Format::kJson) {
    reports->push_back(ToJson(*report));
  } else {
    output.Line(report->uri);
  }
  NoteWarnings(output, *report);
  return kExitDone;
}

// A FAIL outweighs a CONFLICT: no other option makes the session archivable.
ExitStatus ExitStatusOf(const ValidationReport& report) {
  if (!report.blocked) return kExitDone;
  for (const auto& finding : report.findings) {
    if (finding.type == FindingType::kFail) return kExitInvalidInput;
  }
  return kExitConflict;
}

// What would be done: a line for each scan that changes its ID, and for each file.
Table PlanTable(const ValidationReport& report) {
  Table table{{"scan", "resource", "action", "path", "bytes", "replaces"}, {}};
  for (const auto& scan : report.scan_plan) {
    if (scan.id == scan.target_id) continue;
    table.rows.push_back({scan.id, "", ScanFateName(scan.fate), scan.target_id, "", ""});
  }
  for (const auto& resource : report.resources) {
    if (resource.whole) {
      table.rows.push_back({resource.scan_id, resource.label, "add",
                            Counted(resource.file_count, "file"), std::to_string(resource.bytes),
                            ""});
    }
    for (const auto& file : resource.files) {
      table.rows.push_back({resource.scan_id, resource.label, FileActionName(file.action),
                            file.path, std::to_string(file.size), file.replaces});
    }
  }
  return table;
}

std::string CountsText(const ValidationReport& report) {
  const auto& counts = report.counts;
  return std::to_string(counts.added) + " added, " + std::to_string(counts.identical) +
         " identical, " + std::to_string(counts.replaced) + " replaced, " +
         std::to_string(counts.conflicting) + " in conflict";
}

void PrintValidation(const Output& output, const ValidationReport& report, bool plan) {
  Table table{{"code", "type", "message"}, {}};
  for (const auto& finding : report.findings) {
    table.rows.push_back(
        {std::to_string(finding.code), FindingTypeName(finding.type), finding.message});
  }
  if (output.format() == Format::kCsv || !table.rows.empty()) output.Print(table);
  if (plan) output.Print(PlanTable(report));
  if (output.format() == Format::kCsv) return;
  output.Line((report.blocked ? "would be refused: " : "would be archived: ") +
              (report.uri.empty() ? "no destination" : report.uri));
  output.Line(Counted(report.scans, "scan") + ", " + Counted(report.files, "file") + ", " +
              FormatBytes(static_cast<double>(report.bytes)) + ", " +
              Counted(report.files_to_hash, "file") + " to hash");
  if (report.merges) output.Line(CountsText(report));
}

ExitStatus ValidateOne(ArchiveEngine& engine, const GlobalOptions& options,
                       const ArchiveArguments& arguments, const std::string& src, Json* reports) {
  const Output output = OutputFor(options);
  const auto report = [&] {
    const Call call(options);
    return engine.Validate(RequestFor(arguments, src), call.options());
  }();
  if (!report.ok()) return output.Fail(report.status(), src);
  if (output.format() == Format::kJson) {
    Json json = {{"src", src}};
    json.update(ToJson(*report));
    if (!arguments.plan) json.erase("plan");
    reports->push_back(std::move(json));
  } else {
    PrintValidation(output, *report, arguments.plan);
  }
  return ExitStatusOf(*report);
}

// Tries every session: one that is refused says nothing about the next. The exit status is the
// first failure's.
ExitStatus RunArchive(const GlobalOptions& options, const ArchiveArguments& arguments) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const auto one = arguments.dry_run ? ValidateOne : ArchiveOne;
    Json reports = Json::array();
    ExitStatus exit_status = kExitDone;
    for (const std::string& src : arguments.sources) {
      const ExitStatus result = one(engine, options, arguments, src, &reports);
      if (exit_status == kExitDone) exit_status = result;
      if (Cancelled()) break;
    }
    if (options.format == Format::kJson) OutputFor(options).PrintJson(reports);
    return exit_status;
  });
}

// All sessions as one job, for whoever works jobs off.
ExitStatus SubmitAll(const GlobalOptions& options, const ArchiveArguments& arguments) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    std::vector<ArchiveRequest> requests;
    for (const std::string& src : arguments.sources) requests.push_back(RequestFor(arguments, src));
    const Call call(options);
    const auto id = engine.Submit(requests, call.options());
    if (!id.ok()) return output.Fail(id.status());
    if (output.format() == Format::kJson) {
      output.PrintJson({{"id", *id}});
    } else {
      output.Line(*id);
    }
    return kExitDone;
  });
}

// The options that archive and validate share.
void AddRequestOptions(CLI::App* command, const std::shared_ptr<ArchiveArguments>& arguments) {
  command->add_option("SRC", arguments->sources, "/prearchive/projects/PROJECT/TIMESTAMP/FOLDER")
      ->required()
      ->type_name("");
  command
      ->add_option("--overwrite", arguments->overwrite,
                   "What may be done to a session that exists [none]")
      ->check(CLI::IsMember(kOverwrites).description(""))
      ->type_name("none|append|delete");
  command
      ->add_option("--dest", arguments->dest,
                   "Project, subject or experiment [as the content says]")
      ->type_name("URI");
  command->add_flag("--quarantine", arguments->quarantine,
                    "Quarantine the session [as the project says]");
  command->add_flag("--no-trigger-pipelines", arguments->no_trigger_pipelines,
                    "Do not run the project's AutoRun command");
  command->add_option("--set", arguments->fields, "Set a field of the session document; repeatable")
      ->type_name("XMLPATH=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::Validator(CheckField, "", ""));
  command->add_flag("--plan", arguments->plan, "Also what would become of every file");
}

}  // namespace

void AddArchiveCommand(CLI::App& app, Command* chosen) {
  auto* archive = app.add_subcommand("archive", "Move prearchive sessions into the archive");
  auto arguments = std::make_shared<ArchiveArguments>();
  AddRequestOptions(archive, arguments);
  auto* dry_run = archive->add_flag("--dry-run", arguments->dry_run,
                                    "Change nothing; print what validate prints");
  archive->get_option("--plan")->needs(dry_run);
  archive
      ->add_option("--wait", arguments->wait_seconds,
                   "How long to wait for a session that is locked [0]")
      ->check(CLI::Range(0.0, 1e6).description(""))
      ->type_name("SECONDS");
  archive
      ->add_flag("--async", arguments->async,
                 "Only submit a job, and print its ID (see job --help)")
      ->excludes(dry_run);
  archive->footer(
      "Each session is archived whole or not at all, and built first when that is needed. Prints\n"
      "one archive URI per session. Every SRC is tried; the exit status is the first failure's.\n"
      "--overwrite append adds files to a session that exists, delete replaces files, too. A file\n"
      "that is archived already with the same bytes is kept. What delete replaces goes to\n"
      "the history (see history --help).\n"
      "Examples:\n"
      "  xnatarchive archive /prearchive/projects/BRAINDEV/20240318_150212847/BD0017_MR1\n"
      "  xnatarchive archive SRC --overwrite append\n"
      "  xnatarchive archive SRC --dest /archive/projects/BRAINDEV/subjects/BD0017 \\\n"
      "      --set 'xnat:mrSessionData/note=rescanned'");
  archive->callback([chosen, arguments] {
    *chosen = [arguments](const GlobalOptions& options) {
      return arguments->async ? SubmitAll(options, *arguments) : RunArchive(options, *arguments);
    };
  });
}

void AddValidateCommand(CLI::App& app, Command* chosen) {
  auto* validate =
      app.add_subcommand("validate", "Say what archiving would find and do; change nothing");
  auto arguments = std::make_shared<ArchiveArguments>();
  arguments->dry_run = true;
  AddRequestOptions(validate, arguments);
  validate->footer(
      "Findings are XNAT's validate-archive codes: FAIL and CONFLICT block, WARN does not. The "
      "exit\n"
      "status is 0 when the session would be archived, 4 for a CONFLICT, 6 for a FAIL.\n"
      "Examples:\n"
      "  xnatarchive validate /prearchive/projects/BRAINDEV/20240318_150212847/BD0017_MR1\n"
      "  xnatarchive validate SRC --overwrite delete --plan");
  validate->callback([chosen, arguments] {
    *chosen = [arguments](const GlobalOptions& options) { return RunArchive(options, *arguments); };
  });
}
