// merged_catalog.hpp - what a resource's catalog says after files were merged into it. Pure.
#ifndef XNATARCHIVE_ARCHIVE_MERGED_CATALOG_HPP_
#define XNATARCHIVE_ARCHIVE_MERGED_CATALOG_HPP_

#include <cstdint>
#include <vector>

#include "archive/archived_form.hpp"
#include "archive/merge_files.hpp"

namespace xnatarchive {

/// Puts the entries of `incoming`, which has its archived form, into `archived`, as `decisions`
/// (parallel to `meetings`) say. Entries that were not met stay as they are, in their order; new
/// ones follow. A replaced entry keeps who created it and gets everything else that describes the
/// bytes from the incoming one: path, UID, instance number, size, time, digests.
///
/// Dimensions: the number of slices is that of the files that stay and of those that come in. It is
/// told where it is certain, which it is not of some files of several unless all have one frame
/// (FramesOfPart), and left out else.
/// The AUDIT gets one change set.
Catalog MergeCatalogs(const ArchiveStamp& stamp, Catalog archived, Catalog incoming,
                      const std::vector<FileMeeting>& meetings,
                      const std::vector<FileDecision>& decisions);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_MERGED_CATALOG_HPP_
