// uri.hpp - XNAT's resource URIs, taken apart and put together.
//
//   /prearchive[/projects[/P[/TIMESTAMP[/FOLDER]]]]
//   /archive[/projects[/P ...]][/subjects[/S ...]][/experiments[/E ...]]
//           [/scans[/ID ...] or /reconstructions[/ID ...] or /assessors[/ID ...]]
//           [/resources[/LABEL]][/files[/PATH]]
//
// Between a reconstruction or an assessor and "resources" may stand "in" or "out".
// "/archive" may be left out before "/projects", "/subjects" and "/experiments", and all of it may
// follow "/data" or "/REST".
#ifndef XNATARCHIVE_ARCHIVE_URI_HPP_
#define XNATARCHIVE_ARCHIVE_URI_HPP_

#include <string>
#include <string_view>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// What a URI names: the last level that has a value.
enum class UriKind {
  kPrearchive,
  kPrearchiveProject,
  kPrearchiveTimestamp,
  kPrearchiveSession,
  kArchive,
  kProject,
  kSubject,
  kExperiment,
  kScan,
  kReconstruction,
  kAssessor,
  kResource,
  kFile,
};

/// A URI's parts, decoded. Those it does not name are empty.
struct ParsedUri {
  UriKind kind = UriKind::kArchive;
  /// Empty in a prearchive URI means Unassigned (whatever its case was), if the kind has a project.
  std::string project;
  std::string timestamp;   ///< Prearchive: directory name, "yyyyMMdd_HHmmss" or with milliseconds.
  std::string folder;      ///< Prearchive: directory name.
  std::string subject;     ///< Label or ID.
  std::string experiment;  ///< Label or ID.
  std::string scan;
  std::string reconstruction;  ///< ID.
  std::string assessor;        ///< Label or ID.
  std::string direction;       ///< "in" or "out", between one of these two and its resources.
  std::string resource;
  std::string file;  ///< Path below the resource.
  /// The last word of a URI that names all members of a level: "subjects" of
  /// "/projects/P/subjects".
  std::string collection;
};

/// kInvalidArgument "uri.malformed" for anything else. A value is never empty, "." or "..", and
/// holds no '/' (but `file`) and no control character.
Result<ParsedUri> ParseUri(std::string_view uri);

/// The URI without a prefix, such as "/prearchive/projects/Unassigned/20240318_150212847/S1".
std::string FormatUri(const ParsedUri& uri);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_URI_HPP_
