#include "xml/xml_text.hpp"

#include <doctest/doctest.h>

#include <string>

#include "xml/xml_chars.hpp"

namespace xnatarchive {
namespace {

std::string Escaped(std::string_view value, XmlPlace place) {
  std::string out;
  AppendEscaped(out, value, place);
  return out;
}

}  // namespace

TEST_SUITE("xml.text") {
  TEST_CASE("escaping: the five characters become the five entities in both places") {
    for (XmlPlace place : {XmlPlace::kText, XmlPlace::kAttribute}) {
      CHECK(Escaped("a&b<c>d\"e'f", place) == "a&amp;b&lt;c&gt;d&quot;e&apos;f");
      CHECK(Escaped("Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x98\x80", place) ==
            "Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x98\x80");
    }
  }

  TEST_CASE("escaping: white space that a reader would change becomes a reference") {
    CHECK(Escaped("a\tb\nc\rd", XmlPlace::kAttribute) == "a&#9;b&#10;c&#13;d");
    CHECK(Escaped("a\tb\nc\rd", XmlPlace::kText) == "a\tb\nc&#13;d");
  }

  TEST_CASE("escaping: NUL becomes a space, other forbidden characters go, bad bytes are marked") {
    CHECK(Escaped(std::string_view("a\0b", 3), XmlPlace::kText) == "a b");
    CHECK(Escaped("a\x01\x0B\x1F"
                  "b",
                  XmlPlace::kText) == "ab");
    CHECK(Escaped("a\xEF\xBF\xBE\xEF\xBF\xBF"
                  "b",
                  XmlPlace::kText) == "ab");
    CHECK(Escaped("a\xFF"
                  "b\xC3",
                  XmlPlace::kText) ==
          "a\xEF\xBF\xBD"
          "b\xEF\xBF\xBD");
    CHECK(Escaped("\xED\xA0\x80", XmlPlace::kText) == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  }

  TEST_CASE("unescaping: entities and references, and attributes' own white space") {
    CHECK(Unescape("&lt;&amp;&gt;&quot;&apos;&#65;&#x20AC;&#x1F600;", XmlPlace::kText) ==
          "<&>\"'A\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK(Unescape("a\tb\nc&#9;&#10;&#13;", XmlPlace::kAttribute) == "a b c\t\n\r");
    CHECK(Unescape("a\tb\n", XmlPlace::kText) == "a\tb\n");
    CHECK(Unescape("plain", XmlPlace::kText) == "plain");
    CHECK(Unescape("", XmlPlace::kText) == "");
  }

  TEST_CASE("unescaping: what is no reference stays") {
    for (const char* text : {"&", "a & b", "&foo;", "&#0;", "&#x;", "&#xD800;", "&amp", "&&;"}) {
      CHECK(Unescape(text, XmlPlace::kText) == text);
    }
    CHECK(Unescape("&amp;amp;", XmlPlace::kText) == "&amp;");
  }

  TEST_CASE("escaping and unescaping: every allowed character comes back in both places") {
    std::string all;
    for (std::uint32_t c = 1; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 97) {
      if (IsXmlChar(c)) AppendUtf8(all, c);
    }
    for (XmlPlace place : {XmlPlace::kText, XmlPlace::kAttribute}) {
      CHECK(Unescape(Escaped(all, place), place) == all);
    }
  }

  TEST_CASE("start tags: attributes in ASCII order, xsi:type last") {
    std::string out = "x";
    XmlAttributes attributes = {{"xsi:type", "t"}, {"name", "n"}, {"URI", "u"},
                                {"xmlns:a", "v"},  {"ID", "<&>"}, {"zeta", "z"}};
    AppendStartTag(out, "cat:entry", attributes, 2, XmlBody::kNone);
    CHECK(out ==
          "x\n\t\t<cat:entry ID=\"&lt;&amp;&gt;\" URI=\"u\" name=\"n\" xmlns:a=\"v\" zeta=\"z\" "
          "xsi:type=\"t\"/>");
  }
}

}  // namespace xnatarchive
