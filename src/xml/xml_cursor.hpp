// xml_cursor.hpp - a walk over a document's elements, of which nothing is built.
#ifndef XNATARCHIVE_XML_XML_CURSOR_HPP_
#define XNATARCHIVE_XML_XML_CURSOR_HPP_

#include <cstddef>
#include <string>
#include <string_view>

#include "xml/xml_text.hpp"

namespace xnatarchive {

/// Goes through bytes that CheckXml accepted, from start tag to start tag. One thread.
class XmlCursor {
 public:
  /// Stands before the root element. `checked` must outlive the cursor.
  explicit XmlCursor(std::string_view checked);
  XmlCursor(const XmlCursor&) = delete;
  XmlCursor& operator=(const XmlCursor&) = delete;

  /// Goes into the next child of the element the cursor is in (at first, the root): true, and the
  /// cursor is behind the child's start tag. False when there is none: behind the end tag of the
  /// element itself. Puts the text on the way into `text`, decoded; trimmed when comments stand in
  /// it, and empty when it is white space only.
  bool NextChild(std::string& text);

  /// Where the element that was gone into last begins; its name and attributes as they stand there,
  /// namespace declarations included. Valid until the next call.
  std::size_t begin() const { return begin_; }
  std::string_view name() const { return name_; }
  const XmlAttributes& attributes() const { return attributes_; }

  /// Goes behind the end of the element that begins at `begin`, which the cursor is in; returns all
  /// of its bytes.
  std::string_view Skip(std::size_t begin);

 private:
  /// Goes behind the next `end`, a character or a literal of that size; returns what is before it.
  template <typename End>
  std::string_view Until(End end, std::size_t size = 1);
  void StartTag();

  std::string normalised_;  // the document with other line ends, where it has any
  std::string_view bytes_;
  std::size_t pos_ = 0;
  std::size_t begin_ = 0;
  std::string_view name_;
  XmlAttributes attributes_;
  bool empty_ = false;  // behind <a/>, which counts as inside it
  std::string room_;    // for text that had to be decoded
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_XML_CURSOR_HPP_
