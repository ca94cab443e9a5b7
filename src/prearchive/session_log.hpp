// session_log.hpp - the log of a prearchive session: one small text file per event in logs/.
#ifndef XNATARCHIVE_PREARCHIVE_SESSION_LOG_HPP_
#define XNATARCHIVE_PREARCHIVE_SESSION_LOG_HPP_

#include <string>
#include <string_view>
#include <vector>

#include "fs/directory.hpp"
#include "prearchive/session_paths.hpp"

namespace xnatarchive {

/// Appends one event, "logs/<epoch ms>.log". Best effort: a log that cannot be written changes
/// nothing about the operation it tells of.
void AppendSessionLog(const Directory& prearchive, const SessionPaths& session,
                      std::string_view text);

/// All events, oldest first: "MM/dd/yyyy HH:mm:ss:<text>".
Result<std::vector<std::string>> ReadSessionLog(const Directory& prearchive,
                                                const SessionPaths& session);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_SESSION_LOG_HPP_
