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
/// Dimensions: the number of slices follows the files; where it can not be told, because frames for
/// each file differ and not all incoming files were added, it is left out rather than wrong.
/// The AUDIT gets one change set.
Catalog MergeCatalogs(const ArchiveStamp& stamp, Catalog archived, Catalog incoming,
                      const std::vector<FileMeeting>& meetings,
                      const std::vector<FileDecision>& decisions);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_MERGED_CATALOG_HPP_
