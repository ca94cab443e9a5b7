#include "engine.hpp"

#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "strategies.hpp"

namespace xnatarchive::capi {
namespace {

bool IsTrouble(Code code) {
  switch (code) {
    case Code::kIo:
    case Code::kNoSpace:
    case Code::kHandlerFailed:
    case Code::kRecoveryRequired:
    case Code::kNoMemory:
    case Code::kInternal:
      return true;
    default:
      return false;
  }
}

}  // namespace

xna_progress ToC(const Progress& progress) {
  xna_progress c = Defaults<xna_progress>();
  c.files_done = progress.files_done;
  c.files_total = progress.files_total;
  c.bytes_done = progress.bytes_done;
  c.bytes_total = progress.bytes_total;
  c.phase = Engine::StaticPhase(progress.phase);
  return c;
}

std::shared_ptr<Engine> Engine::Make(SharedCallbacks<xna_log_sink> log) {
  return std::shared_ptr<Engine>(new Engine(std::move(log)), &Engine::Delete);
}

void Engine::Delete(Engine* engine) noexcept {
  if (Frame::Innermost() == nullptr) {
    delete engine;
    return;
  }
  Quietly([engine] { std::thread([engine] { delete engine; }).detach(); });
}

const char* Engine::StaticPhase(std::string_view phase) {
  static std::mutex mutex;
  static auto& phases = *new std::set<std::string, std::less<>>;  // a dozen, never destroyed
  const std::lock_guard<std::mutex> lock(mutex);
  auto at = phases.find(phase);
  if (at == phases.end()) at = phases.emplace(phase).first;
  return at->c_str();
}

void Engine::Log(std::int32_t level, const std::string& text) const {
  if (log_ == nullptr) return;
  // A log has no way to fail.
  Quietly([&] {
    const Frame frame(weak_from_this().lock(), Forbids::kEverything);
    (*log_)->write((*log_)->ctx, level, text.c_str());
  });
}

void Engine::LogFailure(std::string_view what, const Status& failure) const {
  if (log_ == nullptr) return;
  Log(IsTrouble(failure.code()) ? XNA_LOG_ERROR : XNA_LOG_WARNING,
      std::string(what) + " failed: " + failure.ToString());
}

Call::Call(const xna_call_options* options) {
  status_ = Read(options);
  IgnoreError(status_, "told by whoever needs the call");
}

Status Call::Read(const xna_call_options* options) {
  xna_call_options given;
  Status status = ReadStruct(options, 0, &given);
  if (!status.ok()) return status;
  status = TakeOver(given.progress, &xna_progress_sink::update, "progress sink", &progress_);
  if (status.ok()) status = ReadName(given.user, "the user", &user_);
  if (status.ok()) status = ReadName(given.origin, "the origin", &origin_);
  if (status.ok() && given.cancel != nullptr) {
    cancel_ = Find(given.cancel);
    if (cancel_ == nullptr) status = BadHandle("cancel");
  }
  return status;
}

CallOptions Call::For(const std::shared_ptr<const Engine>& engine,
                      const std::function<bool(const Progress&)>& watch) const {
  CallOptions options;
  options.user = user_;
  options.origin = origin_;
  if (progress_ == nullptr && cancel_ == nullptr && !watch) return options;
  options.progress = [this, engine, watch](const Progress& progress) {
    if (watch && !watch(progress)) return false;
    if (cancel_ != nullptr && cancel_->requested()) return false;
    if (progress_ == nullptr) return true;
    const xna_progress c = ToC(progress);
    const Frame frame(engine, Forbids::kEverything);
    return (*progress_)->update((*progress_)->ctx, &c) == 0;
  };
  return options;
}

namespace {

/// The C++ options, the engine they are for, and whatever of the host's was taken over, also when
/// the status is a failure.
struct OpenRequest {
  explicit OpenRequest(const xna_engine_options* given_options) {
    status = Read(given_options);
    IgnoreError(status, "told by whoever needs the request");
  }

  Status Read(const xna_engine_options* given_options) {
    if (given_options == nullptr) return NullArgument("options");
    Status read = ReadStruct(given_options, XNA_ENGINE_NO_RECOVERY, &given);
    if (!read.ok()) return read;
    return TakeStrategies(given, &engine, &options);
  }

