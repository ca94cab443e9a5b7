// archive_settings.hpp - the settings that say how sessions are received and archived, as values.
#ifndef XNATARCHIVE_ENGINE_ARCHIVE_SETTINGS_HPP_
#define XNATARCHIVE_ENGINE_ARCHIVE_SETTINGS_HPP_

#include <string>

#include "prearchive/series_filter.hpp"
#include "store/store.hpp"

namespace xnatarchive {

/// What the planner needs to know of the site and of a project.
struct ArchiveSettings {
  bool use_sop_instance_uid = true;   ///< Else files are identified by their paths.
  bool conflict_on_identical = false;  ///< XNAT's rule: a file that is there is a conflict.
  bool prevent_cross_modality_merge = true;
  bool allow_uid_mismatch = false;
  SeriesFilter filter;  ///< The site's and the project's.
};

/// An empty `project` leaves the site's settings alone. kNotFound "store.no-project"; kCorruption
/// "setting.unreadable" when the store holds what this library would not have taken.
Result<ArchiveSettings> LoadArchiveSettings(Store& store, const std::string& project);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_ARCHIVE_SETTINGS_HPP_
