// The host's own checks: asked by Archive and Validate alike, believed only as far as they make
// sense.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/hooks.hpp"
#include "store/store.hpp"
#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

const char* const kMalformed = "16 WARN validator.malformed";

std::string Line(const Finding& finding) {
  return std::to_string(finding.code) + " " + FindingTypeName(finding.type) + " " + finding.reason;
}

std::vector<std::string> Lines(const std::vector<Finding>& findings) {
  std::vector<std::string> lines;
  for (const Finding& finding : findings) lines.push_back(Line(finding));
  return lines;
}

Finding Warning(const std::string& reason) { return {16, FindingType::kWarn, reason, "take note"}; }
Finding Failure(const std::string& reason) {
  return {17, FindingType::kFail, reason, "not like this"};
}

struct ValidatorFixture : EngineFixture {
  std::string src;

  ValidatorFixture() {
    WriteStudy("a", 1, 2, 3);
    src = EngineFixture::Import("a").uris[0];
    Must(engine->Build(src));
  }

  void Use(std::vector<TestValidator::Function> validators) {
    options.validators.clear();
    for (TestValidator::Function& validate : validators) {
      options.validators.push_back(std::make_shared<TestValidator>(std::move(validate)));
    }
    Open();
  }

  ArchiveRequest Request() const {
    ArchiveRequest request;
    request.src = src;
    return request;
  }
};

TestValidator::Function Finds(std::vector<Finding> found) {
  return [found](const SessionCandidate&, const Cancelled&, std::vector<Finding>* findings) {
    *findings = found;
    return Status();
  };
}

}  // namespace

