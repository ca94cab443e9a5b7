// auto_archive.hpp - which sessions are archived although nobody asks for it, and how.
//
// One rule for whoever finds a session complete: the import that brought it, CommitIdle when no
// file came for some time, a commit of XNAT's clients.
#ifndef XNATARCHIVE_AUTO_ARCHIVE_HPP_
#define XNATARCHIVE_AUTO_ARCHIVE_HPP_

#include "xnatarchive/archive_engine.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {

/// XNAT's order of what decides: it has no project; the data says yes; the uploads
/// (ImportRequest::parameters); the data says no; its project's prearchive_code.
bool IsAutoArchived(const PrearchiveSession& session, PrearchiveCode project_code);

/// How. Overwrite, quarantine and pipelines are as the uploads said. When they did not say what
/// becomes of a session that exists, the data or else the project does: AutoArchive adds files,
/// AutoArchiveOverwrite replaces them, too, and neither means none.
ArchiveRequest AutoArchiveRequest(const PrearchiveSession& session, PrearchiveCode project_code);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_AUTO_ARCHIVE_HPP_
