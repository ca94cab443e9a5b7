// Calls on threads of their own.
#include <atomic>
#include <chrono>
#include <thread>

#include "capi/capi_fixture.hpp"

namespace xnatarchive {
namespace {

/// Holds up a task until the test lets it go.
struct Gate {
  std::atomic<bool> reached{false};
  std::atomic<bool> open{false};
  std::atomic<int> released{0};

  xna_progress_sink Sink() {
    xna_progress_sink sink = Init(xna_progress_sink_init);
    sink.ctx = this;
    sink.release = [](void* ctx) { ++static_cast<Gate*>(ctx)->released; };
    sink.update = [](void* ctx, const xna_progress*) -> int32_t {
      auto& gate = *static_cast<Gate*>(ctx);
      gate.reached = true;
      while (!gate.open) std::this_thread::yield();
      return 0;
    };
    return sink;
  }
  void AwaitReached() const {
    while (!reached) std::this_thread::yield();
  }
};

struct TaskHost : CapiFixture {
  Gate gate;
  std::string src = Import("a", 1);
  xna_task* task = nullptr;

  void Start() {
    const xna_progress_sink sink = gate.Sink();
    xna_call_options call = Init(xna_call_options_init);
    call.progress = &sink;
    const xna_archive_request request = ArchiveOf(src);
    XNA_MUST(xna_engine_start_archive(engine, &request, &call, &task, &error));
    gate.AwaitReached();
  }
};

}  // namespace

TEST_SUITE("capi.tasks") {
  TEST_CASE(
      "a task is looked at while it runs, waited for, and gives its result as often as asked") {
    TaskHost host;
    host.Start();
    CHECK(xna_task_wait(host.task, 0) == 0);
    CHECK(xna_task_wait(host.task, 1) == 0);
    xna_report* report = nullptr;
    XNA_CHECK_FAILS(xna_task_result(host.task, &report, &error), XNA_E_LOCKED, "task.running");
    host.gate.open = true;
    CHECK(xna_task_wait(host.task, -1) == 1);
    CHECK(host.gate.released == 1);
    for (int i = 0; i < 2; ++i) {
      XNA_MUST(xna_task_result(host.task, &report, &error));
      CHECK(xna_report_number(report, "files") == 3);
      xna_report_free(report);
    }
    xna_progress progress = Init(xna_progress_init);
    XNA_MUST(xna_task_progress(host.task, &progress, &error));
    CHECK(progress.phase != nullptr);
    progress.struct_size = 16;
    XNA_MUST(xna_task_progress(host.task, &progress, &error));
    progress.struct_size = 4;
    XNA_CHECK_FAILS(xna_task_progress(host.task, &progress, &error), XNA_E_INVALID_ARGUMENT,
                    "capi.bad-struct-size");
    xna_task_free(host.task);
    CHECK(xna_task_wait(host.task, 0) == -1);
  }

  TEST_CASE("a cancelled task changes nothing, and says so every time") {
    TaskHost host;
    host.Start();
    xna_task_cancel(host.task);
    host.gate.open = true;
    CHECK(xna_task_wait(host.task, -1) == 1);
    for (int i = 0; i < 2; ++i) {
      xna_error* error = nullptr;
      CHECK(xna_task_result(host.task, nullptr, &error) == XNA_E_CANCELLED);
      CHECK(xna_error_disk_state(error) == XNA_DISK_UNCHANGED);
      xna_error_free(error);
    }
    xna_task_free(host.task);
    host.Archive(host.src);
  }

  TEST_CASE("a task whose handle is freed is cancelled; its callbacks are released") {
    TaskHost host;
    host.Start();
    xna_task_free(host.task);
    host.gate.open = true;
    while (host.gate.released == 0) std::this_thread::yield();
    host.Archive(host.src);
  }

  TEST_CASE("a task goes on when its engine is freed, and closes the root when it ends") {
    TaskHost host;
    host.Start();
    xna_engine_free(host.engine);
    host.engine = nullptr;
    host.gate.open = true;
    CHECK(xna_task_wait(host.task, -1) == 1);
    XNA_MUST(xna_task_result(host.task, nullptr, &error));
    xna_task_free(host.task);
  }

  TEST_CASE("each kind of call can be a task") {
    CapiFixture host;
    const std::string path = host.WriteStudy("a", 1);
    const auto finish = [](xna_task* task) {
      CHECK(xna_task_wait(task, -1) == 1);
      xna_report* report = nullptr;
      XNA_MUST(xna_task_result(task, &report, &error));
      std::string uri = xna_report_uri_count(report) > 0 ? xna_report_uri(report, 0) : "";
      xna_report_free(report);
      xna_task_free(task);
      return uri;
    };
    xna_task* task = nullptr;
    const xna_import_request import = CapiFixture::ImportOf(path);
    XNA_MUST(xna_engine_start_import(host.engine, &import, nullptr, &task, &error));
    const std::string src = finish(task);
    const xna_archive_request archive = CapiFixture::ArchiveOf(src);
    XNA_MUST(xna_engine_start_validate(host.engine, &archive, nullptr, &task, &error));
    finish(task);
    XNA_MUST(xna_engine_start_archive(host.engine, &archive, nullptr, &task, &error));
    const std::string uri = finish(task);
    const char* const uris[] = {uri.c_str()};
    xna_refresh_request refresh = Init(xna_refresh_request_init);
    refresh.uris = uris;
    refresh.uri_count = 1;
    XNA_MUST(xna_engine_start_refresh(host.engine, &refresh, nullptr, &task, &error));
    finish(task);
    XNA_MUST(xna_engine_start_verify(host.engine, nullptr, nullptr, &task, &error));
    finish(task);
    const std::string out = host.tree.path() + "/out";
    xna_export_request exported = Init(xna_export_request_init);
    exported.uri = uri.c_str();
    exported.path = out.c_str();
    XNA_MUST(xna_engine_start_export(host.engine, &exported, nullptr, &task, &error));
    finish(task);
    CHECK(host.tree.Dump("out").find(".dcm") != std::string::npos);
  }

  TEST_CASE("a session archived by many tasks at once is archived by one of them") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    const xna_archive_request request = CapiFixture::ArchiveOf(src);
    std::vector<xna_task*> tasks(8);
    for (xna_task*& task : tasks) {
      XNA_MUST(xna_engine_start_archive(host.engine, &request, nullptr, &task, &error));
    }
    int archived = 0;
    for (xna_task* task : tasks) {
      CHECK(xna_task_wait(task, -1) == 1);
      if (xna_task_result(task, nullptr, nullptr) == XNA_OK) ++archived;
      xna_task_free(task);
    }
    CHECK(archived == 1);
  }

