// auto_archive.hpp - which sessions are archived although nobody asks for it, and how: at the end
// of the import that brought them, and when no file came for some time.
#ifndef XNATARCHIVE_ENGINE_AUTO_ARCHIVE_HPP_
#define XNATARCHIVE_ENGINE_AUTO_ARCHIVE_HPP_

#include <map>
#include <optional>
#include <string>

#include "base/named_values.hpp"
#include "store/store.hpp"
#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive {

/// Whether what is kept with a session can be stored, and stand in its document. kInvalidArgument
/// "import.bad-value".
Status CheckKept(const NamedValues& parameters);

/// Of an import's parameters those that count when its sessions are built and archived, under one
/// name each. `to_archive`: its dest is an archive URI, which says "AA", too.
///
/// XML paths (names with a '/') are among them; XNAT's "autoArchive", with the name of a prearchive
/// code, counts where neither is given.
NamedValues KeptParameters(const std::map<std::string, std::string>& parameters, bool to_archive);

/// Whether this import asks for its sessions to be archived at once.
bool WantsArchive(const std::map<std::string, std::string>& parameters, bool to_archive);

/// Whether the sender says when the session is complete (XNAT: prevent_auto_commit, and what its
/// desktop client sends, whose source is "uploader"), so that its age says nothing.
bool WaitsForSender(const PrearchiveSession& row);

/// How to archive the session; nullopt when it waits for a person. XNAT's order of what decides: it
/// has no project; the data says yes; the uploads; the data says no; its project's prearchive_code.
/// What becomes of a session that exists: as the uploads say, else as the data or the project does,
/// AutoArchive adding files and AutoArchiveOverwrite replacing them, too.
Result<std::optional<ArchiveRequest>> AutoArchiveRequest(Store& store,
                                                         const PrearchiveSession& row);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_AUTO_ARCHIVE_HPP_
