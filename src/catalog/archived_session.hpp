// archived_session.hpp - an archived session as it lies on disk: its document, its resources, their
// catalogs and files.
#ifndef XNATARCHIVE_CATALOG_ARCHIVED_SESSION_HPP_
#define XNATARCHIVE_CATALOG_ARCHIVED_SESSION_HPP_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/describe_session.hpp"
#include "archive/operation.hpp"
#include "catalog/resource_places.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {

struct ArchivedSession {
  std::vector<ResourcePlace> places;  ///< Those that are catalogs and lie below the session.
  std::vector<ResourcePlace> others;  ///< The rest.
  DescribedSession described;         ///< Its resources are parallel to `places`.
};

/// Reads the document and all catalogs, and walks the session; `path` is relative to the archive.
/// No other file's bytes are read. What is wrong with catalogs and files, the facts tell;
/// kCorruption, kNotFound and the like when the document can not be read, with its path.
Result<ArchivedSession> ReadArchivedSession(const Directory& archive, const std::string& path,
                                            unsigned threads);

/// The same of the folder in which a project or a subject has its resources (folder_places.hpp),
/// which has no document.
Result<ArchivedSession> ReadResourceFolder(const Directory& archive, const std::string& path,
                                           unsigned threads);

/// Whether an entry of the resource can be of the file at `path` in the session: any but the
/// resource's own catalog, a lock file of XNAT's, or a temporary of ours. A file that is only
/// called like a catalog can be: XNAT takes uploads of that name.
bool CanBeOfEntry(const ResourceDraft& resource, std::string_view path);

/// Takes the session's lock, for a look at it when nobody works on it, after finishing what an
/// earlier owner left (I1). Waits up to two seconds for others, who may be looking, too. nullopt in
/// an archive that is only read. kLocked "operation.locked".
Result<std::optional<FileLock>> LockForReading(const Trees& trees, const std::string& lock_key,
                                               const Acknowledge& acknowledge);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_ARCHIVED_SESSION_HPP_
