#include "xml/session_xml.hpp"

#include <doctest/doctest.h>

#include <string>

#include "unit/xml/samples.hpp"
#include "xml/session_schema.hpp"

namespace xnatarchive {
namespace {

SessionDocument Parsed(std::string_view bytes) {
  Result<SessionDocument> session = ParseSession(bytes);
  INFO(session.status().ToString());
  REQUIRE(session.ok());
  return *std::move(session);
}

std::string Reason(std::string_view bytes) {
  const Result<SessionDocument> session = ParseSession(bytes);
  if (session.ok()) return "ok";
  CHECK(session.status().code() == Code::kCorruption);
  return std::string(session.status().reason());
}

std::string InSession(std::string_view body, std::string_view root = "MRSession") {
  return "<xnat:" + std::string(root) +
         " ID='' xmlns:xnat='http://nrg.wustl.edu/xnat' xmlns:z='urn:z'"
         " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>" +
         std::string(body) + "</xnat:" + std::string(root) + ">";
}

/// What stands between the root's tags.
std::string Body(const SessionDocument& session) {
  const std::string text = WriteSession(session);
  const std::size_t begin = text.find(">\n\t");
  const std::size_t end = text.rfind("\n</");
  return begin == std::string::npos ? text : text.substr(begin + 1, end - begin - 1);
}

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const std::size_t at = result.find(from);
  REQUIRE(at != std::string::npos);
  return result.replace(at, from.size(), to);
}

}  // namespace

