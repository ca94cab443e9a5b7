#include "archive/destination.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

struct Case {
  std::map<std::string, std::string> parameters;
  std::string dest;
  std::string prearchive_project;
  std::string folder;
  SessionDocument document;
  std::vector<std::string> candidates;

  Case() { document.xsi_type = "xnat:mrSessionData"; }
};

/// "project label subject [code/reason]...", or the reason of the failure. Projects are A and B,
/// B also under the alias "beta".
std::string Resolve(const Case& c) {
  DestinationInput input;
  input.parameters = c.parameters;
  if (!c.dest.empty()) {
    const Result<ParsedUri> dest = ParseUri(c.dest);
    REQUIRE(dest.ok());
    input.dest = *dest;
  }
  input.prearchive_project = c.prearchive_project;
  input.folder = c.folder;
  input.document = &c.document;
  input.project_candidates = c.candidates;
  input.find_project = [](std::string_view name) -> std::optional<std::string> {
    if (name == "A" || name == "B") return std::string(name);
    if (name == "beta") return std::string("B");
    return std::nullopt;
  };
  const Result<Destination> result = ResolveDestination(input);
  if (!result.ok()) {
    CHECK(result.status().code() == Code::kInvalidArgument);
    return std::string(result.status().reason());
  }
  std::string text = result->project + " " + result->label + " " + result->subject;
  for (const Finding& finding : result->findings) {
    CHECK(finding.type == FindingType::kFail);
    text += " " + std::to_string(finding.code) + "/" + finding.reason;
  }
  return text;
}

Case Filled() {
  Case c;
  c.prearchive_project = "A";
  c.folder = "folder";
  c.document.label = "L1";
  c.document.Set("subject_ID", "SU1");
  return c;
}

}  // namespace

