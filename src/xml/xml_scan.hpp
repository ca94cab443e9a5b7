// xml_scan.hpp - a strict, bounded look at XML bytes before anything is built from them.
//
// tinyxml2 accepts much that is not XML (undefined entities, two roots, unbound prefixes, any
// bytes), rewrites some of it into something else, and compares every attribute of an element with
// every other. Catalogs written by XNAT may be torn, empty or in another encoding, and uploads may
// be hostile. So nothing reaches the parser that this scan has not read from end to end: what it
// accepts is well-formed with namespaces, is a subset of what libxml2 accepts, and is small enough
// in every dimension that the work after it is linear and bounded.
#ifndef XNATARCHIVE_XML_XML_SCAN_HPP_
#define XNATARCHIVE_XML_XML_SCAN_HPP_

#include <cstddef>
#include <string_view>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// What is refused for its size. The defaults hold a catalog of a million files.
struct XmlLimits {
  std::size_t bytes_max = std::size_t{512} << 20;
  std::size_t elements_max = 10'000'000;
  std::size_t depth_max = 64;                          ///< The root is at depth 1.
  std::size_t attributes_max = 64;                     ///< Of one element, beside declarations.
  std::size_t namespaces_max = 64;                     ///< Of one element, and prefixes in scope.
  std::size_t name_bytes_max = 256;                    ///< With prefix.
  std::size_t value_bytes_max = std::size_t{8} << 20;  ///< One value, run of text or comment.
};

/// Is told where elements lie, in document order. Offsets count from the begin of the bytes.
class XmlScanListener {
 public:
  XmlScanListener() = default;
  XmlScanListener(const XmlScanListener&) = delete;
  XmlScanListener& operator=(const XmlScanListener&) = delete;
  virtual ~XmlScanListener() = default;

  /// The start tag [begin, end) of an element at `depth` (the root is at 1).
  virtual void StartTag(std::size_t depth, std::string_view name, std::size_t begin,
                        std::size_t end) = 0;
  /// The element whose end tag (or start tag, for <a/>) ends before `end`.
  virtual void ElementEnd(std::size_t depth, std::size_t end) = 0;
};

/// Says whether `bytes` are a document this library reads: well-formed XML 1.0 with namespaces, in
/// UTF-8 (a byte order mark is allowed), without DOCTYPE, with no entities but the five, without
/// processing instructions inside the root, within the limits. Linear in the size.
///
/// Returns OK, or kCorruption with the line in the message and the reason "xml.too-large" (bytes,
///         elements, a value, a name), "xml.too-deep", "xml.too-many-attributes", "xml.doctype",
///         "xml.bad-entity", "xml.not-utf8" (also another declared encoding, and characters XML
///         does not allow) or "xml.malformed". The listener has then seen part of the document.
Status CheckXml(std::string_view bytes, const XmlLimits& limits = {},
                XmlScanListener* listener = nullptr);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_XML_SCAN_HPP_
