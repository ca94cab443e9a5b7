// AutoRun: what runs when a session was archived, and what is kept of it.
#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>

#include "store/store.hpp"
#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

PipelineRequest Command(const TempTree& tree, const std::string& command) {
  PipelineRequest request;
  request.command = command;
  request.project = "P";
  request.session_label = "S1";
  request.directory = tree.path();
  return request;
}

/// A project RUN with an AutoRun command, and one session waiting for it.
struct PipelineFixture : EngineFixture {
  ArchiveRequest request;

  explicit PipelineFixture(const std::string& command) {
    Project project;
    project.id = "RUN";
    project.autorun = command;
    Must(engine->AddProject(project));
    WriteStudy("a", 1, 1, 1);
    WriteStudy("b", 2, 1, 1);
    request.src = EngineFixture::Import("a").uris[0];
    request.dest = "/archive/projects/RUN";
  }

  void Use(TestLauncher::Function launch) {
    options.pipeline_launcher = std::make_shared<TestLauncher>(std::move(launch));
    Open();
  }

  /// The AutoRun record of the first session archived.
  AuditRow Record() const {
    Store store = Must(Store::Open("sqlite3://" + tree.path() + "/root/store.sqlite3"));
    for (const AuditRow& row : Must(store.ListAudit("XNAT_E00001"))) {
      if (row.type == "AutoRun") return row;
    }
    return {};
  }
};

}  // namespace

