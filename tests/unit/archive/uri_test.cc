#include "archive/uri.hpp"

#include <doctest/doctest.h>

namespace xnatarchive {
namespace {

/// The parts in one line: "kind project/timestamp/folder subject experiment scan resource file
/// +coll".
std::string Parts(const ParsedUri& uri) {
  std::string text = std::to_string(static_cast<int>(uri.kind));
  for (const std::string* part :
       {&uri.project, &uri.timestamp, &uri.folder, &uri.subject, &uri.experiment, &uri.scan,
        &uri.resource, &uri.file, &uri.collection}) {
    text += "|" + *part;
  }
  return text;
}

std::string Parse(const std::string& text) {
  const Result<ParsedUri> uri = ParseUri(text);
  if (uri.ok()) return Parts(*uri);
  CHECK(uri.status().code() == Code::kInvalidArgument);
  return std::string(uri.status().reason());
}

std::string Reformat(const std::string& text) {
  const Result<ParsedUri> uri = ParseUri(text);
  return uri.ok() ? FormatUri(*uri) : std::string(uri.status().reason());
}

}  // namespace

TEST_SUITE("archive.uri") {
  TEST_CASE("every form of XNAT is taken apart") {
    CHECK(Parse("/prearchive") == "0|||||||||");
    CHECK(Parse("/prearchive/projects") == "0|||||||||projects");
    CHECK(Parse("/prearchive/projects/P") == "1|P||||||||");
    CHECK(Parse("/prearchive/projects/P/20240318_150212847") == "2|P|20240318_150212847|||||||");
    CHECK(Parse("/data/prearchive/projects/P/20240318_150212/S1") ==
          "3|P|20240318_150212|S1||||||");
    CHECK(Parse("/archive") == "4|||||||||");
    CHECK(Parse("/archive/projects") == "4|||||||||projects");
    CHECK(Parse("/archive/projects/P") == "5|P||||||||");
    CHECK(Parse("/archive/projects/P/subjects") == "5|P||||||||subjects");
    CHECK(Parse("/archive/projects/P/subjects/S") == "6|P|||S|||||");
    CHECK(Parse("/archive/projects/P/subjects/S/experiments/E") == "7|P|||S|E||||");
    CHECK(Parse("/archive/projects/P/experiments/E") == "7|P||||E||||");
    CHECK(Parse("/archive/experiments/E") == "7|||||E||||");
    CHECK(Parse("/archive/subjects/S") == "6||||S|||||");
    CHECK(Parse("/REST/experiments/E/scans/3-MR1") == "8|||||E|3-MR1|||");
    CHECK(Parse("/archive/experiments/E/resources/R") == "11|||||E||R||");
    CHECK(Parse("/archive/projects/P/resources/R") == "11|P||||||R||");
    CHECK(Parse("/archive/experiments/E/scans/1/resources/R/files") == "11|||||E|1|R||files");
    CHECK(Parse("/projects/P/experiments/E/scans/1/resources/R/files/a/b%20c.dcm") ==
          "12|P||||E|1|R|a/b c.dcm|");
    CHECK(Parse("/archive/projects/P/") == "5|P||||||||");
  }

  TEST_CASE("reconstructions and assessors are taken apart and put together") {
    for (const char* text : {"/archive/projects/P/experiments/E/assessors/A",
                             "/archive/experiments/E/assessors/A/resources/R",
                             "/archive/experiments/E/assessors/A/out/resources/R",
                             "/archive/experiments/E/reconstructions/1/in/resources",
                             "/archive/experiments/E/reconstructions/1/in/resources/R/files/a"}) {
      CHECK(Reformat(text) == text);
    }
    const ParsedUri uri = ParseUri("/REST/experiments/E/assessors/A/out/resources/R").value();
    CHECK(uri.kind == UriKind::kResource);
    CHECK(uri.assessor == "A");
    CHECK(uri.direction == "out");
    CHECK(ParseUri("/experiments/E/reconstructions/1")->kind == UriKind::kReconstruction);
    for (const char* text :
         {"/archive/experiments/E/assessors/A/out",
          "/archive/experiments/E/assessors/A/in/out/resources/R",
          "/archive/experiments/E/scans/1/out/resources/R", "/archive/assessors/A"}) {
      CHECK(Parse(text) == "uri.malformed");
    }
  }

  TEST_CASE("Unassigned is known in any case, and is written in XNAT's") {
    CHECK(Parse("/prearchive/projects/Unassigned/20240318_150212847/S1") ==
          "3||20240318_150212847|S1||||||");
    CHECK(Reformat("/prearchive/projects/UNASSIGNED/20240318_150212847/S1") ==
          "/prearchive/projects/Unassigned/20240318_150212847/S1");
    CHECK(Reformat("/data/prearchive/projects/unassigned") == "/prearchive/projects/Unassigned");
  }

  TEST_CASE("anything else is malformed") {
    for (const char* text : {"",
                             "/",
                             "//",
                             "prearchive",
                             "/data",
                             "/REST/data/archive",
                             "/xapi/archive",
                             "/archive//",
                             "/archive/projects//subjects",
                             "/archive/projects/..",
                             "/archive/projects/.",
                             "/archive/projects/a%2fb",
                             "/archive/projects/a%00",
                             "/archive/projects/a%0a",
                             "/archive/projects/a%2",
                             "/archive/projects/%2e%2e",
                             "/archive/projects/P?x=1",
                             "/archive/projects/P#x",
                             "/archive/scans/1",
                             "/archive/projects/P/scans/1",
                             "/archive/experiments/E/files/x",
                             "/archive/experiments/E/resources/R/files/../x",
                             "/archive/projects/P/projects/Q",
                             "/archive/projects/P/subjects/S/scans/1",
                             "/prearchive/P",
                             "/prearchive/projects/P/S1",
                             "/prearchive/projects/P/20240318-150212/S1",
                             "/prearchive/projects/P/20240318_1502128/S1",
                             "/prearchive/projects/P/20240318_150212847_DA/S1",
                             "/prearchive/projects/P/20240318_150212847/S1/scans",
                             "/archive/projects/\xFF"}) {
      INFO(text);
      CHECK(Parse(text) == "uri.malformed");
    }
  }

  TEST_CASE("what is written is read back, whatever is in it") {
    ParsedUri uri;
    uri.kind = UriKind::kFile;
    uri.project = "P-1";
    uri.experiment = "a b/c";
    uri.resource = "100%";
    uri.file = "sub dir/Zo\xC3\xAB?#.dcm";
    uri.experiment = "a b";
    const std::string text = FormatUri(uri);
    CHECK(text ==
          "/archive/projects/P-1/experiments/a%20b/resources/100%25/files/sub%20dir/"
          "Zo%C3%AB%3F%23.dcm");
    const Result<ParsedUri> parsed = ParseUri(text);
    REQUIRE(parsed.ok());
    CHECK(Parts(*parsed) == Parts(uri));
    CHECK(Reformat("/data/projects/P/subjects") == "/archive/projects/P/subjects");
  }
}

}  // namespace xnatarchive