  TEST_CASE("freeing an engine waits for a worker in a callback, whose session is queued again") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    struct State {
      std::atomic<bool> inside{false};
      std::atomic<bool> held{true};
    } state;
    xna_session_validator validator = Init(xna_session_validator_init);
    validator.ctx = &state;
    validator.validate = [](void* ctx, xna_candidate*, xna_callback*) {
      auto& its = *static_cast<State*>(ctx);
      its.inside = true;
      while (its.held) std::this_thread::yield();  // and does not ask whether it is to stop
      return XNA_OK;
    };
    const xna_session_validator* const validators[] = {&validator};
    xna_engine_options options = host.Options();
    options.validators = validators;
    options.validator_count = 1;
    options.job_workers = 1;
    host.Open(options);
    const std::string id = host.Submit(src);
    while (!state.inside) std::this_thread::yield();
    std::atomic<bool> freed{false};
    std::thread closing([&] {
      xna_engine_free(host.engine);
      freed = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK_FALSE(freed);
    state.held = false;
    closing.join();
    host.Open(host.Options());
    xna_report* job = nullptr;
    XNA_MUST(xna_engine_job(host.engine, id.c_str(), nullptr, &job, &error));
    CHECK(std::string(xna_report_json(job)).find("\"state\":\"queued\"") != std::string::npos);
    xna_report_free(job);
  }

  TEST_CASE("job workers whose callback frees the engine end all the same") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    struct State {
      std::atomic<xna_engine*> engine{nullptr};
      std::atomic<int> released{0};
    } state;
    xna_event_sink sink = Init(xna_event_sink_init);
    sink.ctx = &state;
    sink.release = [](void* ctx) { ++static_cast<State*>(ctx)->released; };
    sink.notify = [](void* ctx, const xna_event*, xna_callback*) {
      auto& its = *static_cast<State*>(ctx);
      xna_engine* engine = nullptr;
      while ((engine = its.engine) == nullptr) std::this_thread::yield();
      xna_engine_free(engine);
      return XNA_OK;
    };
    xna_engine_options options = host.Options();
    options.event_sink = &sink;
    options.job_workers = 1;
    host.Open(options);
    host.Submit(src);
    state.engine = host.engine;
    while (state.released == 0) std::this_thread::yield();
    host.engine = nullptr;
  }

  TEST_CASE("a job that is cancelled before it begins is not done, and says so") {
    CapiFixture host;
    const std::string src = host.Import("a", 1);
    const std::string job = host.Submit(src);
    const auto state = [&] {
      xna_report* report = nullptr;
      XNA_MUST(xna_engine_job(host.engine, job.c_str(), nullptr, &report, &error));
      const std::string json = xna_report_json(report);
      xna_report_free(report);
      const std::size_t at = json.find("\"state\":\"") + 9;
      return json.substr(at, json.find('"', at) - at);
    };
    CHECK(state() == "queued");
    XNA_MUST(xna_engine_cancel_job(host.engine, job.c_str(), nullptr, &error));
    CHECK(state() == "cancelled");
    int32_t found = 1;
    XNA_MUST(xna_engine_run_job(host.engine, nullptr, &found, &error));
    CHECK(found == 0);
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_wait_for_job(host.engine, job.c_str(), -1, nullptr, &report, &error));
    xna_report_free(report);
    CHECK(state() == "cancelled");
    XNA_CHECK_FAILS(xna_engine_cancel_job(host.engine, "none", nullptr, &error), XNA_E_NOT_FOUND,
                    "job.not-found");
    host.Archive(src);  // it waits still
  }
}

}  // namespace xnatarchive
