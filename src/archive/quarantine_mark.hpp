// quarantine_mark.hpp - how the tree tells that an archived session is quarantined.
//
// XNAT keeps the status of a session in its database alone. Here the tree is the truth: a session's
// directory holds this file as long as it is quarantined. Readers ignore names that begin with
// ".xa".
#ifndef XNATARCHIVE_ARCHIVE_QUARANTINE_MARK_HPP_
#define XNATARCHIVE_ARCHIVE_QUARANTINE_MARK_HPP_

#include <string>
#include <string_view>

#include "fs/directory.hpp"

namespace xnatarchive {

inline constexpr std::string_view kQuarantineMark = ".xa-quarantine";
/// What it says to whoever finds it.
inline constexpr std::string_view kQuarantineText = "quarantined; see xnatarchive activate\n";

/// `session`: its directory, relative to the archive.
Result<bool> HasQuarantineMark(const Directory& archive, const std::string& session);

/// Removes the mark durably; fine when there is none. Under the session's lock.
Status RemoveQuarantineMark(const Directory& archive, const std::string& session);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_QUARANTINE_MARK_HPP_
