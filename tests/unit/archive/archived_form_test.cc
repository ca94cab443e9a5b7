#include "archive/archived_form.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

#include "base/text.hpp"
#include "unit/archive/archive_fixture.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

const SessionFile kFile{"a.dcm", 10, 77, 1, 1};
const std::string kMd5 = "9e107d9d372bb6826bd81d3542a419d6";
const std::string kXxh3 = "0123456789abcdef0123456789abcdef";

ArchiveStamp Stamp() {
  setenv("TZ", "UTC", 1);
  tzset();
  return ArchiveStamp({"alice", "42", 1'718'910'191'482}, "DEMO");
}

ResourceDraft OneEntry() {
  ResourceDraft resource;
  resource.catalog.dicom = true;
  resource.catalog.uid = "1.2";
  CatalogEntry entry;
  entry.dicom = true;
  entry.uri = "a.dcm";
  entry.uid = "1.2.1";
  entry.instance_number = 1;
  resource.catalog.entries.push_back(entry);
  return resource;
}

/// The catalog afterwards, or the reason of the failure.
std::string Form(ResourceDraft resource, const std::vector<Digests>& digests) {
  const ResourceFacts facts = CheckResource(resource, {kFile}, Checksum::kMd5AndXxh3);
  const Status status =
      ToArchivedForm(Stamp(), "SCANS/1/DICOM", {kFile}, facts, digests, &resource.catalog);
  if (!status.ok()) {
    CHECK(status.code() == Code::kCorruption);
    CHECK(status.path() == "SCANS/1/DICOM/a.dcm");
    return std::string(status.reason());
  }
  const std::string xml = WriteCatalog(resource.catalog, CatalogStyle::kPlain);
  return xml.substr(xml.find("<cat:metaFields>"));
}

std::string Expect(const std::string& attributes, const std::string& fields,
                   const std::string& audit = "42:Thu Jun 20 19:03:11 UTC 2024=Added:1") {
  return "<cat:metaFields>\n\t<cat:metaField name=\"PROJECT\">DEMO</cat:metaField>\n"
         "\t<cat:metaField name=\"AUDIT\">" +
         audit +
         "</cat:metaField>\n</cat:metaFields>\n"
         "<cat:entries>\n\t<cat:entry ID=\"a.dcm\" UID=\"1.2.1\" URI=\"a.dcm\" createdBy=\"alice\" "
         "createdEventId=\"42\" createdTime=\"2024-06-20T19:03:11.482\"" +
         attributes +
         " format=\"DICOM\" instanceNumber=\"1\" xsi:type=\"cat:dcmEntry\">\n"
         "\t\t<cat:metaFields>\n" +
         fields +
         "\t\t</cat:metaFields>\n\t</cat:entry>\n"
         "</cat:entries>\n</cat:DCMCatalog>";
}

std::string Field(const std::string& name, const std::string& value) {
  return "\t\t\t<cat:metaField name=\"" + name + "\">" + value + "</cat:metaField>\n";
}

const std::string kSizeAndTime = Field("SIZE", "10") + Field("MTIME", "77");

}  // namespace

