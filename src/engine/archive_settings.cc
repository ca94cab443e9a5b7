#include "engine/archive_settings.hpp"

#include <map>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xnatarchive/settings.hpp"

namespace xnatarchive {
namespace {

/// The settings of one scope, defaults filled in.
class Values {
 public:
  Values(std::map<std::string, std::string> set, SettingScope scope) : values_(std::move(set)) {
    for (const SettingInfo& info : KnownSettings()) {
      if (info.scope == scope || info.scope == SettingScope::kSiteAndProject) {
        values_.emplace(info.name, info.default_value);
      }
    }
  }

  bool Is(const char* name, const char* value) const { return values_.at(name) == value; }

  Result<std::int64_t> Number(const char* name) const {
    const auto number = ParseInt(values_.at(name));
    if (number) return *number;
    return Status(Code::kCorruption, "setting.unreadable", std::string(name) + ": no number");
  }

  Status Restrict(SeriesFilter* filter) const {
    const Result<SeriesFilter> own = SeriesFilter::Parse(values_.at("series_import_filter"));
    if (!own.ok()) {
      return Status(Code::kCorruption, "setting.unreadable",
                    "series_import_filter: " + std::string(own.status().message()));
    }
    filter->Restrict(*own);
    return Status();
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace

Result<ArchiveSettings> LoadArchiveSettings(Store& store, const std::string& project) {
  ArchiveSettings settings;
  XNA_ASSIGN_OR_RETURN(auto set, store.ListSettings());
  const Values site(std::move(set), SettingScope::kSite);
  settings.use_sop_instance_uid = site.Is("use_sop_instance_uid", "true");
  settings.conflict_on_identical = site.Is("identical_files", "conflict");
  settings.prevent_cross_modality_merge = site.Is("prevent_cross_modality_merge", "true");
  settings.review_without_options = site.Is("refresh_without_options", "review");
  XNA_ASSIGN_OR_RETURN(settings.removal_percent_max, site.Number("refresh_removal_percent"));
  XNA_ASSIGN_OR_RETURN(const std::int64_t idle_minutes, site.Number("session_idle_minutes"));
  settings.idle_ms = idle_minutes * 60'000;
  XNA_RETURN_IF_ERROR(site.Restrict(&settings.filter));
  if (project.empty()) return settings;

  XNA_ASSIGN_OR_RETURN(auto set_for_project, store.ListSettings(project));
  const Values own(std::move(set_for_project), SettingScope::kProject);
  settings.allow_uid_mismatch = own.Is("allow_uid_mismatch", "true");
  XNA_ASSIGN_OR_RETURN(const std::int64_t timeout_s, own.Number("autorun_timeout"));
  settings.autorun_timeout_ms = static_cast<int>(timeout_s * 1000);
  XNA_RETURN_IF_ERROR(own.Restrict(&settings.filter));
  return settings;
}

}  // namespace xnatarchive
