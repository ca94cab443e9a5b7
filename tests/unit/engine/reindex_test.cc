#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "catalog/index_differences.hpp"
#include "support/engine_fixture.hpp"

namespace xnatarchive {
namespace {

/// A line for each: "kind change project/id field: before -> after".
std::string Tell(const std::vector<IndexDifference>& differences) {
  std::string told;
  for (const IndexDifference& difference : differences) {
    told += std::string(IndexRowKindName(difference.kind)) + " " +
            std::string(IndexChangeName(difference.change)) + " " + difference.project + "/" +
            difference.id;
    if (!difference.field.empty()) {
      told += " " + difference.field + ": " + difference.before + " -> " + difference.after;
    }
    told += "\n";
  }
  return told;
}

}  // namespace

TEST_SUITE("catalog.index_differences") {
  TEST_CASE("two states of the index differ in the rows one has, and the fields both have") {
    using Fields = std::map<std::string, std::string>;
    const auto project = [](const std::string& id) {
      return std::pair<const IndexKey, IndexFields>{{IndexRowKind::kProject, id}, {id, id, {}}};
    };
    const auto experiment = [](const std::string& id, const std::string& in, Fields values) {
      values["project"] = in;
      return std::pair<const IndexKey, IndexFields>{{IndexRowKind::kExperiment, id},
                                                    {in, id, std::move(values)}};
    };
    const auto waiting = [](const std::string& id) {
      return std::pair<const IndexKey, IndexFields>{{IndexRowKind::kPrearchiveSession, id},
                                                    {"", id, {{"status", "READY"}}}};
    };
    const Fields one = {{"label", "S1"}, {"file_count", "3"}};
    const Fields other = {{"label", "S9"}, {"file_count", "4"}};
    const struct {
      IndexSnapshot before;
      IndexSnapshot after;
      const char* told;
    } cases[] = {
        {{}, {}, ""},
        {{project("P"), experiment("E1", "P", one), waiting("T/S")},
         {project("P"), experiment("E1", "P", one), waiting("T/S")},
         ""},
        {{}, {project("P")}, "project added P/P\n"},
        {{project("P")}, {}, "project removed P/P\n"},
        {{waiting("T/S")},
         {waiting("T/R")},
         "prearchive-session added /T/R\nprearchive-session removed /T/S\n"},
        {{experiment("E1", "P", one)},
         {experiment("E1", "P", other)},
         "experiment changed P/E1 file_count: 3 -> 4\nexperiment changed P/E1 label: S1 -> S9\n"},
        // One that moved is one row still, and is told of where it is now.
        {{experiment("E1", "P", one)},
         {experiment("E1", "Q", one)},
         "experiment changed Q/E1 project: P -> Q\n"},
        // A row of one kind is never taken for one of another that has its ID.
        {{project("X")},
         {experiment("X", "X", one)},
         "project removed X/X\nexperiment added X/X\n"},
        // By kind, project, ID: whatever the order of the IDs.
        {{experiment("E3", "A", one)},
         {experiment("E1", "B", one), experiment("E2", "A", one), project("Z")},
         "project added Z/Z\nexperiment added A/E2\nexperiment removed A/E3\n"
         "experiment added B/E1\n"},
    };
    for (const auto& row : cases) CHECK(Tell(FindDifferences(row.before, row.after)) == row.told);
  }
}

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
      Table table = Must(fixture.engine->List("/projects/DEMO/experiments"));
      const auto date = std::find(table.columns.begin(), table.columns.end(), "insert_date");
      REQUIRE(date != table.columns.end());
      // Of a lost store, all but this is in the trees: it is when the document was written last.
      for (auto& row : table.rows) {
        std::string& cell = row[static_cast<std::size_t>(date - table.columns.begin())];
        CHECK(cell.size() > std::string("2026-01-01 00:00:00.").size());
        cell.clear();
      }
      return table.rows;
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

