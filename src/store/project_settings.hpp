// project_settings.hpp - finding a project by any of its names. Throws SOCI's exceptions.
#ifndef XNATARCHIVE_STORE_PROJECT_SETTINGS_HPP_
#define XNATARCHIVE_STORE_PROJECT_SETTINGS_HPP_

#include <soci/soci.h>

#include <optional>
#include <string>
#include <string_view>

#include "store/query.hpp"

namespace xnatarchive {

inline std::optional<ProjectRow> FindProjectRow(soci::session& sql, const std::string& id) {
  static const std::string query =
      "SELECT " + ColumnList<ProjectRow>() + " FROM projects WHERE id = :key";
  return SelectOne<ProjectRow>(sql, query, id);
}

inline Status NoProject() {
  return Status(Code::kNotFound, "store.no-project", "the project is not known");
}

/// The project whose setting "aliases" has the name, ignoring case.
std::optional<std::string> ProjectOfAlias(soci::session& sql, std::string_view alias);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STORE_PROJECT_SETTINGS_HPP_
