// auto_archive.hpp - what an import's parameters say of archiving, kept with its sessions until
// they are complete.
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

/// How to archive the session (xnatarchive/auto_archive.hpp), by its project's code in the store;
/// nullopt when it waits for a person.
Result<std::optional<ArchiveRequest>> RequestUnlessItWaits(Store& store,
                                                           const PrearchiveSession& row);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_AUTO_ARCHIVE_HPP_
