// session_edits.hpp - a session with some of its files rewritten or left out: what it is then, and
// how it comes to lie on disk without the original being touched.
#ifndef XNATARCHIVE_ARCHIVE_SESSION_EDITS_HPP_
#define XNATARCHIVE_ARCHIVE_SESSION_EDITS_HPP_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/describe_session.hpp"
#include "archive/operation.hpp"
#include "archive/stage_session.hpp"

namespace xnatarchive {

/// What a file was rewritten to.
struct RewrittenFile {
  std::string staged;  ///< Where the bytes are, relative to the archive; empty: nowhere.
  FileInfo info;
  Digests digests;
  bool dicom = false;  ///< The members below are those of its header.
  std::string study_uid;
  std::string series_uid;
  std::string sop_instance_uid;
  std::optional<std::int64_t> instance_number;
};

/// Paths are relative to the session.
struct SessionEdits {
  std::map<std::string, RewrittenFile> rewritten;
  std::set<std::string> rejected;

  bool empty() const { return rewritten.empty() && rejected.empty(); }
};

/// Makes `session` what it is with the edits. Pure. Catalog entries of rejected files go, then
/// resources and scans without any other file; entries of rewritten ones are as their files, and
/// the UIDs of a scan and of the session, where all DICOM files were rewritten and agree, as the
/// files. The inventory has no catalogs any more, nor what the archived session has its own of.
void ApplyEdits(const SessionEdits& edits, Checksum checksum, DescribedSession* session);

/// Lays the edited session out at `target`, a new directory of the archive tree: rewritten files
/// move there, the others are linked or, across file systems, copied. `staging.session` is what
/// ApplyEdits made of it, and knows afterwards what lies at `target`.
///
/// Fails like CopySession, also with "archive.source-changed" when a file is not what it was.
Status StageEdited(Staging& staging, const SessionEdits& edits, const std::string& target,
                   bool one_file_system);

/// The waiting session that an edited one was made from. It goes away with it.
struct OriginalSession {
  std::string directory;  ///< Relative to the prearchive.
  std::vector<std::string> resource_directories;
  SessionInventory inventory;
};

/// I8: the original is what the edited session was made from. kConflict "archive.source-changed".
Status CheckOriginalUnchanged(const Directory& prearchive, const OriginalSession& original,
                              unsigned threads);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_SESSION_EDITS_HPP_
