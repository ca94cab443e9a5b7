// The host's functions throw, as C++ functions may, or call what they may not: nothing leaves the
// library, nothing hangs, and memory that runs out is told without any.
#include <atomic>
#include <new>
#include <stdexcept>
#include <thread>

#include "capi/capi_fixture.hpp"

namespace xnatarchive {
namespace {

[[noreturn]] void Throw() { throw std::runtime_error("boom"); }

/// A host all of whose functions throw, also `release`, which counts.
struct ThrowingHost : CapiFixture {
  static inline std::atomic<int> releases{0};
  xna_call_options call = Init(xna_call_options_init);
  const std::string path = WriteStudy("a", 1);

  ThrowingHost() {
    releases = 0;
    xna_log_sink log = Init(xna_log_sink_init);
    log.write = [](void*, int32_t, const char*) { Throw(); };
    log.release = Release;
    xna_engine_options options = Options();
    options.log_sink = &log;
    Open(options);
    xna_import_handler handler = Init(xna_import_handler_init);
    handler.release = Release;
    handler.name = "describes";
    handler.accepts = [](void*, const char*, int32_t) -> int32_t { Throw(); };
    handler.describe = [](void*, xna_import* import, xna_callback*) -> xna_status {
      const auto visit = [](void*, xna_file*) { return xna_status{1234}; };
      CHECK(xna_import_each_file(import, visit, nullptr, nullptr) == XNA_E_HANDLER_FAILED);
      Throw();
    };
    XNA_MUST(xna_engine_register(engine, &handler, &error));
    handler.name = "visits";
    handler.describe = [](void*, xna_import* import, xna_callback*) {
      const auto visit = [](void*, xna_file*) -> xna_status { Throw(); };
      return xna_import_each_file(import, visit, nullptr, nullptr);
    };
    XNA_MUST(xna_engine_register(engine, &handler, &error));
  }
  [[noreturn]] static void Release(void*) {
    ++releases;
    Throw();
  }

  xna_import_request PathRequest() const { return ImportOf(path); }
  xna_import_request HandlerOf(const char* name) const {
    xna_import_request request = PathRequest();
    request.handler = name;
    return request;
  }
  void ExpectImport(const xna_import_request& request, xna_status status, const char* reason) {
    xna_error* error = nullptr;
    CHECK(xna_engine_import(engine, &request, &call, nullptr, &error) == status);
    CHECK(xna_error_host_status(error) == 0);
    CHECK(std::string(xna_error_message(error)).find("boom") == std::string::npos);
    const std::string told = ReasonOf(error);
    if (reason != nullptr) CHECK(told == reason);
  }
};

/// What a function of the host gets that calls its own engine.
struct Reentry {
  xna_engine* engine = nullptr;
  std::string src;
  std::atomic<int> calls{0};
  std::atomic<bool> inside{false};  ///< What is called from here does not call again.

  static Reentry& Of(void* ctx) { return *static_cast<Reentry*>(ctx); }

