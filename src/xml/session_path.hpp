// session_path.hpp - values of a session document by path, and by the XML paths of XNAT's clients.
#ifndef XNATARCHIVE_XML_SESSION_PATH_HPP_
#define XNATARCHIVE_XML_SESSION_PATH_HPP_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xnatarchive/session_document.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// One step of a path, as in "field[name=x]", "@units" or "scan[0]".
struct PathStep {
  std::string name;
  bool attribute = false;
  std::vector<std::pair<std::string, std::string>> predicates;  ///< Attribute and its value.
  std::optional<std::size_t> index;                             ///< Counts from 0.
};

/// Splits at '/' outside brackets. A predicate is [name=value], [@name=value] or [number]; its
/// value may be quoted. nullopt for broken brackets, an empty step, or steps below an attribute.
std::optional<std::vector<PathStep>> ParsePath(std::string_view path);

/// Where `element` would be put among the children of a `type`: behind the last one that comes
/// before it, or beside it, in the schema. Unknown children belong to the one they follow.
std::size_t SchemaPlace(std::string_view type, const std::vector<XmlElement>& children,
                        std::string_view element);

/// Sets the value at an XML path as XNAT's clients send it, such as
/// "xnat:mrSessionData/subject_id", "xnat:experimentData/fields/field[name=x]/field" or
/// "xnat:mrSessionData/scans/scan[0][@xsi:type=xnat:mrScanData]/type". The first step is the
/// document's type or one it extends; names are matched without regard to case; an attribute may be
/// written without '@'. [n] counts the scans that match the other predicates; no predicate means
/// the first scan. An empty value removes.
///
/// Returns OK, or kInvalidArgument "session.unknown-path", with the path and without the value in
///         the message, for a path that is not in the schema, is no single value, is the ID of a
///         scan (which names its directory), or names a scan that is not there. Nothing is then
///         changed.
Status SetByXmlPath(SessionDocument& document, std::string_view xml_path, std::string_view value);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_SESSION_PATH_HPP_
