// settings.hpp - what a site or a project decides once, for all of its sessions.
//
// A setting is a name and a text. Each is defined once, in the table that KnownSettings returns;
// values are kept in the store (ArchiveEngine::SetSetting) and count from the next call on, in
// every engine that has the root open; "checksum" from an engine's next Open on, and at once in the
// engine that set it.
#ifndef XNATARCHIVE_SETTINGS_HPP_
#define XNATARCHIVE_SETTINGS_HPP_

#include <string>
#include <string_view>
#include <vector>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// A project, and of its settings those that are mostly given with it.
struct Project {
  std::string id;  ///< A valid label; unique ignoring case.
  /// 0: sessions wait in the prearchive; 4: archived when received and built; 5: as 4 and existing
  /// files are overwritten when merging.
  int prearchive_code = 0;
  int quarantine_code = 0;  ///< 1: archived sessions get the status "quarantine".
  std::string autorun;      ///< Command for the PipelineLauncher; empty: none.
};

/// Who has a setting. One that both have counts twice: a project adds to what the site says.
enum class SettingScope { kSite, kProject, kSiteAndProject };

/// A setting there is, whatever its value.
struct SettingInfo {
  std::string_view name;
  SettingScope scope = SettingScope::kSite;
  std::string_view default_value;
  std::string_view expected;  ///< The values it takes: "a|b|c", or in words.
  std::string_view purpose;   ///< One line, for people.
  bool read_only = false;     ///< Decided when the root is made.
};

/// Every setting there is, the site's first.
const std::vector<SettingInfo>& KnownSettings();

/// The setting of that name that a site (kSite) or a project (kProject) has. kInvalidArgument
/// "setting.unknown"; "setting.needs-project" or "setting.not-of-projects" for one of the other
/// scope. Messages say what was expected.
Result<SettingInfo> FindSetting(std::string_view name, SettingScope scope);

/// Says whether the setting takes the value: the failures of FindSetting, and kInvalidArgument
/// "setting.read-only" or "setting.bad-value".
Status CheckSetting(std::string_view name, std::string_view value, SettingScope scope);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_SETTINGS_HPP_
