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
  /// Takes note of xmlns:prefix="uri", or of xmlns="uri" where `prefix` is empty.
  void Declare(std::string_view prefix, std::string_view uri);

  /// Returns the name by which an element, an attribute with a prefix, or the value of an xsi:type
  /// is held. Without a prefix it is in the default namespace, if there is one.
  std::string Translate(std::string_view name) const;

 private:
  struct Binding {
    std::string prefix;
    std::string held;  // the prefix by which the namespace is held
  };

  /// Returns the held prefix of `prefix`, or nullptr when it is not bound.
  const std::string* Held(std::string_view prefix) const;
  std::string HeldPrefix(std::string_view uri, std::string_view wanted);

  XmlNamespaces extra_;
  std::vector<Binding> bindings_;
  std::vector<std::size_t> marks_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_XML_NAMESPACES_HPP_
