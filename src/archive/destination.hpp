// destination.hpp - which project, label and subject a session is archived under: XNAT's rules.
//
// Pure: what is known about the request and the session in, names or findings out. Messages name
// the sources that were looked at, never their values, which may identify a patient.
#ifndef XNATARCHIVE_ARCHIVE_DESTINATION_HPP_
#define XNATARCHIVE_ARCHIVE_DESTINATION_HPP_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/uri.hpp"
#include "xnatarchive/finding.hpp"
#include "xnatarchive/session_document.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Whether an XML path, "xnat:mrSessionData/label", is that of this field of a session.
bool IsSessionField(std::string_view xml_path, std::string_view field);

struct DestinationInput {
  /// The request's parameters by XNAT's names, XML paths among them; empty values count as absent.
  std::map<std::string, std::string> parameters;
  std::optional<ParsedUri> dest;   ///< Absent when the request names none.
  std::string prearchive_project;  ///< Empty when Unassigned.
  std::string folder;              ///< The prearchive folder's name.
  /// The session's document, XML-path parameters already applied. Not null.
  const SessionDocument* document = nullptr;
  /// What the DICOM headers or routing rules say, best first.
  std::vector<std::string> project_candidates;
  /// Returns the ID of the project that has this ID or alias, or nullopt.
  std::function<std::optional<std::string>(std::string_view)> find_project;
};

/// The names, or the findings that say why there are none. A name with a finding is empty.
struct Destination {
  std::string project;
  std::string label;
  std::string subject;            ///< Label or ID; found ignoring case, else made.
  std::vector<Finding> findings;  ///< Codes 6, 8 and 11.
};

/// - Project: `dest`, else the parameter "project", "PROJECT_ID" or "<xsi:type>/project", else the
///   prearchive project, else the document's, else the first candidate there is. One that is named
///   but does not exist is "archive.unknown-project"; in the document and the candidates it is
///   passed over. None: "archive.no-project".
/// - Label: parameter "session", else "<xsi:type>/label", else `dest` or "EXPT_LABEL", else
///   "label", else the document's label, the folder, the document's ID. None: "archive.no-label".
/// - Subject: parameter "subject", else "SUBJECT_ID", else `dest`, else the document's subject_ID,
///   else its dcmPatientName. None: "archive.no-subject".
/// Labels and subjects are sanitised; when nothing that tells anything is left, or too much, it is
/// "archive.bad-label" or "archive.bad-subject".
///
/// kInvalidArgument "archive.contradiction" when `dest` and a parameter name different things;
/// "archive.bad-dest" when `dest` is not a project, subject or experiment of the archive.
Result<Destination> ResolveDestination(const DestinationInput& input);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_DESTINATION_HPP_
