#include "xml/xml_scan.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "unit/xml/samples.hpp"
#include "xml/xml_cursor.hpp"
#include "xml/xml_namespaces.hpp"
#include "xml/xml_tree.hpp"

namespace xnatarchive {
namespace {

std::string Reason(std::string_view bytes, const XmlLimits& limits = {}) {
  const Status status = CheckXml(bytes, limits);
  return status.ok() ? "ok" : std::string(status.reason());
}

std::string Repeat(std::string_view text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

/// Changes a few bytes of a document, always the same ones for the same seed.
std::string Mutate(std::string_view document, std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"<",
                                                   ">",
                                                   "&",
                                                   "\"",
                                                   "'",
                                                   "/",
                                                   "=",
                                                   " ",
                                                   "&lt;",
                                                   "&#0;",
                                                   "&#xD8;",
                                                   "&other;",
                                                   "]]>",
                                                   "--",
                                                   "<!-- x -->",
                                                   "<a/>",
                                                   "</a>",
                                                   "<![CDATA[x]]>",
                                                   "xmlns:p='u'",
                                                   " p:q='1'",
                                                   "<!DOCTYPE a>",
                                                   "<?pi?>",
                                                   "\xC3\xA9",
                                                   "\xFF",
                                                   std::string(1, '\0')};
  std::string text(document);
  const auto changes = 1 + random() % 3;
  for (std::size_t i = 0; i < changes && !text.empty(); ++i) {
    const std::size_t at = random() % text.size();
    switch (random() % 4) {
      case 0:
        text[at] = static_cast<char>(random() % 256);
        break;
      case 1:
        text.erase(at, 1 + random() % 8);
        break;
      case 2:
        text.insert(at, kPieces[random() % kPieces.size()]);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), random() % 40));
        break;
    }
  }
  return text;
}

/// What libxml2 thinks: 0 when it accepts the document, -1 when there is no xmllint.
int XmlLint(const std::string& document) {
  if (std::system("command -v xmllint >/dev/null 2>&1") != 0) return -1;
  FILE* pipe = popen("xmllint --noout --nonet - >/dev/null 2>&1", "w");
  if (pipe == nullptr) return -1;
  std::fwrite(document.data(), 1, document.size(), pipe);
  return pclose(pipe);
}

}  // namespace

