// session_values.hpp - whether the values of a session document are of the types that XNAT's schema
// gives them: what XNAT, and clients that read dates and numbers, could not make sense of.
#ifndef XNATARCHIVE_XML_SESSION_VALUES_HPP_
#define XNATARCHIVE_XML_SESSION_VALUES_HPP_

#include <string>
#include <string_view>
#include <vector>

#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// Whether the text is a `value` as in SchemaChild: one of XML Schema's types (part 2: date, time,
/// dateTime, duration, integer, float, boolean; years have four digits), or one of "a|b|c". As XNAT
/// does, takes INF, Infinity, NaN, truth values and the a|b|c in any case, and a space for the T of
/// a dateTime. Unlike XNAT, which rewrites them, takes no other forms of dates ("03/18/2024"), no
/// NULL, and numbers of any size. White space at both ends does not count.
bool IsOfType(std::string_view text, std::string_view value);

/// One text for every value of the session, without its scans, or of the scan that is not of its
/// type, and for every one that is required and not there: "date is no date (yyyy-MM-dd)",
/// "parameters/frames/frame/@units is missing". Names are paths as in SessionDocument::Set; the
/// value itself, which may be a patient's, is not told. An empty value is none. Not looked at is
/// what the schema does not know, nor resources, whose numbers the library sets itself,
/// reconstructions, assessors and regions, which are kept as they are.
std::vector<std::string> FindBadValues(const SessionDocument& session);
std::vector<std::string> FindBadValues(const Scan& scan);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_SESSION_VALUES_HPP_
