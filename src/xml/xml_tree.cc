#include "xml/xml_tree.hpp"

#include <tinyxml2.h>

#include <cstddef>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xml/xml_text.hpp"

namespace xnatarchive {
namespace {

class TreeBuilder {
 public:
  explicit TreeBuilder(NamespaceTable& names) : names_(names) {}

  Status Build(const tinyxml2::XMLElement& from, XmlElement& to);

 private:
  Status Declarations(const tinyxml2::XMLElement& from);
  void Attributes(const tinyxml2::XMLElement& from, XmlElement& to);

  NamespaceTable& names_;
};

Status TreeBuilder::Build(const tinyxml2::XMLElement& from, XmlElement& to) {
  names_.Enter();
  XNA_RETURN_IF_ERROR(Declarations(from));
  to.name = names_.Translate(from.Name());
  Attributes(from, to);
  bool interrupted = false;
  for (const tinyxml2::XMLNode* node = from.FirstChild(); node != nullptr;
       node = node->NextSibling()) {
    if (const tinyxml2::XMLText* text = node->ToText()) {
      to.text += text->CData() ? text->Value() : Unescape(text->Value(), XmlPlace::kText);
    } else if (const tinyxml2::XMLElement* child = node->ToElement()) {
      interrupted = true;
      XNA_RETURN_IF_ERROR(Build(*child, to.children.emplace_back()));
    } else {
      interrupted = true;
    }
  }
  const std::string_view trimmed = Trim(to.text);
  if (trimmed.empty() || interrupted) to.text = std::string(trimmed);
  names_.Leave();
  return {};
}

Status TreeBuilder::Declarations(const tinyxml2::XMLElement& from) {
  for (const tinyxml2::XMLAttribute* attribute = from.FirstAttribute(); attribute != nullptr;
       attribute = attribute->Next()) {
    XNA_RETURN_IF_ERROR(names_.Declare(attribute->Name(), attribute->Value()));
  }
  return {};
}

void TreeBuilder::Attributes(const tinyxml2::XMLElement& from, XmlElement& to) {
  for (const tinyxml2::XMLAttribute* attribute = from.FirstAttribute(); attribute != nullptr;
       attribute = attribute->Next()) {
    std::string_view name = attribute->Name(), value = attribute->Value();
    if (names_.TranslateAttribute(name, value)) to.attributes.emplace_back(name, value);
  }
}

/// Remembers where the root element lies: tinyxml2 need not see what is around it.
class RootFinder : public XmlScanListener {
 public:
  void StartTag(std::size_t depth, std::string_view, std::size_t begin, std::size_t) override {
    if (depth == 1) begin_ = begin;
  }
  void ElementEnd(std::size_t depth, std::size_t end) override {
    if (depth == 1) end_ = end;
  }
  std::string_view Root(std::string_view bytes) const {
    return bytes.substr(begin_, end_ - begin_);
  }

 private:
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// tinyxml2 would decode references itself, but then "&#10;" in an attribute could not be told
/// from a newline, which is read as a space.
constexpr bool kDecodeReferences = false;

Status Load(std::string_view bytes, tinyxml2::XMLDocument& document) {
  document.Parse(bytes.data(), bytes.size());
  if (document.Error() || document.RootElement() == nullptr) {
    return Status(Code::kCorruption, "xml.malformed", "XML cannot be parsed");
  }
  return {};
}

}  // namespace

Result<XmlElement> ParseXmlElement(std::string_view bytes, NamespaceTable& names) {
  tinyxml2::XMLDocument document(kDecodeReferences, tinyxml2::PRESERVE_WHITESPACE);
  XNA_RETURN_IF_ERROR(Load(bytes, document));
  XmlElement root;
  XNA_RETURN_IF_ERROR(TreeBuilder(names).Build(*document.RootElement(), root));
  return root;
}

Result<XmlElement> ParseXmlDocument(std::string_view bytes, const XmlLimits& limits,
                                    NamespaceTable& names) {
  RootFinder finder;
  XNA_RETURN_IF_ERROR(CheckXml(bytes, limits, &finder));
  return ParseXmlElement(finder.Root(bytes), names);
}

void AppendXmlElement(std::string& out, const XmlElement& element, int depth) {
  XmlAttributes attributes(element.attributes.begin(), element.attributes.end());
  if (element.children.empty()) {
    return AppendTextElement(out, element.name, attributes, element.text, depth);
  }
  AppendStartTag(out, element.name, attributes, depth, XmlBody::kFollows);
  AppendEscaped(out, element.text, XmlPlace::kText);
  for (const XmlElement& child : element.children) AppendXmlElement(out, child, depth + 1);
  AppendEndTag(out, element.name, depth);
}

}  // namespace xnatarchive
