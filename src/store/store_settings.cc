// store_settings.cc - Store: settings of the site and of projects, and the aliases of projects.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "store/connection.hpp"
#include "store/project_settings.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kAliases = "aliases";

/// A setting that is a column of `projects`, and the statement that changes it.
struct ColumnSetting {
  const char* name;
  const char* update;
};
constexpr ColumnSetting kColumns[] = {
    {"prearchive_code", "UPDATE projects SET prearchive_code = :value WHERE id = :id"},
    {"quarantine_code", "UPDATE projects SET quarantine_code = :value WHERE id = :id"},
    {"autorun", "UPDATE projects SET autorun = :value WHERE id = :id"},
};

/// A setting in one of the two tables.
struct NamedValue {
  std::string name;
  std::string value;
};
template <typename T, typename Visit, EnableIfRow<T, NamedValue> = 0>
void VisitColumns(T& row, Visit&& visit) {
  visit("name", row.name);
  visit("value", row.value);
}

bool HasAlias(const std::string& aliases, std::string_view name) {
  const std::vector<std::string> parts = Split(aliases, ',');
  return std::any_of(parts.begin(), parts.end(),
                     [&](const std::string& part) { return EqualsIgnoreCase(Trim(part), name); });
}

/// Aliases must be nobody else's names.
Status CheckAliases(soci::session& sql, const std::string& project, const std::string& aliases) {
  for (const std::string& part : Split(aliases, ',')) {
    const std::string alias(Trim(part));
    if (alias.empty()) continue;
    if (EqualsIgnoreCase(alias, kUnassigned)) {
      return Status(Code::kInvalidArgument, "store.reserved-id",
                    "Unassigned means no project and can not be one");
    }
    const std::string key = AsciiLower(alias);
    const auto id = SelectOne<std::string>(sql, "SELECT id FROM projects WHERE id_key = :key", key);
    const auto holder = ProjectOfAlias(sql, alias);
    if ((!id || *id == project) && (!holder || *holder == project)) continue;
    return Status(Code::kAlreadyExists, "store.alias-taken",
                  "an alias is the id or an alias of another project; expected names of no other");
  }
  return Status();
}

}  // namespace

std::optional<std::string> ProjectOfAlias(soci::session& sql, std::string_view alias) {
  // Few projects have aliases; a table of its own would be a second truth.
  const std::string name = kAliases;
  for (const auto& [project, aliases] : Select<NamedValue>(
           sql, "SELECT project, value FROM project_settings WHERE name = :name", name)) {
    if (HasAlias(aliases, alias)) return project;
  }
  return std::nullopt;
}

Result<std::optional<std::string>> Store::GetSetting(const std::string& name) {
  return connection_->Read([&](soci::session& sql) -> Result<std::optional<std::string>> {
    return SelectOne<std::string>(sql, "SELECT value FROM settings WHERE name = :name", name);
  });
}

Status Store::SetSetting(const std::string& name, const std::string& value) {
  return connection_->Write([&](soci::session& sql) {
    Execute(sql,
            "INSERT INTO settings (name, value) VALUES (:name, :value) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name, value);
    return Status();
  });
}

Result<std::map<std::string, std::string>> Store::ListSettings(const std::string& project) {
  return connection_->Read([&](soci::session& sql) -> Result<std::map<std::string, std::string>> {
    std::map<std::string, std::string> settings;
    std::vector<NamedValue> rows;
    if (project.empty()) {
      rows = Select<NamedValue>(sql, "SELECT name, value FROM settings");
    } else {
      const auto row = FindProjectRow(sql, project);
      if (!row) return NoProject();
      settings = {{"prearchive_code", ToColumn(row->prearchive_code)},
                  {"quarantine_code", ToColumn(row->quarantine)},
                  {"autorun", row->autorun}};
      rows = Select<NamedValue>(
          sql, "SELECT name, value FROM project_settings WHERE project = :project", project);
    }
    for (NamedValue& row : rows) settings[row.name] = std::move(row.value);
    return settings;
  });
}

Status Store::SetProjectSetting(const std::string& project, const std::string& name,
                                const std::string& value) {
  return connection_->Write([&](soci::session& sql) {
    if (!FindProjectRow(sql, project)) return NoProject();
    for (const ColumnSetting& column : kColumns) {
      if (name != column.name) continue;
      Execute(sql, column.update, value, project);
      return Status();
    }
    if (name == kAliases) {
      Status checked = CheckAliases(sql, project, value);
      if (!checked.ok()) return checked;
    }
    Execute(sql,
            "INSERT INTO project_settings (project, name, value) VALUES (:project, :name, :value) "
            "ON CONFLICT (project, name) DO UPDATE SET value = excluded.value",
            project, name, value);
    return Status();
  });
}

}  // namespace xnatarchive