  /// Reads may be allowed; changes are not.
  void Try(xna_status reading) {
    if (engine == nullptr || inside.exchange(true)) return;
    ++calls;
    const bool reads = reading == XNA_OK;
    xna_listing* listing = nullptr;
    xna_error* failure = nullptr;
    CHECK(xna_engine_prearchive(engine, nullptr, nullptr, &listing, &failure) == reading);
    CHECK(ReasonOf(failure) == (reads ? "" : "capi.reentered"));
    CHECK((listing != nullptr) == reads);
    xna_listing_free(listing);
    XNA_CHECK_FAILS(xna_engine_build(engine, src.c_str(), nullptr, &error), XNA_E_INVALID_ARGUMENT,
                    "capi.reentered");
    xna_import_request request = CapiFixture::ImportRequest();
    request.path = "/none";
    xna_task* task = nullptr;
    XNA_CHECK_FAILS(xna_engine_start_import(engine, &request, nullptr, &task, &error),
                    XNA_E_INVALID_ARGUMENT, "capi.reentered");
    inside = false;
  }
};

}  // namespace

TEST_SUITE("capi.misbehaviour") {
  TEST_CASE(
      "an exception that leaves a function of the host is its hook's failure, or passed over") {
    ThrowingHost host;
    host.ExpectImport(host.HandlerOf("visits"), XNA_E_HANDLER_FAILED, "handler.threw");
    host.ExpectImport(host.HandlerOf("describes"), XNA_E_HANDLER_FAILED, "handler.threw");
    host.ExpectImport(host.PathRequest(), XNA_E_HANDLER_FAILED, "handler.threw");  // accepts
    xna_input input = Init(xna_input_init);
    input.read = [](void*, void*, size_t, size_t*, xna_callback*) -> xna_status { Throw(); };
    input.release = ThrowingHost::Release;
    xna_import_request streamed = CapiFixture::ImportRequest();
    streamed.input = &input;
    streamed.handler = "DICOM-zip";
    host.ExpectImport(streamed, XNA_E_HANDLER_FAILED, "input.threw");
    xna_progress_sink progress = Init(xna_progress_sink_init);
    progress.update = [](void*, const xna_progress*) -> int32_t { Throw(); };
    progress.release = ThrowingHost::Release;
    host.call.progress = &progress;
    xna_import_request of_path = host.PathRequest();
    of_path.handler = "DICOM-zip";
    host.ExpectImport(of_path, XNA_E_CANCELLED, nullptr);
    host.call.progress = nullptr;
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_import(host.engine, &of_path, nullptr, &report, &error));  // the log throws
    const std::string uri = host.Archive(xna_report_uri(report, 0));
    xna_report_free(report);

    xna_output output = Init(xna_output_init);
    output.write = [](void*, const void*, size_t, xna_callback*) -> xna_status { Throw(); };
    output.release = ThrowingHost::Release;
    xna_export_request exported = Init(xna_export_request_init);
    exported.uri = uri.c_str();
    exported.output = &output;
    XNA_CHECK_FAILS(xna_engine_export(host.engine, &exported, nullptr, nullptr, &error),
                    XNA_E_HANDLER_FAILED, "output.threw");
    xna_rest* rest = nullptr;
    XNA_MUST(xna_rest_create(host.engine, nullptr, &rest, &error));
    for (const std::string& path : {std::string("/data/projects"),  // a text, a file, a zip
                                    uri + "/scans/1/resources/DICOM/files/1.dcm", uri}) {
      CAPTURE(path);
      xna_rest_request request = Init(xna_rest_request_init);
      request.method = "GET";
      request.path = path.c_str();
      request.query = path == uri ? "format=zip" : "";
      xna_response* response = nullptr;
      XNA_MUST(xna_rest_handle(rest, &request, nullptr, &response, &error));
      CHECK(xna_response_status(response) == 200);
      XNA_CHECK_FAILS(xna_response_write(response, &output, &error), XNA_E_HANDLER_FAILED,
                      "output.threw");
      xna_response_free(response);
    }
    xna_rest_free(rest);
    xna_engine_free(host.engine);
    host.engine = nullptr;
    CHECK(host.releases == 1 + 1 + 1 + 3 + 1 + 2);  // and then the log's and the handlers'
  }

