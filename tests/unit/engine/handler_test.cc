#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>

#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

using DescribeFunction = TestHandler::Function;

/// Keeps every file in resource FILES of scan 1 of `session`.
Status KeepIn(SessionDraft& session, ImportSource& source, SessionDrafts& drafts) {
  session.document.xsi_type = "xnat:otherDicomSessionData";
  session.document.label = "X1";
  session.document.Set("subject_ID", "X");
  Scan& scan = session.document.scans.emplace_back();
  scan.xsi_type = "xnat:otherDicomScanData";
  scan.id = "1";
  return source.ForEachFile([&](SourceFile& file) {
    CatalogEntry entry;
    entry.uri = file.path();
    return drafts.Keep(file, session, "1", "FILES", std::move(entry));
  });
}

Status KeepAll(ImportSource& source, SessionDrafts& drafts) {
  return KeepIn(drafts.Add(), source, drafts);
}

struct HandlerFixture : EngineFixture {
  Result<ImportReport> ImportWith(DescribeFunction describe) {
    Must(engine->Register(std::make_unique<TestHandler>("test", std::move(describe))));
    tree.Write("in/f/a.txt", "alpha");
    tree.Write("in/f/sub/b.txt", "beta");
    ImportRequest request = Request("f");
    request.handler = "test";
    return engine->Import(request);
  }
  bool NothingReceived() const { return Must(engine->PrearchiveSessions()).empty(); }
};

}  // namespace