TEST_SUITE("xml.session") {
  TEST_CASE("sample: the complete example comes back byte for byte") {
    CHECK(WriteSession(Parsed(kSession)) == kSession);
  }

  TEST_CASE("reading: every part of the example has its member") {
    const SessionDocument session = Parsed(kSession);
    CHECK(session.xsi_type == "xnat:mrSessionData");
    CHECK(session.id == "");
    CHECK(session.uid == "2.25.301184450725109911228040918273641500001");
    CHECK(session.project == "BRAINDEV");
    CHECK(session.label == "BD0017_MR1");
    CHECK(session.Get("@modality") == "MR");
    CHECK(session.Get("subject_ID") == "BD0017");
    CHECK(session.Get("scanner") == "RIC-MR2");
    CHECK(session.Get("scanner/@model") == "Prisma");
    CHECK(session.Get("fields/field[name=studyComments]") ==
          "Project:BRAINDEV; Subject:BD0017; Session:BD0017_MR1; AA:false");
    CHECK(session.resources.empty());
    REQUIRE(session.scans.size() == 2);
    const Scan& scan = session.scans[1];
    CHECK(scan.xsi_type == "xnat:mrScanData");
    CHECK(scan.id == "5");
    CHECK(scan.uid == "2.25.301184450725109911228040918273641500500");
    CHECK(scan.type == "");
    CHECK(scan.Get("frames") == "240");
    CHECK(scan.Get("parameters/voxelRes/@x") == "2.0");
    CHECK(scan.Get("parameters/imageType") == "ORIGINAL\\PRIMARY\\M\\MB\\ND\\MOSAIC");
    REQUIRE(scan.resources.size() == 2);
    const Resource& resource = scan.resources[1];
    CHECK(resource.xsi_type == "xnat:resourceCatalog");
    CHECK(resource.label == "secondary");
    CHECK(resource.uri == "SCANS/5/secondary/scan_5_secondary_catalog.xml");
    CHECK(resource.format == "DICOM");
    CHECK(resource.content == "secondary");
    CHECK_FALSE(resource.file_count.has_value());
    CHECK(session.FindScan("5") == &scan);
    CHECK(session.FindScan("6") == nullptr);
  }

  TEST_CASE("item writer: schemaLocation, standalone and hidden fields are tolerated") {
    std::string text =
        Replaced(kSession, "encoding=\"UTF-8\"", "encoding=\"UTF-8\" standalone=\"yes\"");
    text = Replaced(text, "xmlns:xsi=", "xsi:schemaLocation=\"a b\" xmlns:xsi=");
    text = Replaced(text, "<xnat:subject_ID>",
                    "<!--hidden_fields[xnat_x=\"1\",y=\"2\"]-->\n<xnat:subject_ID>");
    text = Replaced(text, "RIC-MR2", "\n\t\t<!--hidden_fields[z=\"3\"]-->\n\t\tRIC-MR2\n\t");
    CHECK(WriteSession(Parsed(text)) == kSession);
  }

  TEST_CASE("attribute order, prefixes and element order of the input do not matter") {
    const std::string text =
        "<x:CTSession label='L' ID='I' xmlns:x='http://nrg.wustl.edu/xnat' UID='U'>"
        "<x:scans><x:scan UID='S' ID='1' xmlns:t='http://www.w3.org/2001/XMLSchema-instance' "
        "t:type='x:ctScanData'><x:frames>3</x:frames><x:file label='DICOM' URI='c.xml' "
        "file_size='7' file_count='2'/><x:quality>usable</x:quality></x:scan></x:scans>"
        "<x:dcmPatientId>P</x:dcmPatientId><x:subject_ID>J</x:subject_ID><x:date>D</x:date>"
        "</x:CTSession>";
    const std::string expected =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<xnat:CTSession ID=\"I\" UID=\"U\" label=\"L\"" XA_TEST_NAMESPACES
        ">\n"
        "\t<xnat:date>D</xnat:date>\n\t<xnat:subject_ID>J</xnat:subject_ID>\n"
        "\t<xnat:scans>\n\t\t<xnat:scan ID=\"1\" UID=\"S\" xsi:type=\"xnat:ctScanData\">\n"
        "\t\t\t<xnat:quality>usable</xnat:quality>\n\t\t\t<xnat:frames>3</xnat:frames>\n"
        "\t\t\t<xnat:file URI=\"c.xml\" file_count=\"2\" file_size=\"7\" label=\"DICOM\"/>\n"
        "\t\t</xnat:scan>\n\t</xnat:scans>\n"
        "\t<xnat:dcmPatientId>P</xnat:dcmPatientId>\n</xnat:CTSession>";
    CHECK(WriteSession(Parsed(text)) == expected);
  }

  TEST_CASE("root element: each session type has its own, both ways") {
    for (const auto& [type, root] :
         {std::pair("xnat:mrSessionData", "xnat:MRSession"),
          std::pair("xnat:petSessionData", "xnat:PETSession"),
          std::pair("xnat:petmrSessionData", "xnat:PETMRSession"),
          std::pair("xnat:ctSessionData", "xnat:CTSession"),
          std::pair("xnat:rtSessionData", "xnat:RTSession"),
          std::pair("xnat:otherDicomSessionData", "xnat:OtherDicomSession"),
          std::pair("xnat:xa3DSessionData", "xnat:XA3DSession"),
          std::pair("xnat:dx3DCraniofacialSessionData", "xnat:DX3DCraniofacialSession"),
          std::pair("xnat:imageSessionData", "xnat:imageSessionData"),
          std::pair("icr:fooSessionData", "icr:fooSessionData")}) {
      SessionDocument session;
      session.xsi_type = type;
      session.namespaces = {{"icr", "urn:icr"}};
      const std::string text = WriteSession(session);
      CHECK(text.find("\n<" + std::string(root) + " ID=\"\" xmlns:arc=") != std::string::npos);
      CHECK(text.substr(text.size() - 2) == "/>");
      CHECK(Parsed(text).xsi_type == type);
    }
    CHECK(Parsed("<xnat:imageSession xmlns:xnat='http://nrg.wustl.edu/xnat' "
                 "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
                 "xsi:type='xnat:mrSessionData'/>")
              .xsi_type == "xnat:mrSessionData");
  }

  TEST_CASE("unreadable: each with its own reason") {
    CHECK(Reason("") == "session.empty");
    CHECK(Reason("  ") == "session.bad-xml");
    CHECK(Reason(kSession.substr(0, 3000)) == "session.bad-xml");
    CHECK(Reason(std::string(10 << 20, 'x')) == "session.bad-xml");
    CHECK(Reason("<!DOCTYPE a><a/>") == "session.bad-xml");
    CHECK(Reason("<a/>") == "session.not-a-session");
    CHECK(Reason("<xnat:Subject xmlns:xnat='http://nrg.wustl.edu/xnat'/>") ==
          "session.not-a-session");
    CHECK(Reason(kFileCatalog) == "session.not-a-session");
  }

  TEST_CASE("stray text, all that is left of a damaged tag, makes the document unreadable") {
    for (const char* body :
         {"xnat:note/>", "<xnat:scans>xnat:scan ID='1'/></xnat:scans>",
          "<xnat:resources>x</xnat:resources>",
          "<xnat:resources><xnat:resource>x</xnat:resource></xnat:resources>",
          "<xnat:scans><xnat:scan ID='1'>xnat:file URI='a'/></xnat:scan></xnat:scans>",
          "<xnat:scans><xnat:scan><xnat:file>x</xnat:file></xnat:scan></xnat:scans>"}) {
      CAPTURE(body);
      CHECK(Reason(InSession(body)) == "session.bad-xml");
    }
    CHECK(Body(Parsed(InSession("<z:any>mixed<z:more/>text</z:any>"))) ==
          "\n\t<z:any>mixedtext\n\t\t<z:more/>\n\t</z:any>");
  }

  TEST_CASE("prearchivePath: what was escaped twice is unescaped twice, and written once") {
    const SessionDocument session =
        Parsed(InSession("<xnat:prearchivePath>/a&amp;amp;b &amp; c</xnat:prearchivePath>"));
    CHECK(session.Get("prearchivePath") == "/a&b & c");
    CHECK(Body(session) == "\n\t<xnat:prearchivePath>/a&amp;b &amp; c</xnat:prearchivePath>");
  }

  TEST_CASE("unknown elements and attributes survive, each behind the element it followed") {
    const std::string body =
        "\n\t<z:first/>\n\t<xnat:date>2024-01-01</xnat:date>\n"
        "\t<z:afterDate k=\"v\">\n\t\t<z:deep>t</z:deep>\n\t</z:afterDate>\n"
        "\t<xnat:resources note=\"kept\">\n"
        "\t\t<xnat:resource URI=\"a.xml\" file_count=\"many\" label=\"A\" owner=\"me\" "
        "xsi:type=\"xnat:resourceCatalog\">\n"
        "\t\t\t<xnat:tags>\n\t\t\t\t<xnat:tag name=\"n\">t</xnat:tag>\n\t\t\t</xnat:tags>\n"
        "\t\t</xnat:resource>\n\t\t<z:odd/>\n\t</xnat:resources>\n"
        "\t<xnat:scans>\n"
        "\t\t<xnat:scan ID=\"1\" new=\"yes\" xsi:type=\"xnat:mrScanData\">\n"
        "\t\t\t<xnat:quality>usable</xnat:quality>\n\t\t\t<xnat:file URI=\"c.xml\"/>\n"
        "\t\t\t<xnat:future>1</xnat:future>\n"
        "\t\t\t<xnat:parameters>\n\t\t\t\t<xnat:te>1</xnat:te>\n\t\t\t\t<xnat:new>2</xnat:new>\n"
        "\t\t\t\t<xnat:tr>3</xnat:tr>\n\t\t\t</xnat:parameters>\n"
        "\t\t</xnat:scan>\n\t</xnat:scans>\n"
        "\t<z:afterScans/>\n\t<xnat:coil>C</xnat:coil>\n\t<xnat:unheardOf/>";
    const SessionDocument session = Parsed(InSession(body));
    CHECK(Body(session) == body);
    CHECK(Body(Parsed(WriteSession(session))) == body);
    CHECK_FALSE(session.resources[0].file_count.has_value());
    CHECK(session.namespaces.size() == 1);
  }

  TEST_CASE("a number that could not be read gives way to one that is known") {
    SessionDocument session = Parsed(
        InSession("\n\t<xnat:resources>\n\t\t<xnat:resource URI=\"a.xml\" file_count=\"many\" "
                  "file_size=\"12.0\" label=\"A\"/>\n\t</xnat:resources>"));
    session.resources[0].file_count = 3;
    CHECK(Body(session) ==
          "\n\t<xnat:resources>\n\t\t<xnat:resource URI=\"a.xml\" file_count=\"3\" "
          "file_size=\"12.0\" label=\"A\"/>\n\t</xnat:resources>");
    CHECK(ParseSession(WriteSession(session)).ok());
  }

  TEST_CASE("writing: containers come at their place in the schema") {
    SessionDocument session;
    session.xsi_type = "xnat:petSessionData";
    session.Set("tracer/@name", "FDG");
    session.Set("date", "2024-01-01");
    session.resources.resize(1);
    session.resources[0].label = "R";
    session.resources[0].file_count = 0;
    session.scans.resize(2);
    session.scans[0].id = "1";
    session.scans[1].resources.resize(1);
    CHECK(Body(session) ==
          "\n\t<xnat:date>2024-01-01</xnat:date>\n"
          "\t<xnat:resources>\n\t\t<xnat:resource file_count=\"0\" label=\"R\" "
          "xsi:type=\"xnat:resourceCatalog\"/>\n\t</xnat:resources>\n"
          "\t<xnat:scans>\n\t\t<xnat:scan ID=\"1\"/>\n\t\t<xnat:scan ID=\"\">\n"
          "\t\t\t<xnat:file xsi:type=\"xnat:resourceCatalog\"/>\n\t\t</xnat:scan>\n"
          "\t</xnat:scans>\n\t<xnat:tracer name=\"FDG\"/>");
  }

  TEST_CASE("escapes: every character comes back, in attributes also tabs and newlines") {
    const std::string value = "a&b<c>d\"e'f\tg\nh\ri\xC3\xAB&amp;";
    SessionDocument session;
    session.xsi_type = "xnat:mrSessionData";
    session.label = value;
    session.Set("note", value);
    session.Set("fields/field[name=a&b]", value);
    session.Set("scanner/@model", value);
    session.scans.resize(1);
    session.scans[0].id = value;
    session.scans[0].resources.resize(1);
    session.scans[0].resources[0].uri = value;
    const SessionDocument back = Parsed(WriteSession(session));
    CHECK(back.label == value);
    CHECK(back.Get("note") == value);
    CHECK(back.Get("fields/field[name=a&b]") == value);
    CHECK(back.Get("scanner/@model") == value);
    CHECK(back.scans[0].id == value);
    CHECK(back.scans[0].resources[0].uri == value);
  }

  TEST_CASE("a session of 2,000 scans comes back equal") {
    SessionDocument session = Parsed(kSession);
    for (int i = 0; i < 2000; ++i) {
      session.scans.push_back(session.scans[0]);
      session.scans.back().id = std::to_string(i);
    }
    const std::string text = WriteSession(session);
    const bool equal = WriteSession(Parsed(text)) == text;
    CHECK(equal);
  }
}

}  // namespace xnatarchive
