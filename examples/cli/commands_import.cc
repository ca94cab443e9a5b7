// commands_import.cc - import: receive files, folders and containers into the prearchive.
#include <unistd.h>

#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::Code;
using xnatarchive::ImportReport;
using xnatarchive::ImportRequest;
using xnatarchive::Status;

namespace {

struct ImportArguments {
  std::vector<std::string> inputs;
  std::string handler;
  std::string dest;
  std::string project;
  std::string subject;
  std::string session;
  bool ignore_unparsable = false;
  bool rename = false;
};

ImportRequest RequestFor(const ImportArguments& arguments, const std::string& input) {
  ImportRequest request;
  request.path = input;
  if (input == "-") request.input_fd = STDIN_FILENO;
  request.handler = arguments.handler;
  request.dest = arguments.dest;
  if (!arguments.project.empty()) request.parameters["project"] = arguments.project;
  if (!arguments.subject.empty()) request.parameters["subject"] = arguments.subject;
  if (!arguments.session.empty()) request.parameters["session"] = arguments.session;
  if (arguments.rename) request.parameters["rename"] = "true";
  if (arguments.ignore_unparsable) request.parameters["Ignore-Unparsable"] = "true";
  return request;
}

// Tells what was left out, and what was received but not archived. Returns the exit status the
// latter makes.
ExitStatus ReportExceptions(const Output& output, const std::string& input,
                            const ImportReport& report) {
  if (report.files_skipped > 0) {
    output.Note(Counted(report.files_skipped, "file") + " skipped (" + input + ")");
    for (const auto& [path, why] : report.skipped) {
      output.Note("skipped: " + ErrorText(why, path));
    }
    const std::size_t listed = report.skipped.size();
    if (report.files_skipped > listed) {
      output.Note("skipped: " + std::to_string(report.files_skipped - listed) + " more");
    }
  }
  for (const auto& [uri, why] : report.failed_pipelines) {
    output.Note("warning: " + ErrorText(why, uri));
  }
  ExitStatus exit_status = kExitDone;
  for (const auto& [uri, why] : report.not_archived) {
    const ExitStatus failure = output.Fail(why, uri);
    if (exit_status == kExitDone) exit_status = failure;
  }
  return exit_status;
}

// Receives the inputs in order and stops at the first that fails: what came before it is complete,
// and its results are on stdout.
ExitStatus ImportAll(ArchiveEngine& engine, const GlobalOptions& options,
                     const ImportArguments& arguments) {
  const Output output = OutputFor(options);
  Json reports = Json::array();
  ExitStatus exit_status = kExitDone;
  std::size_t done = 0;
  for (const std::string& input : arguments.inputs) {
    const auto report = [&] {
      const Call call(options);
      return engine.Import(RequestFor(arguments, input), call.options());
    }();
    if (!report.ok()) {
      exit_status = output.Fail(report.status(), input);
      break;
    }
    ++done;
    if (output.format() == Format::kJson) {
      reports.push_back(ToJson(*report));
    } else {
      for (const std::string& uri : report->uris) output.Line(uri);
    }
    const ExitStatus failure = ReportExceptions(output, input, *report);
    if (exit_status == kExitDone) exit_status = failure;
  }
  if (output.format() == Format::kJson) output.PrintJson(reports);
  if (done < arguments.inputs.size() && arguments.inputs.size() > 1) {
    output.Note("imported " + std::to_string(done) + " of " +
                std::to_string(arguments.inputs.size()) + " inputs before the failure");
  }
  return exit_status;
}

ExitStatus RunImport(const GlobalOptions& options, const ImportArguments& arguments) {
  for (const std::string& input : arguments.inputs) {
    if (input == "-" && isatty(STDIN_FILENO) == 1) {
      OutputFor(options).Fail(Status(Code::kInvalidArgument, "cli.usage",
                                     "standard input is a terminal; expected a file or a pipe"));
      return kExitUsage;
    }
  }
  return WithEngine(options,
                    [&](ArchiveEngine& engine) { return ImportAll(engine, options, arguments); });
}

}  // namespace

void AddImportCommand(CLI::App& app, Command* chosen) {
  auto* import = app.add_subcommand("import", "Receive files, folders or containers");
  auto arguments = std::make_shared<ImportArguments>();
  import
      ->add_option("PATH", arguments->inputs,
                   "A DICOM file, a folder, a zip or tar; - for standard input")
      ->type_name("")
      ->required();
  import->add_option("--handler", arguments->handler, "Import handler [the first that accepts]")
      ->type_name("NAME");
  import->add_option("--dest", arguments->dest, "Prearchive or archive URI to receive into")
      ->type_name("URI");
  import->add_option("--project", arguments->project, "Project, whatever the data says")
      ->type_name("P");
  import->add_option("--subject", arguments->subject, "Subject label")->type_name("S");
  import->add_option("--session", arguments->session, "Session label")->type_name("L");
  import->add_flag("--ignore-unparsable", arguments->ignore_unparsable,
                   "Skip and count what is not DICOM; otherwise it is an error");
  import->add_flag("--rename", arguments->rename, "Give files XNAT's default names");
  import->footer(
      "Containers: .zip .tar .tar.gz .tgz .tar.bz2 .tar.xz, nested ones included.\n"
      "Prints one URI per session: the prearchive URI, or the archive URI of a session that was\n"
      "archived at once. Several studies in one input become several sessions. Each input is\n"
      "received whole or not at all; the first that fails ends the command.\n"
      "Examples:\n"
      "  xnatarchive import --project BRAINDEV study.zip\n"
      "  curl -s https://host/study.tar.gz | xnatarchive import - --project BRAINDEV\n"
      "  xnatarchive import scans/ --dest /archive/projects/BRAINDEV/subjects/BD0017");
  import->callback([chosen, arguments] {
    *chosen = [arguments](const GlobalOptions& options) { return RunImport(options, *arguments);
};
});
}
