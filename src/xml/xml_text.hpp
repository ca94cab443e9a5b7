// xml_text.hpp - text between the values of this library and the bytes of a document.
#ifndef XNATARCHIVE_XML_XML_TEXT_HPP_
#define XNATARCHIVE_XML_XML_TEXT_HPP_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xnatarchive {

/// Where a value stands: XML reads white space differently in the two places.
enum class XmlPlace { kText, kAttribute };

/// Appends `value` so that a reader gets it back. & < > " ' become the five entities; a NUL becomes
/// a space and other characters XML does not allow are dropped, as XNAT does; bytes that are not
/// UTF-8 become U+FFFD, one each. Carriage returns, and in attributes also tabs and newlines,
/// become numeric references, because a reader would turn the plain characters into others.
void AppendEscaped(std::string& out, std::string_view value, XmlPlace place);

/// The longest numeric reference CheckXml accepts, so that looking for its end is bounded.
inline constexpr std::size_t kReferenceDigitsMax = 8;

/// Returns the value of `raw`, text or an attribute as it stands in a document CheckXml accepted,
/// line ends already normalised. A reference it does not know stays as it is, so that text which
/// was escaped twice can be unescaped twice.
std::string Unescape(std::string_view raw, XmlPlace place);
/// The same without a copy of what has nothing to decode: returns `raw`, or else a view of `room`.
std::string_view Unescape(std::string_view raw, XmlPlace place, std::string& room);

/// Attributes of one element, as views on values that outlive it.
using XmlAttributes = std::vector<std::pair<std::string_view, std::string_view>>;

/// First line of every document; start tags bring their own newline.
inline constexpr std::string_view kXmlDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

enum class XmlBody { kNone, kFollows };

/// Appends a start tag on a new line, `depth` tabs deep, in the way of XNAT's bean writers:
/// attributes in ASCII order of their names but xsi:type last, "/>" without a body. Sorts
/// `attributes`.
void AppendStartTag(std::string& out, std::string_view name, XmlAttributes& attributes, int depth,
                    XmlBody body);

/// Appends an end tag on a line of its own, `depth` tabs deep.
void AppendEndTag(std::string& out, std::string_view name, int depth);

/// Appends an element with text, on one line; without text, `<name/>`.
void AppendTextElement(std::string& out, std::string_view name, XmlAttributes& attributes,
                       std::string_view text, int depth);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_XML_TEXT_HPP_
