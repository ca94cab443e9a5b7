// import.hpp - what comes into the prearchive, and what becomes of it when nothing more comes.
//
// A session that is received file by file has no end that a receiver could see. XNAT's rule is
// kept: when no file came for some minutes the session is built, and archived if it needs nobody's
// consent. Unlike XNAT's, a session to which a file came meanwhile is never taken for complete.
#ifndef XNATARCHIVE_IMPORT_HPP_
#define XNATARCHIVE_IMPORT_HPP_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "xnatarchive/byte_stream.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// What ArchiveEngine::Import receives, and where to.
struct ImportRequest {
  std::string path;   ///< File, folder or container; ignored when one of the next two is given.
  int input_fd = -1;  ///< Readable descriptor, such as 0 for standard input; not closed.
  InputStream input;  ///< Container or single file; goes before `input_fd`.
  /// Name; empty: the first registered one that accepts the input. "gradual-DICOM": one file or
  /// some of a session that others bring more of. It is archived by CommitIdle, when none has come
  /// for some time, and not by this call.
  std::string handler;
  /// Empty: project from the parameters or the data. Else a prearchive or archive URI; an archive
  /// URI archives what was received, "/archive" alone where the parameters or the data say. The URI
  /// of a waiting session: all of it goes into that one, and kConflict "import.other-study" when it
  /// is not of its study.
  std::string dest;
  /// XNAT's parameters: "project", "subject", "session", "rename" ("true": default file names, as
  /// an object gets that comes as a stream, without a name), "Ignore-Unparsable" ("true": skip and
  /// count what is not DICOM), and a handler's own.
  ///
  /// Kept with the sessions until they are archived, whenever that is: "AA" or "auto-archive"
  /// ("true": nobody has to ask for it; "false": somebody has to, whatever the project says) or
  /// XNAT's "autoArchive", "overwrite" ("append", "delete": what that does with a session that
  /// exists; absent: as the project's prearchive_code says, 4 appends, 5 deletes, and with
  /// "prearchive_code" "1", XNAT's word for "archive this", any other appends), "quarantine"
  /// ("true") and "triggerPipelines" ("false") as ArchiveRequest has them; "VISIT", "SUBTYPE"
  /// (XNAT's protocol), "TIMEZONE" and "prevent_anon"; "prevent_auto_commit" ("true": more is to
  /// come, whose sender will ask for the build; only "AA" and `dest` archive at once then), and
  /// "SOURCE", of which "uploader" means the same. And XML paths, names with a '/' such as
  /// "xnat:mrSessionData/note": every build of the session sets their values, and notes in
  /// dcmtoxnat.log those its document has no place for. kInvalidArgument "import.bad-value" for
  /// what is not text. Of uploads that go into one session, the last one's value counts;
  /// "prevent_auto_commit" is not taken back.
  std::map<std::string, std::string> parameters;
};

/// What one import did.
struct ImportReport {
  /// One per session, sorted by project, study and label: "/data/prearchive/projects/P/TS/FOLDER",
  /// or the archive URI when it was archived at once.
  std::vector<std::string> uris;
  std::uint64_t files_received = 0;   ///< New or replaced files.
  std::uint64_t files_identical = 0;  ///< Already there with the same bytes.
  std::uint64_t files_skipped = 0;
  std::uint64_t files_filtered = 0;  ///< Of those skipped: their series is one nobody wants.
  std::uint64_t bytes_received = 0;
  /// Up to 100 of the skipped: path inside the input and why.
  std::vector<std::pair<std::string, Status>> skipped;
  /// Sessions that were received but could not be archived automatically: URI and why.
  std::vector<std::pair<std::string, Status>> not_archived;
  /// Sessions that were archived at once, but whose pipeline failed: archive URI and why.
  std::vector<std::pair<std::string, Status>> failed_pipelines;
  Status events;  ///< The EventSink's first failure; nothing else is wrong.
};

/// What ArchiveEngine::CommitIdle did.
struct IdleReport {
  std::vector<std::string> built;     ///< Prearchive URIs of sessions that wait for a person now.
  std::vector<std::string> archived;  ///< Archive URIs.
  /// Sessions that could not be built or archived, by their prearchive URIs, and why. One that is
  /// itself to blame is ERROR or CONFLICT now; any other will be tried again.
  std::vector<std::pair<std::string, Status>> failed;
  /// Sessions that were archived, but whose pipeline failed: archive URI and why.
  std::vector<std::pair<std::string, Status>> failed_pipelines;
  /// In how many milliseconds there will be something to do, if no file comes. -1: never, as things
  /// are.
  std::int64_t next_ms = -1;
  Status events;  ///< The EventSink's first failure; nothing else is wrong.
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_IMPORT_HPP_
