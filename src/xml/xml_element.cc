#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

const std::string* XmlElement::FindAttribute(std::string_view attribute) const {
  for (const auto& [attribute_name, value] : attributes) {
    if (attribute_name == attribute) return &value;
  }
  return nullptr;
}

void XmlElement::SetAttribute(std::string_view attribute, std::string_view value) {
  for (auto& [attribute_name, old_value] : attributes) {
    if (attribute_name == attribute) {
      old_value = value;
      return;
    }
  }
  attributes.emplace_back(attribute, value);
}

const XmlElement* XmlElement::FindChild(std::string_view child) const {
  for (const XmlElement& element : children) {
    if (element.name == child) return &element;
  }
  return nullptr;
}

bool operator==(const XmlElement& a, const XmlElement& b) {
  return a.name == b.name && a.text == b.text && a.attributes == b.attributes &&
         a.children == b.children;
}

}  // namespace xnatarchive
