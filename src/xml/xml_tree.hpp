// xml_tree.hpp - documents as XmlElement trees, through tinyxml2.
#ifndef XNATARCHIVE_XML_XML_TREE_HPP_
#define XNATARCHIVE_XML_XML_TREE_HPP_

#include <string>
#include <string_view>

#include "xml/xml_namespaces.hpp"
#include "xml/xml_scan.hpp"
#include "xnatarchive/session_document.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Builds the tree of one element from its bytes, which are part of a document CheckXml accepted
/// (with every prefix bound in them). Names are translated by `names`, namespace declarations and
/// xsi:schemaLocation go, as do comments. Text of white space only counts as none; text beside
/// child elements is trimmed and comes before them.
///
/// Returns kCorruption "xml.too-many-attributes" when the document uses more namespaces than a
///         document of ours may declare.
Result<XmlElement> ParseXmlElement(std::string_view bytes, NamespaceTable& names);

/// CheckXml, then ParseXmlElement on the root.
Result<XmlElement> ParseXmlDocument(std::string_view bytes, const XmlLimits& limits,
                                    NamespaceTable& names);

/// Appends the element and all below it, as AppendStartTag and AppendTextElement do.
void AppendXmlElement(std::string& out, const XmlElement& element, int depth);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_XML_TREE_HPP_
