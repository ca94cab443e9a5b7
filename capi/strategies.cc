#include "strategies.hpp"

#include <utility>
#include <vector>

namespace xnatarchive::capi {
namespace {

class HostPolicy : public AccessPolicy {
 public:
  HostPolicy(SharedCallbacks<xna_access_policy> callbacks, std::weak_ptr<const Engine> engine)
      : callbacks_(std::move(callbacks)), engine_(std::move(engine)) {}

  Status Allows(const std::string& user, Permission permission, const std::string& project,
                const Cancelled& cancelled) override {
    return RunCallback("access", engine_.lock(), Forbids::kChanges, &cancelled,
                       [&](Frame&, xna_callback* callback) {
                         const xna_status result =
                             (*callbacks_)
                                 ->allows((*callbacks_)->ctx, user.c_str(),
                                          static_cast<std::int32_t>(permission), project.c_str(),
                                          callback);
                         return result == XNA_PASSTHROUGH ? XNA_OK : result;
                       });
  }

 private:
  const SharedCallbacks<xna_access_policy> callbacks_;
  const std::weak_ptr<const Engine> engine_;
};

xna_event ToC(const Event& event, const std::string& reason, const std::string& message) {
  xna_event c = Defaults<xna_event>();
  c.kind = static_cast<std::int32_t>(event.kind);
  c.status = static_cast<xna_status>(event.status.code());
  c.time_ms = event.time_ms;
  c.audit_id = event.audit_id;
  c.scans = event.scans;
  c.files = event.files;
  c.bytes = event.bytes;
  c.user = event.user.c_str();
  c.project = event.project.c_str();
  c.subject = event.subject.c_str();
  c.label = event.label.c_str();
  c.experiment_id = event.experiment_id.c_str();
  c.uri = event.uri.c_str();
  c.reason = reason.c_str();
  c.message = message.c_str();
  return c;
}

const char* VerbOf(EventKind kind) {
  switch (kind) {
    case EventKind::kReceived:
      return "received";
    case EventKind::kBuilt:
      return "built";
    case EventKind::kArchived:
      return "archived";
    case EventKind::kMerged:
      return "merged into";
    case EventKind::kRefreshed:
      return "refreshed";
    case EventKind::kDeleted:
      return "deleted";
    case EventKind::kFailed:
      return "failed";
    case EventKind::kPipelineFinished:
      return "ran the pipeline of";
    case EventKind::kMoved:
      return "moved";
  }
  return "event of";
}

/// Tells the host's sink, and the log.
class HostSink : public EventSink {
 public:
  HostSink(SharedCallbacks<xna_event_sink> callbacks, std::weak_ptr<const Engine> engine)
      : callbacks_(std::move(callbacks)), engine_(std::move(engine)) {}

  void Notify(const Event& event, const Cancelled& cancelled) override {
    // Its end may be the engine's: see Engine::Delete.
    const Frame holding(engine_.lock(), Forbids::kNothing);
    if (holding.engine() != nullptr) Log(*holding.engine(), event);
    if (callbacks_ == nullptr) return;
    const std::string reason(event.status.reason());
    const std::string message(event.status.message());
    const xna_event c = ToC(event, reason, message);
    const xna_status told = Frame::LastHostStatus();  // of what this event may be about
    const Status status = RunCallback(
        "events", nullptr, Forbids::kNothing, &cancelled, [&](Frame&, xna_callback* callback) {
          const xna_status result = (*callbacks_)->notify((*callbacks_)->ctx, &c, callback);
          return result == XNA_PASSTHROUGH ? XNA_OK : result;
        });
    Frame::SetHostStatus(told);
    if (!status.ok()) throw SinkFailed{};
  }

 private:
  /// How a sink fails in C++: the engine notes "events.threw".
  struct SinkFailed {};

  static void Log(const Engine& engine, const Event& event) {
    if (!event.status.ok()) {
      engine.LogFailure(event.uri, event.status);
      return;
    }
    engine.Log(XNA_LOG_INFO, std::string(VerbOf(event.kind)) + " " + event.uri + " (" +
                                 std::to_string(event.scans) + " scans, " +
                                 std::to_string(event.files) + " files, " +
                                 std::to_string(event.bytes) + " bytes)");
  }

  const SharedCallbacks<xna_event_sink> callbacks_;
  const std::weak_ptr<const Engine> engine_;
};

class HostLauncher : public PipelineLauncher {
 public:
  HostLauncher(SharedCallbacks<xna_pipeline_launcher> callbacks, std::weak_ptr<const Engine> engine)
      : callbacks_(std::move(callbacks)), engine_(std::move(engine)) {}