  TEST_CASE(
      "a reindex keeps when session and subject came, whenever their documents were written") {
    EngineFixture fixture;
    fixture.WriteStudy("1", 1, 1, 1);
    Must(fixture.Archive(fixture.Import("1").uris[0]));
    const auto rows = [&](const char* uri) { return Must(fixture.engine->List(uri)).rows; };
    const auto sessions = rows("/projects/DEMO/experiments");
    const auto subjects = rows("/projects/DEMO/subjects");
    REQUIRE(subjects.size() == 1);
    CHECK(subjects[0].at(2) == sessions[0].at(9));  // it came with its first session
    for (const char* name : {"arc001/S1/session.xml", "subjects/Test_Subject1/subject.xml"}) {
      const std::filesystem::path document = fixture.options.root + "/archive/DEMO/" + name;
      std::filesystem::last_write_time(
          document, std::filesystem::last_write_time(document) - std::chrono::hours(48));
    }
    Must(fixture.engine->Reindex());
    CHECK(rows("/projects/DEMO/experiments") == sessions);
    CHECK(rows("/projects/DEMO/subjects") == subjects);
    soci::session sql(soci::sqlite3, "db=\"" + fixture.options.root + "/store.sqlite3\"");
    sql << "UPDATE subjects SET inserted = 0";  // not known, as in a store of an earlier version
    Must(fixture.engine->Reindex());
    const std::string written = rows("/projects/DEMO/subjects")[0].at(2);
    CHECK(written > "2000");
    CHECK(written < subjects[0].at(2));
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

  TEST_CASE("every difference between index and trees is told, and there is none afterwards") {
    EngineFixture fixture;
    for (int study = 1; study <= 5; ++study) {
      fixture.WriteStudy(std::to_string(study), study, 1, 1);
    }
    for (const char* study : {"1", "2", "3"}) {
      Must(fixture.Archive(fixture.Import(study).uris[0]));
    }
    const std::string waiting = fixture.Import("4").uris[0];
    CHECK(Must(fixture.engine->Reindex()).differences.empty());

    const std::string base = "root/archive/DEMO/arc001/";
    std::string document = fixture.tree.Read(base + "S1/session.xml");
    const std::size_t at = document.find("file_count=\"1\"");
    REQUIRE(at != std::string::npos);
    fixture.tree.Write(base + "S1/session.xml", document.replace(at, 14, "file_count=\"7\""));
    fixture.tree.Remove(base + "S2");
    fixture.tree.Write("root/archive/OTHER/arc001/NEW/session.xml",
                       fixture.tree.Read(base + "S3/session.xml")
                           .replace(fixture.tree.Read(base + "S3/session.xml").find("XNAT_E00003"),
                                    11, "XNAT_E00009"));
    fixture.tree.Remove("root/prearchive/DEMO");
    const ReindexReport report = Must(fixture.engine->Reindex());
    const std::string told = Tell(report.differences);
    const std::string place = waiting.substr(waiting.find("DEMO/"));
    CHECK(told ==
          "project added OTHER/OTHER\n"
          "experiment changed DEMO/XNAT_E00001 file_count: 1 -> 7\n"
          "experiment removed DEMO/XNAT_E00002\n"
          "experiment added OTHER/XNAT_E00009\n"
          "prearchive-session removed " +
              place + "\n");
    CHECK(Must(fixture.engine->Reindex()).differences.empty());
  }

  TEST_CASE("of a lost store everything is told as added") {
    EngineFixture fixture;
    fixture.WriteStudy("1", 1, 1, 1);
    Must(fixture.Archive(fixture.Import("1").uris[0]));
    fixture.LoseStore();
    Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
    fixture.Open();
    const ReindexReport report = Must(fixture.engine->Reindex());
    CHECK(report.differences.size() == 3);
    for (const IndexDifference& difference : report.differences) {
      CHECK(difference.change == IndexChange::kAdded);
    }
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
