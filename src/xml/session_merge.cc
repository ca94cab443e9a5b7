#include "xml/session_merge.hpp"

#include <algorithm>
#include <cstddef>

#include "xml/session_path.hpp"
#include "xml/session_schema.hpp"

namespace xnatarchive {
namespace {

std::string_view LocalName(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// What tells an element from others of its name; empty when nothing does.
std::string KeyOf(const XmlElement& element) {
  for (const char* attribute : {"name", "ID", "label"}) {
    const std::string* value = element.FindAttribute(attribute);
    if (value != nullptr) return std::string(attribute) + "=" + *value;
  }
  return std::string();
}

std::size_t CountNamed(const std::vector<XmlElement>& elements, const std::string& name) {
  return static_cast<std::size_t>(
      std::count_if(elements.begin(), elements.end(),
                    [&](const XmlElement& element) { return element.name == name; }));
}

void FillUpElement(std::string_view type, const XmlElement& from, XmlElement* to) {
  FillUp(from.attributes, &to->attributes);
  if (to->text.empty() && to->children.empty()) to->text = from.text;
  FillUp(type, from.children, &to->children);
}

}  // namespace

void FillUp(const std::vector<std::pair<std::string, std::string>>& from,
            std::vector<std::pair<std::string, std::string>>* to) {
  for (const auto& attribute : from) {
    const bool there = std::any_of(to->begin(), to->end(),
                                   [&](const auto& one) { return one.first == attribute.first; });
    if (!there) to->push_back(attribute);
  }
}

void FillUp(std::string_view type, const std::vector<XmlElement>& from,
            std::vector<XmlElement>* to) {
  const std::vector<XmlElement> own = *to;  // what is added does not make a list of one a list
  for (const XmlElement& element : from) {
    const std::string key = KeyOf(element);
    const std::size_t alike = CountNamed(own, element.name);
    const auto is_same = [&](const XmlElement& one) {
      return one.name == element.name && KeyOf(one) == key;
    };
    const bool there = std::any_of(own.begin(), own.end(), is_same);
    if (key.empty() && alike > 0) {
      if (alike > 1 || CountNamed(from, element.name) > 1 || !there) continue;
    } else if (!there) {
      const std::size_t place = SchemaPlace(type, *to, element.name);
      to->insert(to->begin() + static_cast<std::ptrdiff_t>(place), element);
      continue;
    }
    const auto known = FindSchemaChild(type, LocalName(element.name));
    FillUpElement(known ? known->type : std::string_view(), element,
                  &*std::find_if(to->begin(), to->end(), is_same));
  }
}

}  // namespace xnatarchive
