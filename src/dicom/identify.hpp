// identify.hpp - which project, subject and session a DICOM object says it belongs to.
//
// XNAT's classic identifier: for each question a list of sources, the first that answers wins.
//
//   project        routing rules; "Project:" in the comments; Study Description; Accession Number
//   subject        routing rules; "Subject:" in the comments; Patient's Name
//   session        routing rules; "Session:" in the comments; Patient ID; "dicom_upload"
//   auto-archive   routing rules; "AA:" in the comments: t, true, f, false in any case
//
// The comments are Patient Comments, Study Comments and Additional Patient History, in this order.
#ifndef XNATARCHIVE_DICOM_IDENTIFY_HPP_
#define XNATARCHIVE_DICOM_IDENTIFY_HPP_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/header.hpp"
#include "xnatarchive/routing_rules.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

struct Identity {
  /// Values as found, distinct, best first. The first that is a project's ID or alias is it; none:
  /// Unassigned.
  std::vector<std::string> project_candidates;
  std::string subject;  ///< Through XNAT's label rule (SanitiseLabel); may be empty.
  std::string session;  ///< Likewise; never empty, but possibly only underscores.
  std::optional<bool> auto_archive;
};

inline constexpr std::string_view kDefaultSessionLabel = "dicom_upload";

/// Answers the four questions. Fails only for a rule that CheckRoutingRule refuses.
Result<Identity> Identify(const DicomHeader& header, const RoutingRules& rules);

/// kInvalidArgument "routing.bad-rule" for a line that is not a rule.
Status CheckRoutingRule(std::string_view line);

/// The elements the rules look at, for ReadHeader's `extra`. Malformed rules are left out.
std::vector<Tag> RoutingTags(const RoutingRules& rules);

/// Finds the last "Key: value" in a comment. The key ignores case and begins the text or follows
/// white space, a comma or a semicolon; white space may surround the colon; the value is
/// [A-Za-z0-9_-]*, up to the end, white space, a comma or a semicolon. A line break inside the
/// text means there is none: XNAT's pattern does not see across lines.
std::optional<std::string> FindAssignment(std::string_view text, std::string_view key);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DICOM_IDENTIFY_HPP_
