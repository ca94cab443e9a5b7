#include <memory>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/export_session.hpp"
#include "catalog/export_target.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kZipName = ".zip";

/// What takes the bytes, when the request wants a stream.
OutputStream OutputOf(const ExportRequest& request, FileSystem& fs) {
  if (request.output) {
    return [&request](std::string_view bytes) {
      return CallHook("output", [&] { return request.output(bytes); });
    };
  }
  if (request.output_fd < 0) return {};
  return DescriptorOutput(fs, request.output_fd);
}

Result<std::unique_ptr<ExportTarget>> MakeTarget(const ArchiveEngine::Core& core,
                                                 const ExportRequest& request,
                                                 const std::string& label) {
  FileSystem& fs = core.trees.archive.fs();
  if (OutputStream output = OutputOf(request, fs)) {
    return MakeStreamTarget(std::move(output), label);
  }
  XNA_ASSIGN_OR_RETURN(OutsidePlace place, FindOutside("export", fs, request.path, core.trees));
  XNA_RETURN_IF_ERROR(CheckFree(place));
  if (EndsWith(AsciiLower(place.name), kZipName)) return MakeZipTarget(std::move(place), label);
  return MakeDirectoryTarget(std::move(place), core.threads);
}

}  // namespace

Result<ExportReport> ArchiveEngine::Core::Export(const ExportRequest& request, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const ParsedUri uri, ParseUri(request.uri));
  const bool collection =
      !uri.collection.empty() && !(uri.kind == UriKind::kExperiment && uri.collection == "scans");
  if (uri.experiment.empty() || uri.kind == UriKind::kFile || collection) {
    return Status(Code::kInvalidArgument, "uri.not-an-experiment",
                  "expected the URI of an archived experiment, or of something in it");
  }
  SessionExport input;
  input.part = uri;
  XNA_ASSIGN_OR_RETURN(input.experiment, FindExperiment(uri, Permission::kRead, hooks));
  const ExperimentRow& experiment = input.experiment;
  XNA_ASSIGN_OR_RETURN(const auto subject,
                       store.FindSubject(experiment.project, experiment.subject_id));
  input.subject = subject.value_or(
      SubjectRow{experiment.subject_id, experiment.project, experiment.subject_id});
  XNA_ASSIGN_OR_RETURN(const auto site_id, store.GetSetting("site_id"));
  input.site_id = site_id.value_or("XNAT");
  input.form = request.form;
  input.threads = threads;
  ProgressReporter reporter(hooks.call());
  input.progress = [&](const Progress& progress) { return reporter.Report(progress); };
  XNA_ASSIGN_OR_RETURN(const std::unique_ptr<ExportTarget> target,
                       MakeTarget(*this, request, experiment.label));
  return ExportSession(trees, input, Acknowledger(hooks), *target);
}

}  // namespace xnatarchive
