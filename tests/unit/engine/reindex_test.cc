#include <doctest/doctest.h>

#include "support/engine_fixture.hpp"

namespace xnatarchive {

TEST_SUITE("engine.reindex") {
  TEST_CASE(
      "a lost store is rebuilt from the trees: same listings, identifiers not given out again") {
    EngineFixture fixture;
    for (int study = 1; study <= 3; ++study) {
      fixture.WriteStudy(std::to_string(study), study, 1, 2);
    }
    Must(fixture.Archive(fixture.Import("1").uris[0]));
    Must(fixture.Archive(fixture.Import("2").uris[0]));
    const std::string waiting = fixture.Import("3").uris[0];
    Must(fixture.engine->Build(waiting));
    const auto listing = [&] {
      return Must(fixture.engine->List("/projects/DEMO/experiments")).rows;
    };
    const auto before = listing();
    REQUIRE(before.size() == 2);

    fixture.LoseStore();
    CHECK(ArchiveEngine::Open(fixture.options).status().reason() == "engine.no-store");
    Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
    fixture.Open();
    const ReindexReport report = Must(fixture.engine->Reindex());
    CHECK(report.projects == 1);
    CHECK(report.subjects == 2);
    CHECK(report.experiments == 2);
    CHECK(report.prearchive_sessions == 1);
    CHECK(report.unreadable.empty());
    CHECK(listing() == before);
    CHECK(Must(fixture.engine->FindPrearchiveSession(waiting)).state == PrearchiveState::kReady);
    CHECK(Must(fixture.Archive(waiting)).experiment_id == "XNAT_E00003");
    CHECK(listing().size() == 3);
  }

  TEST_CASE("files that came after the last build are not forgotten by a reindex") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 1, 2);
    const std::string src = fixture.Import("a").uris[0];
    Must(fixture.engine->Build(src));
    fixture.WriteStudy("b", 1, 2, 2);
    CHECK(fixture.Import("b").uris[0] == src);
    fixture.LoseStore();
    Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
    fixture.Open();
    Must(fixture.engine->Reindex());
    CHECK(Must(fixture.engine->FindPrearchiveSession(src)).state == PrearchiveState::kReceiving);
    CHECK(Must(fixture.Archive(src)).files == 4);
  }

  TEST_CASE("an unreadable document is reported and hides nothing else") {
    EngineFixture fixture;
    fixture.WriteStudy("1", 1, 1, 1);
    fixture.WriteStudy("2", 2, 1, 1);
    Must(fixture.Archive(fixture.Import("1").uris[0]));
    Must(fixture.Archive(fixture.Import("2").uris[0]));
    fixture.tree.Write("root/archive/DEMO/arc001/S1/session.xml", "garbage");
    const ReindexReport report = Must(fixture.engine->Reindex());
    REQUIRE(report.unreadable.size() == 1);
    CHECK(report.unreadable[0].first == "DEMO/arc001/S1/session.xml");
    CHECK_FALSE(report.unreadable[0].second.ok());
    CHECK(Must(fixture.engine->List("/projects/DEMO/experiments")).rows.size() == 1);
  }

  TEST_CASE("a URI is answered with its own level, or not at all") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1, 2, 2);
    const std::string uri = Must(fixture.Archive(fixture.Import("a").uris[0])).uri;
    const auto rows = [&](const std::string& at) {
      return Must(fixture.engine->List(at)).rows.size();
    };
    CHECK(rows("") == 1);
    CHECK(rows("/projects") == 1);
    CHECK(rows("/data/archive/projects/DEMO") == 1);
    CHECK(rows("/projects/DEMO/subjects/Test_Subject1/experiments") == 1);
    CHECK(rows(uri) == 2);
    CHECK(rows("/experiments/XNAT_E00001/scans") == 2);
    CHECK(rows(uri + "/scans/2") == 1);
    CHECK(rows(uri + "/scans/2/resources/DICOM/files") == 2);
    CHECK(rows("/prearchive") == 0);
    for (const std::string& at : {std::string("/projects/DEMO/resources"), std::string("/subjects"),
                                  std::string("/archive/experiments"), uri + "/assessors"}) {
      CAPTURE(at);
      const Result<Table> refused = fixture.engine->List(at);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.status().code() == Code::kInvalidArgument);
    }
    for (const std::string& at :
         {std::string("/projects/NO"), std::string("/projects/DEMO/subjects/NO"),
          std::string("/experiments/XNAT_E00009"), uri + "/scans/9",
          uri + "/scans/1/resources/NO"}) {
      CAPTURE(at);
      const Result<Table> missing = fixture.engine->List(at);
      REQUIRE_FALSE(missing.ok());
      CHECK(missing.status().code() == Code::kNotFound);
    }
  }

  TEST_CASE("opening a root that does not exist, or making one twice, is a clear error") {
    EngineFixture fixture;
    EngineOptions options;
    options.root = fixture.tree.path() + "/nowhere";
    const auto opened = ArchiveEngine::Open(options);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.status().code() == Code::kNotFound);
    CHECK(opened.status().reason() == "engine.no-root");
    CHECK_FALSE(fixture.tree.Exists("nowhere"));
    CHECK(ArchiveEngine::Init(fixture.options, InitOptions{}).reason() == "engine.root-in-use");
  }
}

}  // namespace xnatarchive
