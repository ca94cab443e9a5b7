// merge_check.hpp - holds an archived session on disk against what the model says it must be.
#ifndef XNATARCHIVE_TESTS_UNIT_ARCHIVE_MERGE_CHECK_HPP_
#define XNATARCHIVE_TESTS_UNIT_ARCHIVE_MERGE_CHECK_HPP_

#include <map>
#include <string>

#include "unit/archive/merge_model.hpp"

namespace xnatarchive {

/// The files of the archived session "S1" but its document and the catalogs that names, path to
/// bytes.
std::map<std::string, std::string> ArchivedFiles(const TestTrees& disk);

/// What is not as the model has it, or contradicts itself: the files and their bytes, what every
/// catalog names, with which UID, size and digests, the counts of the document, the slices, the
/// history. Empty when all is well.
std::string CheckArchived(const TestTrees& disk, const ModelSession& model);

/// What is left over in the prearchive or of the operation; empty when nothing is.
std::string CheckClean(const TestTrees& disk);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ARCHIVE_MERGE_CHECK_HPP_
