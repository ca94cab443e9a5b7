// archive_plan.hpp - what archiving a session would do, or has done, scan by scan and file by file.
#ifndef XNATARCHIVE_ARCHIVE_PLAN_HPP_
#define XNATARCHIVE_ARCHIVE_PLAN_HPP_

#include <cstdint>
#include <string>
#include <vector>

namespace xnatarchive {

/// What is done with files of a session that exists already. XNAT's `overwrite`.
enum class Overwrite {
  kNone,    ///< Nothing: a session that exists is a conflict.
  kAppend,  ///< Add what is not there; a file that would be replaced is a conflict.
  kDelete,  ///< Add, and replace files; what is replaced goes to the history.
};

/// What becomes of an incoming scan.
enum class ScanFate {
  kAdd,     ///< The archived session has none of its ID.
  kMerge,   ///< Into the archived scan of the same ID.
  kRename,  ///< Its ID is taken by another series: it gets a new one, as XNAT names it.
  /// Its series is archived under another ID, which it takes: with overwrite "delete", and with
  /// "append" where all of its files are archived there already.
  kMove,
};
/// Returns "add", "merge", "rename" or "move".
const char* ScanFateName(ScanFate fate) noexcept;

/// What becomes of one incoming scan.
struct PlannedScan {
  std::string id;         ///< In the incoming session.
  std::string target_id;  ///< In the archive; the same but for kRename and kMove.
  ScanFate fate = ScanFate::kAdd;
};

/// What becomes of one incoming file.
enum class FileAction {
  kAdd,       ///< It is new.
  kKeep,      ///< The same bytes are archived already: the archived file stays, this one goes.
  kReplace,   ///< It takes the place of the archived file, which goes to the history.
  kConflict,  ///< It would, but may not.
};
/// Returns "add", "keep", "replace" or "conflict".
const char* FileActionName(FileAction action) noexcept;

/// What becomes of one incoming file, and why.
struct PlannedFile {
  std::string path;  ///< Relative to the resource's directory.
  FileAction action = FileAction::kAdd;
  std::uint64_t size = 0;  ///< Bytes.
  std::string replaces;    ///< Archived path of what is replaced, when that is another one.
};

/// One resource of the incoming session. Of a merge also, last and without a label, the files of no
/// resource but for logs, with paths relative to the session.
struct PlannedResource {
  std::string scan_id;  ///< In the archive; empty for a session resource.
  std::string label;    ///< In the archive; empty for files of no resource.
  /// Every file is added, as the directory is moved whole; `files` is empty then, so that a plan
  /// for 100,000 new files is small.
  bool whole = true;
  std::vector<PlannedFile> files;
  std::uint64_t file_count = 0;  ///< Incoming files that the resource's catalog names.
  std::uint64_t bytes = 0;       ///< Of these.
};

/// Incoming files by what becomes of them; logs are not counted.
struct FileCounts {
  std::uint64_t added = 0;
  std::uint64_t identical = 0;
  std::uint64_t replaced = 0;
  std::uint64_t conflicting = 0;
  std::uint64_t bytes_added = 0;     ///< Of added and replacing files.
  std::uint64_t bytes_replaced = 0;  ///< Of the archived files that go to the history.
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_PLAN_HPP_
