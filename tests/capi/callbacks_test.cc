// The host's functions: what they are told and may do, and how what they return comes back.
#include <algorithm>
#include <atomic>
#include <thread>

#include "capi/capi_fixture.hpp"

namespace xnatarchive {
namespace {

/// A host whose validator, progress sink or handler does what the test says.
struct Behaviour : Counted {
  std::function<xna_status(xna_callback*)> act;
  xna_engine* engine = nullptr;

  static Behaviour& Of(void* ctx) { return *static_cast<Behaviour*>(static_cast<Counted*>(ctx)); }
  void* ctx() { return static_cast<Counted*>(this); }

  xna_session_validator Validator() {
    xna_session_validator validator = Init(xna_session_validator_init);
    validator.ctx = ctx();
    validator.release = Release;
    validator.validate = [](void* self, xna_candidate*, xna_callback* callback) {
      ++Of(self).calls;
      return Of(self).act(callback);
    };
    return validator;
  }

  xna_progress_sink Progress() {
    xna_progress_sink sink = Init(xna_progress_sink_init);
    sink.ctx = ctx();
    sink.release = Release;
    sink.update = [](void* self, const xna_progress*) -> int32_t {
      ++Of(self).calls;
      return Of(self).act(nullptr);
    };
    return sink;
  }

  xna_import_handler Handler(const char* name) {
    xna_import_handler handler = Init(xna_import_handler_init);
    handler.ctx = ctx();
    handler.release = Release;
    handler.name = name;
    handler.describe = [](void* self, xna_import*, xna_callback* callback) {
      ++Of(self).calls;
      return Of(self).act(callback);
    };
    return handler;
  }
};

/// A root with one prearchive session and a validator.
struct ValidatedHost : CapiFixture {
  Behaviour behaviour;
  std::string src;

  ValidatedHost() {
    src = Import("a", 1);
    const xna_session_validator validator = behaviour.Validator();
    const xna_session_validator* const validators[] = {&validator};
    xna_engine_options options = Options();
    options.validators = validators;
    options.validator_count = 1;
    Open(options);
    behaviour.engine = engine;
  }
  ~ValidatedHost() {
    xna_engine_free(engine);
    engine = nullptr;
  }

