// What the engine tells of what happened, when, and to whom it does no harm.
#include <doctest/doctest.h>

#include <stdexcept>

#include "base/time.hpp"
#include "support/engine_fixture.hpp"
#include "support/fault_file_system.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

using Lines = std::vector<std::string>;

/// Everything of an event that does not depend on the clock or on a file's size, on one line.
std::string Line(const Event& event) {
  static constexpr const char* kNames[] = {"received",  "built",   "archived", "merged",
                                           "refreshed", "deleted", "failed",   "pipeline"};
  const auto text = [](const std::string& value) { return " " + (value.empty() ? "-" : value); };
  return kNames[static_cast<int>(event.kind)] + text(event.user) + text(event.project) +
         text(event.label) + text(event.experiment_id) + " " + std::to_string(event.scans) + "/" +
         std::to_string(event.files) + (event.bytes == 0 ? "" : " bytes") +
         (event.audit_id == 0 ? "" : " audited") +
         (event.status.ok() ? "" : " " + std::string(event.status.reason()));
}

struct EventFixture : EngineFixture {
  std::vector<Event> events;
  CallOptions ann;

  EventFixture() {
    ann.user = "ann";
    Listen([](const Event&) {});
  }

  /// Notes every event, and then does what the test says.
  void Listen(std::function<void(const Event&)> then) {
    options.event_sink =
        std::make_shared<TestSink>([this, then](const Event& event, const Cancelled&) {
          IgnoreError(events.emplace_back(event).status, "looked at by some cases only");
          then(event);
        });
    Open();
    events.clear();
  }

  Lines Told() {
    Lines lines;
    for (const Event& event : events) lines.push_back(Line(event));
    events.clear();
    return lines;
  }
};

}  // namespace

