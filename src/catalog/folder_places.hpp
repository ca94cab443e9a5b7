// folder_places.hpp - the resources of a project or a subject, which no document lists.
//
//   PROJECT/resources/LABEL/LABEL_catalog.xml           of a project
//   PROJECT/subjects/SUBJECT/LABEL/LABEL_catalog.xml    of a subject
#ifndef XNATARCHIVE_CATALOG_FOLDER_PLACES_HPP_
#define XNATARCHIVE_CATALOG_FOLDER_PLACES_HPP_

#include <string>
#include <vector>

#include "catalog/resource_places.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {

/// Relative to the archive. An empty `subject`: those of the project.
std::string ResourceFolder(const std::string& project, const std::string& subject);
/// What ArchiveLockKey of the folder is called by in place of a session's label.
std::string FolderLockLabel(const std::string& subject);

/// One place for each directory in `folder`, whose name is its label; none when there is no folder.
/// The catalog is LABEL_catalog.xml where that is there, or where there is none at all; else the
/// one that is there. Where there are several others each has a place, and none of them is right.
Result<std::vector<ResourcePlace>> PlacesInFolder(const Directory& archive,
                                                  const std::string& folder);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_FOLDER_PLACES_HPP_
