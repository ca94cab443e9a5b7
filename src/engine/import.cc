#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "engine/auto_archive.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "handlers/gradual_dicom_handler.hpp"
#include "prearchive/import_source.hpp"
#include "prearchive/receive.hpp"
#include "prearchive/received_drafts.hpp"

namespace xnatarchive {
namespace {

using Parameters = std::map<std::string, std::string>;

Status SetFromDest(const char* name, const std::string& value, Parameters* parameters) {
  if (value.empty()) return Status();
  std::string& parameter = (*parameters)[name];
  if (!parameter.empty() && parameter != value) {
    return Status(Code::kInvalidArgument, "import.contradiction",
                  std::string("dest and the parameter ") + name + " name different things");
  }
  parameter = value;
  return Status();
}

Result<ImportTarget> ResolveTarget(const ImportRequest& request) {
  XNA_RETURN_IF_ERROR(CheckKept(request.parameters));
  ImportTarget target;
  target.parameters = request.parameters;
  if (request.dest.empty()) return target;
  XNA_ASSIGN_OR_RETURN(const ParsedUri dest, ParseUri(request.dest));
  switch (dest.kind) {
    case UriKind::kPrearchive:
    case UriKind::kPrearchiveProject:
      break;
    case UriKind::kPrearchiveSession:
      target.to_session = true;
      break;
    case UriKind::kArchive:
      target.to_archive = true;
      break;
    case UriKind::kProject:
    case UriKind::kSubject:
    case UriKind::kExperiment:
      target.to_archive = true;
      target.archive_dest = request.dest;
      break;
    default:
      return Status(
          Code::kInvalidArgument, "import.bad-dest",
          "dest must name the prearchive, a project of it, a session that waits there, or "
          "the archive, or a project, a subject or an experiment of it");
  }
  XNA_RETURN_IF_ERROR(SetFromDest("project", dest.project, &target.parameters));
  XNA_RETURN_IF_ERROR(SetFromDest("subject", dest.subject, &target.parameters));
  XNA_RETURN_IF_ERROR(SetFromDest("session", dest.experiment, &target.parameters));
  return target;
}

/// What a host's InputStream gives, which is asked for nothing after its end.
class HostSource : public ByteSource {
 public:
  explicit HostSource(const InputStream& input) : input_(input) {}

  Result<std::size_t> Read(void* buffer, std::size_t size) override {
    XNA_RETURN_IF_ERROR(end_);
    if (at_end_) return std::size_t{0};
    std::size_t count = 0;
    end_ = CallHook("input", [&] {
      XNA_ASSIGN_OR_RETURN(count, input_(buffer, size));
      return Status();
    });
    if (end_.ok() && count > size) {
      end_ = Status(Code::kHandlerFailed, "input.bad-count",
                    "the host's input says it has given more than it was asked for");
    }
    XNA_RETURN_IF_ERROR(end_);
    at_end_ = count == 0;
    return count;
  }