TEST_SUITE("engine.events") {
  TEST_CASE("each change is told once, by the name the session has afterwards") {
    EventFixture fixture;
    fixture.WriteStudy("ab", 1, 2, 3);
    fixture.WriteStudy("ab", 2, 1, 1);
    const std::int64_t before = NowMs();
    const ImportReport received = Must(fixture.engine->Import(fixture.Request("ab"), fixture.ann));
    REQUIRE(fixture.events.size() == 2);
    CHECK(fixture.events[0].uri == received.uris[0]);
    CHECK(fixture.events[0].time_ms >= before);
    CHECK(fixture.events[0].subject == "Test_Subject1");
    CHECK(fixture.events[0].bytes + fixture.events[1].bytes == received.bytes_received);
    CHECK(fixture.Told() ==
          Lines{"received ann DEMO S1 - 0/6 bytes", "received ann DEMO S2 - 0/1 bytes"});

    Must(fixture.engine->Import(fixture.Request("ab"), fixture.ann));
    CHECK(fixture.Told() == Lines{});  // all identical: nothing has changed

    Must(fixture.engine->Build(received.uris[0], fixture.ann));
    CHECK(fixture.Told() == Lines{"built ann DEMO S1 - 2/6 bytes"});

    ArchiveRequest request;
    request.src = received.uris[0];
    const ArchiveReport archived = Must(fixture.engine->Archive(request, fixture.ann));
    CHECK(archived.events.ok());
    REQUIRE(fixture.events.size() == 1);
    CHECK(fixture.events[0].uri == archived.uri);
    CHECK(fixture.Told() == Lines{"archived ann DEMO S1 XNAT_E00001 2/6 bytes audited"});

    Must(fixture.engine->DeletePrearchiveSession(received.uris[1]));
    CHECK(fixture.Told() == Lines{"deleted unknown DEMO S2 - 0/1 bytes"});

    const Status gone = fixture.engine->Archive(request, fixture.ann).status();
    REQUIRE(fixture.events.size() == 1);
    CHECK(fixture.events[0].uri == request.src);
    CHECK(fixture.events[0].status.ToString() == gone.ToString());
    CHECK(fixture.Told() == Lines{"failed ann DEMO - - 0/0 prearchive.not-found"});
  }

  TEST_CASE("a merge is told as one, with the counts of the whole session") {
    EventFixture fixture;
    fixture.WriteStudy("a", 1, 1, 2);
    Must(fixture.Archive(fixture.Import("a").uris[0]));
    DicomSpec spec = EngineFixture::Spec(1);
    spec.instance = 3;
    fixture.tree.Write("in/b/3.dcm", MakeDicom(spec));
    ArchiveRequest request;
    request.src = fixture.Import("b").uris[0];
    request.overwrite = Overwrite::kAppend;
    Must(fixture.engine->Build(request.src));
    fixture.events.clear();
    Must(fixture.engine->Archive(request, fixture.ann));
    CHECK(fixture.Told() == Lines{"merged ann DEMO S1 XNAT_E00001 1/3 bytes audited"});
  }

  TEST_CASE("what an import archives at once is told step by step, its failures, too") {
    EventFixture fixture;
    fixture.WriteStudy("a", 1, 1, 2);
    ImportRequest request = fixture.Request("a");
    request.dest = "/archive/projects/DEMO";
    Must(fixture.engine->Import(request, fixture.ann));
    CHECK(fixture.Told() == Lines{"received ann DEMO S1 - 0/2 bytes",
                                  "built ann DEMO S1 - 1/2 bytes",
                                  "archived ann DEMO S1 XNAT_E00001 1/2 bytes audited"});
    const ImportReport again = Must(fixture.engine->Import(request, fixture.ann));
    CHECK(again.not_archived.size() == 1);
    CHECK(fixture.Told() == Lines{"received ann DEMO S1 - 0/2 bytes",
                                  "built ann DEMO S1 - 1/2 bytes",
                                  "failed ann DEMO - - 0/0 archive.session-exists"});
    request.path = "/nowhere";
    const Status nothing = fixture.engine->Import(request, fixture.ann).status();
    CHECK(fixture.Told() == Lines{"failed ann DEMO - - 0/0 " + std::string(nothing.reason())});
  }

  TEST_CASE("the engine may be called from a sink: the change is whole and no lock is held") {
    EventFixture fixture;
    ArchiveEngine* engine = nullptr;
    fixture.Listen([&](const Event& event) {
      if (event.kind == EventKind::kReceived) Must(engine->Build(event.uri));
      if (event.kind == EventKind::kBuilt && event.user == "unknown") {
        ArchiveRequest request;
        request.src = event.uri;
        Must(engine->Archive(request));
      }
      if (event.kind == EventKind::kArchived) {
        CHECK(Must(engine->Document(event.uri)).label == event.label);
        CHECK(Must(engine->List(event.uri)).rows.size() == event.scans);
      }
    });
    engine = fixture.engine.get();
    fixture.WriteStudy("a", 1, 2, 1);
    const ImportReport report = Must(fixture.engine->Import(fixture.Request("a"), fixture.ann));
    CHECK(report.events.ok());
    CHECK(fixture.Told() == Lines{"received ann DEMO S1 - 0/2 bytes",
                                  "built unknown DEMO S1 - 2/2 bytes",
                                  "archived unknown DEMO S1 XNAT_E00001 2/2 bytes audited"});
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
  }

  TEST_CASE("a sink that throws stops neither the call nor the other events") {
    EventFixture fixture;
    fixture.Listen([](const Event& event) {
      if (event.label == "S1") throw std::runtime_error("no");
      if (event.label == "S2") throw 2;
    });
    fixture.WriteStudy("ab", 1, 1, 1);
    fixture.WriteStudy("ab", 2, 1, 1);
    ImportRequest request = fixture.Request("ab");
    request.dest = "/archive/projects/DEMO";
    const ImportReport report = Must(fixture.engine->Import(request, fixture.ann));
    CHECK(report.not_archived.empty());
    CHECK(report.events.code() == Code::kHandlerFailed);
    CHECK(report.events.reason() == "events.threw");
    CHECK(fixture.Told().size() == 6);
    CHECK(Must(fixture.engine->List("/projects/DEMO/experiments")).rows.size() == 2);
  }

  TEST_CASE("what recovery finishes is told by whoever finishes it, as its owner's") {
    const auto killed = [](const std::function<void(EventFixture&)>& finish) {
      EventFixture fixture;
      fixture.WriteStudy("a", 1, 1, 1);
      ArchiveRequest request;
      request.src = fixture.Import("a").uris[0];
      Must(fixture.engine->Build(request.src));
      for (std::uint64_t n = 1; n < 200; ++n) {
        FaultFileSystem disk;
        fixture.options.recover_on_open = false;
        fixture.Open(&disk);
        disk.Reset();
        disk.KillAt(n);
        const Status died = fixture.engine->Archive(request, fixture.ann).status();
        REQUIRE_FALSE(died.ok());
        fixture.Open();
        fixture.events.clear();
        finish(fixture);
        if (!fixture.engine->Document("/experiments/XNAT_E00001").ok() &&
            Must(fixture.engine->List("/projects/DEMO/experiments")).rows.empty()) {
          CHECK(fixture.Told() == Lines{});  // discarded: nothing has happened
          continue;
        }
        Lines told = fixture.Told();
        REQUIRE_FALSE(told.empty());
        CHECK(told[0].substr(0, 26) == "archived ann DEMO S1 XNAT_");
        CHECK(told[0].find("1/1 bytes audited") != std::string::npos);
        return;
      }
      FAIL("no plan was ever left");
    };
    killed([](EventFixture& fixture) { Must(fixture.engine->Recover()); });
    killed([](EventFixture& fixture) {
      fixture.Listen([](const Event&) { throw 1; });
      CHECK(Must(fixture.engine->Recover()).failed.empty());
    });
    killed([](EventFixture& fixture) {
      fixture.options.recover_on_open = true;
      fixture.Open();
    });
  }
}

}  // namespace xnatarchive
