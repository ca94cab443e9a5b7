// Writing a session document.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xml/session_path.hpp"
#include "xml/session_schema.hpp"
#include "xml/session_xml.hpp"
#include "xml/xml_namespaces.hpp"
#include "xml/xml_text.hpp"
#include "xml/xml_tree.hpp"

namespace xnatarchive {
namespace {

void Add(XmlAttributes& attributes, std::string_view name, std::string_view value) {
  if (!value.empty()) attributes.emplace_back(name, value);
}

/// Adds those that are not there yet: a number that could not be read is kept until there is one.
void AddAll(XmlAttributes& attributes,
            const std::vector<std::pair<std::string, std::string>>& kept) {
  const std::size_t own = attributes.size();
  for (const auto& [name, value] : kept) {
    const auto own_end = attributes.begin() + static_cast<std::ptrdiff_t>(own);
    const bool there = std::any_of(attributes.begin(), own_end,
                                   [&](const auto& added) { return added.first == name; });
    if (!there) attributes.emplace_back(name, value);
  }
}

std::string NumberText(const std::optional<std::int64_t>& number) {
  return number.has_value() ? std::to_string(*number) : std::string();
}

void WriteResource(std::string& out, std::string_view name, const Resource& resource, int depth) {
  const std::string count = NumberText(resource.file_count);
  const std::string size = NumberText(resource.file_size);
  XmlAttributes attributes;
  Add(attributes, "URI", resource.uri);
  Add(attributes, "content", resource.content);
  Add(attributes, "description", resource.description);
  Add(attributes, "file_count", count);
  Add(attributes, "file_size", size);
  Add(attributes, "format", resource.format);
  Add(attributes, "label", resource.label);
  Add(attributes, "xsi:type", resource.xsi_type);
  AddAll(attributes, resource.attributes);
  if (resource.elements.empty()) {
    return AppendStartTag(out, name, attributes, depth, XmlBody::kNone);
  }
  AppendStartTag(out, name, attributes, depth, XmlBody::kFollows);
  for (const XmlElement& element : resource.elements) AppendXmlElement(out, element, depth + 1);
  AppendEndTag(out, name, depth);
}

/// Files come directly behind the last known element that precedes them.
std::size_t FilePlace(const Scan& scan) {
  const std::string_view type = ScanSchemaType(scan.xsi_type);
  const int own = SchemaRank(type, "xnat:file").value_or(0);
  std::size_t place = 0;
  for (std::size_t i = 0; i < scan.elements.size(); ++i) {
    const std::optional<int> rank = SchemaRank(type, scan.elements[i].name);
    if (rank.has_value() && *rank < own) place = i + 1;
  }
  return place;
}

void WriteScan(std::string& out, const Scan& scan, int depth) {
  XmlAttributes attributes;
  attributes.emplace_back("ID", scan.id);  // required: also when empty
  Add(attributes, "UID", scan.uid);
  Add(attributes, "type", scan.type);
  Add(attributes, "xsi:type", scan.xsi_type);
  AddAll(attributes, scan.attributes);
  if (scan.elements.empty() && scan.resources.empty()) {
    return AppendStartTag(out, "xnat:scan", attributes, depth, XmlBody::kNone);
  }
  AppendStartTag(out, "xnat:scan", attributes, depth, XmlBody::kFollows);
  const std::size_t place = FilePlace(scan);
  for (std::size_t i = 0; i <= scan.elements.size(); ++i) {
    if (i == place) {
      for (const Resource& file : scan.resources) WriteResource(out, "xnat:file", file, depth + 1);
    }
    if (i < scan.elements.size()) AppendXmlElement(out, scan.elements[i], depth + 1);
  }
  AppendEndTag(out, "xnat:scan", depth);
}

class SessionWriter {
 public:
  explicit SessionWriter(const SessionDocument& session)
      : session_(session), type_(SessionSchemaType(session.xsi_type)) {}

  std::string Write();

 private:
  /// Where the container goes: at the element of that name, else at its place in the schema.
  std::size_t Place(std::string_view container) const;
  void Container(std::string_view name, std::size_t items, const XmlElement* kept);

  const SessionDocument& session_;
  const std::string_view type_;
  std::string out_;
};

std::size_t SessionWriter::Place(std::string_view container) const {
  for (std::size_t i = 0; i < session_.elements.size(); ++i) {
    if (session_.elements[i].name == container) return i;
  }
  return SchemaPlace(type_, session_.elements, container);
}

/// Writes xnat:scans or xnat:resources: its items, then what else was in it.
void SessionWriter::Container(std::string_view name, std::size_t items, const XmlElement* kept) {
  XmlAttributes attributes;
  if (kept != nullptr) AddAll(attributes, kept->attributes);
  if (items == 0 && attributes.empty() && (kept == nullptr || kept->children.empty())) return;
  AppendStartTag(out_, name, attributes, 1, XmlBody::kFollows);
  if (name == "xnat:scans") {
    for (const Scan& scan : session_.scans) WriteScan(out_, scan, 2);
  } else {
    for (const Resource& resource : session_.resources) {
      WriteResource(out_, "xnat:resource", resource, 2);
    }
  }
  if (kept != nullptr) {
    for (const XmlElement& element : kept->children) AppendXmlElement(out_, element, 2);
  }
  AppendEndTag(out_, name, 1);
}

std::string SessionWriter::Write() {
  std::vector<std::string> names;
  XmlAttributes attributes;
  AddNamespaces(session_.namespaces, names, attributes);
  attributes.emplace_back("ID", session_.id);  // required: also when empty
  Add(attributes, "UID", session_.uid);
  Add(attributes, "label", session_.label);
  Add(attributes, "project", session_.project);
  AddAll(attributes, session_.attributes);
  const std::string root = SessionRootName(session_.xsi_type);
  out_ = kXmlDeclaration;
  if (session_.elements.empty() && session_.scans.empty() && session_.resources.empty()) {
    AppendStartTag(out_, root, attributes, 0, XmlBody::kNone);
    return std::move(out_);
  }
  AppendStartTag(out_, root, attributes, 0, XmlBody::kFollows);
  const std::size_t resources_place = Place("xnat:resources");
  const std::size_t scans_place = Place("xnat:scans");
  for (std::size_t i = 0; i <= session_.elements.size(); ++i) {
    const XmlElement* element = i < session_.elements.size() ? &session_.elements[i] : nullptr;
    const auto kept = [&](std::string_view container) {
      return element != nullptr && element->name == container ? element : nullptr;
    };
    if (i == resources_place) {
      Container("xnat:resources", session_.resources.size(), kept("xnat:resources"));
    }
    if (i == scans_place) Container("xnat:scans", session_.scans.size(), kept("xnat:scans"));
    const bool written = (i == resources_place && kept("xnat:resources") != nullptr) ||
                         (i == scans_place && kept("xnat:scans") != nullptr);
    if (element != nullptr && !written) AppendXmlElement(out_, *element, 1);
  }
  AppendEndTag(out_, root, 0);
  return std::move(out_);
}

}  // namespace

std::string WriteSession(const SessionDocument& session) {
  assert(!session.xsi_type.empty());
  return SessionWriter(session).Write();
}

}  // namespace xnatarchive