TEST_SUITE("engine.validators") {
  TEST_CASE("validating a session that is archived meanwhile says that, and nothing about it") {
    ValidatorFixture fixture;
    const auto other = Must(ArchiveEngine::Open(fixture.options));
    fixture.Use({[&](const SessionCandidate&, const Cancelled&, std::vector<Finding>* findings) {
      Must(other->Archive(fixture.Request()));
      *findings = {Failure("host.says")};
      return Status();
    }});
    const Status gone = fixture.engine->Validate(fixture.Request()).status();
    CHECK(gone.code() == Code::kNotFound);
    CHECK(gone.reason() == "prearchive.not-found");
  }

  TEST_CASE("validating a session that somebody begins to archive meanwhile finds it locked") {
    ValidatorFixture fixture;
    Store store = Must(Store::Open("sqlite3://" + fixture.options.root + "/store.sqlite3"));
    const PrearchiveId id = Must(store.ListPrearchive()).at(0).Id();
    fixture.Use({[&](const SessionCandidate&, const Cancelled&, std::vector<Finding>*) {
      using State = PrearchiveState;
      Must(store.ChangePrearchiveState(id, {State::kReady}, State::kArchiving));
      Must(store.ChangePrearchiveState(id, {State::kArchiving}, State::kLockedArchiving));
      return Status();
    }});
    const Status locked = fixture.engine->Validate(fixture.Request()).status();
    CHECK(locked.code() == Code::kLocked);
    CHECK(locked.reason() == "operation.locked");
    fixture.Use({});  // whose owner is gone
    CHECK(Must(fixture.engine->Validate(fixture.Request())).findings.empty());
  }

  TEST_CASE("a validator sees the session as it would be archived, with all its files") {
    ValidatorFixture fixture;
    std::vector<std::string> seen;
    fixture.Use({[&](const SessionCandidate& session, const Cancelled&, std::vector<Finding>*) {
      std::size_t files = 0;
      for (const ResourceDraft& resource : session.resources) {
        files += resource.catalog.entries.size();
      }
      seen.push_back(session.project + " " + session.subject + " " + session.label + " " +
                     session.document.Get("note") + " " +
                     std::to_string(session.document.scans.size()) + " scans, " +
                     std::to_string(files) + " files" + (session.exists ? ", exists" : ""));
      return Status();
    }});
    ArchiveRequest request = fixture.Request();
    request.parameters["session"] = "renamed";
    request.parameters["subject"] = "somebody";
    request.fields.emplace_back("xnat:mrSessionData/note", "changed");
    CHECK(Must(fixture.engine->Validate(request)).findings.empty());
    Must(fixture.engine->Archive(request));
    request.src = fixture.Import("a").uris[0];
    CHECK(Must(fixture.engine->Validate(request)).blocked);
    CHECK_FALSE(fixture.engine->Archive(request).ok());
    const std::string line = "DEMO somebody renamed changed 2 scans, 6 files";
    CHECK(seen == std::vector<std::string>{line, line, line + ", exists", line + ", exists"});
  }

  TEST_CASE("warnings are reported and do not block; every validator is asked, in order") {
    ValidatorFixture fixture;
    fixture.Use({Finds({Warning("host.first")}), Finds({}),
                 Finds({Warning("host.second"), Warning("host.third")})});
    const std::vector<std::string> expected = {"16 WARN host.first", "16 WARN host.second",
                                               "16 WARN host.third"};
    const ValidationReport report = Must(fixture.engine->Validate(fixture.Request()));
    CHECK(Lines(report.findings) == expected);
    CHECK_FALSE(report.blocked);
    const ArchiveReport archived = Must(fixture.engine->Archive(fixture.Request()));
    CHECK(Lines(archived.warnings) == expected);
    CHECK(archived.files == 6);
  }

  TEST_CASE("a failure keeps the session in the prearchive, marked with the host's reason") {
    ValidatorFixture fixture;
    fixture.Use({Finds({Failure("host.no-consent"), Warning("host.second")})});
    CHECK(Must(fixture.engine->Validate(fixture.Request())).blocked);
    const Status refused = fixture.engine->Archive(fixture.Request()).status();
    CHECK(refused.code() == Code::kInvalidArgument);
    CHECK(refused.reason() == "host.no-consent");
    CHECK(refused.message() == "not like this");
    CHECK(Must(fixture.engine->FindPrearchiveSession(fixture.src)).state ==
          PrearchiveState::kError);
    CHECK(Must(fixture.engine->List("/projects/DEMO/experiments")).rows.empty());
    fixture.Use({});
    Must(fixture.engine->Archive(fixture.Request()));
  }

  TEST_CASE("findings stand in the table by their code, among those of the library") {
    ValidatorFixture fixture;
    Must(fixture.engine->Archive(fixture.Request()));
    fixture.src = fixture.Import("a").uris[0];
    fixture.Use({Finds({Failure("host.no"), Warning("host.note")})});
    CHECK(Lines(Must(fixture.engine->Validate(fixture.Request())).findings) ==
          std::vector<std::string>{"1 CONFLICT archive.session-exists", "16 WARN host.note",
                                   "16 CONFLICT archive.scan-exists",
                                   "16 CONFLICT archive.scan-exists", "17 FAIL host.no"});
  }

  TEST_CASE("a malformed finding is put right, blocks when in doubt, and is told") {
    struct Case {
      Finding found;
      const char* expected;
    };
    const std::string long_text(10'000, 'x');
    const Case cases[] = {
        {{99, FindingType::kFail, "host.a", "m"}, "17 FAIL host.a"},
        {{99, FindingType::kWarn, "host.a", "m"}, "17 FAIL host.a"},
        {{0, FindingType::kWarn, "host.a", "m"}, "17 FAIL host.a"},
        {{17, FindingType::kWarn, "host.a", "m"}, "17 FAIL host.a"},
        {{16, FindingType::kFail, "host.a", "m"}, "17 FAIL host.a"},
        {{1, FindingType::kConflict, "host.a", "m"}, "17 FAIL host.a"},
        {{16, static_cast<FindingType>(77), "host.a", "m"}, "17 FAIL host.a"},
        {{16, FindingType::kWarn, "", "m"}, "16 WARN validator.unnamed"},
        {{16, FindingType::kWarn, "archive.bad-entry", "m"}, "16 WARN validator.unnamed"},
        {{16, FindingType::kWarn, "Not a slug", "m"}, "16 WARN validator.unnamed"},
        {{16, FindingType::kWarn, long_text, "m"}, "16 WARN validator.unnamed"},
        {{17, FindingType::kFail, "host.a", ""}, "17 FAIL host.a"},
        {{17, FindingType::kFail, "host.a", long_text}, "17 FAIL host.a"},
        {{17, FindingType::kFail, "host.a", "two\nlines \xFF"}, "17 FAIL host.a"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.expected);
      CAPTURE(c.found.code);
      std::vector<Finding> findings = {Warning("archive.earlier")};
      AddHostFindings({c.found, Warning("host.fine")}, &findings);
      CHECK(Lines(findings) == std::vector<std::string>{"16 WARN archive.earlier", c.expected,
                                                        "16 WARN host.fine", kMalformed});
      CHECK_FALSE(findings[1].message.empty());
      CHECK(findings[1].message.size() <= 500);
      CHECK(findings[1].message.find('\n') == std::string::npos);
      CHECK(findings[1].message.find('\xFF') == std::string::npos);
      CHECK(findings[2].message == "take note");
    }
  }

  TEST_CASE("of a million findings a hundred are kept, and none of the others can be missed") {
    for (const bool fails : {false, true}) {
      CAPTURE(fails);
      std::vector<Finding> found(1'000'000, Warning("host.note"));
      if (fails) found.back() = Failure("host.no");
      std::vector<Finding> findings;
      AddHostFindings(std::move(found), &findings);
      REQUIRE(findings.size() == 101);
      CHECK(Line(findings[99]) == "16 WARN host.note");
      CHECK(Line(findings[100]) ==
            (fails ? "17 FAIL validator.too-many" : "16 WARN validator.too-many"));
      CHECK(findings[100].message.find("999900") != std::string::npos);
    }
  }

  TEST_CASE("a validator that fails ends the call; the session is not marked") {
    ValidatorFixture fixture;
    fixture.Use({[](const SessionCandidate&, const Cancelled&, std::vector<Finding>* findings) {
      findings->push_back(Failure("host.half-done"));
      return Status(Code::kCorruption, "host.database-down", "cannot say")
          .WithDiskState(DiskState::kRecoveryPending);
    }});
    const Status validated = fixture.engine->Validate(fixture.Request()).status();
    const Status archived = fixture.engine->Archive(fixture.Request()).status();
    for (const Status* status : {&validated, &archived}) {
      CHECK(status->code() == Code::kHandlerFailed);
      CHECK(status->reason() == "host.database-down");
      CHECK(status->disk_state() == DiskState::kUnchanged);
    }
    CHECK(Must(fixture.engine->FindPrearchiveSession(fixture.src)).state ==
          PrearchiveState::kReady);
  }
}

}  // namespace xnatarchive
