#include "xml/session_merge.hpp"

#include <doctest/doctest.h>

#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

/// The children of an MR session with these elements in it.
std::vector<XmlElement> Elements(const std::string& inner) {
  const auto document = ParseSession("<xnat:MRSession xmlns:xnat=\"http://nrg.wustl.edu/xnat\">" +
                                     inner + "</xnat:MRSession>");
  REQUIRE(document.ok());
  return document->elements;
}

void Print(const XmlElement& element, std::string* text) {
  *text += "<" + element.name;
  for (const auto& [name, value] : element.attributes) *text += " " + name + "=" + value;
  *text += ">" + element.text;
  for (const XmlElement& child : element.children) Print(child, text);
  *text += "</>";
}

/// What `to` is after it was filled up from `from`, without the prefix.
std::string Filled(const std::string& to, const std::string& from) {
  std::vector<XmlElement> elements = Elements(to);
  FillUp("mrSessionData", Elements(from), &elements);
  std::string text;
  for (const XmlElement& element : elements) Print(element, &text);
  for (std::size_t at; (at = text.find("xnat:")) != std::string::npos;) text.erase(at, 5);
  return text;
}

std::string Field(const std::string& name, const std::string& value) {
  return "<xnat:field name=\"" + name + "\">" + value + "</xnat:field>";
}
std::string Fields(const std::string& inner) { return "<xnat:fields>" + inner + "</xnat:fields>"; }

}  // namespace

TEST_SUITE("xml.session_merge") {
  TEST_CASE("an element only the other document has comes to its place in the schema") {
    CHECK(Filled("<xnat:time>10:00:00</xnat:time>", "<xnat:date>2024-01-01</xnat:date>") ==
          "<date>2024-01-01</><time>10:00:00</>");
    CHECK(Filled("", "<xnat:date>2024-01-01</xnat:date>") == "<date>2024-01-01</>");
  }

  TEST_CASE("where both have a value this one stays") {
    CHECK(Filled("<xnat:date>2024-01-01</xnat:date>", "<xnat:date>1999-01-01</xnat:date>") ==
          "<date>2024-01-01</>");
    CHECK(Filled("<xnat:note>new</xnat:note>", "") == "<note>new</>");
  }

  TEST_CASE("attributes and children that are missing are filled in, at any depth") {
    CHECK(Filled("<xnat:scanner model=\"Skyra\"/>",
                 "<xnat:scanner manufacturer=\"SIEMENS\" model=\"Prisma\">MR1</xnat:scanner>") ==
          "<scanner model=Skyra manufacturer=SIEMENS>MR1</>");
  }

  TEST_CASE("elements of one name are told apart by what names them") {
    CHECK(Filled(Fields(Field("a", "1")), Fields(Field("b", "2") + Field("a", "3"))) ==
          "<fields><field name=a>1</><field name=b>2</></>");
  }

  TEST_CASE("elements that one name names twice are both kept") {
    CHECK(Filled(Fields(Field("b", "0")), Fields(Field("a", "1") + Field("a", "2"))) ==
          "<fields><field name=b>0</><field name=a>1</><field name=a>2</></>");
  }

  TEST_CASE("a list that nothing names stays as a whole; one that is missing comes as a whole") {
    const std::string two = "<x:item>1</x:item><x:item>2</x:item>";
    const std::string one = "<x:item>3</x:item>";
    const auto list = [](const std::string& items) {
      return "<x:list xmlns:x=\"http://x\">" + items + "</x:list>";
    };
    const std::string both = Filled(list(one), list(two));
    CHECK(both.find("3") != std::string::npos);
    CHECK(both.find("2") == std::string::npos);
    const std::string missing = Filled("", list(two));
    CHECK(missing.find("1") < missing.find("2"));
    CHECK(missing.find("2") != std::string::npos);
  }

  TEST_CASE("filling up once more changes nothing") {
    const std::string to = "<xnat:date>2024-01-01</xnat:date>" + Fields(Field("a", "1"));
    const std::string from = "<xnat:scanner model=\"Prisma\"/><xnat:note>n</xnat:note>" +
                             Fields(Field("b", "2") + Field("b", "3") + Field("c", "4"));
    std::vector<XmlElement> elements = Elements(to);
    FillUp("mrSessionData", Elements(from), &elements);
    const std::vector<XmlElement> once = elements;
    FillUp("mrSessionData", Elements(from), &elements);
    CHECK(elements == once);
  }

  TEST_CASE("attributes: those there are win, others follow") {
    std::vector<std::pair<std::string, std::string>> to = {{"a", "1"}};
    FillUp({{"b", "2"}, {"a", "3"}}, &to);
    CHECK(to == std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", "2"}});
  }
}

}  // namespace xnatarchive
