// session_state.hpp - what the prearchive tree alone says about its sessions.
#ifndef XNATARCHIVE_PREARCHIVE_SESSION_STATE_HPP_
#define XNATARCHIVE_PREARCHIVE_SESSION_STATE_HPP_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fs/directory.hpp"
#include "prearchive/session_paths.hpp"
#include "store/store.hpp"
#include "xnatarchive/prearchive_session.hpp"
#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// The document beside a session. kNotFound when there is none; the failures of ParseSession.
Result<SessionDocument> ReadDocument(const Directory& prearchive, const SessionPaths& paths);

/// XNAT's file-derived status: no document, or one older than the last receipt: RECEIVING; an
/// unreadable one: ERROR; else READY. (XNAT says ARCHIVING for a document with an ID; here an
/// operation under way has a plan file instead.)
Result<PrearchiveState> StateFromFiles(const Directory& prearchive, const PrearchiveId& id);

/// Takes a row that says somebody works on the session, although nobody does, back to what the
/// files say, and returns it. Requires that the caller holds the session's lock. Fails as
/// Store::ChangePrearchiveState does when the row has changed or gone since it was read.
Result<PrearchiveSession> ReleaseRow(const Directory& prearchive, Store& store,
                                     const PrearchiveSession& row);

/// Every session directory of the prearchive as a row: projects, timestamps and folders from the
/// directory names, the rest from the documents and from the facts in the indexes. `is_project`
/// says which first-level names are projects; what is neither a project nor a timestamp is not
/// looked into.
Result<std::vector<PrearchiveSession>> ScanPrearchive(
    const Directory& prearchive, const std::function<bool(const std::string&)>& is_project);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_SESSION_STATE_HPP_