  xna_engine_options given = Defaults<xna_engine_options>();
  EngineOptions options;
  std::shared_ptr<Engine> engine;
  Status status;
};

Status ReadPlaces(const xna_engine_options& given, EngineOptions* options) {
  Status status = ReadRequiredName(given.root, "root", &options->root);
  if (status.ok()) status = ReadName(given.archive_path, "archive_path", &options->archive_path);
  if (status.ok()) {
    status = ReadName(given.prearchive_path, "prearchive_path", &options->prearchive_path);
  }
  if (status.ok()) status = ReadName(given.store_url, "store_url", &options->store_url);
  return status;
}

void ReadNumbers(const xna_engine_options& given, EngineOptions* options) {
  options->threads = given.threads;
  options->job_workers = given.job_workers;
  options->recover_on_open = (given.flags & XNA_ENGINE_NO_RECOVERY) == 0;
  ContainerLimits& limits = options->container_limits;
  if (given.container_entries_max != 0) limits.entries_max = given.container_entries_max;
  if (given.container_bytes_max != 0) limits.total_bytes_max = given.container_bytes_max;
}

Status CreateRoot(const xna_engine_options* given_options, const char* site_id,
                  const char* checksum) {
  if (given_options == nullptr) return NullArgument("options");
  xna_engine_options given;
  EngineOptions options;
  Status status = ReadStruct(given_options, XNA_ENGINE_NO_RECOVERY, &given);
  if (status.ok()) status = ReadPlaces(given, &options);
  if (!status.ok()) return status;
  InitOptions init;
  if (site_id != nullptr && *site_id != '\0') {
    status = ReadName(site_id, "site_id", &init.site_id);
    if (!status.ok()) return status;
  }
  if (checksum != nullptr && *checksum != '\0') {
    const auto parsed = ParseChecksum(checksum);
    if (!parsed) {
      return Status(Code::kInvalidArgument, "capi.bad-checksum",
                    "expected md5+xxh3, md5, xxh3 or none");
    }
    init.checksum = *parsed;
  }
  return ArchiveEngine::Init(options, init);
}

}  // namespace
}  // namespace xnatarchive::capi

using namespace xnatarchive;
using namespace xnatarchive::capi;

xna_status xna_root_create(const xna_engine_options* options, const char* site_id,
                           const char* checksum, xna_error** out_error) {
  return Guard(out_error, [&] { return CreateRoot(options, site_id, checksum); });
}

xna_status xna_engine_open(const xna_engine_options* options, xna_engine** out_engine,
                           xna_error** out_error) {
  const bool complete = ClearOut(out_engine);
  return Guard(out_error, [&] {
    Frame::SetHostStatus(0);
    OpenRequest request(options);
    if (!complete) return NullArgument("out_engine");
    if (!request.status.ok()) return request.status;
    Status status = ReadPlaces(request.given, &request.options);
    if (!status.ok()) return status;
    ReadNumbers(request.given, &request.options);
    auto opened = ArchiveEngine::Open(request.options);
    if (!opened.ok()) {
      request.engine->LogFailure("open", opened.status());
      return std::move(opened).status();
    }
    request.engine->Opened(std::move(opened).value());
    *out_engine = Add<xna_engine>(std::move(request.engine));
    return Status();
  });
}

void xna_engine_free(xna_engine* engine) {
  const std::shared_ptr<Engine> freed = Take(engine);
  if (freed == nullptr) return;
  // A callback that a worker is in keeps the engine, too: it would be told when that is over.
  const bool may_wait = Frame::Innermost() == nullptr;
  Quietly([&] { freed->archive().StopJobWorkers(may_wait); });
}

xna_status xna_engine_register(xna_engine* engine, const xna_import_handler* handler,
                               xna_error** out_error) {
  return Guard(out_error, [&] {
    SharedCallbacks<xna_import_handler> taken;
    Status status = TakeOver(handler, &xna_import_handler::describe, "import handler", &taken);
    const std::shared_ptr<Engine> found = Find(engine);
    if (found == nullptr) return BadHandle("engine");
    if (!status.ok()) return status;
    if (taken == nullptr) return NullArgument("handler");
    status = Frame::CheckMayCall(*found, Access::kChanges);
    if (!status.ok()) return status;
    std::string name;
    status = ReadRequiredName((*taken)->name, "the handler's name", &name);
    if (!status.ok()) return status;
    return found->archive().Register(MakeImportHandler(std::move(name), std::move(taken), found));
  });
}

xna_status xna_cancel_create(xna_cancel** out_cancel, xna_error** out_error) {
  const bool complete = ClearOut(out_cancel);
  return Guard(out_error, [&] {
    if (!complete) return NullArgument("out_cancel");
    *out_cancel = Add<xna_cancel>(std::make_shared<Cancel>());
    return Status();
  });
}

void xna_cancel_request(xna_cancel* cancel) {
  if (const auto found = Find(cancel)) found->Request();
}

void xna_cancel_free(xna_cancel* cancel) { Take(cancel); }
