// Documents made at random from all that may stand in a catalog, known or not, in any notation.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/xml_namespaces.hpp"
#include "xml/xml_tree.hpp"

namespace xnatarchive {
namespace {

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string Catalog() {
    return Pick({"", "\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- > -->"}) + "<cat:Catalog" +
           Attributes({"ID", "UID", "name"}) +
           " xmlns:cat='http://nrg.wustl.edu/catalog' xmlns:z='urn:z'"
           " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>" +
           Parts(0) + "</cat:Catalog>" + Pick({"", "\n<!-- -->"});
  }

 private:
  bool OneIn(unsigned n) { return random_() % n == 0; }
  std::string Pick(const std::vector<std::string>& choices) {
    return choices[random_() % choices.size()];
  }
  std::string Space() {
    return Pick({"", "", "\n", "\r\n\t", "<!--x-->", "&#32;", "<![CDATA[ ]]>"});
  }
  std::string Text() {
    return Pick(
        {"", " \n", "t", " t ", "a&amp;b", "<![CDATA[<raw>&amp;]]>", "x<!--c--> y", "&#13;"});
  }
  std::string Attribute(const std::string& name, const std::string& value) {
    return Pick({" ", "\n\t"}) + name + Pick({"=", " = ", "=\n"}) +
           Pick({"'" + value + "'", "\"" + value + "\""});
  }
  std::string Attributes(const std::vector<std::string>& known) {
    std::string all;
    for (const std::string& name : known) {
      if (OneIn(2)) all += Attribute(name, Pick({"1", "42", "-7"}));
    }
    for (const char* name : {"zip", "z:w", "xml:lang"}) {
      if (OneIn(12)) all += Attribute(name, Pick({"a", "&lt;&#10;", "a\tb", "\r\n", "Zo\xC3\xAB"}));
    }
    if (OneIn(12)) all += Attribute("xsi:schemaLocation", "a b");
    if (OneIn(12)) all += Attribute("xsi:type", "z:special");
    return all;
  }
  std::string Element(const std::string& name, const std::string& attributes,
                      const std::string& body) {
    if (body.empty() && OneIn(2)) return "<" + name + attributes + "/>";
    return "<" + name + attributes + ">" + body + "</" + name + Pick({"", " "}) + ">";
  }
  std::string Unknown() {
    std::string body = Text();
    while (OneIn(3)) body += Unknown();
    return Element(Pick({"z:any", "cat:other", "z:entry"}), Attributes({"k"}), body);
  }
  /// Up to four elements, each made by `make` or, now and then, unknown.
  template <typename Make>
  std::string Several(Make make) {
    std::string all = Space();
    for (std::size_t n = random_() % 5; n > 0; --n)
      all += (OneIn(15) ? Unknown() : make()) + Space();
    return all;
  }
  std::string Container(const std::string& name, const std::string& body) {
    return Element("cat:" + name, OneIn(6) ? Attributes({}) : "", body);
  }
  std::string Fields() {
    return Container("metaFields", Several([&] {
                       return Element("cat:metaField",
                                      Attribute("name", Pick({"SIZE", "N", "&amp;"})) +
                                          (OneIn(9) ? Attributes({}) : ""),
                                      OneIn(9) ? Unknown() : Text());
                     }));
  }
  std::string Tags() {
    return Container("tags", Several([&] { return Container("tag", Text()); }));
  }
  std::string Entries() {
    return Container("entries", Several([&] {
                       return Element("cat:entry",
                                      Attributes({"ID", "UID", "URI", "cachePath", "createdEventId",
                                                  "digest", "format", "instanceNumber", "name"}),
                                      Several([&] { return OneIn(4) ? Tags() : Fields(); }));
                     }));
  }
  std::string Parts(int depth) {
    return Several([&]() -> std::string {
      switch (random_() % 8) {
        case 0:
          return Fields();
        case 1:
          return Tags();
        case 2:
          return Element("cat:dimensions", Attributes({"x", "y", "volumes"}),
                         OneIn(6) ? Text() : "");
        case 3:
          return Element("cat:voxelRes", Attributes({"x", "units"}), OneIn(6) ? Text() : "");
        case 4:
          return Container("orientation", Text());
        case 5:
          if (depth == 3) return Unknown();
          return Container(
              "sets", Several([&] {
                return Element("cat:entrySet", Attributes({"ID", "name"}), Parts(depth + 1));
              }));
        default:
          return Entries();
      }
    });
  }

  std::mt19937 random_;
};

void AddFacts(const XmlElement& element, std::vector<std::string>& facts) {
  for (const auto& [name, value] : element.attributes) {
    facts.push_back(element.name + " " + name + "=" + value);
  }
  if (!element.text.empty()) facts.push_back(element.name + " " + element.text);
  for (const XmlElement& child : element.children) AddFacts(child, facts);
}

/// Every attribute and text of a document, with the element that has it, sorted.
std::vector<std::string> Facts(std::string_view document) {
  NamespaceTable names;
  const Result<XmlElement> root = ParseXmlDocument(document, {}, names);
  REQUIRE(root.ok());
  std::vector<std::string> facts;
  AddFacts(*root, facts);
  std::sort(facts.begin(), facts.end());
  return facts;
}

}  // namespace

TEST_SUITE("xml.catalog-generated") {
  TEST_CASE("any catalog: no attribute and no text is lost, and a rewrite changes nothing") {
    std::size_t facts = 0;
    for (unsigned seed = 1; seed <= 2000; ++seed) {
      CAPTURE(seed);
      const std::string document = Generator(seed).Catalog();
      CAPTURE(document);
      const Result<Catalog> catalog = ParseCatalog(document);
      REQUIRE(catalog.ok());
      const std::string written = WriteCatalog(*catalog, CatalogStyle::kPlain);
      std::vector<std::string> expected = Facts(document);
      std::vector<std::string> found = Facts(written);
      facts += expected.size();
      const auto is_uri = [](const std::string& fact) { return fact == "cat:entry URI="; };
      found.erase(std::remove_if(found.begin(), found.end(), is_uri), found.end());
      CHECK(found == expected);
      const Result<Catalog> again = ParseCatalog(written);
      REQUIRE(again.ok());
      CHECK(WriteCatalog(*again, CatalogStyle::kPlain) == written);
    }
    CHECK(facts > 20'000);
  }
}

}  // namespace xnatarchive
