#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "base/text.hpp"
#include "unit/engine/export_fixture.hpp"
#include "unit/engine/gradual_request.hpp"

namespace xnatarchive {
namespace {

/// What the prearchive holds beside the library's own directories.
bool PrearchiveIsEmpty(const EngineFixture& fixture) {
  return fixture.tree.Dump("root/prearchive").find("DEMO") == std::string::npos &&
         fixture.tree.Dump("root/prearchive").find(".dcm") == std::string::npos &&
         Must(fixture.engine->PrearchiveSessions()).empty();
}

/// Receives one object without any parameter: what the data says, and the options, is all there is.
std::string ReceiveUnnamed(EngineFixture& fixture, const DicomSpec& spec) {
  fixture.tree.Write("in/a/1.dcm", MakeDicom(spec));
  ImportRequest request = fixture.Request("a");
  request.parameters.clear();
  const ImportReport report = Must(fixture.engine->Import(request));
  CHECK(report.not_archived.empty());
  REQUIRE(report.uris.size() == 1);
  return report.uris[0];
}

/// Sends one object to DEMO, always under the same file name where the way has one.
ImportRequest RequestBy(const std::string& way, const DicomSpec& spec, EngineFixture& fixture) {
  if (way == "one by one") return GradualRequest(spec);
  const std::string path = way == "zip" ? "in/sent.zip" : "in/sent/a.dcm";
  fixture.tree.Write(path, way == "zip" ? MakeZip({{"a.dcm", MakeDicom(spec)}}) : MakeDicom(spec));
  return fixture.Request(way == "zip" ? "sent.zip" : "sent");
}

}  // namespace

TEST_SUITE("engine.import") {
  TEST_CASE("several studies of one upload become several sessions with timestamps of their own") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 2);
    fixture.WriteStudy("a", 2, 1, 2);
    const ImportReport report = fixture.Import("a");
    CHECK(report.uris.size() == 2);
    std::set<std::string> timestamps;
    for (const auto& row : Must(fixture.engine->PrearchiveSessions("DEMO"))) {
      timestamps.insert(row.timestamp);
      CHECK(row.state == PrearchiveState::kReceiving);
      CHECK(row.source == "DICOM-zip");
    }
    CHECK(timestamps.size() == 2);
  }

  TEST_CASE("without a known project a session is Unassigned, and archived where dest says") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    ImportRequest request = fixture.Request("a");
    request.parameters.clear();
    const ImportReport report = Must(fixture.engine->Import(request));
    REQUIRE(report.uris.size() == 1);
    CHECK(report.uris[0].rfind("/data/prearchive/projects/Unassigned/", 0) == 0);
    const Result<ArchiveReport> nowhere = fixture.Archive(report.uris[0]);
    REQUIRE_FALSE(nowhere.ok());
    CHECK(nowhere.status().reason() == "archive.no-project");
    ArchiveRequest archive;
    archive.src = report.uris[0];
    archive.dest = "/archive/projects/DEMO";
    CHECK(Must(fixture.engine->Archive(archive)).project == "DEMO");
  }

  TEST_CASE("comments in the data choose project, subject and session") {
    EngineFixture fixture;
    DicomSpec spec = EngineFixture::Spec(1);
    spec.values[0x00104000] = "Project: DEMO; Subject:BD0017 Session:BD0017_MR1 AA:true";
    CHECK(ReceiveUnnamed(fixture, spec) ==
          "/data/archive/projects/DEMO/subjects/BD0017/experiments/BD0017_MR1");
  }

  TEST_CASE("re-sent files are recognised; new ones join; a changed one replaces") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 2, 3);
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    const ImportReport again = fixture.Import("a");
    CHECK(again.uris[0] == src);
    CHECK(again.files_identical == 6);
    CHECK(again.files_received == 0);
    CHECK(Must(fixture.engine->FindPrearchiveSession(src)).state == PrearchiveState::kReady);

    fixture.WriteStudy("b", 1, 3, 3);  // one series more
    DicomSpec changed = EngineFixture::Spec(1);
    changed.instance = 2;
    changed.values[0x00104000] = "sent again";
    fixture.tree.Write("in/b/study1/s1/other-name.dcm", MakeDicom(changed));
    fixture.tree.Remove("in/b/study1/s1/2.dcm");
    const ImportReport more = fixture.Import("b");
    CHECK(more.uris[0] == src);
    CHECK(more.files_identical == 5);
    CHECK(more.files_received == 4);
    const PrearchiveSession row = Must(fixture.engine->FindPrearchiveSession(src));
    CHECK(row.state == PrearchiveState::kReceiving);
    CHECK(fixture.tree.Read("root/prearchive/" + row.url + "/SCANS/1/DICOM/2.dcm") ==
          MakeDicom(changed));
    const ArchiveReport report = Must(fixture.Archive(src));
    CHECK(report.files == 9);
    CHECK(report.scans == 3);
  }

  TEST_CASE("an object of another series replaces none that waits, whatever its UID") {
    for (const std::string way : {"folder", "zip", "one by one"}) {
      for (const bool built : {false, true}) {
        for (const std::string number : {"1 ", "2 "}) {
          CAPTURE(way);
          CAPTURE(built);
          CAPTURE(number);
          EngineFixture fixture;
          std::string src;
          const auto send = [&](const DicomSpec& spec) {
            const ImportReport report = Must(fixture.engine->Import(RequestBy(way, spec, fixture)));
            src = report.uris.at(0);
            CHECK(report.files_received + report.files_identical == 1);
            return report.files_received == 1;
          };
          DicomSpec first = EngineFixture::Spec(1);
          DicomSpec second = first;
          second.instance = 2;
          CHECK(send(first));
          CHECK(send(second));
          if (built) Must(fixture.engine->Build(src));
          DicomSpec other = first;
          other.series = 2;
          other.values[0x00080018] = InstanceUid(first);
          other.values[0x00200011] = number;
          CHECK(send(other));
          CHECK_FALSE(send(other));
          CHECK_FALSE(send(first));
          if (built) Must(fixture.engine->Build(src));
          other.values[0x00204000] = "corrected ";  // Image Comments
          CHECK(send(other));

          const ArchiveReport report = Must(fixture.Archive(src));
          CHECK(report.scans == 2);
          std::multiset<std::string> archived;
          for (const std::string& line : Split(fixture.tree.Dump("root/archive/DEMO"), '\n')) {
            const std::string path = "root/archive/DEMO/" + line.substr(0, line.find(' '));
            if (EndsWith(path, ".dcm")) archived.insert(fixture.tree.Read(path));
          }
          CHECK(archived ==
                std::multiset<std::string>{MakeDicom(first), MakeDicom(second), MakeDicom(other)});
          const VerifyReport verified = Must(fixture.engine->Verify({}));
          CHECK(verified.files == 3);
          CHECK(verified.problems.empty());
        }
      }
    }
  }

  TEST_CASE("two objects of one name are both kept; one object under two names is kept once") {
    EngineFixture fixture;
    DicomSpec spec = EngineFixture::Spec(1);
    fixture.tree.Write("in/a/x/1.dcm", MakeDicom(spec));
    fixture.tree.Write("in/a/z/copy.dcm", MakeDicom(spec));
    spec.instance = 2;
    fixture.tree.Write("in/a/y/1.dcm", MakeDicom(spec));
    const ImportReport report = fixture.Import("a");
    CHECK(report.files_received == 2);
    CHECK(report.files_identical == 1);
    CHECK(Must(fixture.Archive(report.uris[0])).files == 2);
  }

  TEST_CASE("two studies with one label are two sessions; only one of them can have the label") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    fixture.WriteStudy("a", 2, 1, 1);
    ImportRequest request = fixture.Request("a");
    request.parameters["session"] = "SAME";
    const ImportReport report = Must(fixture.engine->Import(request));
    REQUIRE(report.uris.size() == 2);
    Must(fixture.Archive(report.uris[0]));
    const Result<ArchiveReport> second = fixture.Archive(report.uris[1]);
    REQUIRE_FALSE(second.ok());
    CHECK(second.status().reason() == "archive.session-exists");
    CHECK(Must(fixture.engine->PrearchiveSessions()).size() == 1);
  }

  TEST_CASE("what is not DICOM ends the import with its name, or is skipped and counted") {
    for (const std::string& kind : BrokenKinds()) {
      if (kind == "no-preamble" || kind == "no-meta") continue;
      CAPTURE(kind);
      EngineFixture fixture;
      fixture.WriteStudy("a", 1, 1, 2);
      DicomSpec spec = EngineFixture::Spec(1);
      spec.instance = 99;
      fixture.tree.Write("in/a/zz/broken", MakeBroken(kind, spec));
      const Result<ImportReport> refused = fixture.engine->Import(fixture.Request("a"));
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.status().code() == Code::kCorruption);
      CHECK(refused.status().path() == "zz/broken");
      CHECK(PrearchiveIsEmpty(fixture));
      ImportRequest tolerant = fixture.Request("a");
      tolerant.parameters["Ignore-Unparsable"] = "true";
      const ImportReport report = Must(fixture.engine->Import(tolerant));
      CHECK(report.files_received == 2);
      CHECK(report.files_skipped == 1);
      REQUIRE(report.skipped.size() == 1);
      CHECK(report.skipped[0].first == "zz/broken");
    }
  }

  TEST_CASE(
      "nothing that can be received, a bad label, an unknown project: refused, nothing left") {
    EngineFixture fixture;
    fixture.tree.Write("in/text/readme.txt", "hello");
    ImportRequest request = fixture.Request("text");
    request.parameters["Ignore-Unparsable"] = "true";
    const Result<ImportReport> nothing = fixture.engine->Import(request);
    REQUIRE_FALSE(nothing.ok());
    CHECK(nothing.status().reason() == "import.nothing");

    fixture.WriteStudy("a", 1, 1, 1);
    for (const std::string& label : {std::string("'^.'"), std::string(300, 'x')}) {
      request = fixture.Request("a");
      request.parameters["session"] = label;
      const Result<ImportReport> refused = fixture.engine->Import(request);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.status().reason() == "import.bad-label");
    }
    request = fixture.Request("a");
    request.parameters["project"] = "NOWHERE";
    const Result<ImportReport> unknown = fixture.engine->Import(request);
    REQUIRE_FALSE(unknown.ok());
    CHECK(unknown.status().code() == Code::kNotFound);
    CHECK(PrearchiveIsEmpty(fixture));
  }

  TEST_CASE("O'Brien^Zoe with an umlaut becomes a label and a subject everywhere") {
    EngineFixture fixture;
    DicomSpec spec = EngineFixture::Spec(1);
    spec.values[0x00080005] = "ISO_IR 192";
    spec.values[0x00100010] = "O'Brien^Zo\xC3\xAB";
    spec.values[0x00100020] = "O'Brien";
    fixture.tree.Write("in/a/1.dcm", MakeDicom(spec));
    const ImportReport report = fixture.Import("a");
    const ArchiveReport archived = Must(fixture.Archive(report.uris[0]));
    CHECK(archived.subject == "O_Brien_Zo_");
    CHECK(archived.label == "O_Brien");
    const SessionDocument document = Must(fixture.engine->Document(archived.uri));
    CHECK(document.Get("dcmPatientName") == "O'Brien^Zo\xC3\xAB");
  }

  TEST_CASE("a link inside a folder is refused") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    fixture.tree.Symlink("/etc/passwd", "in/a/link.dcm");
    const Result<ImportReport> refused = fixture.engine->Import(fixture.Request("a"));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.status().reason() == "import.unsafe-entry");
    CHECK(PrearchiveIsEmpty(fixture));
  }

  TEST_CASE("a container beyond the limits of the options is refused, and nothing is left of it") {
    const std::string image = MakeDicom(EngineFixture::Spec(1));
    DicomSpec blank = EngineFixture::Spec(1);
    blank.instance = 2;
    blank.noise = false;
    blank.rows = blank.columns = 512;
    const std::string zip = MakeZip({{"1.dcm", image}, {"2.dcm", MakeDicom(blank)}});
    struct Case {
      std::function<void(ContainerLimits&, std::uint64_t by)> set;
      const char* reason;
    };
    const std::uint64_t bytes = image.size() + MakeDicom(blank).size();
    const Case cases[] = {
        {[](ContainerLimits& limits, std::uint64_t more) { limits.entries_max = 1 + more; },
         "container.too-many-entries"},
        {[&](ContainerLimits& limits, std::uint64_t more) {
           limits.total_bytes_max = bytes - 1 + more;
         },
         "container.too-large"},
        {[](ContainerLimits& limits, std::uint64_t more) {
           limits.ratio_max = more == 0 ? 20 : 1000;
           limits.ratio_floor_bytes = 1000;
         },
         "container.bomb"}};
    for (const Case& c : cases) {
      CAPTURE(c.reason);
      EngineFixture fixture;
      fixture.tree.Write("in/x.zip", zip);
      ImportRequest request = fixture.Request("x.zip");
      c.set(fixture.options.container_limits, 0);
      fixture.Open();
      for (const char* tolerant : {"false", "true"}) {
        request.parameters["Ignore-Unparsable"] = tolerant;
        const Status refused = fixture.engine->Import(request).status();
        CHECK(refused.code() == Code::kInvalidArgument);
        CHECK(refused.reason() == c.reason);
        CHECK(PrearchiveIsEmpty(fixture));
      }
      c.set(fixture.options.container_limits, 1);  // just enough
      fixture.Open();
      CHECK(Must(fixture.engine->Import(request)).files_received == 2);
    }
  }

  TEST_CASE("rules of the options choose project, subject and session before the data does") {
    EngineFixture fixture;
    fixture.options.routing_rules.project = {"(0008,0080):(\\w+) Hospital"};
    fixture.options.routing_rules.subject = {"(0010,0030):(.*)"};
    fixture.options.routing_rules.session = {"(0008,1030):Visit (\\d+) t:(\\d+) r:V$1"};
    fixture.Open();
    DicomSpec spec = EngineFixture::Spec(1);
    spec.values[0x00080080] = "DEMO Hospital";  // Institution Name
    spec.values[0x00081030] = "Visit 7";        // Study Description
    spec.values[0x00100030] = "19700102";       // Patient's Birth Date
    spec.values[0x00104000] = "Project:NONE Subject:WRONG Session:WRONG";
    const std::string src = ReceiveUnnamed(fixture, spec);
    CHECK(src.rfind("/data/prearchive/projects/DEMO/", 0) == 0);
    CHECK(Must(fixture.Archive(src)).uri ==
          "/data/archive/projects/DEMO/subjects/19700102/experiments/V7");

    fixture.options.routing_rules.project = {"no rule"};
    fixture.Open();
    spec.study = 2;
    fixture.tree.Write("in/b/1.dcm", MakeDicom(spec));
    const Status refused = fixture.engine->Import(fixture.Request("b")).status();
    CHECK(refused.code() == Code::kInvalidArgument);
    CHECK(refused.reason() == "routing.bad-rule");
    CHECK(PrearchiveIsEmpty(fixture));
  }

  TEST_CASE("a rule that came later finds the project of a session that waits Unassigned") {
    EngineFixture fixture;
    DicomSpec spec = EngineFixture::Spec(1);
    spec.values[0x00080080] = "DEMO Hospital";
    const std::string src = ReceiveUnnamed(fixture, spec);
    CHECK(src.rfind("/data/prearchive/projects/Unassigned/", 0) == 0);
    CHECK(fixture.Archive(src).status().reason() == "archive.no-project");
    fixture.options.routing_rules.project = {"(0008,0080):(\\w+) Hospital"};
    fixture.Open();
    CHECK(Must(fixture.Archive(src)).project == "DEMO");
    CHECK(fixture.tree.Exists("root/archive/DEMO/arc001/S1/session.xml"));
    CHECK(PrearchiveIsEmpty(fixture));
  }

  TEST_CASE("cancelling an import leaves nothing behind") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1);
    CallOptions call;
    call.progress = [](const Progress&) { return false; };
    const Result<ImportReport> cancelled = fixture.engine->Import(fixture.Request("a"), call);
    REQUIRE_FALSE(cancelled.ok());
    CHECK(cancelled.status().code() == Code::kCancelled);
    CHECK(PrearchiveIsEmpty(fixture));
  }

  TEST_CASE(
      "a project with code 4 archives what arrives; what can not be archived stays and is told") {
    EngineFixture fixture;
    Project project;
    project.id = "AUTO";
    project.prearchive_code = 4;
    Must(fixture.engine->AddProject(project));
    fixture.WriteStudy("a", 1, 1, 1);
    ImportRequest request = fixture.Request("a");
    request.parameters["project"] = "AUTO";
    const ImportReport first = Must(fixture.engine->Import(request));
    CHECK(first.uris[0] == "/data/archive/projects/AUTO/subjects/Test_Subject1/experiments/S1");
    request.parameters["overwrite"] = "none";  // the project's code would append
    const ImportReport second = Must(fixture.engine->Import(request));
    REQUIRE(second.not_archived.size() == 1);
    CHECK(second.not_archived[0].second.reason() == "archive.session-exists");
    CHECK(second.uris[0] == second.not_archived[0].first);
  }

  TEST_CASE("deleting a prearchive session removes its files, its document and its row") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1);
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    Must(fixture.engine->DeletePrearchiveSession(src));
    CHECK(PrearchiveIsEmpty(fixture));
    CHECK(fixture.engine->DeletePrearchiveSession(src).code() == Code::kNotFound);
  }
}

}  // namespace xnatarchive
