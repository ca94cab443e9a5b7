#include "xml/xml_scan.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xml/xml_chars.hpp"
#include "xml/xml_text.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kXmlUri = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view kXmlnsUri = "http://www.w3.org/2000/xmlns/";

constexpr std::uint8_t kTextByte = 1;       // plain ASCII in text
constexpr std::uint8_t kValueByte = 2;      // plain ASCII in an attribute value
constexpr std::uint8_t kNameStartByte = 4;  // ASCII at the begin of a name
constexpr std::uint8_t kNameByte = 8;       // ASCII of a name, after its first character

constexpr std::array<std::uint8_t, 256> MakeByteClasses() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 0x80; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool plain = c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
    std::uint8_t bits = 0;
    if (plain && c != '<' && c != '&' && c != ']') bits |= kTextByte;
    if (plain && c != '<' && c != '&' && c != '"' && c != '\'') bits |= kValueByte;
    if (letter || c == '_') bits |= kNameStartByte | kNameByte;
    if ((c >= '0' && c <= '9') || c == '-' || c == '.') bits |= kNameByte;
    classes[c] = bits;
  }
  return classes;
}
constexpr std::array<std::uint8_t, 256> kByteClasses = MakeByteClasses();

std::string_view Prefix(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
}

class Scanner {
 public:
  Scanner(std::string_view bytes, const XmlLimits& limits, XmlScanListener* listener)
      : bytes_(bytes), limits_(limits), listener_(listener) {}

  Status Run();

 private:
  struct Attribute {
    std::string_view name;
    std::string_view prefix;  // empty where the name has none
    std::string_view value;   // as written
    std::string_view uri;     // of the prefix, once it is known

    bool is_declaration() const { return name == "xmlns" || prefix == "xmlns"; }
  };
  struct Binding {
    std::string_view prefix;
    std::string_view uri;
    std::size_t depth;  // of the element that declares it
  };

  char Peek() const { return pos_ < bytes_.size() ? bytes_[pos_] : '\0'; }
  bool At(std::string_view literal) const {
    return bytes_.compare(pos_, literal.size(), literal) == 0;
  }
  bool Is(std::uint8_t byte_class) const {
    return pos_ < bytes_.size() &&
           (kByteClasses[static_cast<unsigned char>(bytes_[pos_])] & byte_class) != 0;
  }
  void SkipBytes(std::uint8_t byte_class) {
    const char* at = bytes_.data() + pos_;
    const char* const end = bytes_.data() + bytes_.size();
    while (at != end && (kByteClasses[static_cast<unsigned char>(*at)] & byte_class) != 0) ++at;
    pos_ = static_cast<std::size_t>(at - bytes_.data());
  }
  bool SkipSpace() {
    const std::size_t begin = pos_;
    while (IsXmlSpace(Peek())) ++pos_;
    return pos_ != begin;
  }

  Status Fail(std::string_view reason, std::string_view what) const;
  Status Malformed(std::string_view what) const { return Fail("xml.malformed", what); }

  Status Declaration();
  Status PseudoAttribute(std::string_view name, std::string_view* value);
  Status Markup();
  Status StartTag();
  Status ReadAttribute();
  Status EndTag();
  Status CharacterData();
  Status ProcessingInstruction();
  Status Text();
  Status Value(char quote);
  Status Reference();
  Status NumericReference();
  Status SkipChar();
  Status SkipUntil(std::string_view terminator);
  Status ReadName(std::string_view* name);
  Status ReadNamePart();
  Status DeclarePrefixes();
  Status CheckNames(std::string_view element);
  const Binding* FindBinding(std::string_view prefix);
  void CloseElement();

  const std::string_view bytes_;
  const XmlLimits& limits_;
  XmlScanListener* const listener_;
  std::size_t pos_ = 0;
  std::size_t elements_ = 0;
  bool ascii_ = false;  // declared US-ASCII
  std::vector<std::string_view> open_;
  std::vector<Attribute> attributes_;  // of the start tag being read
  std::size_t plain_attributes_ = 0;   // of these, those that declare no namespace
  std::size_t declarations_ = 0;
  std::vector<Binding> bindings_;
  std::size_t last_binding_ = 0;  // most names of a document have the same prefix
};