 private:
  const InputStream& input_;
  Status end_;  // why there is no more
  bool at_end_ = false;
};

/// The request's stream; null when it names a path.
std::unique_ptr<ByteSource> StreamOf(const ImportRequest& request, FileSystem& fs) {
  if (request.input) return std::make_unique<HostSource>(request.input);
  if (request.input_fd < 0) return nullptr;
  return std::make_unique<DescriptorSource>(fs, request.input_fd);
}

std::string Value(const Parameters& parameters, const std::string& name) {
  const auto at = parameters.find(name);
  return at == parameters.end() ? std::string() : at->second;
}

/// How a session is archived that this import brought; nullopt when it waits: for a person, or
/// because more of it is to come and nobody said that it is to be archived all the same.
Result<std::optional<ArchiveRequest>> ArchiveAtOnce(Store& store, const PrearchiveSession& row,
                                                    const ImportRequest& request,
                                                    const ImportTarget& target) {
  const bool wanted = WantsArchive(target.parameters, target.to_archive);
  if (request.handler == kGradualDicom || (WaitsForSender(row) && !wanted)) {
    return std::optional<ArchiveRequest>();
  }
  XNA_ASSIGN_OR_RETURN(auto archive, RequestUnlessItWaits(store, row));
  if (archive && target.to_archive) {
    archive->dest = target.archive_dest;
    archive->parameters["event_reason"] = "standard upload";
  }
  return archive;
}

ReceiveRequest ReceiveRequestOf(const ImportTarget& target, Hooks& hooks) {
  const Parameters& parameters = target.parameters;
  const auto flag = [&](const char* name) {
    return EqualsIgnoreCase(Value(parameters, name), "true");
  };
  ReceiveRequest request;
  request.project = Value(parameters, "project");
  request.subject = Value(parameters, "subject");
  request.label = Value(parameters, "session");
  request.actor = ActorOf(hooks.call());
  request.authorize = [&hooks](const std::string& project) {
    return hooks.Authorize(Permission::kEdit, project);
  };
  request.source = Trim(Value(parameters, "SOURCE"));
  request.visit = Value(parameters, "VISIT");
  request.protocol = Value(parameters, "SUBTYPE");
  request.time_zone = Value(parameters, "TIMEZONE");
  request.prevent_anon = flag("prevent_anon");
  request.prevent_auto_commit = flag("prevent_auto_commit");
  request.parameters = KeptParameters(parameters, target.to_archive);
  return request;
}

/// Makes this session the one that all is received into.
Status SetSession(const PrearchiveSession& session, ReceiveRequest* names) {
  const bool other_label = !names->label.empty() && names->label != session.label;
  const bool other_project = !names->project.empty() && names->project != session.project;
  if (other_label || other_project) {
    return Status(Code::kInvalidArgument, "import.contradiction",
                  "dest is a session of another project or label than the parameters name");
  }
  names->target = session.Id();
  names->project = session.project;
  names->label = session.label;
  return Status();
}

/// Whether an input that could not be received may be a bag that was not seen as one.
bool MayBeBag(const Status& failure) {
  if (failure.reason() == "bag.not-first") return true;
  return (failure.code() == Code::kInvalidArgument || failure.code() == Code::kCorruption) &&
         !StartsWith(failure.reason(), "bag.") && !StartsWith(failure.reason(), "container.");
}

}  // namespace

Result<ImportReport> ArchiveEngine::Core::Import(const ImportRequest& request, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const ImportTarget target, ResolveTarget(request));
  ProgressReporter reporter(hooks.call());
  ImportReport report;
  XNA_ASSIGN_OR_RETURN(const std::vector<PrearchiveSession> rows,
                       Receive(request, target, reporter, hooks, &report));
  hooks.TellEvents();
  for (const PrearchiveSession& row : rows) {
    const std::string uri = PrearchiveUri(row);
    Result<std::optional<ArchiveRequest>> archive = ArchiveAtOnce(store, row, request, target);
    if (!archive.ok() || !*archive) {
      report.uris.push_back(uri);
      if (!archive.ok()) report.not_archived.emplace_back(uri, std::move(archive).status());
      continue;
    }
    Result<ArchiveReport> archived = Archive(**archive, hooks);
    report.uris.push_back(archived.ok() ? archived->uri : uri);
    if (archived.ok()) {
      if (!archived->pipeline.ok()) {
        report.failed_pipelines.emplace_back(archived->uri, std::move(archived->pipeline));
      }
      continue;
    }
    hooks.Failed(uri, archived.status());
    report.not_archived.emplace_back(uri, std::move(archived).status());
  }
  return report;
}

/// Everything up to the prearchive.
Result<std::vector<PrearchiveSession>> ArchiveEngine::Core::Receive(const ImportRequest& request,
                                                                    const ImportTarget& target,
                                                                    ProgressReporter& reporter,
                                                                    Hooks& hooks,
                                                                    ImportReport* report) {
  Parameters parameters = target.parameters;
  ReceiveRequest names = ReceiveRequestOf(target, hooks);
  if (EqualsIgnoreCase(names.project, kUnassigned)) names.project.clear();
  if (!names.project.empty()) {
    XNA_ASSIGN_OR_RETURN(names.project, RequireProject(names.project, Permission::kEdit, hooks));
    parameters["project"] = names.project;  // it may have been an alias
  }
  if (target.to_session) {
    XNA_ASSIGN_OR_RETURN(const PrearchiveSession session,
                         FindRow(request.dest, Permission::kEdit, hooks));
    XNA_RETURN_IF_ERROR(SetSession(session, &names));
  }
  const auto cancelled = [&] { return reporter.cancelled(); };
  XNA_ASSIGN_OR_RETURN(
      std::unique_ptr<ImportSource> source,
      OpenImportSource(*options.file_system, request.path, StreamOf(request, *options.file_system),
                       options.container_limits, cancelled));
  auto received = ReceiveFrom(*source, request.handler, names, parameters, reporter, hooks, report);
  const bool streamed = request.input || request.input_fd >= 0;
  if (streamed || !MayBeBag(received.status())) return received;
  // A container may have the declaration of a bag anywhere; to look for it is worth the time only
  // for what can not be received otherwise.
  auto bag =
      OpenBagInContainer(*options.file_system, request.path, options.container_limits, cancelled);
  if (!bag.ok() || *bag == nullptr) return received;
  return ReceiveFrom(**bag, request.handler, names, parameters, reporter, hooks, report);
}

