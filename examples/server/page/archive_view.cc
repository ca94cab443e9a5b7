// archive_view.cc - "/page/archive", and one archived session.
#include <algorithm>
#include <string>
#include <vector>

#include "pages.hpp"
#include "session_parts.hpp"
#include "wording.hpp"

namespace page {
namespace {

constexpr const char* kColumns = "ID,project,label,subject_label,date,xsiType,quarantine_status";

Html QuarantineMark(const Row& row) {
  const bool held = Cell(row, "quarantine_status") == "quarantine";
  return Element("span", {{"class", held ? "state conflict" : "state ready"}},
                 {held ? "In quarantine" : "Active"});
}

std::string PageOf(const Row& row) {
  return "/page/archive/" + UrlEncode(Cell(row, "project")) + "/" + UrlEncode(Cell(row, "label"));
}

Html RowOf(const Row& row) {
  return Element("tr", {},
                 {Element("th", {{"scope", "row"}}, {Link(PageOf(row), Name(Cell(row, "label")))}),
                  Td(Name(Cell(row, "project"))), Td(Name(Cell(row, "subject_label"))),
                  Td(Name(Cell(row, "date"))), Td(Name(Cell(row, "xsiType"))),
                  Td(QuarantineMark(row)), Td(Name(Cell(row, "ID")))});
}

/// A form's answer is text to read, so it says what was found by itself.
Html Verification(const Visit& visit, const std::string& uri) {
  return Element(
      "form",
      {{"id", "verify"},
       {"method", "post"},
       {"action", WithToken(visit.user, "/data/services/verify")}},
      {Hidden("resource", uri), Button("Verify checksums", {{"class", "plain"}}), " ",
       Element("span", {{"class", "detail"}}, {"reads every file again; this may take a while"}),
       Element("div", {{"class", "outcome"}, {"role", "status"}})});
}

Html Release(const Visit& visit, const Row& row, const SessionPlace& place) {
  if (Cell(row, "quarantine_status") != "quarantine") return {};
  return RestForm(visit.user, "PUT", place.rest + "?activate=true", place.page,
                  {Button("Release from quarantine")});
}

Html History(const Visit& visit, const SessionPlace& place) {
  Html rows;
  for (const Row& entry : visit.rest.Get(place.rest + "/history").Rows()) {
    const std::string record = "/data/history/" + UrlEncode(Cell(entry, "id"));
    rows += Element("tr", {},
                    {Td(TimeMark(Cell(entry, "time"), visit.now_ms)), Td(Name(Cell(entry, "user"))),
                     TdNumber(Cell(entry, "files")), TdNumber(SizeMark(NumberCell(entry, "bytes"))),
                     Td(RestForm(visit.user, "POST", record + "?action=restore", place.page,
                                 {Button("Put back", {{"class", "plain"}})})),
                     Td(Element("details", {{"class", "danger"}},
                                {Element("summary", {}, {"Remove …"}),
                                 RestForm(visit.user, "DELETE", record, place.page,
                                          {Button("Remove for good", {{"class", "danger"}})})}))});
  }
  if (rows.empty()) return {};
  return Section("history", "What was replaced",
                 {DataTable("What was replaced",
                            {Th("When"), Th("By whom"), Th("Files", {{"class", "number"}}),
                             Th("Size", {{"class", "number"}}), Th("Put back"), Th("Remove")},
                            rows)});
}

Html Downloads(const SessionPlace& place) {
  return Element("p", {{"class", "buttons"}},
                 {Element("a", {{"class", "button"}, {"href", place.rest + "?format=zip"}},
                          {"Download as zip"}),
                  Element("a", {{"class", "button"}, {"href", place.rest + "?format=xml"}},
                          {"Session document"})});
}

}  // namespace

View ArchiveView(const Visit& visit) {
  const std::string project = visit.Parameter("project");
  const std::string path = project.empty()
                               ? "/data/experiments"
                               : "/data/projects/" + UrlEncode(project) + "/experiments";
  const Answer answer =
      visit.rest.Get(path, {{"columns", kColumns}, {"sortBy", "ID"}, {"sortOrder", "DESC"}});
  if (!answer.ok()) return FailureView(answer, "This list");
  std::vector<Row> rows = answer.Rows();
  const bool held = visit.Parameter("quarantine") == "true";
  if (held) {
    rows.erase(std::remove_if(
                   rows.begin(), rows.end(),
                   [](const Row& row) { return Cell(row, "quarantine_status") != "quarantine"; }),
               rows.end());
  }
  const Part part = PartOf(visit, rows.size());
  Html body;
  for (std::size_t i = part.begin; i < part.end; ++i) body += RowOf(rows[i]);
  View view{200, "Archive", "/page/archive", {}};
  view.body +=
      Element("form", {{"class", "filter"}, {"method", "get"}, {"action", "/page/archive"}},
              {Select("project", "Project", ProjectChoices(visit, "All projects"), project),
               Select("quarantine", "Quarantine", {{"", "All"}, {"true", "In quarantine"}},
                      held ? "true" : ""),
               Button("Show")});
  view.body += rows.empty() ? Notice("info", "No session is archived here yet.")
                            : DataTable("Archived sessions",
                                        {Th("Session"), Th("Project"), Th("Subject"),
                                         Th("Study date"), Th("Type"), Th("State"), Th("ID")},
                                        body);
  view.body += PartLinks(visit, "/page/archive", part, rows.size());
  return view;
}

View ArchivedView(const Visit& visit) {
  const std::string project = "/data/projects/" + UrlEncode(visit.path[1]);
  const SessionPlace place{
      project + "/experiments/" + UrlEncode(visit.path[2]),
      "/page/archive/" + UrlEncode(visit.path[1]) + "/" + UrlEncode(visit.path[2])};
  const Answer document = visit.rest.Get(place.rest);
  if (!document.ok()) return FailureView(document, "This session");
  const Json fields = document.json["items"][0]["data_fields"];
  const std::vector<Row> rows =
      visit.rest
          .Get(project + "/experiments", {{"columns", kColumns}, {"ID", TextOf(fields, "ID")}})
          .Rows();
  const Row row = rows.empty() ? Row() : rows.front();
  const Contents contents = ContentsOf(visit, place);
  View view{200, TextOf(fields, "label"), "", {}};
  view.body += Element("p", {{"class", "crumbs"}}, {Link("/page/archive", "Archive")});
  view.body += Element("p", {{"class", "lead"}}, {QuarantineMark(row)});
  view.body += Facts({{"Project", Name(TextOf(fields, "project"))},
                      {"Subject", Name(Cell(row, "subject_label"))},
                      {"ID", Name(TextOf(fields, "ID"))},
                      {"Study date", Name(TextOf(fields, "date"))},
                      {"Modality", Name(TextOf(fields, "modality"))},
                      {"Files", std::to_string(contents.files)},
                      {"Size", SizeMark(contents.bytes)},
                      {"Study Instance UID", Name(TextOf(fields, "UID"))}});
  view.body += Release(visit, row, place);
  view.body += Downloads(place);
  view.body += ContentsSection(visit, place, contents);
  view.body += Section("checks", "Checksums",
                       {Verification(visit, "/archive/experiments/" + TextOf(fields, "ID"))});
  view.body += History(visit, place);
  const Answer audit =
      visit.rest.Get(place.rest + "/audit", {{"sortBy", "id"}, {"sortOrder", "DESC"}});
  if (audit.ok()) view.body += Section("audit", "Audit trail", {AuditTable(visit, audit.Rows())});
  return view;
}

View AuditView(const Visit& visit) {
  const std::string project = visit.Parameter("project");
  const std::string path =
      project.empty() ? "/data/audit" : "/data/projects/" + UrlEncode(project) + "/audit";
  const Answer answer = visit.rest.Get(path, {{"sortBy", "id"}, {"sortOrder", "DESC"}});
  if (!answer.ok()) return FailureView(answer, "The audit trail");
  const std::vector<Row> rows = answer.Rows();
  const Part part = PartOf(visit, rows.size());
  View view{200, "Audit trail", "/page/audit", {}};
  view.body +=
      Element("form", {{"class", "filter"}, {"method", "get"}, {"action", "/page/audit"}},
              {Select("project", "Project", ProjectChoices(visit, "All projects"), project),
               Button("Show")});
  const auto at = [&](std::size_t i) { return rows.begin() + static_cast<std::ptrdiff_t>(i); };
  view.body += rows.empty() ? Notice("info", "Nothing has been done yet.")
                            : AuditTable(visit, std::vector<Row>(at(part.begin), at(part.end)));
  view.body += PartLinks(visit, "/page/audit", part, rows.size());
  return view;
}

}  // namespace page