TEST_SUITE("xml.scan") {
  TEST_CASE(
      "accepted: well-formed documents, with a BOM, comments, CDATA, references, namespaces") {
    for (std::string_view document :
         {std::string_view("<a/>"), std::string_view("\xEF\xBB\xBF<a></a>"),
          std::string_view("<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<a/>\n"),
          std::string_view("<?xml version=\"1.0\" encoding=\"US-ASCII\"?><a>&#233;</a>"),
          std::string_view("<!-- x --><?pi y?><a b='1' c = \"2\" ><!--y--></a ><!-- z -->"),
          std::string_view("<a>&amp;&lt;&gt;&quot;&apos;&#10;&#x1F600;</a>"),
          std::string_view("<a><![CDATA[<&]]]></a>"), std::string_view("<a> ]] > </a>"),
          std::string_view("<a b='>' c=\"it's\"/>"), std::string_view("<Zo\xC3\xAB/>"),
          std::string_view("<p:a xmlns:p='u' p:b='1' b='2' xml:lang='en'><p:c/></p:a>"),
          std::string_view("<a xmlns='u'><b xmlns=''/></a>"), kBuiltCatalog, kArchivedCatalog,
          kRefreshedCatalog, kFileCatalog, kSession}) {
      CAPTURE(document);
      CHECK(Reason(document) == "ok");
    }
  }

  TEST_CASE("malformed: what tinyxml2 lets through is refused") {
    for (const char* document : {"",
                                 " ",
                                 "x",
                                 "<a>",
                                 "<a></b>",
                                 "</a>",
                                 "<a/><b/>",
                                 "<a/>x",
                                 "<a",
                                 "<a b>",
                                 "<a b=1/>",
                                 "<a b='1'c='2'/>",
                                 "<a b='1' b='2'/>",
                                 "<a b='<'/>",
                                 "<a b='1/>",
                                 "<1a/>",
                                 "<a:/>",
                                 "<:a/>",
                                 "<a:b:c/>",
                                 "<a>]]></a>",
                                 "<a><!-- x -- y --></a>",
                                 "<!-- x",
                                 "<a><![CDATA[x</a>",
                                 "<![CDATA[x]]><a/>",
                                 "<a><?pi?></a>",
                                 "<?pi",
                                 "<a/><?xml version='1.0'?>",
                                 " <?xml version='1.0'?><a/>",
                                 "<?xml version='1.1'?><a/>",
                                 "<?xml?><a/>",
                                 "<?xml version='1.0' standalone='maybe'?><a/>",
                                 "<p:a/>",
                                 "<a p:b='1'/>",
                                 "<a xmlns:p=''/>",
                                 "<a xmlns:xmlns='u'/>",
                                 "<a xmlns:xml='u'/>",
                                 "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
                                 "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
                                 "<a><b xmlns:p='u'/><p:c/></a>",
                                 "<a><!ELEMENT b></a>",
                                 "< a/>",
                                 "<a / >"}) {
      CAPTURE(document);
      CHECK(Reason(document) == "xml.malformed");
    }
  }

  TEST_CASE("doctype: refused wherever it stands, so that no entity is ever expanded") {
    CHECK(Reason("<!DOCTYPE a><a/>") == "xml.doctype");
    CHECK(Reason("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>") ==
          "xml.doctype");
    CHECK(Reason("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>") == "xml.doctype");
    CHECK(Reason("<a><!DOCTYPE a></a>") == "xml.doctype");
  }

  TEST_CASE("entities: only the five, and only references to characters of XML") {
    for (const char* text :
         {"&", "&amp", "&foo;", "&AMP;", "&#;", "&#x;", "&#0;", "&#8;", "&#xD800;", "&#xFFFF;",
          "&#x110000;", "&#99999999999;", "&#12a;", "&# 65;"}) {
      CAPTURE(text);
      CHECK(Reason("<a>" + std::string(text) + "</a>") == "xml.bad-entity");
      CHECK(Reason("<a b='" + std::string(text) + "'/>") == "xml.bad-entity");
    }
  }

  TEST_CASE("encoding: only UTF-8, and only characters of XML") {
    CHECK(Reason("<?xml version='1.0' encoding='ISO-8859-1'?><a/>") == "xml.not-utf8");
    CHECK(Reason("<?xml version='1.0' encoding='US-ASCII'?><a>\xC3\xA9</a>") == "xml.not-utf8");
    CHECK(Reason(std::string_view("\xFF\xFE<\0a\0", 6)) == "xml.not-utf8");
    CHECK(Reason("<a>\xE9</a>") == "xml.not-utf8");
    CHECK(Reason("<a b='\xC0\xAF'/>") == "xml.not-utf8");
    CHECK(Reason("<a>\xED\xA0\x80</a>") == "xml.not-utf8");
    CHECK(Reason("<a>\xEF\xBF\xBF</a>") == "xml.not-utf8");
    CHECK(Reason("<a>\x0B</a>") == "xml.not-utf8");
    CHECK(Reason(std::string_view("<a>\0</a>", 8)) == "xml.not-utf8");
    CHECK(Reason("<!-- \x01 --><a/>") == "xml.not-utf8");
  }

  TEST_CASE("limits: each is exact") {
    XmlLimits limits;
    limits.bytes_max = 100;
    CHECK(Reason("<a>" + std::string(93, 'x') + "</a>", limits) == "ok");
    CHECK(Reason("<a>" + std::string(94, 'x') + "</a>", limits) == "xml.too-large");
    limits = {};
    limits.depth_max = 3;
    CHECK(Reason("<a><a><a/></a></a>", limits) == "ok");
    CHECK(Reason("<a><a><a><a/></a></a></a>", limits) == "xml.too-deep");
    limits = {};
    limits.elements_max = 3;
    CHECK(Reason("<a><b/><b/></a>", limits) == "ok");
    CHECK(Reason("<a><b/><b/><b/></a>", limits) == "xml.too-large");
    limits = {};
    limits.attributes_max = 2;
    limits.namespaces_max = 1;
    CHECK(Reason("<a b='' c='' xmlns:d='u'/>", limits) == "ok");
    CHECK(Reason("<a b='' c='' d=''/>", limits) == "xml.too-many-attributes");
    CHECK(Reason("<a xmlns:b='u'><a xmlns:c='u'/></a>", limits) == "xml.too-many-attributes");
    CHECK(Reason("<a><a xmlns:b='u'/><a xmlns:c='u'/></a>", limits) == "ok");
    limits = {};
    limits.name_bytes_max = 4;
    CHECK(Reason("<a:bc xmlns:a='u'/>", limits) == "xml.too-large");
    CHECK(Reason("<abcd efgh=''/>", limits) == "ok");
    CHECK(Reason("<abcd efghi=''/>", limits) == "xml.too-large");
    limits = {};
    limits.value_bytes_max = 4;
    CHECK(Reason("<a b='1234'>1234<!--1234--><![CDATA[1234]]></a>", limits) == "ok");
    CHECK(Reason("<a b='12345'/>", limits) == "xml.too-large");
    CHECK(Reason("<a>12345</a>", limits) == "xml.too-large");
    CHECK(Reason("<a><!--12345--></a>", limits) == "xml.too-large");
    CHECK(Reason("<a><![CDATA[12345]]></a>", limits) == "xml.too-large");
  }

  TEST_CASE("bombs: refused by the default limits") {
    CHECK(Reason(Repeat("<a>", 1'000'000)) == "xml.too-deep");
    std::string attributes = "<a";
    for (int i = 0; i < 100'000; ++i) attributes += " a" + std::to_string(i) + "=''";
    CHECK(Reason(attributes + "/>") == "xml.too-many-attributes");
    CHECK(Reason("<a b='" + std::string(20 << 20, 'x') + "'/>") == "xml.too-large");
    CHECK(Reason("<" + std::string(1 << 20, 'x') + "/>") == "xml.too-large");
    std::string namespaces = "<a";
    for (int i = 0; i < 100; ++i) namespaces += " xmlns:n" + std::to_string(i) + "='u'";
    CHECK(Reason(namespaces + "/>") == "xml.too-many-attributes");
  }

  TEST_CASE("messages: say the line and quote nothing") {
    const Status status = CheckXml("<a>\n<b>Doe^John</b>\n<c>&secret;</c></a>");
    CHECK(status.code() == Code::kCorruption);
    CHECK(status.reason() == "xml.bad-entity");
    CHECK(status.message() == "entity that is not one of the five at line 3");
  }

  TEST_CASE("listener: sees every start tag and end with its depth and place") {
    struct Recorder : XmlScanListener {
      void StartTag(std::size_t depth, std::string_view name, std::size_t begin,
                    std::size_t end) override {
        seen += std::to_string(depth) + std::string(name) + "[" + std::to_string(begin) + "," +
                std::to_string(end) + ") ";
      }
      void ElementEnd(std::size_t depth, std::size_t end) override {
        seen += "/" + std::to_string(depth) + ":" + std::to_string(end) + " ";
      }
      std::string seen;
    } recorder;
    REQUIRE(CheckXml("<a> <b/><!--x--></a>", {}, &recorder).ok());
    CHECK(recorder.seen == "1a[0,3) 2b[4,8) /2:8 /1:20 ");
  }

  TEST_CASE("mutations: what is accepted, tinyxml2 and the cursor read and libxml2 accepts too") {
    const std::string_view documents[] = {
        "<a b='1' c=\"2\">x &amp; y<b/><!-- z --><![CDATA[ ]] ]]></a>",
        "<?xml version='1.0'?><p:a xmlns:p='u' xmlns:q='v' p:b='1' q:b='2'><q:c>&#65;</q:c></p:a>",
        kFileCatalog};
    std::mt19937 random(20240620);
    std::vector<std::string> accepted;
    for (int i = 0; i < 6000; ++i) {
      const std::string document = Mutate(documents[random() % std::size(documents)], random);
      if (!CheckXml(document).ok()) continue;
      NamespaceTable names;
      CAPTURE(document);
      CHECK(ParseXmlDocument(document, {}, names).ok());
      XmlCursor cursor(document);
      std::string text;
      REQUIRE(cursor.NextChild(text));
      CHECK(cursor.Skip(cursor.begin()).back() == '>');
      accepted.push_back(document);
    }
    REQUIRE(accepted.size() > 200);
    if (XmlLint("<a/>") != 0) {
      MESSAGE("no xmllint: not compared with libxml2");
      return;
    }
    for (std::size_t i = 0; i < accepted.size(); i += 1 + accepted.size() / 150) {
      CAPTURE(accepted[i]);
      CHECK(XmlLint(accepted[i]) == 0);
    }
  }
}

}  // namespace xnatarchive