  xna_status ArchiveIt(xna_error** error, const xna_call_options* call = nullptr) {
    const xna_archive_request request = ArchiveOf(src);
    return xna_engine_archive(engine, &request, call, nullptr, error);
  }
};

}  // namespace

TEST_SUITE("capi.callbacks") {
  TEST_CASE(
      "a failure comes back with the host's reason, and a status of the host's own beside it") {
    ValidatedHost host;
    host.behaviour.act = [](xna_callback* callback) {
      xna_callback_fail(callback, "mine.no-good", "not today");
      return xna_status{1234};
    };
    xna_error* failure = nullptr;
    CHECK(host.ArchiveIt(&failure) == XNA_E_HANDLER_FAILED);
    CHECK(xna_error_host_status(failure) == 1234);
    CHECK(std::string(xna_error_message(failure)) == "not today");
    CHECK(ReasonOf(failure) == "mine.no-good");
    host.behaviour.act = [](xna_callback*) { return xna_status{-77}; };
    CHECK(host.ArchiveIt(&failure) == XNA_E_HANDLER_FAILED);
    CHECK(xna_error_host_status(failure) == 0);
    CHECK(ReasonOf(failure) == "validator.failed");
    host.behaviour.act = [](xna_callback*) { return XNA_PASSTHROUGH; };
    XNA_MUST(host.ArchiveIt(&error));
  }

  TEST_CASE("a failure of the library that a callback passes on keeps its reason") {
    ValidatedHost host;
    host.behaviour.act = [&](xna_callback*) {
      xna_listing* listing = nullptr;
      return xna_engine_list(host.engine, "/projects/NONE", nullptr, &listing, nullptr);
    };
    XNA_CHECK_FAILS(host.ArchiveIt(&error), XNA_E_HANDLER_FAILED, "uri.not-found");
  }

  TEST_CASE("a validator may read from its engine, and is refused to change anything") {
    ValidatedHost host;
    host.behaviour.act = [&](xna_callback*) {
      xna_listing* listing = nullptr;
      CHECK(xna_engine_projects(host.engine, nullptr, &listing, nullptr) == XNA_OK);
      xna_listing_free(listing);
      XNA_CHECK_FAILS(xna_engine_build(host.engine, host.src.c_str(), nullptr, &error),
                      XNA_E_INVALID_ARGUMENT, "capi.reentered");
      const xna_archive_request request = CapiFixture::ArchiveOf(host.src);
      xna_task* task = nullptr;
      XNA_CHECK_FAILS(xna_engine_start_archive(host.engine, &request, nullptr, &task, &error),
                      XNA_E_INVALID_ARGUMENT, "capi.reentered");
      return XNA_OK;
    };
    XNA_MUST(host.ArchiveIt(&error));
    CHECK(host.behaviour.calls == 1);
  }

  TEST_CASE("progress may not call the engine at all, cancels, and is released with the call") {
    ValidatedHost host;
    host.behaviour.act = [](xna_callback*) { return XNA_OK; };
    Behaviour progress;
    progress.act = [&](xna_callback*) {
      xna_listing* listing = nullptr;
      XNA_CHECK_FAILS(xna_engine_projects(host.engine, nullptr, &listing, &error),
                      XNA_E_INVALID_ARGUMENT, "capi.reentered");
      return xna_status{1};
    };
    const xna_progress_sink sink = progress.Progress();
    xna_call_options call = Init(xna_call_options_init);
    call.progress = &sink;
    CHECK(host.ArchiveIt(nullptr, &call) == XNA_E_CANCELLED);
    CHECK(progress.calls > 0);
    CHECK(progress.releases == 1);
    call.user = "\xFF";
    CHECK(host.ArchiveIt(nullptr, &call) == XNA_E_INVALID_ARGUMENT);
    CHECK(progress.releases == 2);
    call.user = nullptr;
    CHECK(xna_engine_build(nullptr, "x", &call, nullptr) == XNA_E_INVALID_ARGUMENT);
    CHECK(progress.releases == 3);
  }

  TEST_CASE("a cancel stops every call it is given to, for good") {
    ValidatedHost host;
    host.behaviour.act = [](xna_callback*) { return XNA_OK; };
    xna_cancel* cancel = nullptr;
    XNA_MUST(xna_cancel_create(&cancel, &error));
    xna_call_options call = Init(xna_call_options_init);
    call.cancel = cancel;
    xna_cancel_request(cancel);
    for (int i = 0; i < 2; ++i) CHECK(host.ArchiveIt(nullptr, &call) == XNA_E_CANCELLED);
    xna_cancel_free(cancel);
    XNA_CHECK_FAILS(host.ArchiveIt(&error, &call), XNA_E_INVALID_ARGUMENT, "capi.bad-handle");
    XNA_MUST(host.ArchiveIt(&error));
  }

  TEST_CASE("strategies are released when opening fails, whichever of them is at fault") {
    CapiFixture host;
    Behaviour good;
    const xna_session_validator validator = good.Validator();
    xna_session_validator bad = good.Validator();
    bad.validate = nullptr;
    const xna_session_validator* const validators[] = {&bad, &validator};
    xna_engine_options options = host.Options();
    options.validators = validators;
    options.validator_count = 2;
    xna_engine* engine = nullptr;
    XNA_CHECK_FAILS(xna_engine_open(&options, &engine, &error), XNA_E_INVALID_ARGUMENT,
                    "capi.no-callback");
    CHECK(engine == nullptr);
    CHECK(good.releases == 2);
    options.validators = validators + 1;
    options.validator_count = 1;
    options.root = "/nowhere/at/all";
    XNA_CHECK_FAILS(xna_engine_open(&options, &engine, &error), XNA_E_NOT_FOUND, "engine.no-root");
    CHECK(good.releases == 3);
    CHECK(xna_root_create(&options, nullptr, nullptr, nullptr) != XNA_OK);
    CHECK(good.releases == 3);  // it takes nothing over
  }

  TEST_CASE("a handler that can not be registered is released at once, others with the engine") {
    CapiFixture host;
    Behaviour behaviour;
    behaviour.act = [](xna_callback*) { return XNA_PASSTHROUGH; };
    const xna_import_handler taken = behaviour.Handler("SI");
    XNA_CHECK_FAILS(xna_engine_register(host.engine, &taken, &error), XNA_E_ALREADY_EXISTS,
                    "engine.handler-exists");
    CHECK(behaviour.releases == 1);
    const xna_import_handler handler = behaviour.Handler("mine");
    XNA_MUST(xna_engine_register(host.engine, &handler, &error));
    const std::string path = host.WriteStudy("a", 1);
    xna_import_request request = CapiFixture::ImportOf(path);
    request.handler = "mine";
    XNA_CHECK_FAILS(xna_engine_import(host.engine, &request, nullptr, nullptr, &error),
                    XNA_E_UNSUPPORTED, "handler.failed");
    CHECK(behaviour.calls == 1);
    CHECK(behaviour.releases == 1);
    xna_engine_free(host.engine);
    CHECK(behaviour.releases == 2);
    host.engine = nullptr;
  }

  TEST_CASE("a callback may free its engine: its call goes on to the end") {
    ValidatedHost host;
    host.behaviour.act = [&](xna_callback*) {
      xna_engine_free(host.engine);
      return XNA_OK;
    };
    XNA_MUST(host.ArchiveIt(&error));
    CHECK(host.behaviour.releases == 1);
    host.engine = nullptr;
  }

  TEST_CASE("what a callback was given is gone when it has returned") {
    CapiFixture host;
    struct Kept : Counted {
      xna_import* import = nullptr;
      xna_file* file = nullptr;
      xna_session* session = nullptr;
      xna_document* document = nullptr;
      xna_callback* callback = nullptr;
    } kept;
    xna_import_handler handler = Init(xna_import_handler_init);
    handler.ctx = &kept;
    handler.name = "keeps";
    handler.describe = [](void* ctx, xna_import* import, xna_callback* callback) {
      auto& to = *static_cast<Kept*>(ctx);
      to.import = import;
      to.callback = callback;
      to.session = xna_import_add_session(import);
      to.document = xna_session_document(to.session);
      return xna_import_each_file(
          import,
          [](void* visit_ctx, xna_file* file) {
            auto& in = *static_cast<Kept*>(visit_ctx);
            XNA_CHECK_FAILS(
                xna_import_keep(in.import, in.file, in.session, "1", "R", nullptr, &error),
                XNA_E_INVALID_ARGUMENT, "capi.bad-handle");
            in.file = file;
            return xna_import_keep(in.import, file, in.session, nullptr, "R", nullptr, nullptr);
          },
          ctx, nullptr);
    };
    XNA_MUST(xna_engine_register(host.engine, &handler, &error));
    const std::string path = host.WriteStudy("a", 1);
    xna_import_request request = CapiFixture::ImportOf(path);
    request.handler = "keeps";
    CHECK(xna_engine_import(host.engine, &request, nullptr, nullptr, nullptr) != XNA_OK);
    CHECK(kept.file != nullptr);
    CHECK(xna_file_path(kept.file) == nullptr);
    CHECK(xna_import_name(kept.import) == nullptr);
    CHECK(xna_session_document(kept.session) == nullptr);
    CHECK(xna_document_get(kept.document, nullptr, "label") == nullptr);
    CHECK(xna_callback_cancelled(kept.callback) == 0);
    CHECK(xna_import_add_session(kept.import) == nullptr);
  }

  TEST_CASE("a document takes paths that are some, and has what was set") {
    CapiFixture host;
    struct Seen {
      int calls = 0;
    } seen;
    xna_import_handler handler = Init(xna_import_handler_init);
    handler.ctx = &seen;
    handler.name = "sets";
    handler.describe = [](void* ctx, xna_import* import, xna_callback*) {
      ++static_cast<Seen*>(ctx)->calls;
      xna_document* document = xna_session_document(xna_import_add_session(import));
      for (const char* path :
           {"", "/", "a//b", "a/", "@", "@a/b", "a[", "a[b]", "a<b", "1", "a b"}) {
        CAPTURE(path);
        XNA_CHECK_FAILS(xna_document_set(document, nullptr, path, "v", &error),
                        XNA_E_INVALID_ARGUMENT, "document.bad-path");
      }
      CHECK(xna_document_add_scan(document, "1", "xnat:mrScanData", nullptr) == XNA_OK);
      XNA_CHECK_FAILS(xna_document_add_scan(document, "1", "xnat:mrScanData", &error),
                      XNA_E_ALREADY_EXISTS, "document.scan-exists");
      XNA_CHECK_FAILS(xna_document_set(document, "2", "type", "v", &error), XNA_E_NOT_FOUND,
                      "document.no-scan");
      for (const char* path : {"label", "note", "scanner/@model", "fields/field[name=x]"}) {
        CAPTURE(path);
        XNA_MUST(xna_document_set(document, nullptr, path, "v", &error));
        CHECK(std::string(xna_document_get(document, nullptr, path)) == "v");
      }
      return XNA_PASSTHROUGH;
    };
    XNA_MUST(xna_engine_register(host.engine, &handler, &error));
    const std::string path = host.WriteStudy("a", 1);
    xna_import_request request = CapiFixture::ImportOf(path);
    request.handler = "sets";
    XNA_CHECK_FAILS(xna_engine_import(host.engine, &request, nullptr, nullptr, &error),
                    XNA_E_UNSUPPORTED, "handler.failed");
    CHECK(seen.calls == 1);
  }

  TEST_CASE(
      "a status of the host's own is told whatever a sink does when it hears of the failure") {
    ValidatedHost host;
    xna_event_sink sink = Init(xna_event_sink_init);
    sink.notify = [](void*, const xna_event*, xna_callback*) { return xna_status{4321}; };
    std::vector<std::string> lines;
    xna_log_sink log = Init(xna_log_sink_init);
    log.ctx = &lines;
    log.write = [](void* ctx, int32_t, const char* text) {
      static_cast<std::vector<std::string>*>(ctx)->push_back(text);
    };
    const xna_session_validator validator = host.behaviour.Validator();
    const xna_session_validator* const validators[] = {&validator};
    xna_engine_options options = host.Options();
    options.validators = validators;
    options.validator_count = 1;
    options.event_sink = &sink;
    options.log_sink = &log;
    host.Open(options);
    host.behaviour.act = [](xna_callback*) { return xna_status{1234}; };
    const xna_archive_request request = CapiFixture::ArchiveOf(host.src);
    xna_task* task = nullptr;
    XNA_MUST(xna_engine_start_archive(host.engine, &request, nullptr, &task, &error));
    CHECK(xna_task_wait(task, -1) == 1);
    xna_error* failure = nullptr;
    CHECK(xna_task_result(task, nullptr, &failure) == XNA_E_HANDLER_FAILED);
    CHECK(xna_error_host_status(failure) == 1234);
    xna_error_free(failure);
    xna_task_free(task);
    int failed = 0;  // one line for one failure, of a task too
    for (const std::string& line : lines) failed += line.find(" failed: ") != std::string::npos;
    CHECK(failed == 1);
    xna_engine_free(host.engine);  // before what its callbacks use
    host.engine = nullptr;
  }

  TEST_CASE("a visit may have its file read by another thread, and wait for it") {
    CapiFixture host;
    struct Read {
      xna_import* import = nullptr;
      std::size_t bytes = 0;
      std::string project;
    } read;
    xna_import_handler handler = Init(xna_import_handler_init);
    handler.ctx = &read;
    handler.name = "reads";
    handler.describe = [](void* ctx, xna_import* import, xna_callback*) {
      static_cast<Read*>(ctx)->import = import;
      const auto visit = [](void* visit_ctx, xna_file* file) {
        auto& to = *static_cast<Read*>(visit_ctx);
        std::thread([&] {
          std::size_t size = 0;
          if (xna_file_head(file, 100, &size, nullptr) != nullptr) to.bytes += size;
          to.project = xna_import_find_project(to.import, "DEMO");
        }).join();
        xna_import_skip(to.import, file, "read", "only read");
        return XNA_OK;
      };
      return xna_import_each_file(import, visit, ctx, nullptr);
    };
    XNA_MUST(xna_engine_register(host.engine, &handler, &error));
    const std::string path = host.WriteStudy("a", 1);
    xna_import_request request = CapiFixture::ImportOf(path);
    request.handler = "reads";
    CHECK(xna_engine_import(host.engine, &request, nullptr, nullptr, nullptr) != XNA_OK);
    CHECK(read.bytes == 300);
    CHECK(read.project == "DEMO");
  }

  TEST_CASE("the log and the sink hear what happened; the sink may call the engine in any way") {
    CapiFixture host;
    struct Heard {
      std::vector<std::string> lines;
      std::vector<int32_t> kinds;
      xna_engine* engine = nullptr;
    } heard;
    xna_log_sink log = Init(xna_log_sink_init);
    log.ctx = &heard;
    log.write = [](void* ctx, int32_t level, const char* text) {
      static_cast<Heard*>(ctx)->lines.push_back(std::to_string(level) + " " + text);
    };
    xna_event_sink sink = Init(xna_event_sink_init);
    sink.ctx = &heard;
    sink.notify = [](void* ctx, const xna_event* event, xna_callback*) {
      auto& to = *static_cast<Heard*>(ctx);
      to.kinds.push_back(event->kind);
      if (event->kind != XNA_EVENT_RECEIVED) return XNA_OK;
      return xna_engine_build(to.engine, event->uri, nullptr, nullptr);
    };
    xna_engine_options options = host.Options();
    options.log_sink = &log;
    options.event_sink = &sink;
    host.Open(options);
    heard.engine = host.engine;
    host.Import("a", 1);
    CHECK(heard.kinds == std::vector<int32_t>{XNA_EVENT_RECEIVED, XNA_EVENT_BUILT});
    REQUIRE(heard.lines.size() == 2);
    CHECK(heard.lines[0].substr(0, 11) == "0 received ");
    CHECK(heard.lines[1].substr(0, 8) == "0 built ");
    xna_engine_free(host.engine);
    host.engine = nullptr;
  }

  TEST_CASE("sizes that can be none are refused of what is printed and replaced") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    XNA_MUST(xna_engine_set_setting(host.engine, "autorun", "run", "DEMO", nullptr, &error));
    xna_pipeline_launcher launcher = Init(xna_pipeline_launcher_init);
    launcher.launch = [](void*, const xna_pipeline_request*, xna_callback* callback) {
      xna_callback_print(callback, "lost", SIZE_MAX);
      xna_callback_print(callback, "lost", 0);
      xna_callback_print(callback, nullptr, 5);
      xna_callback_print(callback, "printed", 7);
      return XNA_OK;
    };
    xna_session_transform transform = Init(xna_session_transform_init);
    transform.name = "test";
    transform.transform = [](void*, const xna_candidate*, xna_session_files* files, xna_document*,
                             xna_callback*) {
      const char* const path = xna_session_files_path(files, 0);
      XNA_CHECK_FAILS(xna_session_files_replace(files, path, "x", SIZE_MAX, &error),
                      XNA_E_INVALID_ARGUMENT, "capi.bad-size");
      return XNA_OK;
    };
    xna_engine_options options = host.Options();
    options.pipeline_launcher = &launcher;
    options.session_transform = &transform;
    host.Open(options);
    host.Archive(src);
    xna_listing* listing = nullptr;
    XNA_MUST(xna_engine_audit(host.engine, nullptr, nullptr, &listing, &error));
    std::string rows;
    for (const std::string& row : RowsOf(listing)) rows += row;
    CHECK(rows.find(" printed ") != std::string::npos);
    CHECK(rows.find("lost") == std::string::npos);
    // No bytes at all are no DICOM object.
    transform.transform = [](void*, const xna_candidate*, xna_session_files* files, xna_document*,
                             xna_callback*) {
      return xna_session_files_replace(files, xna_session_files_path(files, 0), nullptr, 0,
                                       nullptr);
    };
    host.Open(options);
    const std::string other = host.Import("b", 2);
    const xna_archive_request request = CapiFixture::ArchiveOf(other);
    CHECK(xna_engine_archive(host.engine, &request, nullptr, nullptr, nullptr) ==
          XNA_E_HANDLER_FAILED);
  }

  TEST_CASE("a file's head is as long as was asked for, and not longer than the file") {
    CapiFixture host;
    xna_import_handler handler = Init(xna_import_handler_init);
    handler.name = "heads";
    handler.describe = [](void*, xna_import* import, xna_callback*) {
      const auto visit = [](void*, xna_file* file) {
        const auto all = static_cast<std::size_t>(xna_file_size(file));
        for (const std::size_t wanted : {std::size_t{0}, std::size_t{1}, all, SIZE_MAX}) {
          std::size_t size = 77;
          CHECK(xna_file_head(file, wanted, &size, nullptr) != nullptr);
          CHECK(size == std::min(wanted, all));
        }
        return xna_status{1234};
      };
      return xna_import_each_file(import, visit, nullptr, nullptr);
    };
    XNA_MUST(xna_engine_register(host.engine, &handler, &error));
    const std::string path = host.WriteStudy("a", 1);
    xna_import_request request = CapiFixture::ImportOf(path);
    request.handler = "heads";
    XNA_CHECK_FAILS(xna_engine_import(host.engine, &request, nullptr, nullptr, &error),
                    XNA_E_HANDLER_FAILED, "handler.failed");
  }
}

}  // namespace xnatarchive
