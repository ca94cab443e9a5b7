// html.hpp - HTML that cannot be written without being escaped.
//
// Text becomes Html only by being escaped, and markup only by Element: so no value of a session, a
// file or a request can become markup, wherever it is put.
#ifndef XNATARCHIVE_EXAMPLES_SERVER_PAGE_HTML_HPP_
#define XNATARCHIVE_EXAMPLES_SERVER_PAGE_HTML_HPP_

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace page {

/// A piece of a page: elements and text.
class Html {
 public:
  Html() = default;
  /// Text, escaped. What HTML can not hold (control characters) becomes U+FFFD.
  Html(std::string_view text);  // NOLINT(google-explicit-constructor): children are text or Html
  Html(const std::string& text) : Html(std::string_view(text)) {}
  Html(const char* text) : Html(std::string_view(text)) {}

  /// Puts `more` behind this.
  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }
  const std::string& markup() const { return markup_; }
  bool empty() const { return markup_.empty(); }

 private:
  friend Html Element(std::string_view,
                      const std::vector<std::pair<std::string_view, std::string>>&,
                      std::initializer_list<Html>);
  std::string markup_;
};

/// Names, which the program has, and values, which are escaped. A name that is empty is left out:
/// {checked ? "checked" : "", ""}.
using Attributes = std::vector<std::pair<std::string_view, std::string>>;

/// <tag name="value">children</tag>; of input, link and meta the start tag alone.
Html Element(std::string_view tag, const Attributes& attributes = {},
             std::initializer_list<Html> children = {});

/// A value that somebody else chose: isolated, so that right-to-left text in it moves nothing
/// around it.
Html Name(std::string_view text);

/// A whole document, with its doctype.
std::string Document(const Html& html);

/// Percent-encodes all but letters, digits and "-._~", for a segment of a path or a value of a
/// query.
std::string UrlEncode(std::string_view text);
/// The pairs as a query, without '?'.
std::string Query(const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace page

#endif  // XNATARCHIVE_EXAMPLES_SERVER_PAGE_HTML_HPP_
