// job_request.hpp - what a job's item has in the store as text: the request it is to be archived
// with, and what became of its files.
#ifndef XNATARCHIVE_ENGINE_JOB_REQUEST_HPP_
#define XNATARCHIVE_ENGINE_JOB_REQUEST_HPP_

#include <optional>
#include <string>
#include <string_view>

#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive {

/// A line "name=value" for everything of the request that is not as by default.
std::string WriteJobRequest(const ArchiveRequest& request);
/// kUnsupported "job.newer-request" when a line is not one this version writes: nothing is archived
/// by half of what was asked for.
Result<ArchiveRequest> ReadJobRequest(std::string_view text);

/// Six numbers. nullopt when they are not, as in an item that nobody has counted.
std::string WriteFileCounts(const FileCounts& counts);
std::optional<FileCounts> ReadFileCounts(std::string_view text);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_JOB_REQUEST_HPP_