Status Scanner::Fail(std::string_view reason, std::string_view what) const {
  const std::string_view before = bytes_.substr(0, std::min(pos_, bytes_.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return Status(Code::kCorruption, reason,
                std::string(what).append(" at line ").append(std::to_string(line)));
}

Status Scanner::Run() {
  if (bytes_.size() > limits_.bytes_max) return Fail("xml.too-large", "document is too large");
  if (At("\xFE\xFF") || At("\xFF\xFE")) return Fail("xml.not-utf8", "document is UTF-16");
  if (At("\xEF\xBB\xBF")) pos_ += 3;
  XNA_RETURN_IF_ERROR(Declaration());
  for (;;) {
    if (open_.empty()) {
      SkipSpace();
    } else {
      XNA_RETURN_IF_ERROR(Text());
    }
    if (pos_ >= bytes_.size()) break;
    if (Peek() != '<') return Malformed("text outside the root element");
    XNA_RETURN_IF_ERROR(Markup());
  }
  if (!open_.empty()) return Malformed("document ends inside an element");
  if (elements_ == 0) return Malformed("document has no root element");
  return {};
}

Status Scanner::Declaration() {
  if (!At("<?xml") || pos_ + 5 >= bytes_.size() || !IsXmlSpace(bytes_[pos_ + 5])) return {};
  pos_ += 5;
  std::string_view version, encoding, standalone;
  XNA_RETURN_IF_ERROR(PseudoAttribute("version", &version));
  XNA_RETURN_IF_ERROR(PseudoAttribute("encoding", &encoding));
  XNA_RETURN_IF_ERROR(PseudoAttribute("standalone", &standalone));
  SkipSpace();
  if (!At("?>")) return Malformed("XML declaration is broken");
  pos_ += 2;
  if (version != "1.0") return Malformed("XML version is not 1.0");
  ascii_ = EqualsIgnoreCase(encoding, "US-ASCII");
  if (!encoding.empty() && !ascii_ && !EqualsIgnoreCase(encoding, "UTF-8")) {
    return Fail("xml.not-utf8", "declared encoding is not UTF-8");
  }
  if (!standalone.empty() && standalone != "yes" && standalone != "no") {
    return Malformed("XML declaration is broken");
  }
  return {};
}

/// Reads ` name="value"` of the XML declaration where it stands here.
Status Scanner::PseudoAttribute(std::string_view name, std::string_view* value) {
  const std::size_t begin = pos_;
  if (!SkipSpace() || !At(name)) {
    pos_ = begin;
    return {};
  }
  pos_ += name.size();
  SkipSpace();
  if (Peek() != '=') return Malformed("XML declaration is broken");
  ++pos_;
  SkipSpace();
  const char quote = Peek();
  const std::size_t end = bytes_.find(quote, pos_ + 1);
  if ((quote != '"' && quote != '\'') || end == std::string_view::npos || end == pos_ + 1) {
    return Malformed("XML declaration is broken");
  }
  *value = bytes_.substr(pos_ + 1, end - pos_ - 1);
  pos_ = end + 1;
  return {};
}

Status Scanner::Markup() {
  const char next = pos_ + 1 < bytes_.size() ? bytes_[pos_ + 1] : '\0';
  if (next == '/') return EndTag();
  if (next == '!') return CharacterData();
  if (next == '?') return ProcessingInstruction();
  return StartTag();
}

Status Scanner::StartTag() {
  const std::size_t begin = pos_++;
  std::string_view name;
  XNA_RETURN_IF_ERROR(ReadName(&name));
  if (open_.empty() && elements_ > 0) return Malformed("second root element");
  if (open_.size() >= limits_.depth_max) return Fail("xml.too-deep", "elements nest too deep");
  if (++elements_ > limits_.elements_max) return Fail("xml.too-large", "too many elements");

  attributes_.clear();
  plain_attributes_ = declarations_ = 0;
  for (;;) {
    const bool spaced = SkipSpace();
    if (Peek() == '>' || Peek() == '/') break;
    if (!spaced) return Malformed("start tag is broken");
    XNA_RETURN_IF_ERROR(ReadAttribute());
  }
  const bool empty = Peek() == '/';
  if (empty) ++pos_;
  if (Peek() != '>') return Malformed("start tag is broken");
  ++pos_;
  open_.push_back(name);
  XNA_RETURN_IF_ERROR(DeclarePrefixes());
  XNA_RETURN_IF_ERROR(CheckNames(name));
  if (listener_ != nullptr) listener_->StartTag(open_.size(), name, begin, pos_);
  if (empty) CloseElement();
  return {};
}

Status Scanner::ReadAttribute() {
  Attribute attribute;
  XNA_RETURN_IF_ERROR(ReadName(&attribute.name));
  attribute.prefix = Prefix(attribute.name);
  SkipSpace();
  if (Peek() != '=') return Malformed("attribute without a value");
  ++pos_;
  SkipSpace();
  const char quote = Peek();
  if (quote != '"' && quote != '\'') return Malformed("attribute value is not quoted");
  const std::size_t begin = ++pos_;
  XNA_RETURN_IF_ERROR(Value(quote));
  attribute.value = bytes_.substr(begin, pos_ - begin);
  ++pos_;
  attributes_.push_back(attribute);
  const bool too_many = attribute.is_declaration() ? ++declarations_ > limits_.namespaces_max
                                                   : ++plain_attributes_ > limits_.attributes_max;
  if (too_many) {
    return Fail("xml.too-many-attributes", "element has too many attributes");
  }
  return {};
}

Status Scanner::EndTag() {
  pos_ += 2;
  if (open_.empty() || !At(open_.back())) return Malformed("end tag without its start tag");
  pos_ += open_.back().size();
  SkipSpace();
  if (Peek() != '>') return Malformed("end tag is broken");
  ++pos_;
  CloseElement();
  return {};
}

void Scanner::CloseElement() {
  if (listener_ != nullptr) listener_->ElementEnd(open_.size(), pos_);
  while (!bindings_.empty() && bindings_.back().depth == open_.size()) bindings_.pop_back();
  open_.pop_back();
}

/// A comment or CDATA section; a DOCTYPE is refused.
Status Scanner::CharacterData() {
  if (At("<!DOCTYPE")) return Fail("xml.doctype", "document type declaration");
  if (At("<!--")) {
    pos_ += 4;
    XNA_RETURN_IF_ERROR(SkipUntil("--"));
    if (Peek() != '>') return Malformed("'--' inside a comment");
    ++pos_;
    return {};
  }
  if (!At("<![CDATA[") || open_.empty()) return Malformed("markup declaration");
  pos_ += 9;
  return SkipUntil("]]>");
}

Status Scanner::ProcessingInstruction() {
  if (!open_.empty()) return Malformed("processing instruction inside the root element");
  pos_ += 2;
  const std::size_t begin = pos_;
  XNA_RETURN_IF_ERROR(ReadNamePart());
  if (EqualsIgnoreCase(bytes_.substr(begin, pos_ - begin), "xml")) {
    return Malformed("XML declaration is not at the begin");
  }
  if (!At("?>") && !IsXmlSpace(Peek())) return Malformed("processing instruction is broken");
  return SkipUntil("?>");
}

/// Up to the next '<' or the end.
Status Scanner::Text() {
  const std::size_t begin = pos_;
  for (;;) {
    SkipBytes(kTextByte);
    const char c = Peek();
    if (pos_ >= bytes_.size() || c == '<') break;
    if (c == '&') {
      XNA_RETURN_IF_ERROR(Reference());
    } else if (c == ']' && At("]]>")) {
      return Malformed("']]>' in text");
    } else {
      XNA_RETURN_IF_ERROR(SkipChar());
    }
  }
  if (pos_ - begin > limits_.value_bytes_max) return Fail("xml.too-large", "text is too long");
  return {};
}

/// Up to the quote that ends an attribute value.
Status Scanner::Value(char quote) {
  const std::size_t begin = pos_;
  for (;;) {
    SkipBytes(kValueByte);
    const char c = Peek();
    if (pos_ >= bytes_.size()) return Malformed("document ends inside an attribute");
    if (c == quote) break;
    if (c == '<') return Malformed("'<' in an attribute value");
    if (c == '&') {
      XNA_RETURN_IF_ERROR(Reference());
    } else {
      XNA_RETURN_IF_ERROR(SkipChar());
    }
  }
  if (pos_ - begin > limits_.value_bytes_max) {
    return Fail("xml.too-large", "attribute value is too long");
  }
  return {};
}

Status Scanner::Reference() {
  if (At("&#")) return NumericReference();
  for (std::string_view entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"}) {
    if (At(entity)) {
      pos_ += entity.size();
      return {};
    }
  }
  return Fail("xml.bad-entity", "entity that is not one of the five");
}

Status Scanner::NumericReference() {
  const bool hex = At("&#x");
  std::size_t at = pos_ + (hex ? 3 : 2);
  const std::size_t begin = at;
  std::uint32_t value = 0;
  for (; at < bytes_.size() && bytes_[at] != ';'; ++at) {
    if (at - begin == kReferenceDigitsMax) break;
    const char c = bytes_[at];
    const char lower = static_cast<char>(c | 0x20);
    std::uint32_t digit = 16;
    if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0');
    if (hex && lower >= 'a' && lower <= 'f') digit = static_cast<std::uint32_t>(lower - 'a') + 10;
    if (digit >= (hex ? 16U : 10U)) return Fail("xml.bad-entity", "character reference is broken");
    value = value * (hex ? 16 : 10) + digit;
  }
  if (at == begin || at >= bytes_.size() || bytes_[at] != ';' || !IsXmlChar(value)) {
    return Fail("xml.bad-entity", "reference to no character of XML");
  }
  pos_ = at + 1;
  return {};
}

Status Scanner::SkipChar() {
  const CodePoint c = DecodeUtf8(bytes_, pos_);
  if (c.size == 0) return Fail("xml.not-utf8", "bytes that are not UTF-8");
  if (!IsXmlChar(c.value)) return Fail("xml.not-utf8", "character that XML does not allow");
  if (ascii_ && c.size > 1) return Fail("xml.not-utf8", "bytes that are not US-ASCII");
  pos_ += c.size;
  return {};
}

/// Past the next `terminator`.
Status Scanner::SkipUntil(std::string_view terminator) {
  const std::size_t begin = pos_;
  while (Peek() != terminator[0] || !At(terminator)) {
    if (pos_ >= bytes_.size()) return Malformed("document ends inside a comment or section");
    XNA_RETURN_IF_ERROR(SkipChar());
  }
  if (pos_ - begin > limits_.value_bytes_max) return Fail("xml.too-large", "section is too long");
  pos_ += terminator.size();
  return {};
}

Status Scanner::ReadName(std::string_view* name) {
  const std::size_t begin = pos_;
  XNA_RETURN_IF_ERROR(ReadNamePart());
  if (Peek() == ':') {
    ++pos_;
    XNA_RETURN_IF_ERROR(ReadNamePart());
  }
  *name = bytes_.substr(begin, pos_ - begin);
  if (name->size() > limits_.name_bytes_max) return Fail("xml.too-large", "name is too long");
  return {};
}

/// A name without ':'.
Status Scanner::ReadNamePart() {
  const std::size_t begin = pos_;
  if (Is(kNameStartByte)) ++pos_;
  for (;;) {
    if (pos_ != begin) SkipBytes(kNameByte);
    if (pos_ >= bytes_.size() || static_cast<unsigned char>(bytes_[pos_]) < 0x80) break;
    const CodePoint c = DecodeUtf8(bytes_, pos_);
    if (c.size == 0) return Fail("xml.not-utf8", "bytes that are not UTF-8");
    if (pos_ == begin ? !IsNameStart(c.value) : !IsNameChar(c.value)) break;
    if (ascii_) return Fail("xml.not-utf8", "bytes that are not US-ASCII");
    pos_ += c.size;
  }
  if (pos_ == begin) return Malformed("name expected");
  return {};
}

Status Scanner::DeclarePrefixes() {
  for (const Attribute& attribute : attributes_) {
    if (!attribute.is_declaration()) continue;
    const bool prefixed = attribute.name != "xmlns";
    const std::string_view prefix = prefixed ? attribute.name.substr(6) : std::string_view();
    const bool reserved = attribute.value == kXmlnsUri || prefix == "xmlns" ||
                          (attribute.value == kXmlUri) != (prefix == "xml");
    if (reserved || (prefixed && attribute.value.empty())) {
      return Malformed("namespace declaration that is not allowed");
    }
    if (!prefixed) continue;
    bindings_.push_back({prefix, attribute.value, open_.size()});
    if (bindings_.size() > limits_.namespaces_max) {
      return Fail("xml.too-many-attributes", "too many namespaces");
    }
  }
  return {};
}

const Scanner::Binding* Scanner::FindBinding(std::string_view prefix) {
  static constexpr Binding kXml{"xml", kXmlUri, 0};
  if (prefix == "xml") return &kXml;
  // A cached binding serves only while it is the innermost one of its prefix.
  const bool root_only = bindings_.empty() || bindings_.back().depth == 1;
  if (root_only && last_binding_ < bindings_.size() && bindings_[last_binding_].prefix == prefix) {
    return &bindings_[last_binding_];
  }
  for (std::size_t i = bindings_.size(); i-- > 0;) {
    if (bindings_[i].prefix == prefix) {
      last_binding_ = i;
      return &bindings_[i];
    }
  }
  return nullptr;
}

/// Prefixes are bound, and no two attributes are the same one.
Status Scanner::CheckNames(std::string_view element) {
  const std::string_view prefix = Prefix(element);
  if (!prefix.empty() && FindBinding(prefix) == nullptr) return Malformed("unbound prefix");
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    Attribute& own = attributes_[i];
    if (!own.prefix.empty() && own.prefix != "xmlns") {
      const Binding* binding = FindBinding(own.prefix);
      if (binding == nullptr) return Malformed("unbound prefix");
      own.uri = binding->uri;
    }
    for (std::size_t k = 0; k < i; ++k) {
      const Attribute& other = attributes_[k];
      const bool same_name = own.name == other.name;
      const bool same_meaning =
          !own.uri.empty() && own.uri == other.uri &&
          own.name.substr(own.prefix.size()) == other.name.substr(other.prefix.size());
      if (same_name || same_meaning) return Malformed("attribute appears twice");
    }
  }
  return {};
}

}  // namespace

Status CheckXml(std::string_view bytes, const XmlLimits& limits, XmlScanListener* listener) {
  return Scanner(bytes, limits, listener).Run();
}

}  // namespace xnatarchive