  TEST_CASE("memory that runs out in a function of the host is a failure that needs none") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    xna_session_validator validator = Init(xna_session_validator_init);
    validator.validate = [](void*, xna_candidate*, xna_callback*) -> xna_status {
      throw std::bad_alloc();
    };
    const xna_session_validator* const validators[] = {&validator};
    xna_engine_options options = host.Options();
    options.validators = validators;
    options.validator_count = 1;
    host.Open(options);
    const xna_archive_request request = CapiFixture::ArchiveOf(src);
    xna_error* errors[2] = {};
    XNA_MUST(xna_engine_build(host.engine, src.c_str(), nullptr, &error));
    const std::string before = host.tree.Dump("root/prearchive");
    for (xna_error*& error : errors) {
      CHECK(xna_engine_archive(host.engine, &request, nullptr, nullptr, &error) == XNA_E_NO_MEMORY);
    }
    CHECK(host.tree.Dump("root/prearchive") == before);
    CHECK(errors[0] == errors[1]);
    const auto check_told = [&] {
      CHECK(xna_error_status(errors[0]) == XNA_E_NO_MEMORY);
      CHECK(xna_error_host_status(errors[0]) == 0);
      CHECK(std::string(xna_error_reason(errors[0])) == "capi.no-memory");
      CHECK(std::string(xna_error_message(errors[0])) == "memory ran out");
      CHECK(std::string(xna_error_path(errors[0])) == "");
      CHECK(xna_error_disk_state(errors[0]) == XNA_DISK_UNCHANGED);
      CHECK(xna_error_os_errno(errors[0]) == 0);
    };
    check_told();
    for (xna_error* error : errors) xna_error_free(error);
    check_told();
    xna_task* task = nullptr;
    XNA_MUST(xna_engine_start_archive(host.engine, &request, nullptr, &task, &error));
    CHECK(xna_task_wait(task, -1) == 1);
    XNA_CHECK_FAILS(xna_task_result(task, nullptr, &error), XNA_E_NO_MEMORY, "capi.no-memory");
    xna_task_free(task);
    host.Open(host.Options());
    host.Archive(src);
  }

  TEST_CASE("memory that runs out in a sink or a launcher takes nothing back that is archived") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    XNA_MUST(xna_engine_set_setting(host.engine, "autorun", "run", "DEMO", nullptr, &error));
    xna_event_sink sink = Init(xna_event_sink_init);
    sink.notify = [](void*, const xna_event*, xna_callback*) -> xna_status {
      throw std::bad_alloc();
    };
    xna_pipeline_launcher launcher = Init(xna_pipeline_launcher_init);
    launcher.launch = [](void*, const xna_pipeline_request*, xna_callback*) -> xna_status {
      throw std::bad_alloc();
    };
    xna_engine_options options = host.Options();
    options.event_sink = &sink;
    options.pipeline_launcher = &launcher;
    host.Open(options);
    const xna_archive_request request = CapiFixture::ArchiveOf(src);
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_archive(host.engine, &request, nullptr, &report, &error));
    const std::string json = xna_report_json(report);
    xna_report_free(report);
    CHECK(json.find("\"events.threw\"") != std::string::npos);
    CHECK(json.find("\"pipeline.threw\"") != std::string::npos);
  }

  TEST_CASE("an access policy and a transform may read from their engine, and change nothing") {
    CapiFixture host;
    Reentry policy, transform;
    policy.src = transform.src = host.Import("a", 1);
    xna_access_policy access = Init(xna_access_policy_init);
    access.ctx = &policy;
    access.allows = [](void* ctx, const char*, int32_t, const char*, xna_callback*) {
      Reentry::Of(ctx).Try(XNA_OK);
      return XNA_OK;
    };
    xna_session_transform rewrites = Init(xna_session_transform_init);
    rewrites.ctx = &transform;
    rewrites.name = "test";
    rewrites.transform = [](void* ctx, const xna_candidate*, xna_session_files*, xna_document*,
                            xna_callback*) {
      Reentry::Of(ctx).Try(XNA_OK);
      return XNA_OK;
    };
    xna_engine_options options = host.Options();
    options.access_policy = &access;
    options.session_transform = &rewrites;
    host.Open(options);
    policy.engine = transform.engine = host.engine;
    host.Archive(policy.src);
    CHECK(policy.calls > 0);
    CHECK(transform.calls == 1);
    xna_engine_free(host.engine);  // before what its callbacks use
    host.engine = nullptr;
  }

  TEST_CASE("a log sink, an input and an output may not call their engine at all") {
    CapiFixture host;
    Reentry log, input, output;
    xna_log_sink sink = Init(xna_log_sink_init);
    sink.ctx = &log;
    sink.write = [](void* ctx, int32_t, const char*) {
      Reentry::Of(ctx).Try(XNA_E_INVALID_ARGUMENT);
    };
    xna_engine_options options = host.Options();
    options.log_sink = &sink;
    host.Open(options);
    log.engine = input.engine = output.engine = host.engine;
    xna_input reads = Init(xna_input_init);
    reads.ctx = &input;
    reads.read = [](void* ctx, void*, size_t, size_t*, xna_callback*) {
      Reentry::Of(ctx).Try(XNA_E_INVALID_ARGUMENT);
      return XNA_OK;
    };
    xna_import_request request = CapiFixture::ImportRequest();
    request.input = &reads;
    CHECK(xna_engine_import(host.engine, &request, nullptr, nullptr, nullptr) != XNA_OK);
    CHECK(input.calls > 0);
    const std::string uri = host.Archive(host.Import("a", 1));
    CHECK(log.calls > 0);
    xna_output writes = Init(xna_output_init);
    writes.ctx = &output;
    writes.write = [](void* ctx, const void*, size_t, xna_callback*) {
      Reentry::Of(ctx).Try(XNA_E_INVALID_ARGUMENT);
      return XNA_OK;
    };
    xna_export_request exported = Init(xna_export_request_init);
    exported.uri = uri.c_str();
    exported.output = &writes;
    XNA_MUST(xna_engine_export(host.engine, &exported, nullptr, nullptr, &error));
    CHECK(output.calls > 0);
    xna_engine_free(host.engine);
    host.engine = nullptr;
  }

  TEST_CASE("a callback whose threads fail at one moment fails as it says") {
    CapiFixture host;  // ThreadSanitizer tells when they write what failed without a lock
    xna_import_handler handler = Init(xna_import_handler_init);
    handler.name = "fails";
    handler.describe = [](void*, xna_import* import, xna_callback*) {
      constexpr int kTimes = 200;
      std::thread other([import] {
        const auto visit = [](void*, xna_file*) -> xna_status { return XNA_E_UNSUPPORTED; };
        for (int i = 0; i < kTimes; ++i) {
          CHECK(xna_import_each_file(import, visit, nullptr, nullptr) == XNA_E_UNSUPPORTED);
        }
      });
      for (int i = 0; i < kTimes; ++i) {
        CHECK(xna_import_each_file(import, nullptr, nullptr, nullptr) == XNA_E_INVALID_ARGUMENT);
      }
      other.join();
      return XNA_E_UNSUPPORTED;
    };
    XNA_MUST(xna_engine_register(host.engine, &handler, &error));
    const std::string path = host.WriteStudy("a", 1);
    xna_import_request request = CapiFixture::ImportOf(path);
    request.handler = "fails";
    CHECK(xna_engine_import(host.engine, &request, nullptr, nullptr, nullptr) == XNA_E_UNSUPPORTED);
  }
}

}  // namespace xnatarchive
