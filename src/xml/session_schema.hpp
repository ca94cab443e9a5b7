// session_schema.hpp - the part of XNAT's data model that a session document is written by: which
// elements and attributes sessions and scans have, and in which order the elements come.
//
// Type names are those of the schema http://nrg.wustl.edu/xnat without prefix ("mrScanData"), and,
// for the types it leaves unnamed, our own ("mrParameters").
#ifndef XNATARCHIVE_XML_SESSION_SCHEMA_HPP_
#define XNATARCHIVE_XML_SESSION_SCHEMA_HPP_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xnatarchive {

/// An attribute or child element of a type. The views last for ever.
struct SchemaChild {
  std::string_view name;  ///< As the schema spells it.
  std::string_view type;  ///< Empty for plain text.
  /// The type of its text in XML Schema ("date", "integer"), or what it may be ("CW|CC"). Empty:
  /// any.
  std::string_view value;
  bool attribute = false;
  bool repeated = false;  ///< An element that may come more than once.
  bool required = false;  ///< It has to be there where its parent is.
  int rank = 0;           ///< Place of an element in the type's sequence, base types first.
};

/// Every attribute and child element of a type, those of its base types first; none of a type that
/// is not known. Lasts for ever.
const std::vector<SchemaChild>& SchemaChildren(std::string_view type);

/// Looks the name up without regard to case, as clients spell "subject_id"; nullopt when the type,
/// or the name in it, is not known.
std::optional<SchemaChild> FindSchemaChild(std::string_view type, std::string_view name);

/// Returns the rank of an element of that name, prefix included, among the children of `type`.
std::optional<int> SchemaRank(std::string_view type, std::string_view element);

/// Says whether elements of that type hold text, rather than attributes and elements only.
bool HasText(std::string_view type);

/// The schema type of a session or scan: that of its xsi:type, or of what a plugin's type extends.
std::string_view SessionSchemaType(std::string_view xsi_type);
std::string_view ScanSchemaType(std::string_view xsi_type);

/// Says whether a session of that xsi:type is a `type` ("xnat:experimentData"), ignoring case.
bool IsSessionType(std::string_view xsi_type, std::string_view type);

/// Root element of a session document: "xnat:MRSession" for "xnat:mrSessionData". A type that XNAT
/// itself does not define is its own root element.
std::string SessionRootName(std::string_view xsi_type);
/// The reverse; nullopt for what is no session. Names of others must end in "Session" or
/// "SessionData".
std::optional<std::string> SessionTypeOfRoot(std::string_view root_name);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_SESSION_SCHEMA_HPP_
