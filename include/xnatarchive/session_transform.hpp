// session_transform.hpp - the strategy that changes a session on its way into the archive: what
// XNAT does with anonymization scripts and PreArchiveOperationHandlers.
//
// What is archived is a copy with the changes in it, made by the archive operation itself; the
// session in the prearchive is left alone until that copy is durable in the archive. So a call that
// fails or dies has changed nothing, and the next one begins with the original again: nothing is
// ever transformed twice. Changing the waiting session first would need a mark that it was, and
// would lose the originals even where archiving is refused afterwards.
#ifndef XNATARCHIVE_SESSION_TRANSFORM_HPP_
#define XNATARCHIVE_SESSION_TRANSFORM_HPP_

#include <string>
#include <string_view>
#include <vector>

#include "xnatarchive/cancelled.hpp"
#include "xnatarchive/session_document.hpp"
#include "xnatarchive/session_validator.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// The files of a session that is about to be archived. Implemented by the engine; valid during the
/// call it is given to, on the thread of that call.
///
/// Files are named by their path relative to the session, as Paths() has it, and each may be
/// decided about once. A failure of any of these functions ends the call, also when the transform
/// goes on: the disk's as it is; kHandlerFailed "transform.no-such-file" for any other name,
/// "transform.decided-twice" for a second decision.
class SessionFiles {
 public:
  SessionFiles() = default;
  SessionFiles(const SessionFiles&) = delete;
  SessionFiles& operator=(const SessionFiles&) = delete;
  virtual ~SessionFiles() = default;

  /// Every file that would be archived, sorted: those that catalogs name and those that just lie
  /// there, such as logs. Catalogs and the document are the engine's and not among them.
  virtual const std::vector<std::string>& Paths() const = 0;
  /// The bytes of one file, as they are in the prearchive.
  virtual Result<std::string> Read(const std::string& path) = 0;
  /// `bytes` are archived in its place; they are copied. Checksums are made anew, and of a DICOM
  /// file the SOP Instance UID and instance number of its catalog entry: bytes that are not a DICOM
  /// object any more are kHandlerFailed, with ReadHeader's reason, such as "dicom.truncated". Of a
  /// file that no catalog names, kHandlerFailed "transform.not-in-catalog".
  virtual Status Replace(const std::string& path, std::string_view bytes) = 0;
  /// The file is left out, with its catalog entry. A resource and then a scan without any other are
  /// left out, too.
  virtual Status Reject(const std::string& path) = 0;
};

/// Rewrites or leaves out files, and amends the document, before findings are worked out: what is
/// validated, merged and archived is the result. Objects that are merged meet by the SOP Instance
/// UIDs they have now.
///
/// When the session is archived the originals of rewritten and rejected files are gone, as with
/// XNAT's anonymization: whoever wants them keeps them. Not called for what the history gives back.
///
/// Threads:   Transform may be called from several threads at once, always on a caller's own.
/// Ownership: shared with the engine, which calls nothing after its destruction.
class SessionTransform {
 public:
  SessionTransform() = default;
  SessionTransform(const SessionTransform&) = delete;
  SessionTransform& operator=(const SessionTransform&) = delete;
  virtual ~SessionTransform() = default;

  /// Name and version, such as "anonymize 2.1": the audit record of the archived session has it. 1
  /// to 64 printable ASCII characters, anything else is kHandlerFailed "transform.bad-name".
  virtual std::string Name() const = 0;

  /// Changes one session. `session` is what a validator would see, before any change; `document` is
  /// a copy of its document, to be amended.
  ///
  /// The document is not built again from rewritten headers: amend it, too, where it repeats them
  /// (dcmPatientName, dcmPatientId, ...). Two things are done for it: a scan all of whose DICOM
  /// files were rewritten to one Series Instance UID gets that UID, and so does the session with
  /// the Study Instance UID. Its ID, type, project, label, subject_ID and scans have to stay
  /// (kHandlerFailed "transform.other-session"); its resources are the engine's, and changes to
  /// them are not seen. A document that could not be read again, as with an element whose name is
  /// no XML name, is kHandlerFailed "transform.bad-document". The label is where it will be archived, whatever rewritten headers say.
  ///
  /// Validate and dry runs call it as Archive does and write nothing, so that they say what will
  /// happen; of a session that is not built yet they only say that it will be called ("WARN
  /// archive.transform-not-run").
  ///
  /// Returns: OK. A failure, and an exception ("transform.threw"), ends the call as kHandlerFailed
  ///          with its reason. A session left without files is refused: FAIL
  ///          "archive.transform-emptied". In every case prearchive and archive are as before.
  /// The session is locked: read from the engine, but change nothing through it.
  virtual Status Transform(const SessionCandidate& session, SessionFiles& files,
                           SessionDocument* document, const Cancelled& cancelled) = 0;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_SESSION_TRANSFORM_HPP_