/// The operation, and with it every lock, ends with this function.
Result<std::vector<PrearchiveSession>> ArchiveEngine::Core::ReceiveFrom(
    ImportSource& source, const std::string& handler_name, ReceiveRequest names,
    const std::map<std::string, std::string>& parameters, ProgressReporter& reporter, Hooks& hooks,
    ImportReport* report) {
  XNA_ASSIGN_OR_RETURN(ImportHandler* const handler, ChooseHandler(handler_name, source));
  names.handler = handler->Name();

  const Acknowledge acknowledge = Acknowledger(hooks);
  XNA_ASSIGN_OR_RETURN(Operation operation,
                       Operation::Begin(trees, Tree::kPrearchive, "receive", {}, acknowledge));
  ReceivedDrafts::Options receive;
  receive.tree = &trees.prearchive;
  receive.stage = operation.stage();
  receive.checksum = checksum;
  receive.threads = threads;
  receive.parameters = &parameters;
  receive.find_project = [&](const auto& candidates) { return hooks.FirstProject(candidates); };
  receive.progress = [&](std::uint64_t files, std::uint64_t bytes) {
    return reporter.Report({"receive", files, 0, bytes, 0});
  };
  ReceivedDrafts drafts(std::move(receive));
  XNA_RETURN_IF_ERROR(DescribeSafely(*handler, source, drafts));
  if (reporter.cancelled()) {
    return Status(Code::kCancelled, "import.cancelled", "the import was cancelled");
  }
  XNA_RETURN_IF_ERROR(drafts.Finish());
  XNA_ASSIGN_OR_RETURN(ReceiveOutcome outcome,
                       PublishReceived(trees, store, operation, drafts, names, acknowledge));
  report->files_received = outcome.files_received;
  report->files_identical = outcome.files_identical;
  report->bytes_received = outcome.bytes_received;
  report->files_skipped = drafts.files_skipped();
  report->files_filtered = drafts.files_filtered();
  report->skipped = std::move(drafts.skipped());
  return std::move(outcome.sessions);
}

Result<std::string> ArchiveEngine::Core::RequireProject(const std::string& name,
                                                        Permission permission, Hooks& hooks) const {
  XNA_RETURN_IF_ERROR(hooks.Authorize(permission, name));
  XNA_ASSIGN_OR_RETURN(const auto found, store.FindProjectByAlias(name));
  if (!found) return Status(Code::kNotFound, "project.not-found", "there is no such project");
  XNA_RETURN_IF_ERROR(hooks.Authorize(permission, found->id));
  return found->id;
}

std::optional<std::string> ArchiveEngine::Core::FirstProject(
    const std::vector<std::string>& candidates) const {
  for (const std::string& candidate : candidates) {
    const auto found = store.FindProjectByAlias(candidate);
    if (found.ok() && *found) return (*found)->id;
  }
  return std::nullopt;
}

Result<ImportHandler*> ArchiveEngine::Core::ChooseHandler(const std::string& name,
                                                          const ImportSource& source) const {
  if (!name.empty()) {
    ImportHandler* const handler = FindHandler(name);
    if (handler != nullptr) return handler;
    return Status(Code::kNotFound, "import.unknown-handler", "no import handler of that name");
  }
  for (const auto& handler : handlers) {
    XNA_ASSIGN_OR_RETURN(const bool accepts, AcceptsSafely(*handler, source));
    if (accepts) return handler.get();
  }
  return Status(Code::kInvalidArgument, "import.unknown-format",
                "no import handler accepts this input");
}

}  // namespace xnatarchive
