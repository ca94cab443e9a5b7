#include "view.hpp"

#include <algorithm>
#include <cstdlib>

#include "assets.hpp"
#include "wording.hpp"

namespace page {
namespace {

constexpr std::size_t kPartRows = 50;

Html NavLink(const View& view, const std::string& target, std::string_view text) {
  return Element(
      "li", {},
      {Element("a", {{"href", target}, {view.current == target ? "aria-current" : "", "page"}},
               {text})});
}

Html Header(const View& view, const PageUser& user) {
  const Html brand = Element("a", {{"class", "brand"}, {"href", "/"}}, {"xnatarchive"});
  if (user.name.empty()) return Element("header", {}, {brand});
  return Element(
      "header", {},
      {brand,
       Element(
           "nav", {{"aria-label", "Parts of the site"}},
           {Element("ul", {},
                    {NavLink(view, "/", "Prearchive"), NavLink(view, "/page/archive", "Archive"),
                     NavLink(view, "/page/audit", "Audit trail")})}),
       RestForm(user, "DELETE", "/data/JSESSION", "/",
                {Element("span", {{"class", "user"}}, {"Signed in as ", Name(user.name)}),
                 Button("Sign out", {{"class", "plain"}})})});
}

std::string ClassOf(std::string_view first, std::string_view second) {
  return std::string(first) + " " + std::string(second);
}

std::string IdOf(std::string_view name, std::string_view form) {
  return "field-" + std::string(form) + std::string(name);
}

}  // namespace

std::string Visit::Parameter(std::string_view name) const {
  const auto at = std::find_if(parameters.begin(), parameters.end(),
                               [&](const auto& pair) { return pair.first == name; });
  return at == parameters.end() ? std::string() : at->second;
}

std::string Framed(const View& view, const PageUser& user) {
  const Html head = Element(
      "head", {},
      {Element("meta", {{"charset", "utf-8"}}),
       Element("title", {}, {view.title + " – xnatarchive"}),
       Element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
       Element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
       Element("meta", {{"name", "csrf"}, {"content", user.csrf}}),
       Element("link", {{"rel", "stylesheet"}, {"href", StyleUrl()}}),
       Element("link", {{"rel", "icon"}, {"type", "image/svg+xml"}, {"href", IconUrl()}}),
       Element("script", {{"src", ScriptUrl()}, {"defer", ""}})});
  const Html body =
      Element("body", {},
              {Element("a", {{"class", "skip"}, {"href", "#main"}}, {"Skip to the content"}),
               Header(view, user),
               Element("main", {{"id", "main"}, {"tabindex", "-1"}},
                       {Element("h1", {}, {Name(view.title)}), view.body}),
               Element("p", {{"id", "status"}, {"class", "status"}, {"role", "status"}})});
  return Document(Element("html", {{"lang", "en"}}, {head, body}));
}

View SignInView(int status) {
  const Html form =
      Element("form",
              {{"id", "sign-in"},
               {"class", "card narrow"},
               {"method", "post"},
               {"action", "/data/services/auth"},
               {"data-rest", "POST"},
               {"data-then", ""}},
              {Element("label", {{"for", "username"}}, {"User name"}),
               Element("input", {{"id", "username"},
                                 {"name", "username"},
                                 {"autocomplete", "username"},
                                 {"autocapitalize", "none"},
                                 {"required", ""}}),
               Element("label", {{"for", "password"}}, {"Password"}),
               Element("input", {{"id", "password"},
                                 {"name", "password"},
                                 {"type", "password"},
                                 {"autocomplete", "current-password"},
                                 {"required", ""}}),
               Element("p", {{"class", "outcome"}, {"role", "alert"}}), Button("Sign in")});
  return {status, "Sign in", "", form};
}

View FailureView(const Answer& answer, std::string_view what) {
  View view;
  view.status = answer.status;
  view.title = answer.status == 404   ? "Not found"
               : answer.status == 403 ? "Not allowed"
                                      : "This did not work";
  Html text(what);
  if (answer.status == 404)
    text += " is not here: it may have been archived, moved or deleted.";
  else if (answer.status == 403)
    text += " is not open to you.";
  else
    text += " can not be shown: " + answer.reason + ": " + answer.message;
  view.body += Notice("error", text);
  view.body += Element("p", {}, {Link("/", "Back to the prearchive")});
  return view;
}

Html StateMark(std::string_view state) {
  const StateWords words = WordsOfState(state);
  return Element("span", {{"class", ClassOf("state", words.kind)}}, {words.word});
}

Html SizeMark(std::uint64_t bytes) {
  return Element("span", {{"title", Count(bytes, "byte", "bytes")}}, {Size(bytes)});
}

Html TimeMark(std::string_view time, std::int64_t now_ms) {
  const auto then = ParseTableTime(time);
  if (!then) return time;
  std::string machine(time.substr(0, 19));
  machine[10] = 'T';
  return Element("time", {{"datetime", machine + "Z"}, {"title", std::string(time) + " UTC"}},
                 {Age(*then, now_ms)});
}

Html Link(const std::string& target, const Html& text) {
  return Element("a", {{"href", target}}, {text});
}

Html Notice(std::string_view kind, const Html& text) {
  return Element("p", {{"class", ClassOf("notice", kind)}}, {text});
}

Html Facts(const std::vector<std::pair<std::string, Html>>& facts) {
  Html list;
  for (const auto& [name, value] : facts) {
    if (value.empty()) continue;
    list += Element("div", {}, {Element("dt", {}, {name}), Element("dd", {}, {value})});
  }
  return Element("dl", {}, {list});
}

Html Th(const Html& content, const Attributes& attributes) {
  Attributes all = {{"scope", "col"}};
  all.insert(all.end(), attributes.begin(), attributes.end());
  return Element("th", all, {content});
}

Html Td(const Html& content) { return Element("td", {}, {content}); }

Html TdNumber(const Html& content) { return Element("td", {{"class", "number"}}, {content}); }

Html DataTable(std::string_view label, std::initializer_list<Html> heads, const Html& rows) {
  const Html table =
      Element("table", {},
              {Element("caption", {{"class", "unseen"}}, {label}),
               Element("thead", {}, {Element("tr", {}, heads)}), Element("tbody", {}, {rows})});
  return Element("div",
                 {{"class", "scroll"},
                  {"role", "region"},
                  {"aria-label", std::string(label)},
                  {"tabindex", "0"}},
                 {table});
}

Html TextField(std::string_view name, std::string_view label, std::string_view value,
               std::string_view hint, std::string_view form) {
  const std::string id = IdOf(name, form);
  Html field = Element("label", {{"for", id}}, {label});
  field += Element("input", {{"id", id},
                             {"name", std::string(name)},
                             {"value", std::string(value)},
                             {"autocomplete", "off"},
                             {hint.empty() ? "" : "aria-describedby", id + "-hint"}});
  if (!hint.empty()) field += Element("small", {{"id", id + "-hint"}}, {hint});
  return Element("div", {{"class", "field"}}, {field});
}

Html Select(std::string_view name, std::string_view label, const Choices& choices,
            std::string_view chosen, std::string_view form) {
  const std::string id = IdOf(name, form);
  Html options;
  for (const auto& [value, text] : choices) {
    options +=
        Element("option", {{"value", value}, {value == chosen ? "selected" : "", ""}}, {text});
  }
  return Element("div", {{"class", "field"}},
                 {Element("label", {{"for", id}}, {label}),
                  Element("select", {{"id", id}, {"name", std::string(name)}}, {options})});
}

Html Hidden(std::string_view name, std::string_view value) {
  return Element("input",
                 {{"type", "hidden"}, {"name", std::string(name)}, {"value", std::string(value)}});
}

Html Button(std::string_view text, const Attributes& attributes) {
  return Element("button", attributes, {text});
}

std::string WithToken(const PageUser& user, const std::string& action) {
  if (user.csrf.empty()) return action;
  const char* const joint = action.find('?') == std::string::npos ? "?" : "&";
  return action + joint + Query({{"XNAT_CSRF", user.csrf}});
}

Html RestForm(const PageUser& user, const std::string& method, const std::string& action,
              const std::string& then, std::initializer_list<Html> children) {
  Html inside;
  for (const Html& child : children) inside += child;
  inside += Element("span", {{"class", "outcome"}, {"role", "alert"}});
  return Element("form",
                 {{"method", "post"},
                  {"action", WithToken(user, action)},
                  {"data-rest", method},
                  {"data-then", then}},
                 {inside});
}

Part PartOf(const Visit& visit, std::size_t count) {
  const std::size_t from = std::strtoul(visit.Parameter("from").c_str(), nullptr, 10);
  Part part;
  part.begin = std::min(from, count);
  part.end = std::min(part.begin + kPartRows, count);
  return part;
}

Html PartLinks(const Visit& visit, const std::string& target, const Part& part, std::size_t count) {
  if (part.begin == 0 && part.end == count) return {};
  const auto link = [&](std::size_t from, std::string_view text) {
    Pairs query;
    for (const auto& pair : visit.parameters) {
      if (pair.first != "from") query.push_back(pair);
    }
    query.emplace_back("from", std::to_string(from));
    return Link(target + "?" + Query(query), text);
  };
  Html links;
  if (part.begin > 0) links += link(part.begin - std::min(part.begin, kPartRows), "Previous");
  links += Element("span", {},
                   {std::to_string(part.begin + 1) + " to " + std::to_string(part.end) + " of " +
                    std::to_string(count)});
  if (part.end < count) links += link(part.end, "Next");
  return Element("nav", {{"class", "parts"}, {"aria-label", "Parts of the list"}}, {links});
}

Choices ProjectChoices(const Visit& visit, const std::string& none) {
  Choices choices = {{"", none}};
  for (const Row& row : visit.rest.Get("/data/projects").Rows()) {
    choices.emplace_back(Cell(row, "ID"), Cell(row, "ID"));
  }
  return choices;
}

}  // namespace page
