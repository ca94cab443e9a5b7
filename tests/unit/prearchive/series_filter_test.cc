#include "prearchive/series_filter.hpp"

#include <doctest/doctest.h>

#include <string>

namespace xnatarchive {
namespace {

using Strings = std::vector<std::string>;

SeriesFilter Filter(const std::string& text) {
  Result<SeriesFilter> filter = SeriesFilter::Parse(text);
  CAPTURE(text);
  REQUIRE(filter.ok());
  return std::move(filter).value();
}

DicomHeader Series(const std::string& description, const std::string& modality = "MR") {
  DicomHeader header;
  header.Add(kTagSeriesDescription, description);
  header.Add(kTagModality, modality);
  return header;
}

/// Those of some series that the filter takes.
Strings Taken(const SeriesFilter& filter) {
  Strings taken;
  for (const char* description :
       {"T1 Spin Echo", "LOCALIZER", "3-plane localizer", "PET Data", "PHI"}) {
    if (filter.Takes(Series(description))) taken.push_back(description);
  }
  return taken;
}

Scan ScanOf(const std::string& id, const std::string& description, const std::string& image_type) {
  Scan scan;
  scan.id = id;
  scan.xsi_type = "xnat:mrScanData";
  scan.Set("series_description", description);
  scan.Set("parameters/imageType", image_type);
  return scan;
}

}  // namespace

TEST_SUITE("prearchive.series_filter") {
  TEST_CASE("a whitelist takes what a line matches anywhere, in any case") {
    const SeriesFilter filter = Filter("whitelist\nt1\n^.*Localizer$\n");
    CHECK(Taken(filter) == Strings{"T1 Spin Echo", "LOCALIZER", "3-plane localizer"});
    CHECK(filter.Tags() == std::vector<Tag>{kTagSeriesDescription});
  }

  TEST_CASE("a blacklist takes all the rest") {
    CHECK(Taken(Filter("BLACKLIST\nPET\n\n# T1\nphi")) ==
          Strings{"T1 Spin Echo", "LOCALIZER", "3-plane localizer"});
  }

  TEST_CASE("no text takes everything") {
    for (const char* text : {"", " \n "}) {
      CHECK(Filter(text).TakesEverything());
      CHECK(Taken(Filter(text)).size() == 5);
    }
  }

  TEST_CASE("line breaks may be spelled out, and are Windows' or Unix'") {
    const Strings expected = {"LOCALIZER", "3-plane localizer"};
    CHECK(Taken(Filter("whitelist\\nlocalizer")) == expected);
    CHECK(Taken(Filter("whitelist\r\nlocalizer\r\n")) == expected);
  }

  TEST_CASE("sections are about other elements, by keyword or number, and may be absent") {
    const SeriesFilter filter = Filter(
        "blacklist\n[BurnedInAnnotation]\nyes\n[(0008,0008)]\nCaptured Patient Data\n"
        "[00189999]\nEXISTS\n[Modality]\n!EXISTS");
    CHECK(filter.Tags() ==
          std::vector<Tag>{kTagImageType, kTagModality, 0x00189999, kTagBurnedInAnnotation});
    CHECK(filter.Takes(Series("T1")));
    DicomHeader header = Series("T1");
    header.Add(kTagBurnedInAnnotation, "YES");
    CHECK_FALSE(filter.Takes(header));
    header = Series("T1");
    header.Add(kTagImageType, "DERIVED\\SECONDARY");
    CHECK(filter.Takes(header));
    header.Add(0x00189999, "0");
    CHECK_FALSE(filter.Takes(header));
    header = Series("T1");
    header.Add(kTagImageType, "DERIVED\\Captured Patient Data");
    CHECK_FALSE(filter.Takes(header));
    header = Series("T1");
    header.Remove(kTagModality);
    CHECK_FALSE(filter.Takes(header));
  }

  TEST_CASE("an absent element matches no expression, not even one that matches nothing") {
    DicomHeader header;
    header.Add(kTagModality, "MR");
    CHECK_FALSE(Filter("whitelist\n.*").Takes(header));
    CHECK(Filter("blacklist\n.*").Takes(header));
  }

  TEST_CASE("only the first 300 characters of a value are searched") {
    const SeriesFilter filter = Filter("blacklist\nend");
    CHECK_FALSE(filter.Takes(Series(std::string(297, 'x') + "end")));
    CHECK(filter.Takes(Series(std::string(298, 'x') + "end")));
    std::string umlauts;
    for (int i = 0; i < 297; ++i) umlauts += "\xC3\xBC";
    CHECK_FALSE(filter.Takes(Series(umlauts + "end")));
  }

  TEST_CASE("no expression takes long, and those that are too large are refused") {
    // Each takes a backtracking matcher longer than anybody waits.
    for (const char* pattern : {"(a+)+b", "(a|a)*b", "(a|aa)+b", "((a*)*)*b", "(.*a){20}b"}) {
      CAPTURE(pattern);
      CHECK(Filter(std::string("blacklist\n") + pattern).Takes(Series(std::string(300, 'a'))));
    }
    const std::string groups(50, '(');
    CHECK_FALSE(Filter("blacklist\n" + groups + "a" + std::string(50, ')')).Takes(Series("a")));
    for (const std::string& pattern :
         {std::string(20000, '(') + "a" + std::string(20000, ')'), std::string(1001, 'a'),
          std::string("(a{1,100}){1,100}b"), std::string("(((a{100}){100}){100}){99999999999999}"),
          std::string("(a?a?a?a?a?a?a?a?a?a?a?a?a?a?){100}Z"), std::string("(a)\\1")}) {
      CAPTURE(pattern.substr(0, 20));
      CHECK(SeriesFilter::Parse("blacklist\n" + pattern).status().reason() == "filter.malformed");
    }
  }

  TEST_CASE("two filters take what both take") {
    SeriesFilter filter = Filter("whitelist\nT1\nPET");
    filter.Restrict(Filter("blacklist\nPET"));
    filter.Restrict(SeriesFilter());
    CHECK(Taken(filter) == Strings{"T1 Spin Echo"});
  }

  TEST_CASE("what is no filter is refused with its line and what was expected") {
    const std::pair<const char*, const char*> cases[] = {
        {"T1", "line 1: expected whitelist or blacklist"},
        {"modalityMap\nMR", "line 1: expected whitelist or blacklist"},
        {"whitelist", "line 1: expected a regular expression"},
        {"whitelist\n# T1\n[Modality]", "line 3: expected a regular expression"},
        {"blacklist\nT1\n(", "line 3: the regular expression is malformed"},
        {"blacklist\n[NoSuchElement]\nx", "line 2: expected [GGGG,EEEE] or a known keyword"},
        {"blacklist\n[0008,103]\nx", "line 2: expected [GGGG,EEEE] or a known keyword"},
        {"blacklist\n[]\nx", "line 2: expected [GGGG,EEEE] or a known keyword"},
    };
    for (const auto& [text, message] : cases) {
      CAPTURE(text);
      const Result<SeriesFilter> filter = SeriesFilter::Parse(text);
      REQUIRE_FALSE(filter.ok());
      CHECK(filter.status().code() == Code::kInvalidArgument);
      CHECK(filter.status().reason() == "filter.malformed");
      CHECK(filter.status().message() == message);
    }
  }

  TEST_CASE("a scan is filtered only when its document shows it") {
    SessionDocument document;
    document.scans = {ScanOf("1", "T1", "ORIGINAL"), ScanOf("2", "LOCALIZER", "ORIGINAL"),
                      ScanOf("3", "", "DERIVED"), ScanOf("4", "T2", "")};
    CHECK(FilteredScans(SeriesFilter(), document).empty());
    CHECK(FilteredScans(Filter("blacklist\nlocalizer"), document) == Strings{"2"});
    CHECK(FilteredScans(Filter("whitelist\nt1"), document) == Strings{"2", "4"});
    CHECK(FilteredScans(Filter("blacklist\n[ImageType]\nderived"), document) == Strings{"3"});
    // Neither tells of burned-in annotation, and what is unknown may be what a line asks for.
    CHECK(FilteredScans(Filter("whitelist\n[BurnedInAnnotation]\nNO"), document).empty());
    CHECK(FilteredScans(Filter("blacklist\n[BurnedInAnnotation]\nYES\n!EXISTS"), document).empty());
    CHECK(FilteredScans(Filter("whitelist\nt1\n[BurnedInAnnotation]\nNO"), document).empty());
  }
}

}  // namespace xnatarchive