  PipelineResult Launch(const PipelineRequest& request, const Cancelled& cancelled) override {
    xna_pipeline_request c = Defaults<xna_pipeline_request>();
    c.command = request.command.c_str();
    c.project = request.project.c_str();
    c.subject_label = request.subject_label.c_str();
    c.session_label = request.session_label.c_str();
    c.experiment_id = request.experiment_id.c_str();
    c.uri = request.uri.c_str();
    c.directory = request.directory.c_str();
    c.user = request.user.c_str();
    c.timeout_ms = request.timeout_ms;
    PipelineResult result;
    bool passed = false;
    const xna_status told = Frame::LastHostStatus();
    result.status = RunCallback(
        "pipeline", engine_.lock(), Forbids::kNothing, &cancelled,
        [&](Frame&, xna_callback* callback) {
          const xna_status status = (*callbacks_)->launch((*callbacks_)->ctx, &c, callback);
          passed = status == XNA_PASSTHROUGH;
          return passed ? XNA_OK : status;
        },
        &result.output);
    Frame::SetHostStatus(told);
    return passed ? commands_->Launch(request, cancelled) : result;
  }

 private:
  const SharedCallbacks<xna_pipeline_launcher> callbacks_;
  const std::weak_ptr<const Engine> engine_;
  const std::shared_ptr<PipelineLauncher> commands_ = CommandPipelineLauncher();
};

/// Keeps the first failure of several.
void Note(Status status, Status* first) {
  if (first->ok()) {
    *first = std::move(status);
  } else {
    IgnoreError(status, "the first is told");
  }
}

Status TakeValidators(const xna_engine_options& given,
                      std::vector<SharedCallbacks<xna_session_validator>>* taken) {
  constexpr std::size_t kValidatorsMax = 1000;
  if (given.validator_count > kValidatorsMax) {
    return Status(Code::kInvalidArgument, "capi.too-many", "there are too many validators");
  }
  if (given.validators == nullptr && given.validator_count > 0) return NullArgument("validators");
  Status first;
  for (std::size_t i = 0; i < given.validator_count; ++i) {
    if (given.validators[i] == nullptr) {
      Note(NullArgument("a validator"), &first);
      continue;
    }
    Note(TakeOver(given.validators[i], &xna_session_validator::validate, "validator",
                  &taken->emplace_back()),
         &first);
  }
  return first;
}

}  // namespace

Status TakeStrategies(const xna_engine_options& given, std::shared_ptr<Engine>* engine,
                      EngineOptions* options) {
  SharedCallbacks<xna_access_policy> policy;
  SharedCallbacks<xna_event_sink> sink;
  SharedCallbacks<xna_log_sink> log;
  SharedCallbacks<xna_session_transform> transform;
  SharedCallbacks<xna_pipeline_launcher> launcher;
  std::vector<SharedCallbacks<xna_session_validator>> validators;
  Status first;
  Note(TakeOver(given.access_policy, &xna_access_policy::allows, "access policy", &policy), &first);
  Note(TakeOver(given.event_sink, &xna_event_sink::notify, "event sink", &sink), &first);
  Note(TakeOver(given.log_sink, &xna_log_sink::write, "log sink", &log), &first);
  Note(
      TakeOver(given.session_transform, &xna_session_transform::transform, "transform", &transform),
      &first);
  Note(TakeOver(given.pipeline_launcher, &xna_pipeline_launcher::launch, "launcher", &launcher),
       &first);
  Note(TakeValidators(given, &validators), &first);
  if (!first.ok()) return first;

  const bool logs = log != nullptr;
  *engine = Engine::Make(std::move(log));
  const std::weak_ptr<const Engine> weak = *engine;
  if (policy != nullptr) {
    options->access_policy = std::make_shared<HostPolicy>(std::move(policy), weak);
  }
  if (sink != nullptr || logs) {
    options->event_sink = std::make_shared<HostSink>(std::move(sink), weak);
  }
  if (transform != nullptr) {
    std::string name;
    first = ReadRequiredName((*transform)->name, "the transform's name", &name);
    options->session_transform = MakeTransform(std::move(name), std::move(transform), weak);
  }
  if (launcher != nullptr) {
    options->pipeline_launcher = std::make_shared<HostLauncher>(std::move(launcher), weak);
  }
  for (auto& validator : validators) {
    options->validators.push_back(MakeValidator(std::move(validator), weak));
  }
  return first;
}

}  // namespace xnatarchive::capi
