// archive_settings.hpp - the settings that say how sessions are received, archived and
// refreshed, as values.
#ifndef XNATARCHIVE_ENGINE_ARCHIVE_SETTINGS_HPP_
#define XNATARCHIVE_ENGINE_ARCHIVE_SETTINGS_HPP_

#include <cstdint>
#include <string>

#include "prearchive/series_filter.hpp"
#include "store/store.hpp"

namespace xnatarchive {

/// What archiving and refreshing need to know of the site and of a project.
struct ArchiveSettings {
  bool use_sop_instance_uid = true;    ///< Else files are identified by their paths.
  bool conflict_on_identical = false;  ///< XNAT's rule: a file that is there is a conflict.
  bool prevent_cross_modality_merge = true;
  bool review_without_options = false;    ///< A refresh without options changes nothing.
  std::int64_t removal_percent_max = 50;  ///< Of a catalog's entries, by a refresh.
  bool allow_uid_mismatch = false;
  SeriesFilter filter;             ///< The site's and the project's.
  int autorun_timeout_ms = 0;      ///< The project's; 0: no project was given.
  std::int64_t idle_ms = 300'000;  ///< Without a file, until a session is taken for complete.
};

/// An empty `project` leaves the site's settings alone. kNotFound "store.no-project"; kCorruption
/// "setting.unreadable" when the store holds what this library would not have taken.
Result<ArchiveSettings> LoadArchiveSettings(Store& store, const std::string& project);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_ARCHIVE_SETTINGS_HPP_
