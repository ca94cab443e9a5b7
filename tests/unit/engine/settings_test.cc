#include "xnatarchive/settings.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "base/text.hpp"
#include "engine/archive_settings.hpp"
#include "support/engine_fixture.hpp"

namespace xnatarchive {
namespace {

std::string Reason(const Status& status) {
  if (status.ok()) return "ok";
  CHECK(status.code() == Code::kInvalidArgument);
  const bool told = std::string(status.message()).find("expected") != std::string::npos;
  CHECK((told || status.reason() == "setting.read-only"));
  return std::string(status.reason());
}

std::string Check(std::string_view name, std::string_view value, bool project) {
  return Reason(CheckSetting(name, value, project ? SettingScope::kProject : SettingScope::kSite));
}

std::string Value(const ArchiveEngine& engine, std::string_view name,
                  std::string_view project = {}) {
  return Must(engine.Setting(name, project));
}

/// Which digests the first file of an archived session has.
std::string Digests(const EngineFixture& fixture, const std::string& uri) {
  const auto file = Must(fixture.engine->List(uri + "/scans/1/resources/DICOM")).rows[0];
  return std::string(file[2].empty() ? "" : "md5 ") + (file[3].empty() ? "" : "xxh3");
}

}  // namespace

TEST_SUITE("engine.settings") {
  TEST_CASE("a setting has its default until it is set, and is kept by the store") {
    EngineFixture fixture;
    CHECK(Value(*fixture.engine, "site_id") == "XNAT");
    CHECK(Value(*fixture.engine, "use_sop_instance_uid") == "true");
    CHECK(Value(*fixture.engine, "autorun_timeout", "DEMO") == "0");
    Must(fixture.engine->SetSetting("use_sop_instance_uid", "false"));
    Must(fixture.engine->SetSetting("autorun_timeout", "5", "DEMO"));
    Must(fixture.engine->SetSetting("prearchive_code", "4", "DEMO"));
    Must(fixture.engine->SetSetting("series_import_filter", "blacklist\nx"));
    fixture.Open();
    CHECK(Value(*fixture.engine, "use_sop_instance_uid") == "false");
    CHECK(Value(*fixture.engine, "autorun_timeout", "DEMO") == "5");
    CHECK(Value(*fixture.engine, "series_import_filter") == "blacklist\nx");
    CHECK(Value(*fixture.engine, "series_import_filter", "DEMO").empty());
    CHECK(Must(fixture.engine->Projects())[0].prearchive_code == 4);
  }

  TEST_CASE("the table has every setting of the scope, with value and default") {
    EngineFixture fixture;
    Must(fixture.engine->SetSetting("checksum", "md5"));
    Must(fixture.engine->SetSetting("quarantine_code", "1", "DEMO"));
    const auto find = [](const Table& table, std::string_view name) {
      for (const auto& row : table.rows) {
        if (row[0] == name) return row[1] + " " + row[2];
      }
      return std::string("none");
    };
    const Table site = Must(fixture.engine->Settings());
    CHECK(site.columns ==
          std::vector<std::string>{"name", "value", "default", "expected", "purpose"});
    CHECK(find(site, "checksum") == "md5 md5+xxh3");
    CHECK(find(site, "series_import_filter") == " ");
    CHECK(find(site, "quarantine_code") == "none");
    const Table project = Must(fixture.engine->Settings("DEMO"));
    CHECK(find(project, "quarantine_code") == "1 0");
    CHECK(find(project, "series_import_filter") == " ");
    CHECK(find(project, "checksum") == "none");
    CHECK(fixture.engine->Settings("NONE").status().reason() == "project.not-found");
  }

  TEST_CASE("what is refused changes nothing") {
    EngineFixture fixture;
    Project other;
    other.id = "OTHER";
    Must(fixture.engine->AddProject(other));
    const std::string before = fixture.Dump();
    CHECK(Reason(fixture.engine->SetSetting("frobnicate", "1")) == "setting.unknown");
    CHECK(Reason(fixture.engine->SetSetting("site_id", "NEW")) == "setting.read-only");
    CHECK(Reason(fixture.engine->SetSetting("checksum", "crc")) == "setting.bad-value");
    CHECK(Reason(fixture.engine->SetSetting("autorun", "x")) == "setting.needs-project");
    CHECK(Reason(fixture.engine->SetSetting("checksum", "md5", "DEMO")) ==
          "setting.not-of-projects");
    CHECK(Reason(fixture.engine->Setting("autorun").status()) == "setting.needs-project");
    CHECK(fixture.engine->SetSetting("autorun", "x", "NONE").reason() == "project.not-found");
    CHECK(fixture.engine->SetSetting("aliases", "Other", "DEMO").reason() == "store.alias-taken");
    CHECK(fixture.Dump() == before);
  }

  TEST_CASE("a checksum that is set is used by this engine and by the next") {
    EngineFixture fixture;
    for (int study = 1; study <= 3; ++study) fixture.WriteStudy(std::to_string(study), study, 1, 1);
    const auto digests = [&](const std::string& folder) {
      return Digests(fixture, Must(fixture.Archive(fixture.Import(folder).uris[0])).uri);
    };
    CHECK(digests("1") == "md5 xxh3");
    Must(fixture.engine->SetSetting("checksum", "md5"));
    CHECK(digests("2") == "md5 ");
    fixture.Open();
    CHECK(digests("3") == "md5 ");
  }

  TEST_CASE("requests and data may call a project by an alias") {
    EngineFixture fixture;
    Must(fixture.engine->SetSetting("aliases", "Brain^Dev, BD", "DEMO"));
    CHECK(Value(*fixture.engine, "aliases", "bd") == "Brain^Dev, BD");
    DicomSpec spec = EngineFixture::Spec(1);
    spec.values[0x00081030] = "BRAIN^DEV";  // StudyDescription
    fixture.tree.Write("in/data/1.dcm", MakeDicom(spec));
    ImportRequest request = fixture.Request("data");
    request.parameters.clear();
    CHECK(Must(fixture.engine->Import(request)).uris[0].find("/prearchive/projects/DEMO/") !=
          std::string::npos);
    fixture.WriteStudy("named", 2, 1, 1);
    request = fixture.Request("named");
    request.parameters["project"] = "bd";
    const std::string waiting = Must(fixture.engine->Import(request)).uris[0];
    CHECK(waiting.find("/prearchive/projects/DEMO/") != std::string::npos);
    ArchiveRequest archive;
    archive.src = waiting;
    archive.dest = "/archive/projects/bd";
    CHECK(Must(fixture.engine->Archive(archive)).project == "DEMO");
    Project taken;
    taken.id = "bd";
    CHECK(fixture.engine->AddProject(taken).reason() == "store.project-exists");
  }

  TEST_CASE("every setting is defined once, is documented, and takes its own default") {
    std::set<std::string_view> names;
    for (const SettingInfo& info : KnownSettings()) {
      CAPTURE(info.name);
      CHECK(names.insert(info.name).second);
      CHECK_FALSE(info.purpose.empty());
      CHECK_FALSE(info.expected.empty());
      for (const SettingScope scope : {SettingScope::kSite, SettingScope::kProject}) {
        const bool has = info.scope == scope || info.scope == SettingScope::kSiteAndProject;
        CHECK(FindSetting(info.name, scope).ok() == has);
        if (!has || info.read_only) continue;
        CHECK(CheckSetting(info.name, info.default_value, scope).ok());
      }
    }
  }

  TEST_CASE("values are checked, and the refusal says what was expected") {
    struct Case {
      const char* name;
      const char* value;
      bool project;
      const char* reason;
    };
    const Case cases[] = {
        {"checksum", "md5", false, "ok"},
        {"checksum", "MD5", false, "setting.bad-value"},
        {"checksum", "md5|xxh3", false, "setting.bad-value"},
        {"checksum", "", false, "setting.bad-value"},
        {"identical_files", "conflict", false, "ok"},
        {"use_sop_instance_uid", "false", false, "ok"},
        {"use_sop_instance_uid", "0", false, "setting.bad-value"},
        {"prevent_cross_modality_merge", "yes", false, "setting.bad-value"},
        {"series_import_filter", "blacklist\\nlocalizer", false, "ok"},
        {"series_import_filter", "whitelist\nT1", true, "ok"},
        {"series_import_filter", "localizer", true, "setting.bad-value"},
        {"prearchive_code", "5", true, "ok"},
        {"prearchive_code", "1", true, "setting.bad-value"},
        {"quarantine_code", "true", true, "setting.bad-value"},
        {"autorun", "make -C . && echo 'd\xC3\xA9j\xC3\xA0'", true, "ok"},
        {"autorun", "\xFF", true, "setting.bad-value"},
        {"autorun_timeout", "604800", true, "ok"},
        {"autorun_timeout", "-1", true, "setting.bad-value"},
        {"autorun_timeout", "604801", true, "setting.bad-value"},
        {"autorun_timeout", "1.5", true, "setting.bad-value"},
        {"allow_uid_mismatch", "true", true, "ok"},
        {"aliases", "Brain^Dev, BD", true, "ok"},
        {"aliases", "Brain\nDev", true, "setting.bad-value"},
        {"session_idle_minutes", "0", false, "ok"},
        {"session_idle_minutes", "10080", false, "ok"},
        {"session_idle_minutes", "10081", false, "setting.bad-value"},
        {"session_idle_minutes", "307445734561825861", false, "setting.bad-value"},
        {"site_id", "OTHER", false, "setting.read-only"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.name);
      CAPTURE(c.value);
      CHECK(Check(c.name, c.value, c.project) == c.reason);
    }
  }

  TEST_CASE("a name that is none, or of the other scope, is refused") {
    CHECK(Check("frobnicate", "1", false) == "setting.unknown");
    CHECK(Check("", "1", true) == "setting.unknown");
    CHECK(Check("aliases", "A", false) == "setting.needs-project");
    CHECK(Check("checksum", "md5", true) == "setting.not-of-projects");
  }

  TEST_CASE("archiving is told the site's settings and the project's, defaults where none is set") {
    TempTree tree;
    Store store = Must(Store::Open("sqlite3://" + tree.path() + "/store.sqlite3"));
    ProjectRow project;
    project.id = "P1";
    Must(store.AddProject(project));
    project.id = "P2";
    Must(store.AddProject(project));
    ArchiveSettings settings = Must(LoadArchiveSettings(store, "P1"));
    CHECK(settings.use_sop_instance_uid);
    CHECK_FALSE(settings.conflict_on_identical);
    CHECK(settings.prevent_cross_modality_merge);
    CHECK_FALSE(settings.allow_uid_mismatch);
    CHECK(settings.filter.TakesEverything());

    Must(store.SetSetting("use_sop_instance_uid", "false"));
    Must(store.SetSetting("identical_files", "conflict"));
    Must(store.SetSetting("prevent_cross_modality_merge", "false"));
    Must(store.SetSetting("series_import_filter", "blacklist\nlocalizer"));
    Must(store.SetProjectSetting("P1", "allow_uid_mismatch", "true"));
    Must(store.SetProjectSetting("P1", "series_import_filter", "whitelist\n[Modality]\nMR"));
    settings = Must(LoadArchiveSettings(store, "P1"));
    CHECK_FALSE(settings.use_sop_instance_uid);
    CHECK(settings.conflict_on_identical);
    CHECK_FALSE(settings.prevent_cross_modality_merge);
    CHECK(settings.allow_uid_mismatch);
    CHECK(settings.filter.Tags() == std::vector<Tag>{kTagModality, kTagSeriesDescription});
    const ArchiveSettings other = Must(LoadArchiveSettings(store, "P2"));
    CHECK_FALSE(other.allow_uid_mismatch);
    CHECK(other.filter.Tags() == std::vector<Tag>{kTagSeriesDescription});
    CHECK(Must(LoadArchiveSettings(store, "")).filter.Tags() == other.filter.Tags());

    CHECK(LoadArchiveSettings(store, "P3").status().reason() == "store.no-project");
    Must(store.SetSetting("series_import_filter", "nonsense"));
    CHECK(LoadArchiveSettings(store, "P1").status().reason() == "setting.unreadable");
  }
}

}  // namespace xnatarchive
