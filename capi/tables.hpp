// tables.hpp - lists of the engine's as rows of text. Times are milliseconds since the epoch, 0:
// not yet.
#ifndef XNATARCHIVE_CAPI_TABLES_HPP_
#define XNATARCHIVE_CAPI_TABLES_HPP_

#include <string>
#include <vector>

#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive::capi {

Table ProjectTable(const std::vector<Project>& projects);
/// XNAT's columns in XNAT's order; "url" is the session's URI.
Table PrearchiveTable(const std::vector<PrearchiveSession>& sessions);
Table LogTable(const std::vector<std::string>& lines);
Table HistoryTable(const std::vector<HistoryEntry>& entries);
Table JobTable(const std::vector<Job>& jobs);

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_TABLES_HPP_
