#include "xml/xml_cursor.hpp"

#include <doctest/doctest.h>

#include <string>

#include "xml/xml_scan.hpp"

namespace xnatarchive {
namespace {

/// The element the cursor has gone into: "name[attribute=value](what is in it)", texts in quotes.
std::string Element(XmlCursor& cursor) {
  std::string told(cursor.name()), text;
  for (const auto& [name, value] : cursor.attributes()) {
    told.append("[").append(name).append("=").append(value).append("]");
  }
  told += "(";
  for (bool more = true; more;) {
    more = cursor.NextChild(text);
    if (!text.empty()) told += "'" + text + "'";
    if (more) told += Element(cursor);
  }
  return told + ")";
}

std::string Told(const std::string& document) {
  REQUIRE(CheckXml(document).ok());
  XmlCursor cursor(document);
  std::string text;
  REQUIRE(cursor.NextChild(text));
  return Element(cursor);
}

}  // namespace

TEST_SUITE("xml.cursor") {
  TEST_CASE("elements: in document order, attributes as they stand there") {
    CHECK(Told("<a><b/><c x='1' \n y = \"/>&amp;'\"><d  ><e/></d ></c><f></f></a>") ==
          "a(b()c[x=1][y=/>&amp;'](d(e()))f())");
    CHECK(Told("<a/>") == "a()");
  }

  TEST_CASE("around the root: a byte order mark, declaration, comments and instructions") {
    const std::string document =
        "\xEF\xBB\xBF<?xml version='1.0'?>\n<!--<b>--><?p <c>?>\n<a i='1'>t</a><!-- -->\n";
    CHECK(Told(document) == "a[i=1]('t')");
  }

  TEST_CASE("text: decoded; sections as they are; none where there is white space only") {
    CHECK(Told("<a> x&lt;&#10;<![CDATA[<&lt;>]]> </a>") == "a(' x<\n<&lt;> ')");
    CHECK(Told("<a> \n<b> </b>\t<c>&#32;</c><![CDATA[ ]]></a>") == "a(b()c())");
    CHECK(Told("<a>1<b/>2<c>3</c>4</a>") == "a('1'b()'2'c('3')'4')");
  }

  TEST_CASE("text: trimmed where comments stand in it") {
    CHECK(Told("<a> \n<!--x--> y <!--<z>--></a>") == "a('y')");
  }

  TEST_CASE("line ends: a newline, whatever they were") {
    CHECK(Told("<a b='1\r\n2'>\rx\r\ny\n\rz<c\r/></a>") == "a[b=1\n2]('\nx\ny\n\nz'c())");
  }

  TEST_CASE("skipping: all of an element, from whatever place in it") {
    const std::string document = "<a><b x='>'><c>t</c><!--</b>--><b/></b><d/></a>";
    for (int steps = 0; steps < 4; ++steps) {
      XmlCursor cursor(document);
      std::string text;
      REQUIRE((cursor.NextChild(text) && cursor.NextChild(text)));
      const std::size_t begin = cursor.begin();
      for (int i = 0; i < steps; ++i) cursor.NextChild(text);
      CHECK(cursor.Skip(begin) == "<b x='>'><c>t</c><!--</b>--><b/></b>");
      REQUIRE(cursor.NextChild(text));
      CHECK(cursor.name() == "d");
    }
  }
}

}  // namespace xnatarchive
