#include "xnatarchive/settings.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "prearchive/series_filter.hpp"

namespace xnatarchive {
namespace {

/// A setting, and what says that a text may be its value; nullptr: the texts of `expected`.
struct Definition {
  SettingInfo info;
  Status (*check)(std::string_view value);
};

constexpr std::int64_t kTimeoutSecondsMax = 7 * 24 * 3600;

Status CheckText(std::string_view value) {
  if (IsValidUtf8(value) && value.find('\0') == std::string_view::npos) return Status();
  return Status(Code::kInvalidArgument, "setting.bad-value", "it is not text");
}

Status CheckTimeout(std::string_view value) {
  const auto seconds = ParseInt(value);
  if (seconds && *seconds >= 0 && *seconds <= kTimeoutSecondsMax) return Status();
  return Status(Code::kInvalidArgument, "setting.bad-value", "it is out of range");
}

Status CheckIdleMinutes(std::string_view value) {
  const auto minutes = ParseInt(value);
  if (minutes && *minutes >= 0 && *minutes <= kTimeoutSecondsMax / 60) return Status();
  return Status(Code::kInvalidArgument, "setting.bad-value", "it is out of range");
}

Status CheckPercent(std::string_view value) {
  const auto percent = ParseInt(value);
  if (percent && *percent >= 0 && *percent <= 100) return Status();
  return Status(Code::kInvalidArgument, "setting.bad-value", "it is out of range");
}

Status CheckFilter(std::string_view value) { return SeriesFilter::Parse(value).status(); }

Status CheckLine(std::string_view value) {
  const bool control = std::any_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (!control) return CheckText(value);
  return Status(Code::kInvalidArgument, "setting.bad-value", "it holds control characters");
}

constexpr SettingScope kSite = SettingScope::kSite;
constexpr SettingScope kProject = SettingScope::kProject;

constexpr const char* kFilterExpected =
    "whitelist or blacklist, and below it regular expressions for the series description";

const std::vector<Definition>& Definitions() {
  static const std::vector<Definition> definitions = {
      {{"site_id", kSite, "XNAT", "a label", "Prefix of experiment and subject IDs", true},
       CheckText},
      {{"checksum", kSite, "md5+xxh3", "md5+xxh3|md5|xxh3|none",
        "Digests computed of received and archived files"},
       nullptr},
      {{"use_sop_instance_uid", kSite, "true", "true|false",
        "DICOM objects of one SOP Instance UID are one file, whatever their names"},
       nullptr},
      {{"identical_files", kSite, "keep", "keep|conflict",
        "What a merge does with a file that is archived already with the same bytes"},
       nullptr},
      {{"prevent_cross_modality_merge", kSite, "true", "true|false",
        "Sessions of different types are not merged"},
       nullptr},
      {{"refresh_without_options", kSite, "all", "all|review",
        "What a refresh without options does: everything, or only tell what it would"},
       nullptr},
      {{"refresh_removal_percent", kSite, "50", "percent, 0 to 100",
        "Share of a catalog's entries that a refresh removes without being forced to"},
       CheckPercent},
      {{"session_idle_minutes", kSite, "5", "minutes, 0 to 10080",
        "A session is built when no file of it came for so long; 0: as soon as it is looked at"},
       CheckIdleMinutes},
      {{"series_import_filter", SettingScope::kSiteAndProject, "", kFilterExpected,
        "Series that are received and archived; empty: all"},
       CheckFilter},
      {{"prearchive_code", kProject, "0", "0|4|5",
        "0: sessions wait in the prearchive; 4: archived when received; 5: as 4, overwriting"},
       nullptr},
      {{"quarantine_code", kProject, "0", "0|1", "1: archived sessions are quarantined"}, nullptr},
      {{"autorun", kProject, "", "a shell command",
        "Command to run for each archived session; empty: none"},
       CheckText},
      {{"autorun_timeout", kProject, "0", "seconds, 0 to 604800",
        "How long the command may run before it is killed; 0: the launcher's own, 600"},
       CheckTimeout},
      {{"allow_uid_mismatch", kProject, "false", "true|false",
        "Sessions of different studies may be merged"},
       nullptr},
      {{"aliases", kProject, "", "other names of the project, separated by commas",
        "Names that DICOM data and requests may call the project by"},
       CheckLine},
  };
  return definitions;
}

const Definition* Find(std::string_view name) {
  for (const Definition& definition : Definitions()) {
    if (definition.info.name == name) return &definition;
  }
  return nullptr;
}

Status Refusal(const char* reason, const std::string& message) {
  return Status(Code::kInvalidArgument, reason, message);
}

Status CheckScope(const SettingInfo& info, SettingScope asked) {
  const std::string name(info.name);
  if (info.scope == asked || info.scope == SettingScope::kSiteAndProject) return Status();
  if (info.scope == kProject) {
    return Refusal("setting.needs-project", name + " is a setting of projects; expected a project");
  }
  return Refusal("setting.not-of-projects",
                 name + " is a setting of the site; expected no project");
}

bool IsOneOf(std::string_view expected, std::string_view value) {
  const std::vector<std::string> values = Split(expected, '|');
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

const std::vector<SettingInfo>& KnownSettings() {
  static const std::vector<SettingInfo> settings = [] {
    std::vector<SettingInfo> infos;
    for (const Definition& definition : Definitions()) infos.push_back(definition.info);
    return infos;
  }();
  return settings;
}

Result<SettingInfo> FindSetting(std::string_view name, SettingScope scope) {
  const Definition* const definition = Find(name);
  if (definition == nullptr) {
    std::string names;
    for (const SettingInfo& info : KnownSettings()) {
      names += (names.empty() ? "" : ", ") + std::string(info.name);
    }
    return Refusal("setting.unknown", "there is no such setting; expected one of " + names);
  }
  Status of_scope = CheckScope(definition->info, scope);
  if (!of_scope.ok()) return of_scope;
  return definition->info;
}

Status CheckSetting(std::string_view name, std::string_view value, SettingScope scope) {
  const Result<SettingInfo> info = FindSetting(name, scope);
  if (!info.ok()) return info.status();
  if (info->read_only) {
    return Refusal("setting.read-only",
                   std::string(name) + " is decided when the root is made and can not be changed");
  }
  const Definition& definition = *Find(name);
  const std::string expected =
      std::string(name) + ": expected " + std::string(definition.info.expected);
  if (definition.check == nullptr) {
    if (IsOneOf(definition.info.expected, value)) return Status();
    return Refusal("setting.bad-value", expected);
  }
  const Status checked = definition.check(value);
  if (checked.ok()) return Status();
  return Refusal("setting.bad-value", expected + "; " + std::string(checked.message()));
}

}  // namespace xnatarchive
