#include "xml/subject_xml.hpp"

#include <vector>

#include "base/status_macros.hpp"
#include "xml/xml_namespaces.hpp"
#include "xml/xml_scan.hpp"
#include "xml/xml_text.hpp"
#include "xml/xml_tree.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kRoot = "xnat:Subject";
constexpr std::size_t kBytesMax = 16u << 20;

}  // namespace

std::string WriteSubject(const SubjectDocument& subject) {
  XmlAttributes attributes = {
      {"ID", subject.id}, {"label", subject.label}, {"project", subject.project}};
  std::vector<std::string> names;
  AddNamespaces({}, names, attributes);
  std::string bytes(kXmlDeclaration);
  AppendStartTag(bytes, kRoot, attributes, 0, XmlBody::kNone);
  return bytes;
}

Result<SubjectDocument> ParseSubject(std::string_view bytes) {
  XmlLimits limits;
  limits.bytes_max = kBytesMax;
  NamespaceTable names;
  Result<XmlElement> root = ParseXmlDocument(bytes, limits, names);
  if (!root.ok()) {
    return Status(Code::kCorruption, "subject.bad-xml", std::string(root.status().message()));
  }
  const auto attribute = [&](std::string_view name) {
    const std::string* value = root->FindAttribute(name);
    return value == nullptr ? std::string() : *value;
  };
  SubjectDocument subject{attribute("ID"), attribute("project"), attribute("label")};
  if (root->name != kRoot || subject.id.empty()) {
    return Status(Code::kCorruption, "subject.not-a-subject",
                  "the root element is not a subject with an ID");
  }
  return subject;
}

}  // namespace xnatarchive