TEST_SUITE("engine.pipeline") {
  TEST_CASE("a project's AutoRun is launched after archiving, unless the request says no") {
    PipelineFixture fixture("pipeline.sh");
    std::vector<PipelineRequest> requests;
    fixture.Use([&](const PipelineRequest& request, const Cancelled&) -> PipelineResult {
      requests.push_back(request);
      return {Status(), "done"};
    });
    CallOptions ann;
    ann.user = "ann";
    const ArchiveReport report = Must(fixture.engine->Archive(fixture.request, ann));
    CHECK(report.pipeline.ok());
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].uri == report.uri);
    CHECK(requests[0].command == "pipeline.sh");
    CHECK(requests[0].project == "RUN");
    CHECK(requests[0].subject_label == report.subject);
    CHECK(requests[0].session_label == "S1");
    CHECK(requests[0].experiment_id == report.experiment_id);
    CHECK(requests[0].user == "ann");
    CHECK(requests[0].directory == fixture.tree.path() + "/root/archive/RUN/arc001/S1");
    CHECK(fixture.Record().detail == "done");
    CHECK(fixture.Record().status == AuditStatus::kComplete);
    fixture.request.src = fixture.Import("b").uris[0];
    fixture.request.trigger_pipelines = false;
    Must(fixture.engine->Archive(fixture.request));
    CHECK(requests.size() == 1);
  }

  TEST_CASE("a pipeline may take as long as its project says") {
    PipelineFixture fixture("x");
    std::vector<int> timeouts;
    fixture.Use([&](const PipelineRequest& request, const Cancelled&) -> PipelineResult {
      timeouts.push_back(request.timeout_ms);
      return {};
    });
    CHECK(Must(fixture.engine->Archive(fixture.request)).pipeline.ToString() == "ok");
    Must(fixture.engine->SetSetting("autorun_timeout", "7", "RUN"));
    fixture.request.src = fixture.Import("b").uris[0];
    CHECK(Must(fixture.engine->Archive(fixture.request)).pipeline.ToString() == "ok");
    CHECK(timeouts == std::vector<int>{0, 7000});
  }

  TEST_CASE("a pipeline that fails is reported, what it printed is kept; the session is archived") {
    PipelineFixture fixture("echo so far; echo no further >&2; exit 3");
    const ArchiveReport report = Must(fixture.engine->Archive(fixture.request));
    CHECK(report.pipeline.code() == Code::kHandlerFailed);
    CHECK(report.pipeline.reason() == "pipeline.failed");
    const AuditRow record = fixture.Record();
    CHECK(record.status == AuditStatus::kFailed);
    CHECK(record.detail == "so far\nno further\n");
    CHECK(record.reason == report.pipeline.ToString());
    CHECK(Must(fixture.engine->List("/projects/RUN/experiments")).rows.size() == 1);
  }

  TEST_CASE("an import that archives at once reports a pipeline that fails") {
    PipelineFixture fixture("exit 3");
    ImportRequest import = fixture.Request("b");
    import.parameters.clear();
    import.dest = "/archive/projects/RUN";
    const ImportReport report = Must(fixture.engine->Import(import));
    REQUIRE(report.failed_pipelines.size() == 1);
    CHECK(report.failed_pipelines[0].first == report.uris[0]);
    CHECK(report.failed_pipelines[0].second.code() == Code::kHandlerFailed);
    CHECK(report.failed_pipelines[0].second.reason() == "pipeline.failed");
    CHECK(report.not_archived.empty());
  }

  TEST_CASE("a launcher may archive another session and read this one: it is in no lock") {
    PipelineFixture fixture("x");
    const std::string other = fixture.Import("b").uris[0];
    ArchiveEngine* engine = nullptr;
    std::string seen;
    fixture.Use([&](const PipelineRequest& request, const Cancelled&) -> PipelineResult {
      seen += Must(engine->Document(request.uri)).label + " ";
      if (request.session_label != "S1") return {};
      ArchiveRequest archive;
      archive.src = other;
      archive.dest = fixture.request.dest;
      const ArchiveReport nested = Must(engine->Archive(archive));
      return {nested.pipeline, nested.uri};
    });
    engine = fixture.engine.get();
    const ArchiveReport report = Must(engine->Archive(fixture.request));
    CHECK(report.pipeline.ToString() == "ok");
    CHECK(seen == "S1 S2 ");
    CHECK(Must(engine->List("/projects/RUN/experiments")).rows.size() == 2);
    CHECK(fixture.Record().detail.find("/experiments/S2") != std::string::npos);
  }

  TEST_CASE("the end of a pipeline is an event, after that of its session and out of every lock") {
    PipelineFixture fixture("echo hello; exit 1");
    std::vector<std::string> told;
    fixture.options.event_sink =
        std::make_shared<TestSink>([&](const Event& event, const Cancelled&) {
          if (event.kind == EventKind::kBuilt) return;
          told.push_back(event.uri + " " + std::to_string(static_cast<int>(event.kind)) + " " +
                         event.experiment_id + " " + std::string(event.status.reason()));
          if (event.kind == EventKind::kPipelineFinished) {
            CHECK(event.audit_id == fixture.Record().id);
            CHECK(fixture.Record().status == AuditStatus::kFailed);
            CHECK(Must(fixture.engine->Recover()).failed.empty());
          }
        });
    fixture.Open();
    const ArchiveReport report = Must(fixture.engine->Archive(fixture.request));
    CHECK_FALSE(report.pipeline.ok());
    CHECK(told == std::vector<std::string>{report.uri + " 2 XNAT_E00001 ",
                                           report.uri + " 7 XNAT_E00001 pipeline.failed"});
  }

  TEST_CASE("a launcher's output is kept as far as a record goes, and as text") {
    PipelineFixture fixture("x");
    fixture.Use([](const PipelineRequest&, const Cancelled&) -> PipelineResult {
      return {Status(Code::kConflict, "Not A Slug", "two\nlines"),
              std::string("a\0b\xFF", 4) + std::string(1'000'000, 'x')};
    });
    const ArchiveReport report = Must(fixture.engine->Archive(fixture.request));
    CHECK(report.pipeline.code() == Code::kHandlerFailed);
    CHECK(report.pipeline.reason() == "pipeline.failed");
    CHECK(report.pipeline.message() == "two lines");
    CHECK(fixture.Record().detail == "a?b?" + std::string((64u << 10) - 4, 'x'));
  }

  TEST_CASE("a caller who cancels ends the wait; the session is archived, the record says so") {
    PipelineFixture fixture("echo started; sleep 60");
    CallOptions call;
    call.progress = [](const Progress& progress) { return progress.phase != "pipeline"; };
    const auto begin = std::chrono::steady_clock::now();
    const ArchiveReport report = Must(fixture.engine->Archive(fixture.request, call));
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
    CHECK(report.pipeline.code() == Code::kCancelled);
    CHECK(report.pipeline.reason() == "pipeline.cancelled");
    CHECK(fixture.Record().status == AuditStatus::kFailed);
    CHECK(Must(fixture.engine->List("/projects/RUN/experiments")).rows.size() == 1);
  }
}

