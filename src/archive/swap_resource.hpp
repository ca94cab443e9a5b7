// swap_resource.hpp - replacing every file of an archived resource at once: where its directory
// holds nothing but what is replaced, exchanging it for the incoming one does what renaming file by
// file would do, for readers in one moment, and at a cost that does not grow with the files.
#ifndef XNATARCHIVE_ARCHIVE_SWAP_RESOURCE_HPP_
#define XNATARCHIVE_ARCHIVE_SWAP_RESOURCE_HPP_

#include <string>
#include <vector>

#include "archive/existing_session.hpp"
#include "archive/merge_files.hpp"

namespace xnatarchive {

/// Whether the archived directory and the incoming one may be exchanged, as far as is known without
/// looking: all files of the archived catalog are replaced in place, and the incoming directory has
/// those, new ones, perhaps its catalog, and no directory in it. `resource` counts the incoming
/// ones.
bool ReplacesAll(const DescribedSession& incoming, const ExistingSession& existing,
                 std::size_t resource, const std::vector<FileDecision>& decisions);

/// Whether the archived directory holds the `files` files of its catalog and that catalog, and
/// nothing else, which an exchange would take away; and is no mount point.
Result<bool> HoldsNothingElse(const Directory& archive, const std::string& directory,
                              std::string_view catalog, std::size_t files);

/// Whether two directories of this file system can be exchanged in one step; tried in `stage`.
Result<bool> CanExchange(const Directory& archive, const std::string& stage);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_SWAP_RESOURCE_HPP_
