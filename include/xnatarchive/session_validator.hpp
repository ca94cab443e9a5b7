// session_validator.hpp - the strategy for a host's own checks of what is to be archived.
//
// Archive and Validate ask the same validators at the same point of the same plan, so that a dry
// run says what will happen.
#ifndef XNATARCHIVE_SESSION_VALIDATOR_HPP_
#define XNATARCHIVE_SESSION_VALIDATOR_HPP_

#include <string>
#include <vector>

#include "xnatarchive/cancelled.hpp"
#include "xnatarchive/finding.hpp"
#include "xnatarchive/import_handler.hpp"
#include "xnatarchive/session_document.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// A session that is about to be archived. Valid during the call; nothing is copied for it.
struct SessionCandidate {
  /// As it would be archived: XML-path parameters applied, project, label and subject_ID set; the
  /// ID is not given yet.
  const SessionDocument& document;
  const std::vector<ResourceDraft>& resources;  ///< With their catalogs: one entry for each file.
  std::string project;                          ///< Destination; empty when it is not known.
  std::string subject;                          ///< Label or ID; the same.
  std::string label;                            ///< The same.
  bool exists = false;                          ///< A session of that label is archived.
};

/// Finds what the host has against a session.
///
/// Threads:   Validate may be called from several threads at once, always on a caller's own.
/// Ownership: shared with the engine, which calls nothing after its destruction.
class SessionValidator {
 public:
  SessionValidator() = default;
  SessionValidator(const SessionValidator&) = delete;
  SessionValidator& operator=(const SessionValidator&) = delete;
  virtual ~SessionValidator() = default;

  /// Appends to `findings` what is found: code 16 with kWarn lets the session be archived, code 17
  /// with kFail keeps it in the prearchive. `reason` is a slug of the host's own ([a-z0-9.-], at
  /// most 64 characters, not beginning with "archive."), `message` one line without patient data.
  ///
  /// What is not like that is put right, never trusted to pass: any other code or type becomes 17
  /// and kFail, any other reason "validator.unnamed", a message is cut to one line of 500 bytes;
  /// one more finding, "validator.malformed", tells how many those were. Of more than 100 findings
  /// the rest is one, "validator.too-many", kFail when any of them was.
  ///
  /// Returns: OK when the session was looked at. A failure, and an exception ("validator.threw"),
  ///          ends the call as kHandlerFailed with its reason: nothing is changed, and the session
  ///          is not marked.
  /// The session is locked: read from the engine, but change nothing through it. No file of the
  /// session is open or hashed for the validator, and it may not rely on where files lie.
  virtual Status Validate(const SessionCandidate& session, const Cancelled& cancelled,
                          std::vector<Finding>* findings) = 0;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_SESSION_VALIDATOR_HPP_