TEST_SUITE("engine.handlers") {
  TEST_CASE("a host's handler archives files that are not DICOM") {
    HandlerFixture fixture;
    const ImportReport report = Must(fixture.ImportWith(KeepAll));
    REQUIRE(report.uris.size() == 1);
    CHECK(Must(fixture.engine->FindPrearchiveSession(report.uris[0])).state ==
          PrearchiveState::kReady);
    const ArchiveReport archived = Must(fixture.Archive(report.uris[0]));
    CHECK(archived.files == 2);
    CHECK(archived.files_hashed == 0);
    const Table files = Must(fixture.engine->List(archived.uri + "/scans/1/resources/FILES"));
    REQUIRE(files.rows.size() == 2);
    CHECK(fixture.tree.Read("root/archive/DEMO/arc001/X1/SCANS/1/FILES/sub/b.txt") == "beta");
  }

  TEST_CASE(
      "a digest that a file does not have is refused, whether the session is to be built or not") {
    for (const bool needs_build : {false, true}) {
      CAPTURE(needs_build);
      HandlerFixture fixture;
      const Result<ImportReport> report =
          fixture.ImportWith([&](ImportSource& source, SessionDrafts& drafts) {
            SessionDraft& session = drafts.Add();
            session.needs_build = needs_build;
            session.document.xsi_type = "xnat:otherDicomSessionData";
            session.document.label = "X1";
            return source.ForEachFile([&](SourceFile& file) {
              CatalogEntry entry;
              entry.uri = file.path();
              entry.digest = std::string(32, '0');
              return drafts.Keep(file, session, "", "FILES", std::move(entry));
            });
          });
      CHECK(report.status().reason() == "import.digest-mismatch");
      CHECK(report.status().path() == "RESOURCES/FILES/a.txt");
      CHECK(fixture.NothingReceived());
    }
  }

  TEST_CASE("a handler that throws, fails, or describes rubbish leaves nothing behind") {
    const std::vector<std::pair<const char*, DescribeFunction>> cases = {
        {"handler.threw",
         [](ImportSource& source, SessionDrafts& drafts) -> Status {
           Must(KeepAll(source, drafts));
           throw std::runtime_error("boom");
         }},
        {"test.failed",
         [](ImportSource& source, SessionDrafts& drafts) {
           Must(KeepAll(source, drafts));
           return Status(Code::kHandlerFailed, "test.failed", "failed");
         }},
        {"import.nothing", [](ImportSource&, SessionDrafts&) { return Status(); }},
        {"import.bad-draft",
         [](ImportSource& source, SessionDrafts& drafts) {
           SessionDraft& session = drafts.Add();
           session.document.xsi_type = "xnat:mrSessionData";
           session.document.label = "X";
           return source.ForEachFile([&](SourceFile& file) {
             CatalogEntry entry;
             entry.uri = file.path();
             return drafts.Keep(file, session, "7", "FILES", std::move(entry));
           });
         }},
        {"import.bad-name",
         [](ImportSource& source, SessionDrafts& drafts) {
           SessionDraft& session = drafts.Add();
           return source.ForEachFile([&](SourceFile& file) {
             CatalogEntry entry;
             entry.uri = "x";
             return drafts.Keep(file, session, "../../up", "FILES", std::move(entry));
           });
         }},
        {"handler.bad-document",
         [](ImportSource& source, SessionDrafts& drafts) {
           SessionDraft& session = drafts.Add();
           session.document.Set("a<b", "no XML name");
           return KeepIn(session, source, drafts);
         }},
        {"handler.bad-document",
         [](ImportSource& source, SessionDrafts& drafts) {
           SessionDraft& session = drafts.Add();
           const Status kept = KeepIn(session, source, drafts);
           session.document.xsi_type = "v";
           return kept;
         }},
        {"import.foreign-draft",
         [](ImportSource& source, SessionDrafts& drafts) {
           SessionDraft session;
           return source.ForEachFile([&](SourceFile& file) {
             CatalogEntry entry;
             entry.uri = "x";
             return drafts.Keep(file, session, "1", "FILES", std::move(entry));
           });
         }},
    };
    for (const auto& [reason, describe] : cases) {
      CAPTURE(reason);
      HandlerFixture fixture;
      const Result<ImportReport> refused = fixture.ImportWith(describe);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.status().reason() == reason);
      CHECK(fixture.NothingReceived());
      CHECK(fixture.tree.Dump("root/prearchive").find(".txt") == std::string::npos);
    }
  }

  TEST_CASE("entries may not leave their resource") {
    for (const char* uri : {"../x", "/etc/x", "a/../../x", "", "a//b", "a\nb"}) {
      CAPTURE(uri);
      HandlerFixture fixture;
      const Result<ImportReport> refused =
          fixture.ImportWith([&](ImportSource& source, SessionDrafts& drafts) {
            SessionDraft& session = drafts.Add();
            return source.ForEachFile([&](SourceFile& file) {
              CatalogEntry entry;
              entry.uri = uri;
              return drafts.Keep(file, session, "1", "FILES", std::move(entry));
            });
          });
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.status().code() == Code::kInvalidArgument);
      CHECK(fixture.NothingReceived());
    }
  }

  TEST_CASE(
      "what is received can be archived: names no catalog can hold and deep ones are refused") {
    HandlerFixture fixture;
    std::string uri;
    Must(fixture.engine->Register(
        std::make_unique<TestHandler>("names", [&](ImportSource& source, SessionDrafts& drafts) {
          SessionDraft& session = drafts.Add();
          session.document.xsi_type = "xnat:otherDicomSessionData";
          session.document.label = "X1";
          session.document.Set("subject_ID", "X");
          return source.ForEachFile([&](SourceFile& file) {
            CatalogEntry entry;
            entry.uri = uri;
            return drafts.Keep(file, session, "", "FILES", std::move(entry));
          });
        })));
    fixture.tree.Write("in/one/a.txt", "alpha");
    ImportRequest request = fixture.Request("one");
    request.handler = "names";
    std::string deep = "f";
    for (int i = 0; i < 48; ++i) deep = "d/" + deep;
    for (const std::string& bad : {std::string("a\uFFFE.txt"), std::string("\uFFFF"), deep}) {
      uri = bad;
      CHECK(fixture.engine->Import(request).status().code() == Code::kInvalidArgument);
      CHECK(fixture.NothingReceived());
    }
    uri = deep.substr(2);
    const ImportReport report = Must(fixture.engine->Import(request));
    CHECK(Must(fixture.Archive(report.uris[0])).files == 1);
  }

  TEST_CASE("names of handlers are checked and unique; an unknown one is not found") {
    EngineFixture fixture;
    const auto add = [&](const char* name) {
      return fixture.engine->Register(std::make_unique<TestHandler>(name, KeepAll)).code();
    };
    CHECK(add("SI") == Code::kAlreadyExists);
    CHECK(add("DICOM-zip") == Code::kAlreadyExists);
    CHECK(add("bad name") == Code::kInvalidArgument);
    CHECK(add("") == Code::kInvalidArgument);
    CHECK(add("mine") == Code::kOk);
    CHECK(add("mine") == Code::kAlreadyExists);
    fixture.WriteStudy("a", 1, 1, 1);
    ImportRequest request = fixture.Request("a");
    request.handler = "theirs";
    const Result<ImportReport> unknown = fixture.engine->Import(request);
    REQUIRE_FALSE(unknown.ok());
    CHECK(unknown.status().reason() == "import.unknown-handler");
  }

  TEST_CASE(
      "SI takes an archived session of another archive, as a folder, with all its catalogs say") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1);
    const ArchiveReport first = Must(fixture.Archive(fixture.Import("a").uris[0]));
    ImportRequest request;
    request.path = fixture.tree.path() + "/root/archive/DEMO/arc001/S1";
    request.handler = "SI";
    request.parameters["project"] = "DEMO";
    request.parameters["session"] = "S1_copy";
    const ImportReport report = Must(fixture.engine->Import(request));
    REQUIRE(report.uris.size() == 1);
    CHECK(report.files_received == 6);
    const ArchiveReport second = Must(fixture.Archive(report.uris[0]));
    CHECK(second.experiment_id != first.experiment_id);
    CHECK(second.files == 6);
    CHECK(second.files_hashed == 0);
    CHECK(second.warnings.empty());
    const SessionDocument a = Must(fixture.engine->Document(first.uri));
    const SessionDocument b = Must(fixture.engine->Document(second.uri));
    CHECK(a.uid == b.uid);
    CHECK(b.label == "S1_copy");
    REQUIRE(a.scans.size() == b.scans.size());
    CHECK(a.scans[0].Get("parameters/tr") == b.scans[0].Get("parameters/tr"));
  }

  TEST_CASE(
      "SI recognises a session that waits already; one that differs is a session of its own") {
    EngineFixture fixture;
    fixture.WriteStudy("a", 1);
    Must(fixture.Archive(fixture.Import("a").uris[0]));
    ImportRequest request;
    request.path = fixture.tree.path() + "/root/archive/DEMO/arc001/S1";
    request.handler = "SI";
    request.parameters["project"] = "DEMO";
    const ImportReport first = Must(fixture.engine->Import(request));
    const ImportReport again = Must(fixture.engine->Import(request));
    CHECK(again.uris == first.uris);
    CHECK(again.files_identical == 6);
    CHECK(again.files_received == 0);
    std::string document = fixture.tree.Read("root/archive/DEMO/arc001/S1/session.xml");
    document.replace(document.find("usable"), 6, "questionable");
    fixture.tree.Write("root/archive/DEMO/arc001/S1/session.xml", document);
    const ImportReport other = Must(fixture.engine->Import(request));
    CHECK(other.uris != first.uris);
    CHECK(other.files_received == 6);
  }

  TEST_CASE("SI without a document, or with one that can not be read, is refused") {
    EngineFixture fixture;
    fixture.tree.Write("in/f/SCANS/1/DICOM/a.dcm", "bytes");
    ImportRequest request = fixture.Request("f");
    request.handler = "SI";
    const Result<ImportReport> without = fixture.engine->Import(request);
    REQUIRE_FALSE(without.ok());
    CHECK(without.status().reason() == "session.no-document");
    fixture.tree.Write("in/f/session.xml", "<a><a><a>");
    const Result<ImportReport> broken = fixture.engine->Import(request);
    REQUIRE_FALSE(broken.ok());
    CHECK(broken.status().reason() == "session.bad-xml");
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
  }
}

}  // namespace xnatarchive
