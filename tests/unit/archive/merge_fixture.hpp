// merge_fixture.hpp - small sessions made to order, archived and merged as the engine does it.
//
// A session is told as data (which scans, which files with which UID and bytes), so that a test,
// and the model in merge_model.hpp, can say what must come of two of them.
#ifndef XNATARCHIVE_TESTS_UNIT_ARCHIVE_MERGE_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_ARCHIVE_MERGE_FIXTURE_HPP_

#include <string>
#include <vector>

#include "archive/planner.hpp"
#include "unit/archive/archive_fixture.hpp"

namespace xnatarchive {

struct TestFile {
  std::string path;     ///< Relative to its resource; of `others`, to the session.
  std::string uid;      ///< SOP Instance UID; empty: not DICOM.
  std::string bytes;    ///< Of a lost file those that its entry tells of; empty: it tells of none.
  bool listed = true;   ///< The catalog has an entry for it.
  bool on_disk = true;  ///< False: only the entry is there.
};

struct TestResource {
  std::string scan_id;  ///< Empty: of the session.
  std::string label;
  std::vector<TestFile> files;
};

struct TestScan {
  std::string id;
  std::string uid;
  std::string xsi_type = "xnat:mrScanData";
};

struct TestSession {
  std::vector<TestScan> scans;
  std::vector<TestResource> resources;
  std::vector<TestFile> others;  ///< In no resource.
};

std::string DirectoryOf(const TestResource& resource);    ///< "SCANS/1/DICOM", "RESOURCES/NOTES"
std::string CatalogPathOf(const TestResource& resource);  ///< XNAT's name for it.

/// Document and catalogs as a handler gives them.
SessionDraft DraftOf(const TestSession& session);

/// Writes it as the prearchive session "S1". With `known_digests` its catalogs hold them already.
void WriteIncoming(const Trees& trees, const TestSession& session, bool known_digests = false);

/// Archives it as "S1", and then removes those files that are not to be on disk.
void ArchiveBefore(const Trees& trees, const TestSession& session);

struct MergeOptions {
  ArchivePolicy policy;
  bool one_file_system = true;
  unsigned threads = 1;
  Checksum checksum = Checksum::kMd5AndXxh3;
};

MergeOptions MergeWith(Overwrite overwrite, bool one_file_system = true);

/// Merges the prearchive session "S1" into the archived one as the engine does. `plan` receives
/// what was planned; what it says against the merge is the failure.
Result<ArchiveOutcome> MergeTestSession(const Trees& trees, const Acknowledge& acknowledge,
                                        const MergeOptions& options, ArchivePlan* plan = nullptr);

/// Everything below the archive's ".xa/history", record IDs and what holds one made equal, so that
/// whole states can be compared.
std::string HistoryOf(const TestTrees& disk);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ARCHIVE_MERGE_FIXTURE_HPP_
