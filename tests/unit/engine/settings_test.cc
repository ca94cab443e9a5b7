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
  return Reason(
      CheckSetting(name, value, project ? SettingScope::kProject : SettingScope::kSite));
}

}  // namespace

TEST_SUITE("engine.settings") {
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
        {"autorun_timeout", "0", true, "setting.bad-value"},
        {"autorun_timeout", "604801", true, "setting.bad-value"},
        {"autorun_timeout", "1.5", true, "setting.bad-value"},
        {"allow_uid_mismatch", "true", true, "ok"},
        {"aliases", "Brain^Dev, BD", true, "ok"},
        {"aliases", "Brain\nDev", true, "setting.bad-value"},
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
