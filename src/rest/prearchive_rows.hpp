// prearchive_rows.hpp - rows of the prearchive as XNAT's table has them.
#ifndef XNATARCHIVE_REST_PREARCHIVE_ROWS_HPP_
#define XNATARCHIVE_REST_PREARCHIVE_ROWS_HPP_

#include <string>
#include <string_view>
#include <vector>

#include "rest/route.hpp"

namespace xnatarchive {

/// "/prearchive/projects/P/TS/FOLDER", percent-encoded.
std::string PrearchivePath(std::string_view project, std::string_view timestamp,
                           std::string_view folder);

/// XNAT's nineteen columns in its order.
Table PrearchiveTable(const std::vector<PrearchiveSession>& rows);

/// The rows that `sources` name. Fails as ArchiveEngine::FindPrearchiveSession for the first that
/// can not be found.
Result<std::vector<PrearchiveSession>> FindRows(const RestCall& call,
                                                const std::vector<std::string>& sources);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_PREARCHIVE_ROWS_HPP_
