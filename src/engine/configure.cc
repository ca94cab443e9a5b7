#include <map>
#include <string>

#include "base/status_macros.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"

namespace xnatarchive {
namespace {

SettingScope ScopeOf(std::string_view project) {
  return project.empty() ? SettingScope::kSite : SettingScope::kProject;
}

/// What was set for the site, or for the project, under whatever name.
Result<std::map<std::string, std::string>> ValuesOf(const ArchiveEngine::Core& core,
                                                    std::string_view project, Hooks& hooks) {
  if (project.empty()) return core.store.ListSettings();
  XNA_ASSIGN_OR_RETURN(const std::string id,
                       core.RequireProject(std::string(project), Permission::kRead, hooks));
  return core.store.ListSettings(id);
}

/// The value that counts.
std::string ValueOf(const SettingInfo& info, const std::map<std::string, std::string>& values) {
  const auto at = values.find(std::string(info.name));
  return at == values.end() ? std::string(info.default_value) : at->second;
}

}  // namespace

Result<std::string> ArchiveEngine::Setting(std::string_view name, std::string_view project,
                                           const CallOptions& call) const {
  Hooks hooks(*core_, call);
  XNA_ASSIGN_OR_RETURN(const SettingInfo info, FindSetting(name, ScopeOf(project)));
  XNA_ASSIGN_OR_RETURN(const auto values, ValuesOf(*core_, project, hooks));
  return ValueOf(info, values);
}

Status ArchiveEngine::SetSetting(std::string_view name, std::string_view value,
                                 std::string_view project, const CallOptions& call) {
  Hooks hooks(*core_, call);
  XNA_RETURN_IF_ERROR(CheckSetting(name, value, ScopeOf(project)));
  const std::string key(name);
  const std::string text(value);
  if (!project.empty()) {
    XNA_ASSIGN_OR_RETURN(const std::string id,
                         core_->RequireProject(std::string(project), Permission::kAdmin, hooks));
    return core_->store.SetProjectSetting(id, key, text);
  }
  XNA_RETURN_IF_ERROR(hooks.Authorize(Permission::kAdmin, ""));
  XNA_RETURN_IF_ERROR(core_->store.SetSetting(key, text));
  if (name == "checksum") core_->checksum = *ParseChecksum(value);
  return Status();
}

Result<Table> ArchiveEngine::Settings(std::string_view project, const CallOptions& call) const {
  Hooks hooks(*core_, call);
  XNA_ASSIGN_OR_RETURN(const auto values, ValuesOf(*core_, project, hooks));
  Table table;
  table.columns = {"name", "value", "default", "expected", "purpose"};
  for (const SettingInfo& info : KnownSettings()) {
    if (info.scope != ScopeOf(project) && info.scope != SettingScope::kSiteAndProject) continue;
    table.rows.push_back({std::string(info.name), ValueOf(info, values),
                          std::string(info.default_value), std::string(info.expected),
                          std::string(info.purpose)});
  }
  return table;
}

}  // namespace xnatarchive