TEST_SUITE("archive.destination") {
  TEST_CASE(
      "the project comes from dest, the parameters, the prearchive, the content, in this order") {
    Case c = Filled();
    CHECK(Resolve(c) == "A L1 SU1");
    c.parameters["xnat:mrSessionData/project"] = "beta";
    CHECK(Resolve(c) == "B L1 SU1");
    c.parameters["xnat:mrSessionData/project"] = "A";
    c.parameters["PROJECT_ID"] = "B";
    CHECK(Resolve(c) == "B L1 SU1");
    c.parameters["project"] = "A";
    CHECK(Resolve(c) == "A L1 SU1");
    c.parameters.clear();
    c.dest = "/archive/projects/beta";
    CHECK(Resolve(c) == "B L1 SU1");

    c = Filled();
    c.prearchive_project = "";
    c.document.project = "beta";
    c.candidates = {"A"};
    CHECK(Resolve(c) == "B L1 SU1");
    c.document.project = "unknown";
    CHECK(Resolve(c) == "A L1 SU1");
    c.candidates = {"nope", "B", "A"};
    CHECK(Resolve(c) == "B L1 SU1");
    c.candidates = {"nope"};
    CHECK(Resolve(c) == " L1 SU1 6/archive.no-project");
  }

  TEST_CASE("a project that is named but does not exist is a finding, and nothing else is tried") {
    Case c = Filled();
    c.parameters["project"] = "nope";
    CHECK(Resolve(c) == " L1 SU1 6/archive.unknown-project");
    c = Filled();
    c.prearchive_project = "gone";
    c.document.project = "A";
    CHECK(Resolve(c) == " L1 SU1 6/archive.unknown-project");
  }

  TEST_CASE("the label comes from eight sources in XNAT's order") {
    Case c = Filled();
    c.document.label = "";
    c.document.id = "XNAT_E00007";
    c.folder = "";
    CHECK(Resolve(c) == "A XNAT_E00007 SU1");
    c.folder = "folder";
    CHECK(Resolve(c) == "A folder SU1");
    c.document.label = "doc";
    CHECK(Resolve(c) == "A doc SU1");
    c.parameters["label"] = "p4";
    CHECK(Resolve(c) == "A p4 SU1");
    c.parameters["EXPT_LABEL"] = "p3";
    CHECK(Resolve(c) == "A p3 SU1");
    c.parameters["xnat:mrSessionData/label"] = "p2";
    CHECK(Resolve(c) == "A p2 SU1");
    c.parameters["session"] = "p1";
    CHECK(Resolve(c) == "A p1 SU1");
    c.parameters = {{"session", "  "}, {"label", ""}};
    CHECK(Resolve(c) == "A doc SU1");
    c.dest = "/archive/projects/A/subjects/S9/experiments/fromdest";
    CHECK(Resolve(c) == "A fromdest S9");
  }

  TEST_CASE("labels and subjects are sanitised") {
    Case c = Filled();
    c.parameters["session"] = "O'Brien^Zo\xC3\xAB 2.1";
    c.parameters["subject"] = "Doe^John";
    CHECK(Resolve(c) == "A O_Brien_Zo__2_1 Doe_John");
  }

  TEST_CASE(
      "a label of which nothing is left, or too much, is a finding, not replaced by another") {
    Case c = Filled();
    c.parameters["session"] = "^^^";
    CHECK(Resolve(c) == "A  SU1 8/archive.bad-label");
    c.parameters["session"] = std::string(300, 'x');
    CHECK(Resolve(c) == "A  SU1 8/archive.bad-label");
    c.parameters["session"] = std::string(kLabelBytesMax, 'x');
    CHECK(Resolve(c) == "A " + std::string(kLabelBytesMax, 'x') + " SU1");
    c = Filled();
    c.document.Set("subject_ID", "???");
    CHECK(Resolve(c) == "A L1  11/archive.bad-subject");
  }

  TEST_CASE("without any source there is a finding for each name") {
    Case c;
    CHECK(Resolve(c) == "   6/archive.no-project 8/archive.no-label 11/archive.no-subject");
  }

  TEST_CASE("the subject comes from five sources in XNAT's order") {
    Case c = Filled();
    c.document.Set("subject_ID", "");
    c.document.Set("dcmPatientName", "Name^First");
    CHECK(Resolve(c) == "A L1 Name_First");
    c.document.Set("subject_ID", "doc");
    CHECK(Resolve(c) == "A L1 doc");
    c.dest = "/archive/projects/A/subjects/dest";
    CHECK(Resolve(c) == "A L1 dest");
    c.dest = "";
    c.parameters["SUBJECT_ID"] = "p2";
    CHECK(Resolve(c) == "A L1 p2");
    c.parameters["subject"] = "p1";
    CHECK(Resolve(c) == "A L1 p1");
  }

  TEST_CASE("dest and a parameter that name different things contradict each other") {
    const std::string dest = "/archive/projects/A/subjects/S1/experiments/E1";
    for (const char* name : {"project", "PROJECT_ID", "subject", "SUBJECT_ID", "session", "label",
                             "EXPT_LABEL", "xnat:mrSessionData/label", "xnat:mrSessionData/project",
                             "xnat:mrSessionData/subject_ID", "xnat:mrSessionData/subject_id"}) {
      Case c = Filled();
      c.dest = dest;
      c.parameters[name] = "B";
      INFO(name);
      CHECK(Resolve(c) == "archive.contradiction");
      c.parameters[name] =
          std::string(name).find("roject") != std::string::npos || std::string(name) == "PROJECT_ID"
              ? "A"
          : std::string(name).find("ubject") != std::string::npos ||
                  std::string(name) == "SUBJECT_ID"
              ? "S1"
              : "E1";
      CHECK(Resolve(c) == "A E1 S1");
    }
  }

  TEST_CASE("dest and a parameter may name one project by its ID and an alias") {
    for (const auto& [dest, project] : {std::pair("B", "beta"), std::pair("beta", "B")}) {
      Case c = Filled();
      c.dest = std::string("/archive/projects/") + dest;
      c.parameters["project"] = project;
      CHECK(Resolve(c) == "B L1 SU1");
      c.parameters["project"] = "A";
      CHECK(Resolve(c) == "archive.contradiction");
      c.parameters["project"] = "unknown";
      CHECK(Resolve(c) == "archive.contradiction");
    }
  }

  TEST_CASE("the message of a contradiction names the parameters and no value") {
    Case c = Filled();
    DestinationInput input;
    input.document = &c.document;
    input.dest = *ParseUri("/archive/projects/A/subjects/SECRET");
    input.parameters = {{"subject", "Doe^John"}};
    input.find_project = [](std::string_view) { return std::optional<std::string>("A"); };
    const Result<Destination> result = ResolveDestination(input);
    REQUIRE_FALSE(result.ok());
    CHECK(result.status().message() == "dest and parameter subject name different things");
  }

  TEST_CASE("dest must be a project, subject or experiment with its project") {
    for (const char* dest :
         {"/archive", "/archive/projects", "/archive/projects/A/subjects", "/archive/experiments/E",
          "/prearchive/projects/A", "/archive/projects/A/experiments/E/scans/1"}) {
      Case c = Filled();
      c.dest = dest;
      INFO(dest);
      CHECK(Resolve(c) == "archive.bad-dest");
    }
  }
}

}  // namespace xnatarchive
