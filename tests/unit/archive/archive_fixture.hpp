// archive_fixture.hpp - a pair of trees with a small prearchive session, shared by the tests of the
// archive layer, tests/fault and tests/crash.
#ifndef XNATARCHIVE_TESTS_UNIT_ARCHIVE_ARCHIVE_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_ARCHIVE_ARCHIVE_FIXTURE_HPP_

#include <cstdint>
#include <string>
#include <vector>

#include "archive/archive_session.hpp"
#include "archive/operation.hpp"
#include "archive/trees.hpp"
#include "support/temp_tree.hpp"

namespace xnatarchive {

/// Directories archive/ and prearchive/ below a TempTree, opened through `fs`.
class TestTrees {
 public:
  explicit TestTrees(FileSystem& fs = PosixFileSystem());

  TempTree disk;  ///< "archive/..." and "prearchive/...", always the real disk.
  Trees trees;

  /// Everything a user can see: both trees without the library's own ".xa" directories.
  std::string Visible() const;
  /// What operations left in .xa/ops and .xa/trash of both trees; empty when all is well.
  std::string Leftovers() const;
};

/// Opens the two trees of an existing disk.
Trees OpenTrees(const std::string& disk_path, FileSystem& fs = PosixFileSystem());

/// Names of the session that the functions below make; its folder is its label.
inline constexpr const char* kTimestamp = "DEMO/20240318_150212847";
std::string SourceOf(const std::string& label);       ///< "DEMO/20240318_150212847/<label>"
std::string DestinationOf(const std::string& label);  ///< "DEMO/arc001/<label>"
std::string IndexOf(const std::string& label);  ///< "DEMO/20240318_150212847/.xa-<label>.index"
/// The lock keys of both.
std::vector<std::string> SessionKeys(const std::string& label = "S1");

/// Writes a file with a fixed modification time, so that whole trees can be compared.
void WriteAt(const Directory& tree, const std::string& path, std::string_view bytes);

/// The session document of the session below: scans "1" (DICOM, three files) and "2" (NIFTI, one
/// file in a subdirectory), session resource "NOTES" (one empty file).
SessionDocument TestDocument(const std::string& label = "S1");

/// Writes that session with its catalogs and a log as `directory`, and its document beside it.
void WriteSession(const Directory& tree, const std::string& directory, const std::string& label);
/// As SourceOf(label) of the prearchive, with an index.
void WriteSession(TestTrees& disk, const std::string& label = "S1");

/// Receives that session by an operation, as an upload would. kConflict when it was before.
Status ReceiveTestSession(const Trees& trees, const Acknowledge& acknowledge,
                          const std::string& label);

struct ArchiveOptions {
  std::string label = "S1";
  bool one_file_system = true;
  Checksum checksum = Checksum::kMd5AndXxh3;
  unsigned threads = 1;
  std::function<bool(const Progress&)> progress;
};

/// Describes, plans and archives the session as the engine does.
Result<ArchiveOutcome> ArchiveTestSession(const Trees& trees, const Acknowledge& acknowledge,
                                          const ArchiveOptions& options = {});

/// Acknowledges without doing anything.
Status AcknowledgeNothing(const OperationPlan& plan);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ARCHIVE_ARCHIVE_FIXTURE_HPP_