TEST_SUITE("engine.command_pipeline_launcher") {
  TEST_CASE("the command sees the session, and its output is returned") {
    TempTree tree;
    tree.Write("file with space", "x");
    const PipelineResult result = CommandPipelineLauncher()->Launch(
        Command(tree, "ls; echo $XNAT_PROJECT/$XNAT_SESSION >&2; cat"), {});
    CHECK(result.status.ToString() == "ok");
    CHECK(result.output == "file with space\nP/S1\n");
  }

  TEST_CASE("a command whose exit status the host throws away has not succeeded") {
    TempTree tree;
    struct sigaction before;
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    REQUIRE(sigaction(SIGCHLD, &ignore, &before) == 0);
    const PipelineResult result =
        CommandPipelineLauncher()->Launch(Command(tree, "echo x; exit 3"), {});
    REQUIRE(sigaction(SIGCHLD, &before, nullptr) == 0);
    CHECK(result.status.code() == Code::kHandlerFailed);
    CHECK(result.status.reason() == "pipeline.unknown-exit");
    CHECK(result.output == "x\n");
  }

  TEST_CASE("a command that hangs is killed with its children, what it printed is returned") {
    TempTree tree;
    const PipelineResult result =
        CommandPipelineLauncher(200)->Launch(Command(tree, "echo first; sleep 60 | cat"), {});
    CHECK(result.status.code() == Code::kHandlerFailed);
    CHECK(result.status.reason() == "pipeline.timeout");
    CHECK(result.output == "first\n");
  }

  TEST_CASE("the request's timeout goes before the launcher's") {
    TempTree tree;
    PipelineRequest slow = Command(tree, "sleep 60");
    slow.timeout_ms = 100;
    const PipelineResult killed = CommandPipelineLauncher()->Launch(slow, {});
    CHECK(killed.status.code() == Code::kHandlerFailed);
    CHECK(killed.status.reason() == "pipeline.timeout");
    CHECK(killed.status.message().find(" 100 ms") != std::string::npos);
    PipelineRequest quick = Command(tree, "sleep 0.3; echo done");
    quick.timeout_ms = 60'000;
    const PipelineResult done = CommandPipelineLauncher(100)->Launch(quick, {});
    CHECK(done.status.ToString() == "ok");
    CHECK(done.output == "done\n");
  }

  TEST_CASE("once the caller cancels, the process group is killed, whether or not it prints") {
    for (const char* command : {"while :; do echo x; done", "exec >/dev/null 2>&1; sleep 60"}) {
      CAPTURE(command);
      TempTree tree;
      int ends[2];
      REQUIRE(pipe(ends) == 0);  // inherited: its end of file says that all of the group is gone
      const std::string late =
          "(sleep 5; echo late) > /proc/self/fd/" + std::to_string(ends[1]) + " 2>&1 & ";
      int asked = 0;
      const PipelineResult result = CommandPipelineLauncher()->Launch(Command(tree, late + command),
                                                                      [&] { return ++asked > 3; });
      close(ends[1]);
      char byte = 0;
      CHECK(read(ends[0], &byte, 1) == 0);
      close(ends[0]);
      CHECK(result.status.code() == Code::kCancelled);
      CHECK(result.status.reason() == "pipeline.cancelled");
    }
  }
}

}  // namespace xnatarchive
