// existing_session.hpp - an archived session that another one is to be merged into, as far as the
// merge concerns it: its document, the catalogs of the resources that meet incoming ones, and how
// the files that meet compare. Nothing else of it is read, however large it is.
#ifndef XNATARCHIVE_ARCHIVE_EXISTING_SESSION_HPP_
#define XNATARCHIVE_ARCHIVE_EXISTING_SESSION_HPP_

#include <cstdint>
#include <string>
#include <vector>

#include "archive/describe_session.hpp"
#include "archive/merge_files.hpp"
#include "archive/merge_match.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {

/// What an incoming resource meets.
struct ExistingResource {
  Catalog catalog;         ///< Empty when the archived session has no such resource.
  std::string unreadable;  ///< Reason its catalog can not be merged; empty when it can.
  bool directory = false;  ///< Its directory is there.
  std::vector<FileMeeting> meetings;
};

/// An archived session of the same ID, or of the same project and label.
struct ExistingSession {
  SessionDocument document;
  std::string directory;         ///< Relative to the archive.
  std::string unreadable;        ///< Why there is no document; empty when there is one.
  bool processing_open = false;  ///< Other work on it, such as a pipeline, is going on.
  SessionMatch match;
  std::vector<ExistingResource> resources;  ///< Parallel to the incoming draft's.
  std::vector<FileMeeting> others;          ///< Of the incoming inventory's `others`.
  /// Where each of that inventory's `others` goes, relative to the archived session. A log of the
  /// session's own that other bytes are archived under the name of gets a number
  /// ("dcmtoxnat-2.log"): it tells of another upload, and is no reason to refuse one.
  std::vector<std::string> other_targets;
};

/// What comparing needs.
struct CompareOptions {
  ObjectIdentity identity = ObjectIdentity::kSopInstanceUid;
  Checksum checksum = Checksum::kMd5AndXxh3;
  unsigned threads = 1;
};

/// Fills in everything of `existing` but its document, from `archive` (the archived session's
/// directory). `source` is the incoming session's directory, `incoming` what lies in it.
///
/// Files that meet are compared by their digests where size and modification time say that those
/// still hold, and are read where they do not. Digests that had to be computed are added to
/// `incoming`. Failures are those of the disk, and kConflict "digest.file-changed".
Status CompareWithExisting(const Directory& source, const Directory& archive,
                           const CompareOptions& options, DescribedSession* incoming,
                           ExistingSession* existing);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_EXISTING_SESSION_HPP_
