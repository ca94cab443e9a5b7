// commands_archive.cc - archive: move prearchive sessions into the archive, or say what would
// happen.
#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::ArchiveReport;
using xnatarchive::ArchiveRequest;
using xnatarchive::FindingType;
using xnatarchive::Table;
using xnatarchive::ValidationReport;

namespace {

struct ArchiveArguments {
  std::vector<std::string> sources;
  std::string dest;
  bool quarantine = false;
  bool no_trigger_pipelines = false;
  std::vector<std::string> fields;
  bool dry_run = false;
};

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
  request.quarantine = arguments.quarantine;
  request.trigger_pipelines = !arguments.no_trigger_pipelines;
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

void PrintValidation(const Output& output, const ValidationReport& report) {
  Table table{{"code", "type", "message"}, {}};
  for (const auto& finding : report.findings) {
    table.rows.push_back(
        {std::to_string(finding.code), FindingTypeName(finding.type), finding.message});
  }
  if (output.format() == Format::kCsv || !table.rows.empty()) output.Print(table);
  if (output.format() == Format::kCsv) return;
  output.Line((report.blocked ? "would be refused: " : "would be archived: ") +
              (report.uri.empty() ? "no destination" : report.uri));
  output.Line(Counted(report.scans, "scan") + ", " + Counted(report.files, "file") + ", " +
              FormatBytes(static_cast<double>(report.bytes)) + ", " +
              Counted(report.files_to_hash, "file") + " to hash");
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
    reports->push_back(std::move(json));
  } else {
    PrintValidation(output, *report);
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

}  // namespace

void AddArchiveCommand(CLI::App& app, Command* chosen) {
  auto* archive = app.add_subcommand("archive", "Move prearchive sessions into the archive");
  auto arguments = std::make_shared<ArchiveArguments>();
  archive->add_option("SRC", arguments->sources, "/prearchive/projects/PROJECT/TIMESTAMP/FOLDER")
      ->required()
      ->type_name("");
  archive
      ->add_option("--dest", arguments->dest,
                   "Project, subject or experiment [as the content says]")
      ->type_name("URI");
  archive->add_flag("--quarantine", arguments->quarantine,
                    "Quarantine the session [as the project says]");
  archive->add_flag("--no-trigger-pipelines", arguments->no_trigger_pipelines,
                    "Do not run the project's AutoRun command");
  archive->add_option("--set", arguments->fields, "Set a field of the session document; repeatable")
      ->type_name("XMLPATH=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::Validator(CheckField, "", ""));
  archive->add_flag("--dry-run", arguments->dry_run,
                    "Change nothing; print the findings and the destination");
  archive->footer(
      "Each session is archived whole or not at all, and built first when that is needed. Prints\n"
      "one archive URI per session. Every SRC is tried; the exit status is the first failure's.\n"
      "Findings of --dry-run are XNAT's validate-archive codes: FAIL and CONFLICT block.\n"
      "Examples:\n"
      "  xnatarchive archive /prearchive/projects/BRAINDEV/20240318_150212847/BD0017_MR1\n"
      "  xnatarchive archive --dry-run SRC\n"
      "  xnatarchive archive SRC --dest /archive/projects/BRAINDEV/subjects/BD0017 \\\n"
      "      --set 'xnat:mrSessionData/note=rescanned'");
  archive->callback([chosen, arguments] {
    *chosen = [arguments](const GlobalOptions& options) { return RunArchive(options, *arguments); };
  });
}
