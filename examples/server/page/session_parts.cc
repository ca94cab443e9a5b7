#include "session_parts.hpp"

#include <algorithm>

#include "wording.hpp"

namespace page {
namespace {

constexpr std::size_t kFilesShown = 500;

struct Totals {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

Totals TotalsOf(const std::vector<Row>& resources, const std::string& scan) {
  Totals totals;
  for (const Row& resource : resources) {
    if (Cell(resource, "category") != "scans" || Cell(resource, "cat_id") != scan) continue;
    totals.files += NumberCell(resource, "file_count");
    totals.bytes += NumberCell(resource, "file_size");
  }
  return totals;
}

Html FilesLink(const SessionPlace& place, const char* what, const std::string& name) {
  return Link(
      place.page + "?" + Query({{what, name}}) + "#files",
      Element("span", {}, {"Files", Element("span", {{"class", "unseen"}}, {" of ", Name(name)})}));
}

Html ScanTable(const SessionPlace& place, const Contents& contents) {
  Html rows;
  for (const Row& scan : contents.scans) {
    const std::string& id = Cell(scan, "ID");
    const Totals totals = TotalsOf(contents.resources, id);
    rows += Element(
        "tr", {},
        {Element("th", {{"scope", "row"}}, {Name(id)}), Td(Name(Cell(scan, "series_description"))),
         Td(Name(Cell(scan, "xsiType"))), TdNumber(std::to_string(totals.files)),
         TdNumber(SizeMark(totals.bytes)), Td(FilesLink(place, "scan", id))});
  }
  return DataTable("Scans",
                   {Th("Scan"), Th("Description"), Th("Type"), Th("Files", {{"class", "number"}}),
                    Th("Size", {{"class", "number"}}),
                    Th(Element("span", {{"class", "unseen"}}, {"Files of it"}))},
                   rows);
}

Html ResourceTable(const SessionPlace& place, const Contents& contents) {
  Html rows;
  for (const Row& resource : contents.resources) {
    if (Cell(resource, "category") != "resources") continue;
    const std::string& label = Cell(resource, "label");
    rows += Element("tr", {},
                    {Element("th", {{"scope", "row"}}, {Name(label)}),
                     Td(Name(Cell(resource, "format"))), TdNumber(Cell(resource, "file_count")),
                     TdNumber(SizeMark(NumberCell(resource, "file_size"))),
                     Td(FilesLink(place, "resource", label))});
  }
  if (rows.empty()) return {};
  return DataTable("Resources of the session",
                   {Th("Resource"), Th("Format"), Th("Files", {{"class", "number"}}),
                    Th("Size", {{"class", "number"}}),
                    Th(Element("span", {{"class", "unseen"}}, {"Files of it"}))},
                   rows);
}

Html FileTable(const std::vector<Row>& files) {
  Html rows;
  for (std::size_t i = 0; i < std::min(files.size(), kFilesShown); ++i) {
    rows += Element("tr", {},
                    {Element("th", {{"scope", "row"}},
                             {Link(Cell(files[i], "URI"), Name(Cell(files[i], "Name")))}),
                     TdNumber(SizeMark(NumberCell(files[i], "Size"))),
                     Td(Element("code", {}, {Cell(files[i], "digest")}))});
  }
  Html table = DataTable(
      "Files", {Th("File"), Th("Size", {{"class", "number"}}), Th("Checksum (MD5)")}, rows);
  if (files.size() > kFilesShown) {
    table += Notice("info", "The first " + std::to_string(kFilesShown) + " of " +
                                std::to_string(files.size()) + " files are shown.");
  }
  return table;
}

Html FilesOf(const Visit& visit, const SessionPlace& place) {
  const std::string scan = visit.Parameter("scan");
  const std::string resource = visit.Parameter("resource");
  if (scan.empty() && resource.empty()) return {};
  const std::string below =
      scan.empty() ? "/resources/" + UrlEncode(resource) : "/scans/" + UrlEncode(scan);
  const Answer answer = visit.rest.Get(place.rest + below + "/files");
  const Html head = Element("h3", {{"id", "files"}, {"tabindex", "-1"}},
                            {scan.empty() ? "Files of resource " : "Files of scan ",
                             Name(scan.empty() ? resource : scan)});
  Html section = head;
  section += answer.ok() ? FileTable(answer.Rows())
                         : Notice("error", answer.reason + ": " + answer.message);
  return section;
}

/// What was done, by the name the audit trail has for it.
std::string_view WordOfAction(std::string_view type) {
  if (type == "Transferred") return "Archived";
  return type;
}

Html OutcomeOf(const Row& row) {
  const std::string& status = Cell(row, "status");
  const std::string_view kind = status == "Complete" ? "ready"
                                : status == "Failed" ? "error"
                                                     : "busy";
  const std::string_view word = status == "Complete" ? "Done" : std::string_view(status);
  Html outcome = Element("span", {{"class", "state " + std::string(kind)}}, {word});
  for (const char* column : {"justification", "reason", "detail"}) {
    const std::string& text = Cell(row, column);
    if (!text.empty()) outcome += Element("div", {{"class", "detail"}}, {Name(text)});
  }
  return outcome;
}

/// Where a record's session can be seen.
Html SessionOf(const Row& row) {
  const std::string& label = Cell(row, "label");
  if (!Cell(row, "experiment_id").empty()) {
    return Link("/page/archive/" + UrlEncode(Cell(row, "project")) + "/" + UrlEncode(label),
                Name(label));
  }
  constexpr std::string_view kBefore = "/data/prearchive/projects/";
  const std::string& uri = Cell(row, "URI");
  if (uri.substr(0, kBefore.size()) != kBefore) return Name(label);
  return Link("/page/session/" + uri.substr(kBefore.size()), Name(label));
}

}  // namespace

Contents ContentsOf(const Visit& visit, const SessionPlace& place) {
  Contents contents;
  const Answer scans = visit.rest.Get(place.rest + "/scans");
  const Answer resources = visit.rest.Get(place.rest + "/resources", {{"all", "true"}});
  contents.known = scans.ok() && resources.ok();
  contents.scans = scans.Rows();
  contents.resources = resources.Rows();
  for (const Row& resource : contents.resources) {
    contents.files += NumberCell(resource, "file_count");
    contents.bytes += NumberCell(resource, "file_size");
  }
  return contents;
}

Html ContentsSection(const Visit& visit, const SessionPlace& place, const Contents& contents) {
  if (!contents.known) {
    return Section("scans", "Scans",
                   {Notice("info", "What is in it is known once it was built: rebuild it.")});
  }
  return Section(
      "scans", "Scans",
      {ScanTable(place, contents), ResourceTable(place, contents), FilesOf(visit, place)});
}

Html AuditTable(const Visit& visit, const std::vector<Row>& rows) {
  Html body;
  for (const Row& row : rows) {
    body += Element(
        "tr", {},
        {Td(TimeMark(Cell(row, "started"), visit.now_ms)), Td(WordOfAction(Cell(row, "type"))),
         Td(OutcomeOf(row)), Td(Name(Cell(row, "user"))), Td(Name(Cell(row, "origin"))),
         Td(Name(Cell(row, "project"))), Td(SessionOf(row)), TdNumber(Cell(row, "files")),
         TdNumber(SizeMark(NumberCell(row, "bytes")))});
  }
  return DataTable(
      "Audit trail",
      {Th("When"), Th("What"), Th("Outcome"), Th("Who"), Th("From"), Th("Project"), Th("Session"),
       Th("Files", {{"class", "number"}}), Th("Size", {{"class", "number"}})},
      body);
}

Html Section(std::string_view id, std::string_view head, std::initializer_list<Html> children) {
  Html inside = Element("h2", {}, {head});
  for (const Html& child : children) inside += child;
  return Element("section", {{"id", std::string(id)}}, {inside});
}

}  // namespace page
