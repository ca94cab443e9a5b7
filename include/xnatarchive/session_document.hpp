// session_document.hpp - the session document (XNAT's experiment XML) as plain values.
//
// A document is read from and written to `FOLDER.xml` beside a prearchive session, and
// `session.xml` inside an archived one. What the library acts on has a member of its own;
// everything else is kept as elements and attributes and comes back out on a rewrite, so that
// nothing another program put into a document is ever lost.
#ifndef XNATARCHIVE_SESSION_DOCUMENT_HPP_
#define XNATARCHIVE_SESSION_DOCUMENT_HPP_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xnatarchive {

/// One XML element, with its namespace prefix in the name ("xnat:scanner"). Text is UTF-8 and
/// unescaped. Text that stood between children is kept in front of them. Attributes are written in
/// ASCII order of their names, whatever their order here.
struct XmlElement {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< In document order.
  std::string text;
  std::vector<XmlElement> children;

  /// Returns the attribute's value, or nullptr when it is absent.
  const std::string* FindAttribute(std::string_view attribute) const;
  /// Sets or adds the attribute.
  void SetAttribute(std::string_view attribute, std::string_view value);
  /// Returns the first child of that name, or nullptr.
  const XmlElement* FindChild(std::string_view child) const;
};

/// Whether names, text, attributes and children are the same, in the same order.
bool operator==(const XmlElement& a, const XmlElement& b);

/// A labelled folder of files (`xnat:file` of a scan, `xnat:resource` of a session).
struct Resource {
  std::string xsi_type = "xnat:resourceCatalog";
  std::string label;
  std::string uri;  ///< Catalog file, '/' separated, relative to the session directory.
  std::string format;
  std::string content;
  std::string description;
  std::optional<std::int64_t> file_count;
  std::optional<std::int64_t> file_size;                        ///< Bytes, all files together.
  std::vector<std::pair<std::string, std::string>> attributes;  ///< Others, kept as they are.
  std::vector<XmlElement> elements;                             ///< Children, kept as they are.
};

/// One series. `elements` holds every child but the resources, in schema order; values are read
/// and set by path, such as "series_description" or "parameters/voxelRes/@x".
struct Scan {
  std::string xsi_type;  ///< Such as "xnat:mrScanData".
  std::string id;        ///< Directory name below SCANS/.
  std::string uid;       ///< Series Instance UID; may be empty.
  std::string type;      ///< XNAT's scan type; empty until archived.
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<XmlElement> elements;
  std::vector<Resource> resources;

  /// Returns the text (or, for a last step "@name", the attribute) at `path` of local names, or
  /// an empty string.
  std::string Get(std::string_view path) const;
  /// Sets it, making missing elements at their place in the schema's sequence, with the attributes
  /// a predicate names; an element that is not in the schema comes last. An empty value removes the
  /// text or attribute, and then every element on the path that has nothing else left.
  void Set(std::string_view path, std::string_view value);
};

/// An imaging session, or any other XNAT experiment.
struct SessionDocument {
  std::string xsi_type;  ///< Such as "xnat:mrSessionData"; the root element name follows from it.
  std::string id;        ///< Empty until archived.
  std::string uid;       ///< Study Instance UID; may be empty.
  std::string project;
  std::string label;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< Others, such as "modality".
  std::vector<XmlElement> elements;  ///< Every child but scans and resources, in schema order.
  std::vector<Resource> resources;
  std::vector<Scan> scans;
  std::vector<std::pair<std::string, std::string>> namespaces;  ///< Beyond XNAT's core set.

  /// As for Scan. "subject_ID", "scanner/@model", "@modality", "fields/field[name=studyComments]".
  /// Scans and resources are members and not reached by path.
  std::string Get(std::string_view path) const;
  /// As for Scan.
  void Set(std::string_view path, std::string_view value);

  /// @{ The scan, or nullptr.
  const Scan* FindScan(std::string_view scan_id) const;
  Scan* FindScan(std::string_view scan_id);
  /// @}
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_SESSION_DOCUMENT_HPP_
