#include "xml/session_values.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "xml/session_schema.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

using Strings = std::vector<std::string>;

struct Values {
  const char* type;
  Strings good;
  Strings bad;
};

}  // namespace

TEST_SUITE("xml.session_values") {
  TEST_CASE("values of every type, good and bad") {
    const std::vector<Values> all = {
        {"date",
         {"2024-03-18", " 2024-03-18\n", "2024-02-29", "2000-02-29", "2024-03-18Z",
          "2024-03-18+01:00", "0001-01-01", "9999-12-31"},
         {"garbage", "20240318", "2024-3-18", "2024-13-01", "2024-00-01", "2024-01-00",
          "2024-04-31", "2023-02-29", "1900-02-29", "0000-01-01", "18.03.2024", "03/18/2024",
          "2024-03-18T10:00:00", "2024-03-18+15:00", "2024-03-18 x", "12024-01-01"}},
        {"time",
         {"14:05:37", "14:05:37.123", "00:00:00", "23:59:59", "24:00:00", "14:05:37Z",
          "14:05:37-05:00", "14:05:37+14:00", "14:05:37.123456789012"},
         {"garbage", "140537", "14:05", "25:00:00", "24:00:01", "24:00:00.9", "14:05:37+14:30",
          "14:60:00", "14:05:60", "14:05:37.", "14:05:37+5"}},
        {"dateTime",
         {"2024-03-18T14:05:37", "2024-03-18T14:05:37.5Z", "2024-03-18 14:05:37.0"},
         {"2024-03-18", "14:05:37", "2024-03-18_14:05:37", "2024-02-30T14:05:37"}},
        {"duration",
         {"P1Y", "P1Y2M3DT4H5M6S", "PT1.5S", "-P1D", "PT0S", "P1DT2H", "PT1.1234567890123S"},
         {"P", "PT", "P1", "1D", "P1S", "P1DT", "P1M1Y", "P1.5D", "garbage", "PT1.S"}},
        {"integer",
         {"0", "-7", "+7", "007", "123456789012345678901234567890"},
         {"1.0", "1e3", "x", "-", "1 2", "0x10"}},
        {"float",
         {"0", "-7", "+7.5", ".5", "1.", "1e5", "1E-5", "1e400", "INF", "-inf", "NaN", "-Infinity"},
         {"x", "1,5", "1.5f", "1.5.5", "-", ".", "e5", "infinite", "nan(1)", "0x10", "1 2"}},
        {"boolean", {"true", "FALSE", "0", "1"}, {"yes", "2", "t"}},
        {"CW|CC", {"CW", "cc"}, {"CW|CC", "C", "CCW"}},
    };
    for (const Values& values : all) {
      CAPTURE(std::string(values.type));
      for (const std::string& text : values.good) {
        CAPTURE(text);
        CHECK(IsOfType(text, values.type));
      }
      for (const std::string& text : values.bad) {
        CAPTURE(text);
        CHECK_FALSE(IsOfType(text, values.type));
      }
    }
  }

  TEST_CASE("every type of the schema's table is one that is known") {
    for (const char* type : {"petSessionData", "eegSessionData", "mrParameters", "ctParameters",
                             "petParameters", "eegParameters", "imageScanData", "tracer",
                             "petFrame", "reconFilter", "voxelRes", "status", "validation"}) {
      const auto& children = SchemaChildren(type);
      CHECK_FALSE(children.empty());
      for (const SchemaChild& child : children) {
        const std::string value(child.value);
        CAPTURE(child.name);
        const bool known = value.empty() || value.find('|') != std::string::npos ||
                           IsOfType("2024-03-18", value) || IsOfType("10:00:00", value) ||
                           IsOfType("2024-03-18T10:00:00", value) || IsOfType("P1D", value) ||
                           IsOfType("1", value);
        CHECK(known);
      }
    }
  }

  TEST_CASE("bad values of a session are told by their paths, and not quoted") {
    SessionDocument session;
    session.xsi_type = "xnat:petSessionData";
    CHECK(FindBadValues(session).empty());
    session.Set("date", "1987-06-02");
    session.Set("age", "37.5");
    session.Set("note", "any text");
    session.Set("tracer/dose", "3.7E8");
    session.Set("unknown", "garbage");
    CHECK(FindBadValues(session).empty());
    session.Set("date", "2.6.1987");
    session.Set("time", "noon");
    session.Set("dcmPatientBirthDate", "19870602");
    session.Set("@version", "one");
    session.Set("tracer/@startTime", "10:00");
    session.Set("tracer/dose", "much");
    session.Set("tracer/isotope/@half-life", "long");
    session.Set("validation/date", "today");
    const Strings found = FindBadValues(session);
    CHECK(found == Strings{"@version is no whole number", "date is no date (yyyy-MM-dd)",
                           "time is no time (HH:mm:ss)", "validation/date is no date (yyyy-MM-dd)",
                           "dcmPatientBirthDate is no date (yyyy-MM-dd)",
                           "tracer/@startTime is no date with a time (yyyy-MM-ddTHH:mm:ss)",
                           "tracer/dose is no number", "tracer/isotope/@half-life is no number"});
    session.Set("date", "");
    session.Set("time", " ");  // no value
    CHECK(FindBadValues(session).size() == 6);
  }

  TEST_CASE("bad values of a scan, the types its own type has, and what is missing") {
    Scan scan;
    scan.xsi_type = "xnat:mrScanData";
    scan.Set("parameters/tr", "2300.0");
    scan.Set("parameters/orientation", "Sag");
    scan.Set("frames", "many");
    scan.Set("parameters/fov/@x", "1.5");
    CHECK(FindBadValues(scan) ==
          Strings{"frames is no whole number", "parameters/fov/@x is no whole number"});
    scan.xsi_type = "xnat:petScanData";  // where an orientation is a number, and fov unknown
    CHECK(FindBadValues(scan) ==
          Strings{"frames is no whole number", "parameters/orientation is no whole number"});
    scan.xsi_type = "xnat:usScanData";  // which has no parameters of its own
    CHECK(FindBadValues(scan) == Strings{"frames is no whole number"});
    scan = Scan();
    scan.xsi_type = "xnat:petScanData";
    scan.Set("parameters/frames/frame/@number", "1");
    scan.Set("parameters/frames/frame/@units", "days");
    CHECK(FindBadValues(scan) == Strings{"parameters/frames/frame/@starttime is missing",
                                         "parameters/frames/frame/@length is missing",
                                         "parameters/frames/frame/@units is none of sec, min"});
    scan = Scan();
    scan.xsi_type = "xnat:ctScanData";
    scan.Set("parameters/rotationDirection", "CCW");
    CHECK(FindBadValues(scan) == Strings{"parameters/rotationDirection is none of CW, CC"});
  }

  TEST_CASE("an element that is repeated is told once") {
    Scan scan;
    scan.xsi_type = "xnat:ctScanData";
    scan.Set("parameters/contrastBolus/volume", "lots");
    XmlElement bad;
    bad.name = "xnat:frames";
    bad.text = "x";
    scan.elements.insert(scan.elements.begin(), 3, bad);
    CHECK(FindBadValues(scan) ==
          Strings{"frames is no whole number", "parameters/contrastBolus/volume is no number"});
  }
}

}  // namespace xnatarchive
