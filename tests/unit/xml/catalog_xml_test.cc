#include "xml/catalog_xml.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "unit/xml/samples.hpp"
#include "xml/catalog_date.hpp"

namespace xnatarchive {
namespace {

/// Wraps what stands between the root's tags.
std::string InCatalog(std::string_view body, std::string_view attributes = "") {
  return "<cat:Catalog" + std::string(attributes) +
         " xmlns:cat=\"http://nrg.wustl.edu/catalog\" xmlns:z=\"urn:z\""
         " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">" +
         std::string(body) + "</cat:Catalog>";
}

std::string Reason(std::string_view bytes) {
  const Result<Catalog> catalog = ParseCatalog(bytes);
  if (catalog.ok()) return "ok";
  CHECK(catalog.status().code() == Code::kCorruption);
  return std::string(catalog.status().reason());
}

Catalog Parsed(std::string_view bytes) {
  Result<Catalog> catalog = ParseCatalog(bytes);
  INFO(catalog.status().ToString());
  REQUIRE(catalog.ok());
  return *std::move(catalog);
}

std::string Plain(const Catalog& catalog) { return WriteCatalog(catalog, CatalogStyle::kPlain); }

/// The same document with the namespaces of a written root taken out, for short expectations.
std::string Body(const Catalog& catalog) {
  std::string text = Plain(catalog);
  const std::string_view namespaces = XA_TEST_NAMESPACES;
  const std::size_t at = text.find(namespaces);
  REQUIRE(at != std::string::npos);
  text.erase(at, namespaces.size());
  const std::size_t line = text.find('\n');
  return text.substr(line + 1);
}

}  // namespace

TEST_SUITE("xml.catalog") {
  TEST_CASE("samples: all four come back byte for byte") {
    CHECK(WriteCatalog(Parsed(kBuiltCatalog), CatalogStyle::kPretty) == kBuiltCatalog);
    CHECK(Plain(Parsed(kArchivedCatalog)) == kArchivedCatalog);
    CHECK(Plain(Parsed(kRefreshedCatalog)) == kRefreshedCatalog);
    CHECK(Plain(Parsed(kFileCatalog)) == kFileCatalog);
  }

  TEST_CASE("reading: every part of a refreshed catalog has its member") {
    const Catalog catalog = Parsed(kRefreshedCatalog);
    CHECK(catalog.dicom);
    CHECK(catalog.id == "");
    CHECK(catalog.uid == "1.2.826.0.1.99.4711.1");
    CHECK(catalog.Meta("PROJECT") == "DEMO");
    CHECK(catalog.dimensions->x == 256);
    CHECK(catalog.dimensions->z == 2);
    CHECK_FALSE(catalog.dimensions->volumes.has_value());
    CHECK(catalog.voxel_resolution->z == "1.2");
    CHECK(catalog.orientation == "Sag");
    CHECK(catalog.elements.empty());
    CHECK(catalog.namespaces.empty());
    REQUIRE(catalog.entries.size() == 2);
    const CatalogEntry& entry = catalog.entries[0];
    const std::string file = "1.2.826.0.1.99.4711-1-1-1abc2de.dcm";
    CHECK(entry.dicom);
    CHECK(entry.uri == file);
    CHECK(entry.id == file);
    CHECK(entry.cache_path == file);
    CHECK(entry.name == file);
    CHECK(entry.description.empty());
    CHECK(entry.format == "DICOM");
    CHECK(entry.content.empty());
    CHECK(entry.digest == "9e107d9d372bb6826bd81d3542a419d6");
    CHECK(entry.uid == "1.2.826.0.1.99.4711.1.1");
    CHECK(entry.instance_number == 1);
    CHECK(entry.created.by == "alice");
    CHECK(entry.created.time == "2024-06-20T14:03:11.482");
    CHECK(entry.created.event_id == "42");
    CHECK(entry.modified.by == "bob");
    CHECK(entry.modified.time == "2024-06-20T15:10:07.120");
    CHECK(entry.modified.event_id == "57");
    CHECK(entry.Meta("SIZE") == "192046");
    CHECK(entry.attributes.empty());
    CHECK(entry.elements.empty());
  }

  TEST_CASE("writing: an empty catalog has a root and nothing else") {
    Catalog catalog;
    CHECK(Body(catalog) == "<cat:Catalog/>");
    catalog.dicom = true;
    catalog.id = "A";
    CHECK(Body(catalog) == "<cat:DCMCatalog ID=\"A\"/>");
  }

  TEST_CASE("writing: empty values, required URI, all attributes in ASCII order") {
    Catalog catalog;
    catalog.id = "i";
    catalog.uid = "u";
    catalog.name = "n";
    catalog.description = "d";
    catalog.SetMeta("EMPTY", "");
    catalog.tags = {"t", ""};
    catalog.entries.resize(2);
    CatalogEntry& entry = catalog.entries[1];
    entry.dicom = true;
    entry.uri = "U";
    entry.id = "I";
    entry.cache_path = "C";
    entry.name = "N";
    entry.description = "D";
    entry.format = "F";
    entry.content = "T";
    entry.digest = "G";
    entry.uid = "X";
    entry.instance_number = -3;
    entry.created = {"cb", "2024-01-01T00:00:00.000", "1"};
    entry.modified = {"mb", "2024-01-02T00:00:00.000", "2"};
    entry.tags = {"q"};
    catalog.dimensions = CatalogDimensions{1, 2, 3, 4};
    catalog.voxel_resolution = CatalogVoxelResolution{"1.0", "2.0", "3.0", "mm"};
    const std::string expected =
        "<cat:Catalog ID=\"i\" UID=\"u\" description=\"d\" name=\"n\">\n"
        "<cat:metaFields>\n\t<cat:metaField name=\"EMPTY\"/>\n</cat:metaFields>\n"
        "<cat:tags>\n\t<cat:tag>t</cat:tag>\n\t<cat:tag/>\n</cat:tags>\n"
        "<cat:entries>\n\t<cat:entry URI=\"\"/>\n"
        "\t<cat:entry ID=\"I\" UID=\"X\" URI=\"U\" cachePath=\"C\" content=\"T\" createdBy=\"cb\" "
        "createdEventId=\"1\" createdTime=\"2024-01-01T00:00:00.000\" description=\"D\" "
        "digest=\"G\" format=\"F\" instanceNumber=\"-3\" modifiedBy=\"mb\" modifiedEventId=\"2\" "
        "modifiedTime=\"2024-01-02T00:00:00.000\" name=\"N\" xsi:type=\"cat:dcmEntry\">\n"
        "\t\t<cat:tags>\n\t\t\t<cat:tag>q</cat:tag>\n\t\t</cat:tags>\n\t</cat:entry>\n"
        "</cat:entries>\n"
        "<cat:dimensions volumes=\"4\" x=\"1\" y=\"2\" z=\"3\"/>\n"
        "<cat:voxelRes units=\"mm\" x=\"1.0\" y=\"2.0\" z=\"3.0\"/>\n"
        "</cat:Catalog>";
    CHECK(Body(catalog) == expected);
    CHECK(Body(Parsed(Plain(catalog))) == expected);
  }

  TEST_CASE("escapes: every character comes back, in attributes also tabs and newlines") {
    const std::string value = "a&b<c>d\"e'f\tg\nh\ri \xC3\xAB;&amp;";
    Catalog catalog;
    catalog.id = value;
    catalog.SetMeta(value, value);
    catalog.entries.resize(1);
    catalog.entries[0].uri = value;
    catalog.entries[0].SetMeta("X", value);
    catalog.orientation = value;
    const std::string text = Plain(catalog);
    CHECK(text.find("URI=\"a&amp;b&lt;c&gt;d&quot;e&apos;f&#9;g&#10;h&#13;i ") !=
          std::string::npos);
    const Catalog back = Parsed(text);
    CHECK(back.id == value);
    CHECK(back.Meta(value) == value);
    CHECK(back.entries[0].uri == value);
    CHECK(back.entries[0].Meta("X") == value);
    CHECK(back.orientation == value);
    CHECK(Plain(back) == text);
  }

  TEST_CASE("namespaces: any prefix will do, and the core ones are written") {
    const std::string text =
        "<c:DCMCatalog xmlns:c='http://nrg.wustl.edu/catalog' UID='1' xmlns:"
        "s='http://www.w3.org/2001/XMLSchema-instance' s:schemaLocation='x y'>"
        "<c:entries><c:entry URI='a' s:type='c:dcmEntry'/></c:entries></c:DCMCatalog>";
    const std::string expected =
        "<cat:DCMCatalog UID=\"1\">\n<cat:entries>\n\t<cat:entry URI=\"a\" "
        "xsi:type=\"cat:dcmEntry\"/>\n</cat:entries>\n</cat:DCMCatalog>";
    CHECK(Body(Parsed(text)) == expected);
    const std::string unprefixed =
        "<DCMCatalog xmlns='http://nrg.wustl.edu/catalog' UID='1'><entries>"
        "<entry xmlns:t='http://www.w3.org/2001/XMLSchema-instance' URI='a' t:type='dcmEntry'/>"
        "</entries></DCMCatalog>";
    CHECK(Body(Parsed(unprefixed)) == expected);
    CHECK(Reason("<cat:Catalog xmlns:cat='urn:other'/>") == "catalog.not-a-catalog");
    CHECK(Reason("<Catalog/>") == "catalog.not-a-catalog");
    CHECK(Reason("<cat:Entry xmlns:cat='http://nrg.wustl.edu/catalog'/>") ==
          "catalog.not-a-catalog");
  }

  TEST_CASE("namespaces: others are kept and declared at the root") {
    const Catalog catalog = Parsed(
        "<cat:Catalog xmlns:cat='http://nrg.wustl.edu/catalog' xmlns:icr='urn:icr' "
        "xmlns:prov='urn:not-prov' prov:a='1'><b xmlns='urn:b'><c/></b></cat:Catalog>");
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"icr", "urn:icr"}, {"ns1", "urn:not-prov"}, {"ns2", "urn:b"}};
    CHECK(catalog.namespaces == expected);
    const std::string text = Plain(catalog);
    CHECK(text.find(" ns1:a=\"1\" ") != std::string::npos);
    CHECK(text.find(" xmlns:icr=\"urn:icr\" xmlns:ns1=\"urn:not-prov\" xmlns:ns2=\"urn:b\" "
                    "xmlns:pipe=") != std::string::npos);
    CHECK(text.find("\n<ns2:b>\n\t<ns2:c/>\n</ns2:b>\n") != std::string::npos);
    CHECK(Plain(Parsed(text)) == text);
  }

  TEST_CASE("unknown attributes and elements survive, wherever they stand") {
    const Catalog catalog = Parsed(
        InCatalog("<z:first k='v'>text</z:first>"
                  "<cat:metaFields a='1'><cat:metaField name='N'>V</cat:metaField>"
                  "<cat:metaField name='M' unit='s'>W</cat:metaField></cat:metaFields>"
                  "<cat:entries count='2'><cat:entry URI='u' zip='no' z:w='x'>"
                  "<cat:checksum kind='sha1'>abc</cat:checksum><cat:metaFields><cat:other/>"
                  "<cat:metaField name='SIZE'>1</cat:metaField></cat:metaFields></cat:entry>"
                  "<z:group><cat:entry URI='inside'/></z:group></cat:entries>"
                  "<cat:dimensions x='1' t='9'/><cat:orientation of='head'>Sag</cat:orientation>",
                  " owner='me'"));
    CHECK(catalog.Meta("N") == "V");
    CHECK_FALSE(catalog.dimensions.has_value());
    REQUIRE(catalog.entries.size() == 1);
    CHECK(catalog.entries[0].Meta("SIZE") == "1");
    const std::string text = Plain(catalog);
    const std::string expected = "owner=\"me\"";
    CHECK(text.find(expected) != std::string::npos);
    const std::string body = text.substr(text.find(">\n<cat:metaFields>") + 1);
    CHECK(body ==
          "\n<cat:metaFields>\n\t<cat:metaField name=\"N\">V</cat:metaField>\n</cat:metaFields>\n"
          "<cat:entries>\n\t<cat:entry URI=\"u\" z:w=\"x\" zip=\"no\">\n"
          "\t\t<cat:metaFields>\n\t\t\t<cat:metaField name=\"SIZE\">1</cat:metaField>\n"
          "\t\t</cat:metaFields>\n"
          "\t\t<cat:checksum kind=\"sha1\">abc</cat:checksum>\n"
          "\t\t<cat:metaFields>\n\t\t\t<cat:other/>\n\t\t</cat:metaFields>\n"
          "\t</cat:entry>\n</cat:entries>\n"
          "<z:first k=\"v\">text</z:first>\n"
          "<cat:metaFields a=\"1\">\n\t<cat:metaField name=\"M\" unit=\"s\">W</cat:metaField>\n"
          "</cat:metaFields>\n"
          "<cat:entries count=\"2\">\n\t<z:group>\n\t\t<cat:entry URI=\"inside\"/>\n"
          "\t</z:group>\n</cat:entries>\n"
          "<cat:dimensions t=\"9\" x=\"1\"/>\n"
          "<cat:orientation of=\"head\">Sag</cat:orientation>\n</cat:Catalog>");
    const Catalog again = Parsed(text);
    CHECK(again.entries.size() == 1);
    CHECK(Plain(again) == text);
  }

  TEST_CASE("subtypes: an unknown xsi:type is kept") {
    const Catalog catalog =
        Parsed(InCatalog("<cat:entries><cat:entry URI='a' xsi:type='z:entry'/>"
                         "<cat:entry URI='b' xsi:type='cat:entry'/></cat:entries>",
                         " xsi:type='cat:dcmCatalog'"));
    CHECK(catalog.dicom);
    CHECK_FALSE(catalog.entries[0].dicom);
    const std::string text = Plain(catalog);
    CHECK(text.find("<cat:entry URI=\"a\" xsi:type=\"z:entry\"/>") != std::string::npos);
    CHECK(text.find("<cat:entry URI=\"b\"/>") != std::string::npos);
  }

  TEST_CASE("nested sets: read and written as catalogs inside the catalog") {
    Catalog catalog;
    catalog.sets.resize(2);
    catalog.sets[0].id = "one";
    catalog.sets[0].dicom = true;
    catalog.sets[0].entries.resize(1);
    catalog.sets[0].entries[0].uri = "a";
    catalog.sets[0].sets.resize(1);
    catalog.sets[0].sets[0].name = "deep";
    const std::string expected =
        "<cat:Catalog>\n<cat:sets>\n"
        "\t<cat:entrySet ID=\"one\" xsi:type=\"cat:dcmCatalog\">\n"
        "\t\t<cat:sets>\n\t\t\t<cat:entrySet name=\"deep\"/>\n\t\t</cat:sets>\n"
        "\t\t<cat:entries>\n\t\t\t<cat:entry URI=\"a\"/>\n\t\t</cat:entries>\n"
        "\t</cat:entrySet>\n\t<cat:entrySet/>\n</cat:sets>\n</cat:Catalog>";
    CHECK(Body(catalog) == expected);
    CHECK(Body(Parsed(Plain(catalog))) == expected);
  }

  TEST_CASE("duplicates: entries, meta fields and containers that come twice are all kept") {
    const Catalog catalog =
        Parsed(InCatalog("<cat:entries><cat:entry URI='a'/><cat:entry URI='a'/></cat:entries>"
                         "<cat:entries><cat:entry URI='b'/></cat:entries>"
                         "<cat:metaFields><cat:metaField name='N'>1</cat:metaField>"
                         "<cat:metaField name='N'>2</cat:metaField></cat:metaFields>"));
    REQUIRE(catalog.entries.size() == 3);
    CHECK(catalog.meta_fields.size() == 2);
    CHECK(catalog.Meta("N") == "1");
    CHECK(catalog.elements.empty());
  }

  TEST_CASE("empty attributes are absent, white space is no text, comments go") {
    const Catalog catalog = Parsed(InCatalog(
        "<!-- c --><cat:metaFields> \n <cat:metaField name='N'> \t "
        "</cat:metaField></cat:metaFields>"
        "<cat:entries/><cat:tags></cat:tags>"
        "<cat:entries>\n<cat:entry URI='' ID='' instanceNumber='' createdTime=''>  </cat:entry>"
        "</cat:entries>",
        " ID='' name=''"));
    CHECK(Body(catalog).substr(0, 12) == "<cat:Catalog");
    CHECK(catalog.elements.empty());
    REQUIRE(catalog.entries.size() == 1);
    CHECK(Plain(catalog).find("\n\t<cat:entry URI=\"\"/>\n") != std::string::npos);
    CHECK(catalog.meta_fields[0].value.empty());
  }

  TEST_CASE("stray text, all that is left of a damaged tag, makes the catalog unreadable") {
    for (const char* body :
         {"cat:orientation/>", "<cat:sets>x</cat:sets>", "<cat:metaFields>x</cat:metaFields>",
          "<cat:sets><cat:entrySet>x</cat:entrySet></cat:sets>", "<cat:tags>x</cat:tags>",
          "<cat:entries>cat:entry URI='a'/></cat:entries>",
          "<cat:entries><cat:entry URI='a'/>cat:entry URI='b'/><cat:entry URI='c'/></cat:entries>",
          "<cat:entries><cat:entry URI='a'>x</cat:entry></cat:entries>",
          "<cat:entries><cat:entry><cat:metaFields>x</cat:metaFields></cat:entry></cat:entries>"}) {
      CAPTURE(body);
      CHECK(Reason(InCatalog(body)) == "catalog.bad-value");
    }
    CHECK(Reason(InCatalog("<z:any>mixed<z:more/>text</z:any>")) == "ok");
  }

  TEST_CASE("bad values make the whole catalog unreadable, and are not quoted") {
    for (const char* attribute :
         {"instanceNumber='1.5'", "instanceNumber='x'", "createdEventId='4 2'",
          "modifiedEventId='99999999999999999999'", "createdTime='yesterday'",
          "modifiedTime='2024-13-01T00:00:00'"}) {
      CAPTURE(attribute);
      CHECK(Reason(InCatalog("<cat:entries><cat:entry URI='a' " + std::string(attribute) +
                             "/></cat:entries>")) == "catalog.bad-value");
    }
    CHECK(Reason(InCatalog("<cat:dimensions x='1.0'/>")) == "catalog.bad-value");
    const Result<Catalog> bad =
        ParseCatalog(InCatalog("<cat:entries><cat:entry createdTime='Doe'/></cat:entries>"));
    CHECK(bad.status().message() == "attribute createdTime is not a date");
  }

  TEST_CASE("dates: the forms XNAT reads") {
    for (const char* date :
         {"2024-06-20T14:03:11.482", "2024-06-20T14:03:11", "2024-06-20T14:03:11Z",
          "2024-06-20 14:03:11.0", "2024-06-20", "20240620", "6/20/2024", "06/20/2024 14:03",
          "Thu Jun 20 14:03:11 CDT 2024"}) {
      CAPTURE(date);
      CHECK(IsCatalogDate(date));
    }
    for (const char* date :
         {"", "x", "2024", "2024-6-20x", "2024-00-20", "2024-06-32", "2024-06-20Tx", "20/6/2024",
          "Thu Foo 20 14:03:11 CDT 2024", "Thu Jun 20 14:03:11 CDT"}) {
      CAPTURE(date);
      CHECK_FALSE(IsCatalogDate(date));
    }
  }

  TEST_CASE("unreadable: empty, truncated, garbage and bombs each fail with their own reason") {
    CHECK(Reason("") == "catalog.empty");
    CHECK(Reason(" ") == "catalog.bad-xml");
    CHECK(Reason(kArchivedCatalog.substr(0, kArchivedCatalog.size() / 2)) == "catalog.bad-xml");
    CHECK(Reason(std::string(10 << 20, '\xA7')) == "catalog.bad-xml");
    CHECK(Reason(std::string(10 << 20, '\0')) == "catalog.bad-xml");
    CHECK(Reason("<!DOCTYPE a [<!ENTITY a 'b'>]><a>&a;</a>") == "catalog.bad-xml");
    CHECK(Reason("<html/>") == "catalog.not-a-catalog");
    const Result<Catalog> torn = ParseCatalog("<a>\n<b></a>");
    CHECK(torn.status().message() == "xml.malformed: end tag without its start tag at line 2");
    std::string namespaces;
    for (int i = 0; i < 60; ++i) {
      namespaces += "<p:a xmlns:p='urn:" + std::to_string(i) + "'/>";
    }
    CHECK(Reason(InCatalog(namespaces)) == "catalog.bad-xml");
  }

  TEST_CASE("100,000 entries come back equal") {
    Catalog catalog;
    catalog.dicom = true;
    catalog.SetMeta("PROJECT", "DEMO");
    for (int i = 0; i < 100'000; ++i) {
      CatalogEntry& entry = catalog.entries.emplace_back();
      const std::string number = std::to_string(i);
      entry.dicom = i % 2 == 0;
      entry.uri = "sub/" + number + ".dcm";
      entry.id = entry.uri;
      entry.uid = "1.2.3." + number;
      entry.instance_number = i;
      entry.created = {"alice", "2024-06-20T14:03:11.482", "42"};
      entry.SetMeta("SIZE", number);
      if (i % 1000 == 0) entry.attributes.emplace_back("extra", number);
      if (i % 1001 == 0) entry.elements.push_back({"cat:more", {}, number, {}});
    }
    const std::string text = Plain(catalog);
    const Catalog back = Parsed(text);
    REQUIRE(back.entries.size() == 100'000);
    CHECK(back.entries[99'999].uri == "sub/99999.dcm");
    CHECK(back.entries[1000].attributes == catalog.entries[1000].attributes);
    CHECK(back.entries[1001].elements == catalog.entries[1001].elements);
    const bool equal = Plain(back) == text;
    CHECK(equal);
  }

  TEST_CASE("written in parts: together they are the document, none is large, a failure ends it") {
    Catalog catalog;
    for (int i = 0; i < 10'000; ++i) {
      catalog.entries.emplace_back().uri = std::string(100, 'x') + std::to_string(i);
    }
    std::string together;
    std::size_t parts = 0;
    std::size_t largest = 0;
    const auto take = [&](std::string_view part) {
      together += part;
      ++parts;
      largest = std::max(largest, part.size());
      return Status();
    };
    REQUIRE(WriteCatalog(catalog, CatalogStyle::kPretty, take).ok());
    const bool equal = together == WriteCatalog(catalog, CatalogStyle::kPretty);
    CHECK(equal);
    CHECK(parts > 5);
    CHECK(largest < 200'000);

    const auto full = [&](std::string_view) {
      return --parts == 3 ? Status(Code::kNoSpace, "fs.no-space", "full") : Status();
    };
    const Status failed = WriteCatalog(catalog, CatalogStyle::kPretty, full);
    CHECK(failed.code() == Code::kNoSpace);
    CHECK(parts == 3);  // not called again
  }
}

TEST_SUITE("xml.catalog-values") {
  TEST_CASE("meta fields: found by name, replaced in place, added at the end") {
    CatalogEntry entry;
    CHECK(entry.Meta("SIZE").empty());
    entry.SetMeta("SIZE", "1");
    entry.SetMeta("OTHER", "x");
    entry.SetMeta("SIZE", "2");
    REQUIRE(entry.meta_fields.size() == 2);
    CHECK(entry.meta_fields[0].name == "SIZE");
    CHECK(entry.meta_fields[0].value == "2");
    CHECK(entry.Meta("OTHER") == "x");
  }

  TEST_CASE("relative path: the URI, unless that is absolute or a URL") {
    CatalogEntry entry;
    entry.id = "id";
    for (const char* uri : {"a.dcm", "sub/a.dcm", "a:b", "x//y", "a b://c", ""}) {
      entry.uri = uri;
      CHECK(entry.RelativePath() == uri);
    }
    for (const char* uri :
         {"/data/a.dcm", "http://host/a", "s3://b/a", "file:/a", "C:\\a", "c:/a"}) {
      entry.uri = uri;
      CHECK(entry.RelativePath() == "id");
    }
    entry.cache_path = "cached";
    CHECK(entry.RelativePath() == "cached");
  }
}

}  // namespace xnatarchive
