#include "xml/session_path.hpp"

#include <doctest/doctest.h>

#include <string>

#include "unit/xml/samples.hpp"
#include "xml/session_schema.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

SessionDocument Sample() {
  Result<SessionDocument> session = ParseSession(kSession);
  REQUIRE(session.ok());
  return *std::move(session);
}

/// Names of the elements, in order.
std::string Names(const std::vector<XmlElement>& elements) {
  std::string names;
  for (const XmlElement& element : elements) {
    names += element.name.substr(element.name.find(':') + 1) + " ";
  }
  return names;
}

Scan MrScan() {
  Scan scan;
  scan.xsi_type = "xnat:mrScanData";
  return scan;
}

}  // namespace

TEST_SUITE("xml.session-path") {
  TEST_CASE("paths: steps, attributes, predicates and indices are told apart") {
    const auto steps =
        ParsePath("scans/scan[0][@xsi:type=xnat:mrScanData]/fields/field[name='a/b']/@c");
    REQUIRE(steps.has_value());
    REQUIRE(steps->size() == 5);
    CHECK((*steps)[0].name == "scans");
    CHECK((*steps)[1].index == 0);
    CHECK((*steps)[1].predicates[0].first == "xsi:type");
    CHECK((*steps)[1].predicates[0].second == "xnat:mrScanData");
    CHECK((*steps)[3].predicates[0].second == "a/b");
    CHECK((*steps)[4].attribute);
    CHECK((*steps)[4].name == "c");
    for (const char* path : {"", "/", "a/", "/a", "a//b", "@a/b", "a[", "a[b", "a[x]", "a[-1]",
                             "a[0][1]", "a[=x]", "a[0]b", "@", "@a[b=c]", "a]b/"}) {
      CAPTURE(path);
      CHECK_FALSE(ParsePath(path).has_value());
    }
  }

  TEST_CASE("get: absent values and broken paths are empty") {
    const SessionDocument session = Sample();
    CHECK(session.Get("@ID") == "");
    CHECK(session.Get("@label") == "BD0017_MR1");
    CHECK(session.Get("xnat:subject_ID") == "BD0017");
    CHECK(session.Get("note") == "");
    CHECK(session.Get("scanner/@nothing") == "");
    CHECK(session.Get("scanner/below") == "");
    CHECK(session.Get("fields/field[name=other]") == "");
    CHECK(session.Get("fields/field") == session.Get("fields/field[name=studyComments]"));
    CHECK(session.Get("") == "");
    CHECK(session.Get("[") == "");
  }

  TEST_CASE(
      "set: new elements come at their place in the schema, whatever the order of the calls") {
    Scan scan = MrScan();
    for (const char* path : {"parameters/acqType", "coil", "frames", "parameters/voxelRes/@x",
                             "parameters/te", "series_description", "startTime", "modality",
                             "parameters/tr", "scanner/@model", "parameters/addParam[name=A]",
                             "parameters/diffusion/bValues", "fieldStrength", "quality"}) {
      scan.Set(path, "1");
    }
    CHECK(Names(scan.elements) ==
          "quality series_description scanner modality frames startTime coil fieldStrength "
          "parameters ");
    CHECK(Names(scan.elements.back().children) == "voxelRes tr te acqType diffusion addParam ");
    CHECK(scan.elements[0].name == "xnat:quality");
  }

  TEST_CASE("set: CT and PET parameters are in their own order") {
    Scan ct;
    ct.xsi_type = "xnat:ctScanData";
    for (const char* name : {"contrastBolus/agent", "kvp", "rescale/slope", "exposure",
                             "convolutionKernel", "rescale/intercept", "fov/@x"}) {
      ct.Set("parameters/" + std::string(name), "1");
    }
    CHECK(Names(ct.elements[0].children) ==
          "fov rescale kvp exposure convolutionKernel contrastBolus ");
    CHECK(Names(ct.elements[0].children[1].children) == "intercept slope ");
    Scan pet;
    pet.xsi_type = "xnat:petScanData";
    for (const char* name :
         {"reconType", "frames/@numFrames", "facility", "dimensions/@x", "addParam[name=x]"}) {
      pet.Set("parameters/" + std::string(name), "1");
    }
    CHECK(Names(pet.elements[0].children) == "addParam facility frames dimensions reconType ");
    SessionDocument session;
    session.xsi_type = "xnat:petSessionData";
    for (const char* name : {"tracer/isotope/@half-life", "tracer/dose", "dcmPatientId",
                             "stabilization", "subject_ID", "tracer/@name"}) {
      session.Set(name, "1");
    }
    CHECK(Names(session.elements) == "subject_ID dcmPatientId stabilization tracer ");
    CHECK(Names(session.elements.back().children) == "dose isotope ");
  }

  TEST_CASE("set: unknown names go to the end, unknown neighbours keep the element they followed") {
    Scan scan = MrScan();
    scan.elements = {
        {"xnat:quality", {}, "q", {}}, {"z:unknown", {}, "u", {}}, {"xnat:coil", {}, "c", {}}};
    scan.Set("frames", "1");
    scan.Set("somethingNew", "2");
    scan.Set("image_session_ID", "3");
    CHECK(Names(scan.elements) == "image_session_ID quality unknown frames coil somethingNew ");
  }

  TEST_CASE("set: values are replaced in place, also by predicate") {
    SessionDocument session = Sample();
    session.Set("subject_ID", "other");
    session.Set("fields/field[name=b]", "B");
    session.Set("fields/field[name=studyComments]", "S");
    session.Set("@label", "L");
    session.Set("@modality", "CT");
    session.Set("@visit_id", "v1");
    CHECK(session.Get("subject_ID") == "other");
    CHECK(session.Get("fields/field[name=studyComments]") == "S");
    CHECK(session.Get("fields/field[name=b]") == "B");
    CHECK(session.label == "L");
    CHECK(session.Get("@modality") == "CT");
    const std::string text = WriteSession(session);
    CHECK(text.find("\t\t<xnat:field name=\"studyComments\">S</xnat:field>\n"
                    "\t\t<xnat:field name=\"b\">B</xnat:field>\n") != std::string::npos);
    CHECK(text.find(" study_id=\"7731\" visit_id=\"v1\" xmlns:arc=") != std::string::npos);
  }

  TEST_CASE("set: an empty value removes, and with it what then says nothing") {
    SessionDocument session = Sample();
    session.Set("operator", "");
    session.Set("fields/field[name=studyComments]", "");
    session.Set("@study_id", "");
    session.Set("never/was/there", "");
    session.Set("scanner", "");
    CHECK(session.Get("scanner/@model") == "Prisma");
    session.Set("scanner/@model", "");
    session.Set("scanner/@manufacturer", "");
    CHECK(Names(session.elements) ==
          "date time acquisition_site subject_ID prearchivePath dcmAccessionNumber dcmPatientId "
          "dcmPatientName dcmPatientBirthDate dcmPatientWeight fieldStrength ");
    CHECK(session.Get("@study_id") == "");
    Scan& scan = session.scans[0];
    scan.Set("parameters/fov/@x", "");
    CHECK(scan.Get("parameters/fov/@y") == "256");
    scan.Set("parameters/fov/@y", "");
    CHECK(Names(scan.elements.back().children).find("fov") == std::string::npos);
  }

  TEST_CASE("set: the members of scans are reached as attributes") {
    Scan scan = MrScan();
    scan.Set("@ID", "3");
    scan.Set("@UID", "1.2");
    scan.Set("@type", "T1");
    scan.Set("@project", "P");
    CHECK(scan.id == "3");
    CHECK(scan.uid == "1.2");
    CHECK(scan.type == "T1");
    CHECK(scan.Get("@project") == "P");
    CHECK(scan.attributes.size() == 1);
  }

  TEST_CASE("XML paths: what clients send is set") {
    SessionDocument session = Sample();
    for (const auto& [path, get] :
         {std::pair("xnat:mrSessionData/label", "@label"),
          std::pair("xnat:mrSessionData/project", "@project"),
          std::pair("xnat:mrSessionData/subject_ID", "subject_ID"),
          std::pair("xnat:mrSessionData/subject_id", "subject_ID"),
          std::pair("xnat:experimentData/note", "note"),
          std::pair("xnat:subjectAssessorData/age", "age"),
          std::pair("xnat:imageSessionData/scanner/manufacturer", "scanner/@manufacturer"),
          std::pair("xnat:imageSessionData/scanner/@model", "scanner/@model"),
          std::pair("xnat:mrSessionData/coil", "coil"),
          std::pair("xnat:mrSessionData/visit_id", "@visit_id"),
          std::pair("xnat:mrSessionData/fields/field[name=x]/field", "fields/field[name=x]"),
          std::pair("xnat:mrSessionData/fields/field[name=y]", "fields/field[name=y]"),
          std::pair("XNAT:mrsessiondata/DCMPatientName", "dcmPatientName")}) {
      CAPTURE(path);
      CHECK(SetByXmlPath(session, path, std::string("<") + path).ok());
      CHECK(session.Get(get) == std::string("<") + path);
    }
    CHECK(session.label == "<xnat:mrSessionData/label");
    CHECK(session.project == "<xnat:mrSessionData/project");
    CHECK(ParseSession(WriteSession(session)).ok());
    CHECK(SetByXmlPath(session, "xnat:mrSessionData/note", "").ok());
    CHECK(session.Get("note") == "");
  }

  TEST_CASE("XML paths: scans are chosen by index, type and ID") {
    SessionDocument session = Sample();
    session.scans[0].xsi_type = "xnat:ctScanData";
    const std::string scans = "xnat:mrSessionData/scans/scan";
    CHECK(SetByXmlPath(session, scans + "[0][@xsi:type=xnat:mrScanData]/type", "A").ok());
    CHECK(session.scans[1].type == "A");
    CHECK(SetByXmlPath(session, scans + "[ID=2]/quality", "usable").ok());
    CHECK(session.scans[0].Get("quality") == "usable");
    CHECK(SetByXmlPath(session, scans + "[1]/note", "n").ok());
    CHECK(session.scans[1].Get("note") == "n");
    CHECK(SetByXmlPath(session, scans + "/series_class", "c").ok());
    CHECK(session.scans[0].Get("series_class") == "c");
    CHECK(SetByXmlPath(session, scans + "[ID=5]/parameters/addParam[name=p]/addField", "v").ok());
    CHECK(session.scans[1].Get("parameters/addParam[name=p]") == "v");
    CHECK(SetByXmlPath(session, scans + "[@ID='5']/parameters/voxelRes/z", "9").ok());
    CHECK(session.scans[1].Get("parameters/voxelRes/@z") == "9");
  }

  TEST_CASE("XML paths: unknown ones change nothing and are named without the value") {
    SessionDocument session = Sample();
    const std::string before = WriteSession(session);
    for (const char* path : {"",
                             "label",
                             "xnat:mrSessionData",
                             "xnat:mrSessionData/",
                             "xnat:petSessionData/label",
                             "xnat:subjectData/label",
                             "xnat:mrSessionData/nonsense",
                             "xnat:mrSessionData/label/more",
                             "xnat:mrSessionData/tracer/name",
                             "xnat:mrSessionData/@note",
                             "xnat:mrSessionData/scans",
                             "xnat:mrSessionData/fields",
                             "xnat:mrSessionData/fields/field",
                             "xnat:mrSessionData/fields/field[nome=x]",
                             "xnat:mrSessionData/fields/field[0]",
                             "xnat:mrSessionData/note[name=x]",
                             "xnat:mrSessionData/resources/resource/label",
                             "xnat:mrSessionData/scans/scan",
                             "xnat:mrSessionData/scans/scan[ID=5]/ID",
                             "xnat:mrSessionData/scans/scan[ID=5]/file/label",
                             "xnat:mrSessionData/scans/scan[ID=5]/parameters",
                             "xnat:mrSessionData/scans/scan[ID=5]/parameters/kvp",
                             "xnat:mrSessionData/scans/scan[ID=5]/parameters/voxelRes",
                             "xnat:mrSessionData/scans/scan[ID=7]/type",
                             "xnat:mrSessionData/scans/scan[2]/type",
                             "xnat:mrSessionData/scans/scan[colour=red]/type",
                             "xnat:mrSessionData/date]"}) {
      CAPTURE(path);
      const Status status = SetByXmlPath(session, path, "Doe");
      CHECK(status.code() == Code::kInvalidArgument);
      CHECK(status.reason() == "session.unknown-path");
      CHECK(status.message().find(path) != std::string_view::npos);
      CHECK(status.message().find("Doe") == std::string_view::npos);
    }
    CHECK(WriteSession(session) == before);
  }

  TEST_CASE("schema: types that a plugin adds are read as what they extend") {
    CHECK(SessionSchemaType("icr:fooSessionData") == "imageSessionData");
    CHECK(SessionSchemaType("xnat:usSessionData") == "imageSessionData");
    CHECK(ScanSchemaType("xnat:scScanData") == "otherScanData");
    CHECK(ScanSchemaType("") == "otherScanData");
    CHECK(IsSessionType("icr:fooSessionData", "icr:fooSessionData"));
    CHECK(IsSessionType("icr:fooSessionData", "xnat:imageSessionData"));
    CHECK_FALSE(IsSessionType("icr:fooSessionData", "xnat:mrSessionData"));
    CHECK_FALSE(FindSchemaChild("noSuchType", "x").has_value());
    CHECK_FALSE(FindSchemaChild("", "x").has_value());
    CHECK(FindSchemaChild("mrSessionData", "SUBJECT_id")->name == "subject_ID");
  }
}

TEST_SUITE("xml.element") {
  TEST_CASE("attributes and children are found by name, and set in place") {
    XmlElement element;
    element.SetAttribute("a", "1");
    element.SetAttribute("b", "2");
    element.SetAttribute("a", "3");
    REQUIRE(element.FindAttribute("a") != nullptr);
    CHECK(*element.FindAttribute("a") == "3");
    CHECK(element.FindAttribute("c") == nullptr);
    CHECK(element.attributes.size() == 2);
    element.children = {{"x", {}, "1", {}}, {"y", {}, "2", {}}, {"x", {}, "3", {}}};
    CHECK(element.FindChild("x")->text == "1");
    CHECK(element.FindChild("z") == nullptr);
    XmlElement other = element;
    CHECK(other == element);
    other.children[2].text = "4";
    CHECK_FALSE(other == element);
  }
}

}  // namespace xnatarchive
