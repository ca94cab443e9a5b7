// view.hpp - what each page is rendered from and to, and the parts that pages have in common.
#ifndef XNATARCHIVE_EXAMPLES_SERVER_PAGE_VIEW_HPP_
#define XNATARCHIVE_EXAMPLES_SERVER_PAGE_VIEW_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "html.hpp"
#include "page.hpp"
#include "rest_answers.hpp"

namespace page {

/// One request for a page.
struct Visit {
  const RestAnswers& rest;
  const PageUser& user;
  std::vector<std::string> path;  ///< Segments behind "/page", decoded.
  Pairs parameters;               ///< Of the query, decoded.
  std::int64_t now_ms;

  /// The first value of a parameter, or "".
  std::string Parameter(std::string_view name) const;
};

/// A page without its frame.
struct View {
  int status = 200;
  std::string title;
  std::string_view current;  ///< The part of the site it is in: its path.
  Html body;
};

/// The whole document: head, navigation, main part.
std::string Framed(const View& view, const PageUser& user);
/// The form to sign in with.
View SignInView(int status);
/// Says why there is no page.
View FailureView(const Answer& answer, std::string_view what);

/// A state as a word, with a sign and a colour.
Html StateMark(std::string_view state);
/// A size for people, with the exact number as its title.
Html SizeMark(std::uint64_t bytes);
/// A time of a table as an age, with the time as its title.
Html TimeMark(std::string_view time, std::int64_t now_ms);
Html Link(const std::string& target, const Html& text);
/// A message that stands out: `kind` is "info", "warn" or "error".
Html Notice(std::string_view kind, const Html& text);

/// Names and values; those without a value are left out.
Html Facts(const std::vector<std::pair<std::string, Html>>& facts);
/// Cells: of a head, of anything, of a number.
Html Th(const Html& content, const Attributes& attributes = {});
Html Td(const Html& content);
Html TdNumber(const Html& content);
/// A table that can be scrolled by keyboard where it is wider than the screen.
Html DataTable(std::string_view label, std::initializer_list<Html> heads, const Html& rows);

/// A text field with its label and what helps to fill it in. `form` tells fields of one name in
/// several forms of a page apart.
Html TextField(std::string_view name, std::string_view label, std::string_view value,
               std::string_view hint = {}, std::string_view form = {});
/// A choice of values, of which one is chosen.
using Choices = std::vector<std::pair<std::string, std::string>>;  // values and texts
Html Select(std::string_view name, std::string_view label, const Choices& choices,
            std::string_view chosen, std::string_view form = {});
Html Hidden(std::string_view name, std::string_view value);
Html Button(std::string_view text, const Attributes& attributes = {});
/// A form that is sent to REST by the script, which then shows `then`, or the page again, and says
/// what went wrong. Without script it is sent all the same, unless `method` is none of a form's.
Html RestForm(const PageUser& user, const std::string& method, const std::string& action,
              const std::string& then, std::initializer_list<Html> children);
/// `action` with the token in its query.
std::string WithToken(const PageUser& user, const std::string& action);

/// Which part of a long listing is shown, and the links to the others.
struct Part {
  std::size_t begin = 0;
  std::size_t end = 0;
};
/// `from` is the parameter of that name.
Part PartOf(const Visit& visit, std::size_t count);
/// Nothing when all is shown. `target` is the page's path.
Html PartLinks(const Visit& visit, const std::string& target, const Part& part, std::size_t count);

/// IDs of the projects one may see, in the form of Select; first {"", `none`}.
Choices ProjectChoices(const Visit& visit, const std::string& none);

}  // namespace page

#endif  // XNATARCHIVE_EXAMPLES_SERVER_PAGE_VIEW_HPP_
