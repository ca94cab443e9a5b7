// waiting_view.cc - "/page/session/...": one session of the prearchive, and what can be done with
// it.
#include <string>
#include <utility>
#include <vector>

#include "pages.hpp"
#include "plan_section.hpp"
#include "session_parts.hpp"
#include "wording.hpp"

namespace page {
namespace {

Html Head(const Visit& visit, const Row& row, const Contents& contents) {
  const StateWords words = WordsOfState(Cell(row, "status"));
  const std::string& project = Cell(row, "project");
  // The script looks whether this changes while somebody else works on the session.
  const bool changes = words.kind == "busy" || words.kind == "receiving";
  const Html state = Element("p",
                             {{"class", "lead"},
                              {changes ? "data-watch" : "", "/data" + Cell(row, "url")},
                              {changes ? "data-state" : "", Cell(row, "status")}},
                             {StateMark(Cell(row, "status")), " ", words.sentence});
  Html head = state;
  head += Facts({{"Project", project == "Unassigned"
                                 ? Element("span", {{"class", "unassigned"}}, {"Unassigned"})
                                 : Name(project)},
                 {"Subject", Name(Cell(row, "subject"))},
                 {"Study date", Name(Cell(row, "scan_date"))},
                 {"Received", TimeMark(Cell(row, "uploaded"), visit.now_ms)},
                 {"Last change", TimeMark(Cell(row, "lastmod"), visit.now_ms)},
                 {"Files", contents.known ? Html(std::to_string(contents.files)) : Html()},
                 {"Size", contents.known ? SizeMark(contents.bytes) : Html()},
                 {"Study Instance UID", Name(Cell(row, "tag"))},
                 {"Folder", Name(Cell(row, "folderName"))},
                 {"Source", Cell(row, "SOURCE").empty() ? Html() : Name(Cell(row, "SOURCE"))}});
  return head;
}

Html Log(const Visit& visit, const std::string& rest) {
  const std::vector<Row> lines = visit.rest.Get(rest + "/logs", {{"template", "details"}}).Rows();
  Html items;
  for (const Row& line : lines) {
    items += Element("li", {},
                     {Element("span", {{"class", "detail"}}, {Cell(line, "date")}), " ",
                      Name(Cell(line, "entry"))});
  }
  if (items.empty()) items = Element("li", {}, {"Nothing yet."});
  return Section("log", "Log", {Element("ol", {}, {items})});
}

Html Deletion(const Visit& visit, const std::string& src, const Contents& contents) {
  const std::string what = contents.known ? Count(contents.files, "file", "files") + ", " +
                                                Size(contents.bytes) + ", are"
                                          : std::string("All its files are");
  return Element(
      "details", {{"class", "danger"}},
      {Element("summary", {}, {"Delete …"}),
       Element("p", {}, {what + " removed for good: they are not in the archive."}),
       RestForm(visit.user, "POST", "/data/services/prearchive/delete", "/",
                {Hidden("src", src), Button("Delete for good", {{"class", "danger"}})})});
}

Html Move(const Visit& visit, const std::string& src, const std::string& project) {
  Choices projects;
  for (auto& choice : ProjectChoices(visit, "")) {
    if (!choice.first.empty() && choice.first != project) projects.push_back(std::move(choice));
  }
  if (projects.empty()) return {};
  return Element(
      "details", {},
      {Element("summary", {}, {"Move to another project …"}),
       RestForm(visit.user, "POST", "/data/services/prearchive/move", "/",
                {Hidden("src", src), Select("newProject", "Project", projects, "", "move-"),
                 Button("Move", {{"class", "plain"}})})});
}

Html Actions(const Visit& visit, const std::string& page, const Row& row,
             const Contents& contents) {
  const std::string& src = Cell(row, "url");
  return Section("actions", "Other things to do",
                 {RestForm(visit.user, "POST", "/data/services/prearchive/rebuild", page,
                           {Hidden("src", src), Button("Rebuild", {{"class", "plain"}}), " ",
                            Element("span", {{"class", "detail"}},
                                    {"reads the images again and lists them anew"})}),
                  Move(visit, src, Cell(row, "project")), Deletion(visit, src, contents)});
}

}  // namespace

View WaitingView(const Visit& visit) {
  const std::string below =
      UrlEncode(visit.path[1]) + "/" + UrlEncode(visit.path[2]) + "/" + UrlEncode(visit.path[3]);
  const SessionPlace place{"/data/prearchive/projects/" + below, "/page/session/" + below};
  const Answer answer = visit.rest.Get(place.rest);
  if (!answer.ok()) return FailureView(answer, "This session");
  const std::vector<Row> rows = answer.Rows();
  const Row row = rows.empty() ? Row() : rows.front();
  const Contents contents = ContentsOf(visit, place);
  View view{200, Cell(row, "name").empty() ? Cell(row, "folderName") : Cell(row, "name"), "", {}};
  view.body += Element("p", {{"class", "crumbs"}}, {Link("/", "Prearchive")});
  view.body += Head(visit, row, contents);
  view.body += ContentsSection(visit, place, contents);
  view.body += PlanSection(visit, place.page, Cell(row, "url"));
  view.body += Actions(visit, place.page, row, contents);
  view.body += Log(visit, place.rest);
  const Answer audit =
      visit.rest.Get(place.rest + "/audit", {{"sortBy", "id"}, {"sortOrder", "DESC"}});
  if (audit.ok()) {
    view.body += Section("audit", "Audit trail", {AuditTable(visit, audit.Rows())});
  }
  return view;
}

}  // namespace page
