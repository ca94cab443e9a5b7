// merge_model.hpp - what merging one session into another must come to: a model that was written
// from XNAT's rules and the tables of `overwrite`, and shares no code with what it is held against.
//
// Scans. Two are one when the Series Instance UID is: the incoming one goes where its series is. A
//   number that is taken by another series gives a new number. Where one of the two UIDs is not
//   known the number decides.
// Files. Two are one object when the SOP Instance UID is; where that does not count (identity by
//   name, or an incoming file without one) when the path is.
//   M1 The same object with the same bytes is kept as it is. So is the same path with the same
//      bytes, unless a UID says that the archived one is another object.
//   M2 The same object with other bytes is replaced under "delete", and else a conflict.
//   M3 An archived object whose file is lost is put back under any policy, by the bytes that its
//   entry
//      tells of, or by any where it tells of none. Other bytes are M2.
//   M4 What no policy settles: a path that something else has; DICOM for what is none, or the
//      reverse; an object that several incoming files mean, if one of them would replace it; one
//      that several archived files are, none of them under the path; a file without an entry for
//      one with an entry, and the reverse for the same bytes: either would leave a catalog that is
//      not true.
//   M5 A file that no catalog names is replaced under "delete", unless by an object.
//   M6 Where identical files are conflicts, M1 counts under "delete" only.
//   M7 A log of the session whose name an archived one with other bytes has gets the first number
//      that is free, or that the same bytes are archived under.
//   M8 A series that is archived under another number may be archived again under "delete", and
//      under "append" if all of its files are kept.
#ifndef XNATARCHIVE_TESTS_UNIT_ARCHIVE_MERGE_MODEL_HPP_
#define XNATARCHIVE_TESTS_UNIT_ARCHIVE_MERGE_MODEL_HPP_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "unit/archive/merge_fixture.hpp"

namespace xnatarchive {

struct ModelPolicy {
  Overwrite overwrite = Overwrite::kAppend;
  bool by_uid = true;
  bool identical_is_conflict = false;
};

enum class Verdict {
  kAdd,
  kKeep,
  kReplace,
  kConflict,  ///< "delete" would replace it.
  kRefuse,    ///< No policy would do it.
};
const char* VerdictName(Verdict verdict);

struct ModelFate {
  Verdict verdict = Verdict::kAdd;
  int object = -1;  ///< Index of the archived file that it is, or that it takes the place of.
};

/// The fate of every incoming file of one resource, or of those of none.
std::vector<ModelFate> ModelFiles(const std::vector<TestFile>& incoming,
                                  const std::vector<TestFile>& archived, const ModelPolicy& policy);

struct ModelScans {
  std::vector<PlannedScan> scans;  ///< Parallel to the incoming ones.
  bool possible = true;            ///< False: two of them would become one.
};
ModelScans MatchModelScans(const std::vector<TestScan>& incoming,
                           const std::vector<TestScan>& archived);

/// A session after a merge, and what is in the history then. All paths are relative to the session.
struct ModelSession {
  bool blocked = false;
  std::uint64_t added = 0, kept = 0, replaced = 0, conflicting = 0;
  std::map<std::string, std::string> files;    ///< Path to bytes: all but catalogs and document.
  std::map<std::string, std::string> history;  ///< The same of what was replaced.
  /// Catalog's directory to its entries, path to UID.
  std::map<std::string, std::map<std::string, std::string>> catalogs;
  std::vector<std::string> scans;  ///< IDs, archived ones first.
};
ModelSession ModelMerge(const TestSession& archived, const TestSession& incoming,
                        const ModelPolicy& policy);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ARCHIVE_MERGE_MODEL_HPP_
