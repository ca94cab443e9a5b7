#include <memory>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/export_session.hpp"
#include "catalog/export_target.hpp"
#include "catalog/export_waiting.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "engine/session_place.hpp"
#include "fs/lexical_path.hpp"

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
                                                 const std::string& base) {
  FileSystem& fs = core.trees.archive.fs();
  if (OutputStream output = OutputOf(request, fs)) {
    return MakeStreamTarget(std::move(output), base);
  }
  XNA_ASSIGN_OR_RETURN(OutsidePlace place, FindOutside("export", fs, request.path, core.trees));
  XNA_RETURN_IF_ERROR(CheckFree(place));
  if (EndsWith(AsciiLower(place.name), kZipName)) return MakeZipTarget(std::move(place), base);
  return MakeDirectoryTarget(std::move(place), core.threads);
}

Status NotAnExperiment() {
  return Status(
      Code::kInvalidArgument, "uri.not-an-experiment",
      "expected the URI of an archived experiment, a waiting session, or something in it");
}

/// The directories of a waiting session's resources that the URI names; nullopt for all of it.
Result<std::optional<std::vector<std::string>>> DirectoriesOf(const ArchiveEngine::Core& core,
                                                              const SessionUri& uri, Hooks& hooks) {
  const ParsedUri& inside = uri.inside;
  std::optional<std::vector<std::string>> directories;
  if (inside.kind == UriKind::kPrearchiveSession) return directories;
  const bool scans = inside.kind == UriKind::kExperiment && inside.collection == "scans";
  const bool part = inside.collection.empty() &&
                    (inside.kind == UriKind::kScan || inside.kind == UriKind::kResource);
  if ((!scans && !part) || !inside.reconstruction.empty() || !inside.assessor.empty()) {
    return NotAnExperiment();
  }
  XNA_ASSIGN_OR_RETURN(const SessionPlace place, FindSession(core, uri.session, hooks));
  XNA_ASSIGN_OR_RETURN(const SessionDocument document, ReadDocument(place));
  std::vector<Resource> resources;
  if (part) {
    XNA_ASSIGN_OR_RETURN(const ResourceOwnerPlace owner, FindOwner(place, document, inside));
    resources = *owner.resources;
    if (!inside.resource.empty()) {
      XNA_ASSIGN_OR_RETURN(const Resource* resource, FindResource(owner, inside.resource));
      resources = {*resource};
    }
  }
  for (const Scan& scan : document.scans) {
    if (scans) resources.insert(resources.end(), scan.resources.begin(), scan.resources.end());
  }
  directories.emplace();
  for (const Resource& resource : resources) {
    std::string directory(ParentPath(resource.uri));
    if (directory.empty()) {
      return Status(Code::kUnsupported, "export.no-catalog",
                    "a resource has no directory of its own below the session");
    }
    directories->push_back(std::move(directory));
  }
  return directories;
}

Result<ExportReport> ExportFromPrearchive(ArchiveEngine::Core& core, const ExportRequest& request,
                                          const SessionUri& uri, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const PrearchiveSession row,
                       core.FindRow(FormatUri(uri.session), Permission::kRead, hooks));
  if (request.form == ExportForm::kBag) {
    return Status(Code::kUnsupported, "export.bag-of-waiting",
                  "a bag is of an archived session; one that waits is exported as its files");
  }
  WaitingExport input;
  input.id = row.Id();
  XNA_ASSIGN_OR_RETURN(input.directories, DirectoriesOf(core, uri, hooks));
  ProgressReporter reporter(hooks.call());
  input.progress = [&](const Progress& progress) { return reporter.Report(progress); };
  XNA_ASSIGN_OR_RETURN(const std::unique_ptr<ExportTarget> target, MakeTarget(core, request, ""));
  return ExportWaiting(core.trees, input, core.Acknowledger(hooks), *target);
}

}  // namespace

Result<ExportReport> ArchiveEngine::Core::Export(const ExportRequest& request, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const SessionUri session_uri, ParseSessionUri(request.uri));
  if (session_uri.session.kind == UriKind::kPrearchiveSession) {
    return ExportFromPrearchive(*this, request, session_uri, hooks);
  }
  const ParsedUri& uri = session_uri.session;
  const bool collection =
      !uri.collection.empty() && !(uri.kind == UriKind::kExperiment && uri.collection == "scans");
  if (uri.experiment.empty() || uri.kind == UriKind::kFile || collection) {
    return NotAnExperiment();
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
