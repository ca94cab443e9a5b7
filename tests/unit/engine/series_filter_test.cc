#include <doctest/doctest.h>

#include "support/engine_fixture.hpp"

namespace xnatarchive {
namespace {

/// One study of three series: "T1", "LOCALIZER", and one without a description.
void WriteSeries(EngineFixture& fixture, const std::string& folder) {
  const char* const descriptions[] = {"T1", "LOCALIZER", ""};
  for (int series = 1; series <= 3; ++series) {
    for (int instance = 1; instance <= 2; ++instance) {
      DicomSpec spec = EngineFixture::Spec(1);
      spec.series = series;
      spec.instance = instance;
      spec.values[0x0008103E] = descriptions[series - 1];
      spec.values[0x00180021] = series == 1 ? "SP" : "";    // SequenceVariant
      spec.values[0x00321033] = series == 1 ? "Ward" : "";  // RequestingService: not read otherwise
      fixture.tree.Write("in/" + folder + "/" + std::to_string(series * 10 + instance) + ".dcm",
                         MakeDicom(spec));
    }
  }
}

/// The scans that an import brings.
std::vector<std::string> Received(EngineFixture& fixture, const ImportReport& report) {
  REQUIRE(report.uris.size() == 1);
  Must(fixture.engine->Build(report.uris[0]));
  std::vector<std::string> scans;
  for (const Scan& scan : Must(fixture.engine->Document(report.uris[0])).scans) {
    scans.push_back(scan.id);
  }
  return scans;
}

}  // namespace

TEST_SUITE("engine.series_filter") {
  TEST_CASE("files of series that the project does not take are skipped and counted") {
    EngineFixture fixture;
    WriteSeries(fixture, "a");
    Must(fixture.engine->SetSetting("series_import_filter", "blacklist\nlocalizer", "DEMO"));
    const ImportReport report = fixture.Import("a");
    CHECK(report.files_received == 4);
    CHECK(report.files_skipped == 2);
    CHECK(report.files_filtered == 2);
    REQUIRE(report.skipped.size() == 2);
    CHECK(report.skipped[0].first == "21.dcm");
    CHECK(report.skipped[0].second.reason() == "import.filtered-series");
    CHECK(Received(fixture, report) == std::vector<std::string>{"1", "3"});
  }

  TEST_CASE("the site's filter and the project's both count; another project's does not") {
    EngineFixture fixture;
    Project other;
    other.id = "OTHER";
    Must(fixture.engine->AddProject(other));
    WriteSeries(fixture, "a");
    Must(fixture.engine->SetSetting("series_import_filter", "blacklist\nlocalizer"));
    Must(fixture.engine->SetSetting("series_import_filter", "whitelist\nt1\nlocalizer", "DEMO"));
    Must(fixture.engine->SetSetting("series_import_filter", "whitelist\nnone", "OTHER"));
    CHECK(Received(fixture, fixture.Import("a")) == std::vector<std::string>{"1"});
  }

  TEST_CASE("a filter may look at elements that are read for nothing else") {
    EngineFixture fixture;
    WriteSeries(fixture, "a");
    Must(fixture.engine->SetSetting(
        "series_import_filter", "whitelist\n[(0032,1033)]\nward\n[SequenceVariant]\nMP", "DEMO"));
    CHECK(Received(fixture, fixture.Import("a")) == std::vector<std::string>{"1"});
  }

  TEST_CASE("an input of which nothing is taken is no session, and leaves nothing") {
    EngineFixture fixture;
    WriteSeries(fixture, "a");
    Must(fixture.engine->SetSetting("series_import_filter", "whitelist\nnone", "DEMO"));
    const ImportReport report = fixture.Import("a");
    const std::string after = fixture.tree.Dump("root/prearchive");
    CHECK(report.uris.empty());
    CHECK(report.files_received == 0);
    CHECK(report.files_filtered == 6);
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
    CHECK(after.find("DEMO") == std::string::npos);
    CHECK(Must(fixture.engine->Recover()).discarded.empty());
    CHECK(fixture.Import("a").uris.empty());
    CHECK(fixture.tree.Dump("root/prearchive") == after);
  }

  TEST_CASE("Unassigned files are held against the site's filter alone") {
    EngineFixture fixture;
    WriteSeries(fixture, "a");
    Must(fixture.engine->SetSetting("series_import_filter", "blacklist\nT1"));
    Must(fixture.engine->SetSetting("series_import_filter", "whitelist\nnone", "DEMO"));
    for (const char* project : {"", "Unassigned", "unassigned"}) {
      CAPTURE(project);
      ImportRequest request = fixture.Request("a");
      request.parameters["project"] = project;
      const ImportReport report = Must(fixture.engine->Import(request));
      CHECK(report.files_filtered == 2);
    }
  }
}

}  // namespace xnatarchive