TEST_SUITE("archive.archived_form") {
  TEST_CASE("a new entry gets its ID, event, digests and what the file is") {
    CHECK(Form(OneEntry(), {{kMd5, kXxh3}}) ==
          Expect(" digest=\"" + kMd5 + "\"", kSizeAndTime + Field("XXH3", kXxh3)));
    CHECK(Form(OneEntry(), {{"", kXxh3}}) == Expect("", kSizeAndTime + Field("XXH3", kXxh3)));
    CHECK(Form(OneEntry(), {}) == Expect("", kSizeAndTime));
  }

  TEST_CASE("digests that are true are kept without reading the file") {
    ResourceDraft resource = OneEntry();
    CatalogEntry& entry = resource.catalog.entries[0];
    entry.digest = kMd5;
    entry.SetMeta("SIZE", "10");
    entry.SetMeta("MTIME", "77");
    entry.SetMeta("XXH3", kXxh3);
    CHECK(Form(resource, {}) ==
          Expect(" digest=\"" + kMd5 + "\"", kSizeAndTime + Field("XXH3", kXxh3)));
  }

  TEST_CASE("a recorded digest the file does not have is damage, unless the file was changed") {
    ResourceDraft resource = OneEntry();
    CatalogEntry& entry = resource.catalog.entries[0];
    const std::vector<Digests> now = {{kMd5, kXxh3}};
    const std::string good =
        Expect(" digest=\"" + kMd5 + "\"", kSizeAndTime + Field("XXH3", kXxh3));
    entry.digest = std::string(32, 'a');
    CHECK(Form(resource, now) == "archive.digest-mismatch");  // XNAT's: nothing says it was changed
    entry.SetMeta("SIZE", "10");
    entry.SetMeta("MTIME", "77");
    CHECK(Form(resource, now) == "archive.digest-mismatch");
    entry.SetMeta("MTIME", "76");
    CHECK(Form(resource, now) == good);
    entry.digest = kMd5;
    entry.SetMeta("MTIME", "77");
    entry.SetMeta("XXH3", std::string(32, 'b'));
    CHECK(Form(resource, now) == "archive.digest-mismatch");
    entry.SetMeta("SIZE", "9");
    CHECK(Form(resource, now) == good);
  }

  TEST_CASE("a stale digest that is not computed again goes") {
    ResourceDraft resource = OneEntry();
    CatalogEntry& entry = resource.catalog.entries[0];
    entry.digest = kMd5;
    entry.SetMeta("XXH3", kXxh3);
    entry.SetMeta("SIZE", "9");
    CHECK(Form(resource, {}) == Expect("", kSizeAndTime));
    CHECK(Form(resource, {{"", std::string(32, 'c')}}) ==
          Expect("", kSizeAndTime + Field("XXH3", std::string(32, 'c'))));
  }

  TEST_CASE("what earlier events wrote stays, and the audit goes on behind it") {
    ResourceDraft resource = OneEntry();
    resource.catalog.SetMeta("PROJECT", "OLD");
    resource.catalog.SetMeta("AUDIT", "7:Mon=Added:3");
    CHECK(Form(resource, {}) ==
          Expect("", kSizeAndTime, "7:Mon=Added:3|42:Thu Jun 20 19:03:11 UTC 2024=Added:1"));
    CatalogEntry& entry = resource.catalog.entries[0];
    entry.created = {"bob", "2020-01-01T00:00:00.000", "7"};
    const std::string form = Form(resource, {});
    CHECK(form.find("createdBy=\"bob\" createdEventId=\"7\"") != std::string::npos);
    CHECK(form.find("name=\"AUDIT\">7:Mon=Added:3<") != std::string::npos);
  }

  TEST_CASE("the audit keeps its first change set and the last ones") {
    Catalog catalog;
    for (int i = 0; i < 150; ++i) {
      AddToAudit(ArchiveStamp({"alice", std::to_string(i), 1718910191482}, "P"),
                 {i == 0 ? 3u : 0u, 1, 2}, &catalog);
    }
    const std::vector<std::string> sets = Split(catalog.Meta("AUDIT"), '|');
    REQUIRE(sets.size() == kAuditSetsMax);
    CHECK(sets[0] == "0:Thu Jun 20 19:03:11 UTC 2024=Added:3;Modified:1;Removed:2");
    CHECK(sets[1] == "51:Thu Jun 20 19:03:11 UTC 2024=Modified:1;Removed:2");
    CHECK(StartsWith(sets.back(), "149:"));
    const std::string before(catalog.Meta("AUDIT"));
    AddToAudit(Stamp(), {}, &catalog);
    CHECK(catalog.Meta("AUDIT") == before);
  }

  TEST_CASE("a catalog counts what it lists, and looks only where an entry does not tell") {
    Catalog catalog;
    catalog.sets.emplace_back();
    const auto add = [](Catalog* to, const char* uri, const char* size) {
      CatalogEntry entry;
      entry.uri = uri;
      entry.id = "cached";
      if (*size != 0) entry.SetMeta("SIZE", size);
      to->entries.push_back(entry);
    };
    add(&catalog, "a", "10");
    add(&catalog, "b", "");
    add(&catalog, "gone", "");
    add(&catalog, "https://example.org/c", "5");
    add(&catalog.sets[0], "d", "100");
    std::string asked;
    const auto totals = CountFiles(
        catalog, "", [&](const std::string& path) -> Result<std::optional<std::uint64_t>> {
          asked += path + " ";
          if (path == "b") return std::optional<std::uint64_t>(7);
          return std::optional<std::uint64_t>();
        });
    REQUIRE(totals.ok());
    CHECK(totals->files == 4);
    CHECK(totals->bytes == 117);
    CHECK(asked == "b gone cached ");
  }

  TEST_CASE("nested sets are brought to the same form, a URL entry gets no file's facts") {
    ResourceDraft resource = OneEntry();
    CatalogEntry remote;
    remote.uri = "https://example.org/b";
    remote.id = "b";
    resource.catalog.sets.emplace_back();
    resource.catalog.sets[0].entries.push_back(remote);
    const ResourceFacts facts = CheckResource(resource, {kFile}, Checksum::kMd5AndXxh3);
    REQUIRE(
        ToArchivedForm(Stamp(), "SCANS/1/DICOM", {kFile}, facts, {{kMd5, kXxh3}}, &resource.catalog)
            .ok());
    const CatalogEntry& formed = resource.catalog.sets[0].entries[0];
    CHECK(formed.created.by == "alice");
    CHECK(formed.meta_fields.empty());
    CHECK(formed.digest.empty());
    CHECK(resource.catalog.entries[0].digest == kMd5);
    CHECK(resource.catalog.Meta("AUDIT") == "42:Thu Jun 20 19:03:11 UTC 2024=Added:2");
  }

  TEST_CASE("the document gets types, quality, counts and sizes, and loses its prearchive path") {
    SessionDraft draft;
    draft.document = TestDocument();
    draft.document.scans[1].type = "kept";
    draft.document.scans[1].Set("quality", "questionable");
    draft.resources = ResourcesOf(draft.document);
    draft.resources.emplace_back();
    draft.resources[3].scan_id = "1";
    draft.resources[3].label = "JSON";
    draft.resources[3].format = "JSON";
    draft.resources[3].catalog_path = "SCANS/1/JSON/JSON_catalog.xml";
    std::vector<ResourceTotals> totals(4);
    for (std::size_t i = 0; i < totals.size(); ++i) {
      totals[i].files = static_cast<std::int64_t>(i);
      totals[i].bytes = static_cast<std::int64_t>(10 * i);
    }
    SessionDocument document = DocumentWithResources(draft, totals);
    SetArchivedDefaults(&document);
    CHECK(document.Get("prearchivePath").empty());
    CHECK(document.scans[0].type == "T1_MPRAGE");
    CHECK(document.scans[0].Get("quality") == "usable");
    CHECK(document.scans[1].type == "kept");
    CHECK(document.scans[1].Get("quality") == "questionable");
    CHECK(document.resources[0].file_count == 0);
    CHECK(document.scans[1].resources[0].file_count == 2);
    CHECK(document.scans[1].resources[0].file_size == 20);
    REQUIRE(document.scans[0].resources.size() == 2);
    CHECK(document.scans[0].resources[1].label == "JSON");
    CHECK(document.scans[0].resources[1].uri == "SCANS/1/JSON/JSON_catalog.xml");
    CHECK(document.scans[0].resources[1].file_count == 3);
  }
}

}  // namespace xnatarchive
