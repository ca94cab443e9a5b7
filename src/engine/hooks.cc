#include "engine/hooks.hpp"

#include "archive/destination.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/events.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kMessageBytesMax = 500;
constexpr std::size_t kSlugBytesMax = 64;
constexpr std::size_t kPathBytesMax = 4096;
constexpr std::size_t kFindingsMax = 100;  // of one validator
constexpr std::size_t kOutputBytesMax = 64u << 10;
constexpr std::size_t kNameBytesMax = 64;
constexpr int kWarnCode = 16;
constexpr int kFailCode = 17;

bool IsSlug(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return !text.empty() && text.size() <= kSlugBytesMax &&
         std::all_of(text.begin(), text.end(), allowed);
}

std::string OneLine(std::string_view text, std::size_t bytes_max) {
  std::string line = CleanUtf8(text, bytes_max);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  return line;
}

/// Puts one finding right; false when it was. When in doubt it blocks.
bool PutRight(Finding* finding) {
  const bool warns = finding->code == kWarnCode && finding->type == FindingType::kWarn;
  const bool fails = finding->code == kFailCode && finding->type == FindingType::kFail;
  const bool named = IsSlug(finding->reason) && !StartsWith(finding->reason, "archive.");
  if (!warns) {
    finding->code = kFailCode;
    finding->type = FindingType::kFail;
  }
  if (!named) finding->reason = "validator.unnamed";
  std::string message = OneLine(finding->message, kMessageBytesMax);
  const bool said = !message.empty() && message == finding->message;
  finding->message = message.empty() ? "a validator of the host says no more" : std::move(message);
  return (warns || fails) && named && said;
}

/// kHandlerFailed says what the caller can do about it; only a "stop" is the caller's own.
Code CodeOf(const Status& failure) {
  return failure.code() == Code::kCancelled ? Code::kCancelled : Code::kHandlerFailed;
}

}  // namespace

Status HookFailure(std::string_view hook, Code code, const Status& failure) {
  const std::string reason =
      IsSlug(failure.reason()) ? std::string(failure.reason()) : std::string(hook) + ".failed";
  std::string message = OneLine(failure.message(), kMessageBytesMax);
  if (message.empty()) message = "the host's " + std::string(hook) + " hook failed";
  return Status(code, reason, std::move(message))
      .WithPath(OneLine(failure.path(), kPathBytesMax))
      .WithErrno(failure.os_errno());
}

void AddHostFindings(std::vector<Finding> found, std::vector<Finding>* findings) {
  std::size_t malformed = 0;
  std::size_t dropped = 0;
  bool dropped_fail = false;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!PutRight(&found[i])) ++malformed;
    if (i < kFindingsMax) {
      findings->push_back(std::move(found[i]));
    } else {
      ++dropped;
      dropped_fail = dropped_fail || found[i].type == FindingType::kFail;
    }
  }
  if (dropped > 0) {
    findings->push_back({dropped_fail ? kFailCode : kWarnCode,
                         dropped_fail ? FindingType::kFail : FindingType::kWarn,
                         "validator.too-many",
                         "a validator of the host found " + std::to_string(dropped) + " more"});
  }
  if (malformed > 0) {
    findings->push_back(
        {kWarnCode, FindingType::kWarn, "validator.malformed",
         std::to_string(malformed) + " findings of a validator of the host were put right"});
  }
}

Status DescribeSafely(ImportHandler& handler, ImportSource& source, SessionDrafts& drafts) {
  const Status described = CallHook("handler", [&] { return handler.Describe(source, drafts); });
  if (described.ok()) return Status();
  const bool known = described.code() > Code::kOk && described.code() <= Code::kInternal;
  return HookFailure("handler", known ? described.code() : Code::kHandlerFailed, described);
}

Result<bool> AcceptsSafely(const ImportHandler& handler, const ImportSource& source) {
  bool accepts = false;
  XNA_RETURN_IF_ERROR(CallHook("handler", [&] {
    accepts = handler.Accepts(source);
    return Status();
  }));
  return accepts;
}

Hooks::Hooks(const ArchiveEngine::Core& core, const CallOptions& call)
    : core_(core), call_(call), reporter_(call) {}

Cancelled Hooks::CancelledDuring(const char* phase) {
  return [this, phase] { return !reporter_.Report({phase, 0, 0, 0, 0}); };
}

Status Hooks::CancelledBy(const char* hook) const {
  return Status(
      Code::kCancelled, std::string(hook) + ".cancelled",
      "the call was cancelled while the host's " + std::string(hook) + " hook was at work");
}

Status Hooks::Authorize(Permission permission, const std::string& project) {
  AccessPolicy* const policy = core_.options.access_policy.get();
  if (policy == nullptr) return Status();
  if (!undecided_.ok()) return undecided_;
  const auto [at, is_new] = answers_.emplace(std::make_pair(permission, project), false);
  if (is_new) {
    const Status answer = CallHook("access", [&] {
      return policy->Allows(call_.user, permission, project, CancelledDuring("access"));
    });
    at->second = answer.ok();
    if (reporter_.cancelled()) {
      undecided_ = CancelledBy("access");
    } else if (!answer.ok() && answer.code() != Code::kPermission) {
      undecided_ = HookFailure("access", CodeOf(answer), answer);
    }
    if (!undecided_.ok()) return undecided_;
  }
  if (at->second) return Status();
  return Status(Code::kPermission, "access.denied", "the access policy does not allow this");
}

