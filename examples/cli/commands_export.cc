// commands_export.cc - export: a session for the world outside.
#include <unistd.h>

#include "command.hpp"
#include "to_json.hpp"

using xnatarchive::ArchiveEngine;
using xnatarchive::ExportForm;
using xnatarchive::ExportReport;
using xnatarchive::ExportRequest;

namespace {

// With "-" the zip is on stdout: the report goes nowhere but into the note.
void Report(const Output& output, const ExportRequest& request, const ExportReport& report) {
  if (request.output_fd < 0 && output.format() == Format::kJson) output.PrintJson(ToJson(report));
  if (request.output_fd < 0 && output.format() != Format::kJson) output.Line(request.path);
  if (report.files_unchecked > 0 && request.form == ExportForm::kFiles) {
    output.Note(Counted(report.files_unchecked, "file") + " without a digest to compare with");
  }
  if (report.files_elsewhere > 0) {
    output.Note(Counted(report.files_elsewhere, "file") + " not exported: kept elsewhere, by URL");
  }
}

ExitStatus RunExport(const GlobalOptions& options, const ExportRequest& request) {
  return WithEngine(options, [&](ArchiveEngine& engine) {
    const Output output = OutputFor(options);
    const auto report = [&] {
      const Call call(options);
      return engine.Export(request, call.options());
    }();
    if (!report.ok()) return output.Fail(report.status(), request.uri);
    Report(output, request, *report);
    return kExitDone;
  });
}

}  // namespace

void AddExportCommand(CLI::App& app, Command* chosen) {
  auto* command = app.add_subcommand("export", "Write a session to a directory, a zip, or stdout");
  auto request = std::make_shared<ExportRequest>();
  command->add_option("URI", request->uri, "An archived or waiting session")->required()->type_name("");
  command->add_option("TARGET", request->path, "A new directory, a new FILE.zip, or - for stdout")
      ->required()
      ->type_name("");
  command->add_flag_callback(
      "--bag", [request] { request->form = ExportForm::kBag; },
      "As a BagIt bag, which import takes back as it was");
  command->footer(
      "Every file is checked against its catalog on the way; a session that is damaged is not\n"
      "exported. One of the prearchive is written as it lies, not as a bag. Nothing is overwritten.\n"
      "A zip on stdout is whole only if the exit status is 0.\n"
      "Examples:\n"
      "  xnatarchive export /projects/BRAINDEV/experiments/BD0017_MR1 BD0017_MR1.zip\n"
      "  xnatarchive export /experiments/XNAT_E00001 - --bag | ssh HOST xnatarchive import -");
  command->callback([chosen, request] {
    *chosen = [request](const GlobalOptions& options) {
      if (request->path == "-") request->output_fd = STDOUT_FILENO;
      return RunExport(options, *request);
    };
  });
}
