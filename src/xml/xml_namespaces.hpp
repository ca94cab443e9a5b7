// xml_namespaces.hpp - the namespace prefixes of a document as this library holds and writes it.
//
// XNAT's writers declare a fixed core set at the root of every document, used or not, and nothing
// anywhere else. A document read may bind any prefix to any namespace at any element. Names are
// therefore translated on reading: a namespace of the core set gets its core prefix, any other one
// a prefix of its own, declared at the root. After that a prefix says which namespace is meant.
#ifndef XNATARCHIVE_XML_XML_NAMESPACES_HPP_
#define XNATARCHIVE_XML_XML_NAMESPACES_HPP_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xml/xml_text.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Prefix and namespace, as in Catalog::namespaces.
using XmlNamespaces = std::vector<std::pair<std::string, std::string>>;

/// Adds the core set and `extra` to the root's attributes. `names` owns the attribute names and
/// must outlive `attributes`.
void AddNamespaces(const XmlNamespaces& extra, std::vector<std::string>& names,
                   XmlAttributes& attributes);

/// The prefixes one document uses, while it is being read. One thread.
class NamespaceTable {
 public:
  /// Namespaces beyond the core set, in the order in which they were met.
  const XmlNamespaces& extra() const { return extra_; }

  /// Begins the scope of an element; what it declares holds until the matching Leave.
  void Enter() { marks_.push_back(bindings_.size()); }
  void Leave();
  /// Takes note of an attribute when it is xmlns:prefix="uri" or xmlns="uri"; `value` as it stands
  /// in the document. kCorruption "xml.too-many-attributes" when the document uses more namespaces
  /// than a document of ours may declare.
  Status Declare(std::string_view attribute, std::string_view value);

  /// Returns the name by which an element, or the value of an xsi:type, is held. Without a prefix
  /// it is in the default namespace, if there is one.
  std::string Translate(std::string_view name);
  /// Makes an attribute what it is held as, its value decoded; false when it is not held at all: a
  /// declaration, or xsi:schemaLocation. The views are valid until the next call.
  bool TranslateAttribute(std::string_view& name, std::string_view& value);

 private:
  struct Binding {
    std::string prefix;
    std::string held;  // the prefix by which the namespace is held
  };

  /// Returns the held prefix of `prefix`, or nullptr when it is not bound.
  const std::string* Held(std::string_view prefix);
  std::string HeldPrefix(std::string_view uri, std::string_view wanted);

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t last_ = kNone;  // the binding found last, which serves until the bindings change
  std::string name_;          // of TranslateAttribute
  std::string value_;         // likewise
  XmlNamespaces extra_;
  std::vector<Binding> bindings_;
  std::vector<std::size_t> marks_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_XML_NAMESPACES_HPP_
