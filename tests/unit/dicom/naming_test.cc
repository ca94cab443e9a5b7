#include "dicom/naming.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

namespace xnatarchive {
namespace {

using Values = std::vector<std::pair<Tag, std::string>>;

DicomHeader MakeHeader(const Values& values) {
  DicomHeader header;
  for (const auto& [tag, value] : values) header.Add(tag, value);
  return header;
}

std::string ScanOf(const std::string& number, const std::string& uid) {
  return ScanDirectory(MakeHeader({{kTagSeriesNumber, number}, {kTagSeriesInstanceUID, uid}}));
}

constexpr char kMr[] = "1.2.840.10008.5.1.4.1.1.4";
constexpr char kInstance[] = "1.3.12.2.1107.5.2.32.35177.3.2006121409365951632817982";

}  // namespace

TEST_SUITE("dicom.naming") {
  TEST_CASE("the hash of SOP class and instance is XNAT's") {
    CHECK(SopHash(kMr, kInstance) == "1qs88hj");
    CHECK(SopHash(kMr, "1.3.12.2.1107.5.2.32.35177.3.20061214094540972418693") == "tbb8d8");
  }

  TEST_CASE("file names follow the default template") {
    Values values = {{kTagStudyInstanceUID, "1.3.12.2"},
                     {kTagSeriesNumber, "4"},
                     {kTagInstanceNumber, "12"},
                     {kTagSOPClassUID, kMr},
                     {kTagSOPInstanceUID, kInstance}};
    CHECK(FileName(MakeHeader(values)) == "1.3.12.2-4-12-1qs88hj.dcm");
    values[1].second = " 4/..\\5";
    CHECK(FileName(MakeHeader(values)) == "1.3.12.2-_4_.._5-12-1qs88hj.dcm");
    CHECK(FileName(MakeHeader({values[0], values[3], values[4]})) ==
          "1.3.12.2-no-value-for-SeriesNumber-no-value-for-InstanceNumber-1qs88hj.dcm");
  }

  TEST_CASE("a long name is cut in front of the hash") {
    const Values values = {{kTagStudyInstanceUID, "1.2"},
                           {kTagSeriesNumber, std::string(400, '7')},
                           {kTagSOPClassUID, kMr},
                           {kTagSOPInstanceUID, kInstance}};
    const std::string name = FileName(MakeHeader(values));
    CHECK(name.size() == 255);
    CHECK(name == "1.2-" + std::string(239, '7') + "-1qs88hj.dcm");
  }

  TEST_CASE("scan directories: the series number, or the series UID, or NA") {
    CHECK(ScanOf("4", "1.2") == "4");
    CHECK(ScanOf("+4", "1.2") == "_4");
    CHECK(ScanOf("4-MR1", "1.2") == "4-MR1");
    CHECK(ScanOf("-1", "1.2") == "-1");
    CHECK(ScanOf("4.5", "1.2") == "4.5");
    CHECK(ScanOf("", "1.2.3") == "1_2_3");
    CHECK(ScanOf("4 5", "1.2.3") == "1_2_3");
    CHECK(ScanOf("4/5", "1.2.3") == "1_2_3");
    CHECK(ScanOf("4+", "1.2.3") == "1_2_3");
    CHECK(ScanOf(".", "1.2.3") == "1_2_3");
    CHECK(ScanOf("..", "1.2.3") == "1_2_3");
    CHECK(ScanOf(".xa", "1.2.3") == "1_2_3");
    CHECK(ScanOf(std::string(65, '4'), "1.2.3") == "1_2_3");
    CHECK(ScanOf("4\xC3\xAB", "") == "NA");
    CHECK(ScanOf("", "") == "NA");
    CHECK(ScanOf("", "../..") == "_____");
    CHECK(ScanOf("", std::string(300, '1')) == "NA");
  }

  TEST_CASE("client names are made safe, or replaced by the template's") {
    const DicomHeader header = MakeHeader(
        {{kTagStudyInstanceUID, "1.2"}, {kTagSOPClassUID, kMr}, {kTagSOPInstanceUID, kInstance}});
    const std::string fallback = FileName(header);
    const auto safe = [&](const std::string& name) { return SafeClientName(name, header); };
    CHECK(safe("IM-0001.dcm") == "IM-0001.dcm");
    CHECK(safe("a b(1).dcm") == "a_b_1_.dcm");
    CHECK(safe("../x.dcm") == "_x.dcm");
    CHECK(safe("Zo\xC3\xAB.dcm") == "Zo_.dcm");
    CHECK(safe("...hidden") == "hidden");
    CHECK(safe("..") == fallback);
    CHECK(safe("") == fallback);
    CHECK(safe(std::string(256, 'x')) == fallback);
    CHECK(safe(std::string(255, 'x')) == std::string(255, 'x'));
    CHECK(safe("scan_4_Catalog.XML") == fallback);
  }
}

}  // namespace xnatarchive
