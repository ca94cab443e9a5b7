// Reading a session document.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xml/session_schema.hpp"
#include "xml/session_xml.hpp"
#include "xml/xml_namespaces.hpp"
#include "xml/xml_scan.hpp"
#include "xml/xml_text.hpp"
#include "xml/xml_tree.hpp"

namespace xnatarchive {
namespace {

using Attributes = std::vector<std::pair<std::string, std::string>>;

/// Moves the attribute's value out; empty when the element does not have it.
std::string Take(Attributes& attributes, std::string_view name) {
  const auto at = std::find_if(attributes.begin(), attributes.end(),
                               [&](const auto& attribute) { return attribute.first == name; });
  if (at == attributes.end()) return {};
  std::string value = std::move(at->second);
  attributes.erase(at);
  return value;
}

/// As Take; what is not a number stays.
std::optional<std::int64_t> TakeInt(Attributes& attributes, std::string_view name) {
  const auto at = std::find_if(attributes.begin(), attributes.end(),
                               [&](const auto& attribute) { return attribute.first == name; });
  if (at == attributes.end()) return std::nullopt;
  const std::optional<std::int64_t> value = ParseInt(at->second);
  if (value.has_value()) attributes.erase(at);
  return value;
}

/// Puts elements in the order of the schema; unknown ones stay behind the one they follow.
void Order(std::string_view type, std::vector<XmlElement>& elements) {
  std::vector<std::pair<int, std::size_t>> order;
  int rank = -1;
  for (const XmlElement& element : elements) {
    rank = SchemaRank(type, element.name).value_or(rank);
    order.emplace_back(rank, order.size());
  }
  if (std::is_sorted(order.begin(), order.end())) return;
  std::sort(order.begin(), order.end());
  std::vector<XmlElement> ordered;
  ordered.reserve(elements.size());
  for (const auto& [key, at] : order) ordered.push_back(std::move(elements[at]));
  elements = std::move(ordered);
}

Resource ReadResource(XmlElement& from) {
  Resource to;
  to.xsi_type = Take(from.attributes, "xsi:type");
  to.label = Take(from.attributes, "label");
  to.uri = Take(from.attributes, "URI");
  to.format = Take(from.attributes, "format");
  to.content = Take(from.attributes, "content");
  to.description = Take(from.attributes, "description");
  to.file_count = TakeInt(from.attributes, "file_count");
  to.file_size = TakeInt(from.attributes, "file_size");
  to.attributes = std::move(from.attributes);
  to.elements = std::move(from.children);
  return to;
}

Scan ReadScan(XmlElement& from) {
  Scan to;
  to.xsi_type = Take(from.attributes, "xsi:type");
  to.id = Take(from.attributes, "ID");
  to.uid = Take(from.attributes, "UID");
  to.type = Take(from.attributes, "type");
  to.attributes = std::move(from.attributes);
  Order(ScanSchemaType(to.xsi_type), from.children);
  for (XmlElement& child : from.children) {
    if (child.name == "xnat:file") {
      to.resources.push_back(ReadResource(child));
    } else {
      to.elements.push_back(std::move(child));
    }
  }
  return to;
}

/// Moves the container's children of that name out by `read`; the others stay.
template <typename Item>
void TakeItems(XmlElement& container, std::string_view name, Item (*read)(XmlElement&),
               std::vector<Item>& items) {
  std::vector<XmlElement> rest;
  for (XmlElement& child : container.children) {
    if (child.name == name) {
      items.push_back(read(child));
    } else {
      rest.push_back(std::move(child));
    }
  }
  container.children = std::move(rest);
}

void ReadSession(XmlElement& from, SessionDocument& to) {
  to.id = Take(from.attributes, "ID");
  to.uid = Take(from.attributes, "UID");
  to.project = Take(from.attributes, "project");
  to.label = Take(from.attributes, "label");
  to.attributes = std::move(from.attributes);
  const std::string_view type = SessionSchemaType(to.xsi_type);
  Order(type, from.children);
  for (std::size_t i = 0; i < from.children.size(); ++i) {
    XmlElement& child = from.children[i];
    const bool scans = child.name == "xnat:scans";
    const bool resources = child.name == "xnat:resources";
    if (scans) TakeItems(child, "xnat:scan", ReadScan, to.scans);
    if (resources) TakeItems(child, "xnat:resource", ReadResource, to.resources);
    if (child.name == "xnat:prearchivePath") child.text = Unescape(child.text, XmlPlace::kText);
    // A container that is now empty goes, unless it marks the place of unknown elements.
    const bool marks =
        i + 1 < from.children.size() && !SchemaRank(type, from.children[i + 1].name).has_value();
    const bool empty = child.attributes.empty() && child.text.empty() && child.children.empty();
    if ((scans || resources) && empty && !marks) continue;
    to.elements.push_back(std::move(child));
  }
}

/// Text beside elements means that a tag is damaged: what it said would be lost.
bool HasStrayText(const XmlElement& root) {
  const auto has_text = [](const XmlElement& element) { return !element.text.empty(); };
  if (has_text(root)) return true;
  for (const XmlElement& part : root.children) {
    if (part.name != "xnat:scans" && part.name != "xnat:resources") continue;
    if (has_text(part) || std::any_of(part.children.begin(), part.children.end(), has_text)) {
      return true;
    }
    for (const XmlElement& item : part.children) {
      for (const XmlElement& file : item.children) {
        if (file.name == "xnat:file" && has_text(file)) return true;
      }
    }
  }
  return false;
}

Status ReadDocument(std::string_view bytes, SessionDocument& session) {
  XmlLimits limits;
  limits.bytes_max = std::size_t{64} << 20;
  limits.elements_max = 2'000'000;
  NamespaceTable names;
  XNA_ASSIGN_OR_RETURN(XmlElement root, ParseXmlDocument(bytes, limits, names));
  std::optional<std::string> type = SessionTypeOfRoot(root.name);
  if (!type.has_value()) {
    return Status(Code::kCorruption, "session.not-a-session", "root element is not a session");
  }
  if (HasStrayText(root)) {
    return Status(Code::kCorruption, "session.bad-xml",
                  "text in an element that holds elements only");
  }
  const std::string* own = root.FindAttribute("xsi:type");
  if (own != nullptr && SessionRootName(*own) != *own) type = Take(root.attributes, "xsi:type");
  session.xsi_type = *std::move(type);
  ReadSession(root, session);
  session.namespaces = names.extra();
  return {};
}

}  // namespace

Result<SessionDocument> ParseSession(std::string_view bytes) {
  if (bytes.empty()) {
    return Status(Code::kCorruption, "session.empty", "session document is empty");
  }
  SessionDocument session;
  Status status = ReadDocument(bytes, session);
  if (status.ok()) return session;
  if (StartsWith(status.reason(), "session.")) return status;
  return Status(status.code(), "session.bad-xml",
                std::string(status.reason()).append(": ").append(status.message()));
}

Status CheckReadable(const SessionDocument& session) {
  return ParseSession(WriteSession(session)).status();
}

}  // namespace xnatarchive
