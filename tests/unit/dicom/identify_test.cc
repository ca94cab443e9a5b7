#include "dicom/identify.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace xnatarchive {
namespace {

using Values = std::vector<std::pair<Tag, std::string>>;

DicomHeader MakeHeader(const Values& values) {
  DicomHeader header;
  for (const auto& [tag, value] : values) header.Add(tag, value);
  return header;
}

Identity IdentityOf(const Values& values, const RoutingRules& rules = {}) {
  Result<Identity> identity = Identify(MakeHeader(values), rules);
  REQUIRE(identity.ok());
  return std::move(identity).value();
}

/// What one session rule makes of a Study Description.
std::string Routed(const std::string& rule, const std::string& description) {
  RoutingRules rules;
  rules.session = {rule};
  return IdentityOf({{kTagStudyDescription, description}}, rules).session;
}

std::string Assigned(std::string_view text, std::string_view key) {
  return FindAssignment(text, key).value_or("(none)");
}

}  // namespace

TEST_SUITE("dicom.identify") {
  TEST_CASE("nothing known: no project, no subject, the default session") {
    const Identity identity = IdentityOf({});
    CHECK(identity.project_candidates.empty());
    CHECK(identity.subject.empty());
    CHECK(identity.session == "dicom_upload");
    CHECK_FALSE(identity.auto_archive.has_value());
  }

  TEST_CASE("projects: every source is a candidate, best first, each once") {
    RoutingRules rules;
    rules.project = {"(0008,0080):(\\w+) Hospital", "(0008,0080):(R)iver.*"};
    const Values values = {
        {kTagInstitutionName, "River Hospital"}, {kTagPatientComments, "Project:P1 Subject:S1"},
        {kTagStudyComments, "x, PROJECT : P2"},  {kTagAdditionalPatientHistory, "project:P1"},
        {kTagStudyDescription, "Head MR"},       {kTagAccessionNumber, "A7"}};
    CHECK(IdentityOf(values, rules).project_candidates ==
          std::vector<std::string>{"River", "R", "P1", "P2", "Head MR", "A7"});
  }

  TEST_CASE("subject and session: rules, then comments in their order, then name and ID") {
    Values values = {{kTagPatientName, "O'Brien^Zo\xC3\xAB"}, {kTagPatientID, "A.B"}};
    CHECK(IdentityOf(values).subject == "O_Brien_Zo_");
    CHECK(IdentityOf(values).session == "A_B");
    values.emplace_back(kTagAdditionalPatientHistory, "Subject:H Session:H1");
    CHECK(IdentityOf(values).subject == "H");
    values.emplace_back(kTagStudyComments, "Subject:C Session:C1");
    CHECK(IdentityOf(values).session == "C1");
    values.emplace_back(kTagPatientComments, "Subject: Session:P1");
    CHECK(IdentityOf(values).subject == "C");  // an empty assignment is none
    CHECK(IdentityOf(values).session == "P1");
    RoutingRules rules;
    rules.subject = {"(0010,0020):(X).*", "(0010,0020):(.)\\.(.):2"};
    CHECK(IdentityOf(values, rules).subject == "B");
  }

  TEST_CASE("auto-archive: t, true, f, false in any case, else unknown") {
    const auto parsed = [](const char* text) {
      return IdentityOf({{kTagPatientComments, text}}).auto_archive;
    };
    CHECK(parsed("AA:true") == true);
    CHECK(parsed("aa:T") == true);
    CHECK(parsed("AA:False") == false);
    CHECK(parsed("AA:f") == false);
    CHECK_FALSE(parsed("AA:yes").has_value());
    CHECK_FALSE(parsed("AA:").has_value());
    RoutingRules rules;
    rules.auto_archive = {"(0008,1030):.*(TRUE).*"};
    CHECK(IdentityOf({{kTagStudyDescription, "is TRUE here"}, {kTagPatientComments, "AA:f"}}, rules)
              .auto_archive == true);
  }

  TEST_CASE("assignments in comments") {
    const std::string text = "Project: BRAINDEV; Subject: BD0017, Session:BD0017_MR1 AA:true";
    CHECK(Assigned(text, "Project") == "BRAINDEV");
    CHECK(Assigned(text, "Subject") == "BD0017");
    CHECK(Assigned(text, "Session") == "BD0017_MR1");
    CHECK(Assigned(text, "AA") == "true");

    CHECK(Assigned("Project:A Project:B", "Project") == "B");
    CHECK(Assigned("pRoJeCt :\t A-1_b", "Project") == "A-1_b");
    CHECK(Assigned("Project:", "Project") == "");
    CHECK(Assigned("Project: ;x", "Project") == "");
    CHECK(Assigned("Project:A,rest", "Project") == "A");
    CHECK(Assigned("MyProject:A", "Project") == "(none)");
    CHECK(Assigned("Project A", "Project") == "(none)");
    CHECK(Assigned("Projects:A", "Project") == "(none)");
    CHECK(Assigned("", "Project") == "(none)");
    CHECK(Assigned("Pro", "Project") == "(none)");
    CHECK(Assigned("Project:A.B", "Project") == "(none)");
    CHECK(Assigned("Project:A Project:B.C", "Project") == "A");
    CHECK(Assigned("Project:A Project: B.C", "Project") == "");
  }

  TEST_CASE("a line break inside the text means there is no assignment") {
    CHECK(Assigned("Project:A\nmore", "Project") == "(none)");
    CHECK(Assigned("first\r\nProject:A", "Project") == "(none)");
    CHECK(Assigned("Project:A\r\n", "Project") == "A");
  }

  TEST_CASE("rules: groups, whole match, case") {
    CHECK(Routed("(0008,1030):Project: (\\w+)", "Project: ABC") == "ABC");
    CHECK(Routed("(0008,1030):Project: (\\w+)", "Project: ABC x") == "dicom_upload");
    CHECK(Routed("(0008,1030):(\\w+)/(\\w+):2", "A/B") == "B");
    CHECK(Routed("(0008,1030):\\w+/\\w+:0", "A/B") == "A_B");
    CHECK(Routed("(0008,1030):a:(b)", "a:b") == "b");
    CHECK(Routed("(0008,1030):(a:3):1", "a:3") == "a_3");
    CHECK(Routed("(0008,1030):(?i)proj(.*)", "PROJ7") == "7");
    CHECK(Routed("(0008,1030):proj(.*)", "PROJ7") == "dicom_upload");
    CHECK(Routed("(0008,103e):(.*)", "no series description") == "dicom_upload");
  }

  TEST_CASE("rules: replacement inside what the group captured") {
    CHECK(Routed("(0008,1030):ID (.*) t:[-/] r:_", "ID 12-34/56") == "12_34_56");
    CHECK(Routed("(0008,1030):ID (.*):1 t:^0+(\\d) r:S$1", "ID 0042") == "S42");
    CHECK(Routed("(0008,1030):(.*) t:x r:", "axbx") == "ab");
  }

  TEST_CASE("rules: 64 characters are looked at, 1024 with a replacement") {
    const std::string name(64, 'a');
    CHECK(Routed("(0008,1030):(a+)", name + "!") == name);
    CHECK(Routed("(0008,1030):(.)+!", name + "!") == "dicom_upload");
    CHECK(Routed("(0008,1030):(a+)! t:a+ r:b", name + "!") == "b");
    // Characters, not bytes.
    std::string wide;
    for (int i = 0; i < 64; ++i) wide += "\xC3\xAB";
    CHECK(Routed("(0008,1030):(?:\xC3\xAB){64}(x?)", wide + "x") == "dicom_upload");
    CHECK(Routed("(0008,1030):(.*)", wide + "x") == std::string(64, '_'));
  }

  TEST_CASE("malformed rules are refused, wherever they stand") {
    for (const char* good : {"(0008,1030):(.*)", "(0008,1030):x:0", "(0008,103E):(a)(b):2",
                             "(ffff,FFFF):(?i)(x) t:a r:b"}) {
      CAPTURE(good);
      CHECK(CheckRoutingRule(good).ok());
    }
    for (const char* bad :
         {"", "x", "(0008,1030)", "(0008,1030):", "(0008,103):(.*)", "(000G,1030):(.*)",
          "(-008,1030):(.*)", "0008,1030:(.*)", "(0008,1030):[", "(0008,1030):(a",
          "(0008,1030):nogroup", "(0008,1030):(a):2", "(0008,1030):(a):99999999999999999999",
          "(0008,1030):(a) t:b", "(0008,1030):(a) t:( r:b", "(0008,1030):(?<name>a)"}) {
      CAPTURE(bad);
      const Status status = CheckRoutingRule(bad);
      CHECK(status.code() == Code::kInvalidArgument);
      CHECK(status.reason() == "routing.bad-rule");
    }
    for (auto list : {&RoutingRules::project, &RoutingRules::subject, &RoutingRules::session,
                      &RoutingRules::auto_archive}) {
      RoutingRules rules;
      rules.*list = {"(0008,1030):(.*)", "nonsense"};
      CHECK(Identify(DicomHeader(), rules).status().reason() == "routing.bad-rule");
    }
  }

  TEST_CASE("the elements that rules need, each once") {
    RoutingRules rules;
    rules.project = {"(0010,0032):(.*)", "bad"};
    rules.subject = {"(0008,1030):(.*)"};
    rules.session = {"(0010,0032):(x)"};
    rules.auto_archive = {"(0009,1001):(x)"};
    CHECK(RoutingTags(rules) == std::vector<Tag>{0x00081030, 0x00091001, 0x00100032});
    CHECK(RoutingTags({}).empty());
  }
}

}  // namespace xnatarchive
