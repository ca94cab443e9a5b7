// prearchive_view.cc - "/": the list of what waits, and uploading.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "pages.hpp"
#include "wording.hpp"

namespace page {
namespace {

/// What the list is sorted by: its name in the query, its column in REST, its head.
struct SortKey {
  std::string_view name;
  std::string_view column;
  std::string_view head;
};
constexpr SortKey kSortKeys[] = {{"session", "name", "Session"},
                                 {"project", "project", "Project"},
                                 {"subject", "subject", "Subject"},
                                 {"state", "status", "State"},
                                 {"received", "timestamp", "Received"}};

/// The order that was asked for: newest first unless something else was.
struct Order {
  const SortKey* key;
  bool descending;
};

Order OrderOf(const Visit& visit) {
  const std::string name = visit.Parameter("sort");
  const auto* at = std::find_if(std::begin(kSortKeys), std::end(kSortKeys),
                                [&](const SortKey& key) { return key.name == name; });
  if (at == std::end(kSortKeys)) return {std::end(kSortKeys) - 1, true};
  return {at, visit.Parameter("order") == "desc"};
}

Html SortHead(const Visit& visit, const SortKey& key, const Order& order) {
  const bool sorted = order.key == &key;
  const bool next_descending = sorted ? !order.descending : key.name == "received";
  const Pairs query = {{"project", visit.Parameter("project")},
                       {"state", visit.Parameter("state")},
                       {"sort", std::string(key.name)},
                       {"order", next_descending ? "desc" : "asc"}};
  return Th(Link("/?" + Query(query), key.head),
            {{sorted ? "aria-sort" : "", order.descending ? "descending" : "ascending"}});
}

Answer Sessions(const Visit& visit, const Order& order) {
  std::string path = "/data/prearchive";
  const std::string project = visit.Parameter("project");
  if (!project.empty()) path += "/projects/" + UrlEncode(project);
  return visit.rest.Get(path, {{"sortBy", std::string(order.key->column)},
                               {"sortOrder", order.descending ? "DESC" : "ASC"}});
}

std::string PageOf(const Row& row) {
  return "/page/session/" + UrlEncode(Cell(row, "project")) + "/" +
         UrlEncode(Cell(row, "timestamp")) + "/" + UrlEncode(Cell(row, "folderName"));
}

Html RowOf(const Visit& visit, const Row& row) {
  const std::string& name = Cell(row, "name");
  const std::string& project = Cell(row, "project");
  const Html label = Name(name.empty() ? Cell(row, "folderName") : name);
  const std::string kind(WordsOfState(Cell(row, "status")).kind);
  return Element(
      "tr", {{"class", kind}},
      {Td(Element("input",
                  {{"type", "checkbox"},
                   {"name", "src"},
                   {"value", Cell(row, "url")},
                   {"aria-label", "Choose " + (name.empty() ? Cell(row, "folderName") : name)}})),
       Element("th", {{"scope", "row"}}, {Link(PageOf(row), label)}),
       Td(project == "Unassigned" ? Element("span", {{"class", "unassigned"}}, {"Unassigned"})
                                  : Name(project)),
       Td(Name(Cell(row, "subject"))), Td(StateMark(Cell(row, "status"))),
       Td(TimeMark(Cell(row, "uploaded"), visit.now_ms)),
       // How large it is takes a look at every one of its catalogs: the script asks for that.
       Element("td",
               {{"class", "number"}, {"data-size", "/data" + Cell(row, "url") + "/resources"}},
               {"–"}),
       Td(Element("a", {{"class", "button"}, {"href", PageOf(row)}},
                  {"Open", Element("span", {{"class", "unseen"}}, {" ", label})}))});
}

Html SessionTable(const Visit& visit, const Order& order, const Html& rows) {
  Html heads = Th(Element("input", {{"type", "checkbox"},
                                    {"id", "choose-all"},
                                    {"hidden", ""},
                                    {"aria-label", "Choose all of this list"}}));
  for (const SortKey& key : kSortKeys) heads += SortHead(visit, key, order);
  heads += Th("Size", {{"class", "number"}});
  heads += Th(Element("span", {{"class", "unseen"}}, {"Open"}));
  return DataTable("Sessions that wait", {heads}, rows);
}

/// The list as a form. Chosen sessions are archived as new ones only: what replacing would do is
/// seen session by session.
Html ChoiceForm(const Visit& visit, const Html& table) {
  const auto button = [&](const char* text, const char* service, const char* kind) {
    const std::string action = WithToken(visit.user, std::string("/data/services/") + service);
    return Button(text, {{"formaction", action}, {"class", kind}});
  };
  return Element(
      "form", {{"id", "batch"}, {"method", "post"}},
      {table,
       Element("div", {{"class", "buttons"}},
               {Element("span", {}, {"With the chosen:"}), button("Archive", "archive", "main"),
                button("Rebuild", "prearchive/rebuild", "plain"),
                Element("details", {{"class", "danger"}},
                        {Element("summary", {}, {"Delete …"}),
                         button("Delete for good", "prearchive/delete", "danger")})}),
       Element("p", {{"class", "outcome"}, {"role", "alert"}})});
}

Html Filter(const Visit& visit) {
  auto projects = ProjectChoices(visit, "All projects");
  projects.emplace_back("Unassigned", "Unassigned");
  Choices states = {{"", "All states"}};
  for (const StateKind& kind : StateKinds()) states.emplace_back(kind.kind, kind.word);
  return Element("form", {{"class", "filter"}, {"method", "get"}, {"action", "/"}},
                 {Select("project", "Project", projects, visit.Parameter("project")),
                  Select("state", "State", states, visit.Parameter("state")),
                  Hidden("sort", visit.Parameter("sort")),
                  Hidden("order", visit.Parameter("order")), Button("Show")});
}

/// A form that uploads without script, too; fields come before the file, as it is received while it
/// comes in.
Html Upload(const Visit& visit) {
  const Html help =
      "Drop zips, tars or single DICOM files here, or choose them. Each is received "
      "whole or not at all.";
  const Html fields = Element(
      "details", {},
      {Element("summary", {}, {"Say where it belongs"}),
       Element(
           "div", {{"class", "fields"}},
           {Select("project", "Project", ProjectChoices(visit, "As the data say"), "", "upload-"),
            TextField("subject", "Subject", "", "Empty: as the data say", "upload-"),
            TextField("session", "Session", "", "Empty: as the data say", "upload-")})});
  const Html file = Element(
      "div", {{"class", "drop"}},
      {Element("label", {{"for", "file"}}, {"Upload"}), Element("p", {}, {help}),
       Element("input", {{"id", "file"}, {"type", "file"}, {"name", "file"}, {"multiple", ""}}),
       Button("Send")});
  return Element("section", {},
                 {Element("h2", {}, {"Upload"}),
                  Element("form",
                          {{"id", "upload"},
                           {"class", "card"},
                           {"method", "post"},
                           {"enctype", "multipart/form-data"},
                           {"action", WithToken(visit.user, "/data/services/import")}},
                          {fields, file}),
                  Element("ul", {{"id", "uploads"}, {"aria-label", "Uploads"}})});
}

Html Empty(const Visit& visit) {
  const bool filtered = !visit.Parameter("project").empty() || !visit.Parameter("state").empty();
  if (filtered) return Notice("info", "No session that waits is of this project and state.");
  return Notice(
      "info",
      "Nothing waits. What is uploaded here, or sent to /data/services/import, appears in "
      "this list until it is archived.");
}

}  // namespace

View PrearchiveView(const Visit& visit) {
  const Order order = OrderOf(visit);
  const Answer answer = Sessions(visit, order);
  if (!answer.ok()) return FailureView(answer, "This list");
  std::vector<Row> rows = answer.Rows();
  const std::string kind = visit.Parameter("state");
  if (!kind.empty()) {
    rows.erase(std::remove_if(
                   rows.begin(), rows.end(),
                   [&](const Row& row) { return WordsOfState(Cell(row, "status")).kind != kind; }),
               rows.end());
  }
  const Part part = PartOf(visit, rows.size());
  Html body;
  for (std::size_t i = part.begin; i < part.end; ++i) body += RowOf(visit, rows[i]);
  Html list = rows.empty() ? Empty(visit) : ChoiceForm(visit, SessionTable(visit, order, body));
  list += PartLinks(visit, "/", part, rows.size());
  View view{200, "Prearchive", "/", {}};
  view.body +=
      Element("section", {}, {Filter(visit), Element("div", {{"id", "sessions"}}, {list})});
  view.body += Upload(visit);
  return view;
}

}  // namespace page
