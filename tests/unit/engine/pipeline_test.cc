#include <doctest/doctest.h>
#include <signal.h>

#include "support/engine_fixture.hpp"

namespace xnatarchive {
namespace {

class RecordingLauncher : public PipelineLauncher {
 public:
  Result<std::string> Launch(const PipelineRequest& request) override {
    requests.push_back(request);
    return std::string("done");
  }
  std::vector<PipelineRequest> requests;
};

PipelineRequest Command(const TempTree& tree, const std::string& command) {
  PipelineRequest request;
  request.command = command;
  request.project = "P";
  request.session_label = "S1";
  request.directory = tree.path();
  return request;
}

}  // namespace

TEST_SUITE("engine.pipeline") {
  TEST_CASE("a project's AutoRun is launched after archiving, unless the request says no") {
    EngineFixture fixture;
    auto launcher = std::make_shared<RecordingLauncher>();
    fixture.options.pipeline_launcher = launcher;
    fixture.Open();
    Project project;
    project.id = "RUN";
    project.autorun = "pipeline.sh";
    Must(fixture.engine->AddProject(project));
    fixture.WriteStudy("a", 1, 1, 1);
    fixture.WriteStudy("b", 2, 1, 1);
    ArchiveRequest request;
    request.src = fixture.Import("a").uris[0];
    request.dest = "/archive/projects/RUN";
    const ArchiveReport report = Must(fixture.engine->Archive(request));
    CHECK(report.pipeline.ok());
    REQUIRE(launcher->requests.size() == 1);
    CHECK(launcher->requests[0].uri == report.uri);
    CHECK(launcher->requests[0].command == "pipeline.sh");
    CHECK(launcher->requests[0].directory == fixture.tree.path() + "/root/archive/RUN/arc001/S1");
    request.src = fixture.Import("b").uris[0];
    request.trigger_pipelines = false;
    Must(fixture.engine->Archive(request));
    CHECK(launcher->requests.size() == 1);
  }

  TEST_CASE("a pipeline that fails is reported; the session stays archived") {
    EngineFixture fixture;
    Project project;
    project.id = "RUN";
    project.autorun = "exit 3";
    Must(fixture.engine->AddProject(project));
    fixture.WriteStudy("a", 1, 1, 1);
    ArchiveRequest request;
    request.src = fixture.Import("a").uris[0];
    request.dest = "/archive/projects/RUN";
    const ArchiveReport report = Must(fixture.engine->Archive(request));
    CHECK_FALSE(report.pipeline.ok());
    CHECK(report.pipeline.reason() == "pipeline.failed");
    CHECK(Must(fixture.engine->List("/projects/RUN/experiments")).rows.size() == 1);
  }

  TEST_CASE("the command sees the session, and its output is returned") {
    TempTree tree;
    tree.Write("file with space", "x");
    const auto launcher = CommandPipelineLauncher();
    const Result<std::string> output =
        launcher->Launch(Command(tree, "ls; echo $XNAT_PROJECT/$XNAT_SESSION >&2; cat"));
    REQUIRE(output.ok());
    CHECK(*output == "file with space\nP/S1\n");
  }

  TEST_CASE("a command whose exit status the host throws away has not succeeded") {
    TempTree tree;
    struct sigaction before;
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    REQUIRE(sigaction(SIGCHLD, &ignore, &before) == 0);
    const Result<std::string> output = CommandPipelineLauncher()->Launch(Command(tree, "exit 3"));
    REQUIRE(sigaction(SIGCHLD, &before, nullptr) == 0);
    REQUIRE_FALSE(output.ok());
    CHECK(output.status().reason() == "pipeline.unknown-exit");
  }

  TEST_CASE("a command that hangs is killed with its children") {
    TempTree tree;
    const auto launcher = CommandPipelineLauncher(200);
    const Result<std::string> output = launcher->Launch(Command(tree, "sleep 60 | cat"));
    REQUIRE_FALSE(output.ok());
    CHECK(output.status().reason() == "pipeline.timeout");
  }
}

}  // namespace xnatarchive
