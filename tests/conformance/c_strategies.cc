#include "conformance/c_strategies.hpp"

#include <string>

#include "strategies.hpp"

namespace xnatarchive {
namespace {

CBehaviours& Of(void* ctx) { return *static_cast<CBehaviours*>(ctx); }

/// What a C function returns for what the test says.
xna_status Do(const CBehaviour& behaviour, xna_callback* callback) {
  const Status status = behaviour([callback] { return xna_callback_cancelled(callback) == 1; });
  if (status.ok()) return XNA_OK;
  xna_callback_fail(callback, std::string(status.reason()).c_str(),
                    std::string(status.message()).c_str());
  return static_cast<xna_status>(status.code());
}

void Release(void* ctx) { ++Of(ctx).released; }

xna_status Allows(void* ctx, const char*, int32_t, const char*, xna_callback* callback) {
  return Do(Of(ctx).allows, callback);
}

xna_status Validate(void* ctx, xna_candidate*, xna_callback* callback) {
  return Do(Of(ctx).validate, callback);
}

xna_status Launch(void* ctx, const xna_pipeline_request*, xna_callback* callback) {
  xna_callback_print(callback, "\0\xFF", 2);
  return Do(Of(ctx).launch, callback);
}

xna_status Notify(void* ctx, const xna_event*, xna_callback* callback) {
  IgnoreError(Of(ctx).notify([&] { return xna_callback_cancelled(callback) == 1; }),
              "as a sink of C++, which has nothing to return");
  return XNA_OK;
}

xna_status Transform(void* ctx, const xna_candidate*, xna_session_files* files,
                     xna_document* document, xna_callback* callback) {
  for (size_t i = 0; i < xna_session_files_count(files); ++i) {
    const std::string path = xna_session_files_path(files, i);
    if (path.size() < 4 || path.substr(path.size() - 4) != ".dcm") continue;
    xna_text* bytes = nullptr;
    xna_status status = xna_session_files_read(files, path.c_str(), &bytes, nullptr);
    if (status == XNA_OK) {
      status = xna_session_files_replace(files, path.c_str(), xna_text_data(bytes),
                                         xna_text_size(bytes), nullptr);
    }
    xna_text_free(bytes);
    if (status != XNA_OK) return status;
  }
  const xna_status status = xna_document_set(document, nullptr, "note", "transformed", nullptr);
  return status == XNA_OK ? Do(Of(ctx).transform, callback) : status;
}

/// One import, and the session its files go to.
struct Visit {
  xna_import* import;
  xna_session* session;
};

xna_status KeepFile(void* ctx, xna_file* file) {
  const Visit& visit = *static_cast<Visit*>(ctx);
  return xna_import_keep(visit.import, file, visit.session, "1", "FILES", nullptr, nullptr);
}

xna_status Describe(void* ctx, xna_import* import, xna_callback* callback) {
  Visit visit{import, xna_import_add_session(import)};
  xna_document* document = xna_session_document(visit.session);
  const char* const values[][2] = {
      {"xsi_type", "xnat:otherDicomSessionData"}, {"label", "X1"}, {"subject_ID", "X"}};
  for (const auto& [path, value] : values) {
    const xna_status status = xna_document_set(document, nullptr, path, value, nullptr);
    if (status != XNA_OK) return status;
  }
  xna_status status = xna_document_add_scan(document, "1", "xnat:otherDicomScanData", nullptr);
  if (status == XNA_OK) status = xna_import_each_file(import, KeepFile, &visit, nullptr);
  return status == XNA_OK ? Do(Of(ctx).describe, callback) : status;
}

template <typename Struct>
Struct Make(xna_status (*init)(Struct*, size_t), CBehaviours* behaviours) {
  Struct callbacks;
  init(&callbacks, sizeof callbacks);
  callbacks.ctx = behaviours;
  callbacks.release = Release;
  return callbacks;
}

}  // namespace

std::unique_ptr<ImportHandler> UseCStrategies(CBehaviours* behaviours, EngineOptions* options) {
  auto policy = Make(xna_access_policy_init, behaviours);
  policy.allows = Allows;
  auto transform = Make(xna_session_transform_init, behaviours);
  transform.name = "test 1.0";
  transform.transform = Transform;
  auto validator = Make(xna_session_validator_init, behaviours);
  validator.validate = Validate;
  auto launcher = Make(xna_pipeline_launcher_init, behaviours);
  launcher.launch = Launch;
  auto sink = Make(xna_event_sink_init, behaviours);
  sink.notify = Notify;
  const xna_session_validator* const validators[] = {&validator};

  xna_engine_options given;
  xna_engine_options_init(&given, sizeof given);
  given.access_policy = &policy;
  given.session_transform = &transform;
  given.validators = validators;
  given.validator_count = 1;
  given.pipeline_launcher = &launcher;
  given.event_sink = &sink;
  options->validators.clear();
  std::shared_ptr<capi::Engine> engine;
  const Status taken = capi::TakeStrategies(given, &engine, options);
  if (!taken.ok()) return nullptr;

  auto handler = Make(xna_import_handler_init, behaviours);
  handler.describe = Describe;
  capi::SharedCallbacks<xna_import_handler> callbacks;
  const Status handled =
      capi::TakeOver(&handler, &xna_import_handler::describe, "import handler", &callbacks);
  if (!handled.ok()) return nullptr;
  return capi::MakeImportHandler("test", std::move(callbacks), engine);
}

}  // namespace xnatarchive