Status Hooks::AuthorizeUri(const ParsedUri& uri) {
  const bool names_one = !uri.project.empty() || (uri.kind >= UriKind::kPrearchiveProject &&
                                                  uri.kind <= UriKind::kPrearchiveSession);
  return names_one ? Authorize(Permission::kRead, uri.project) : Status();
}

Status Hooks::AuthorizeArchive(const ArchiveRequest& request) {
  XNA_ASSIGN_OR_RETURN(const ParsedUri src, ParseUri(request.src));
  XNA_RETURN_IF_ERROR(Authorize(Permission::kEdit, src.project));
  if (!request.dest.empty()) {
    XNA_ASSIGN_OR_RETURN(const ParsedUri dest, ParseUri(request.dest));
    XNA_RETURN_IF_ERROR(AuthorizeDestination(dest.project, request.overwrite));
  }
  for (const char* name : {"project", "PROJECT_ID"}) {
    const auto at = request.parameters.find(name);
    if (at == request.parameters.end()) continue;
    XNA_RETURN_IF_ERROR(AuthorizeDestination(std::string(Trim(at->second)), request.overwrite));
  }
  for (const auto& [path, value] : request.fields) {
    if (!IsSessionField(path, "project")) continue;
    XNA_RETURN_IF_ERROR(AuthorizeDestination(std::string(Trim(value)), request.overwrite));
  }
  return Status();
}

Status Hooks::AuthorizeDestination(const std::string& project, Overwrite overwrite) {
  if (!undecided_.ok() || project.empty()) return undecided_;
  XNA_RETURN_IF_ERROR(Authorize(Permission::kEdit, project));
  return overwrite == Overwrite::kDelete ? Authorize(Permission::kDelete, project) : Status();
}

std::optional<std::string> Hooks::FirstProject(const std::vector<std::string>& candidates) {
  for (const std::string& candidate : candidates) {
    std::optional<std::string> project = core_.FirstProject({candidate});
    if (project && Authorize(Permission::kEdit, *project).ok()) return project;
  }
  return std::nullopt;
}

Result<std::string> Hooks::TransformName() {
  std::string name;
  XNA_RETURN_IF_ERROR(CallHook("transform", [&] {
    name = core_.options.session_transform->Name();
    return Status();
  }));
  const auto printable = [](char c) { return c >= 0x20 && c < 0x7F; };
  if (!name.empty() && name.size() <= kNameBytesMax &&
      std::all_of(name.begin(), name.end(), printable)) {
    return name;
  }
  return Status(Code::kHandlerFailed, "transform.bad-name",
                "the name of the host's transform can not be recorded");
}

Status Hooks::Transform(const SessionCandidate& session, SessionFiles& files,
                        SessionDocument* document) {
  const Status transformed = CallHook("transform", [&] {
    return core_.options.session_transform->Transform(session, files, document,
                                                      CancelledDuring("transform"));
  });
  if (reporter_.cancelled()) return CancelledBy("transform");
  if (!transformed.ok()) return HookFailure("transform", CodeOf(transformed), transformed);
  return Status();
}

Status Hooks::Validate(const SessionCandidate& session, std::vector<Finding>* findings) {
  for (const auto& validator : core_.options.validators) {
    if (validator == nullptr) continue;
    std::vector<Finding> found;
    const Status validated = CallHook("validator", [&] {
      return validator->Validate(session, CancelledDuring("validate"), &found);
    });
    if (reporter_.cancelled()) return CancelledBy("validator");
    if (!validated.ok()) return HookFailure("validator", CodeOf(validated), validated);
    AddHostFindings(std::move(found), findings);
  }
  return Status();
}

PipelineResult Hooks::Launch(const PipelineRequest& request) {
  if (reporter_.cancelled()) return {CancelledBy("pipeline"), ""};
  PipelineResult result;
  Status threw = CallHookAfterwards("pipeline", [&] {
    result = core_.pipeline_launcher->Launch(request, CancelledDuring("pipeline"));
    return Status();
  });
  result.output = CleanUtf8(result.output, kOutputBytesMax);
  if (!threw.ok()) {
    result.status = std::move(threw);
  } else if (!result.status.ok()) {
    result.status = HookFailure("pipeline", CodeOf(result.status), result.status);
  }
  return result;
}

void Hooks::Happened(const OperationPlan& plan) {
  if (core_.options.event_sink == nullptr) return;
  for (Event& event : EventsOf(core_.store, plan)) Happened(std::move(event));
}

void Hooks::Happened(Event event) {
  IgnoreError(event.status, "whose it is looks at it");
  if (core_.options.event_sink == nullptr) return;
  event.time_ms = NowMs();
  events_.push_back(std::move(event));
}

void Hooks::Failed(std::string_view uri, const Status& why) {
  if (core_.options.event_sink == nullptr) return;
  Event event;
  event.kind = EventKind::kFailed;
  event.user = UserName(call_);
  event.uri = uri;
  const Result<ParsedUri> parsed = ParseUri(uri);
  if (parsed.ok()) event.project = parsed->project;
  event.status = why;
  Happened(std::move(event));
}

void Hooks::TellEvents() {
  std::vector<Event> events;
  events.swap(events_);
  for (const Event& event : events) {
    Status told = CallHookAfterwards("events", [&] {
      core_.options.event_sink->Notify(event, CancelledDuring("events"));
      return Status();
    });
    if (!told.ok() && sink_failure_.ok()) sink_failure_ = std::move(told);
  }
  IgnoreError(sink_failure_, "the change is made; the report has it where there is one");
}

void Hooks::End(std::string_view uri, const Status& outcome) {
  if (!outcome.ok()) Failed(uri, outcome);
  TellEvents();
}

}  // namespace xnatarchive
