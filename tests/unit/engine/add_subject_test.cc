// Subjects that are made before anything of them is archived.
#include <doctest/doctest.h>

#include "archive/operation_home.hpp"
#include "archive/trees.hpp"
#include "support/engine_fixture.hpp"
#include "support/test_hooks.hpp"

namespace xnatarchive {
namespace {

const std::string kSubjects = "root/archive/DEMO/subjects/";

std::string Reason(const Result<AddedSubject>& added) {
  return std::string(added.status().reason());
}

}  // namespace

TEST_SUITE("engine.add_subject") {
  TEST_CASE("a subject is made once; its first session joins it; the tree tells of it") {
    EngineFixture fixture;
    const AddedSubject made = Must(fixture.engine->AddSubject("DEMO", "Ann_1"));
    CHECK(made.added);
    CHECK(made.id == "XNAT_S00001");
    const std::string before = fixture.tree.Dump("root/archive");
    for (const char* name : {"Ann_1", "ann_1", "XNAT_S00001"}) {
      const AddedSubject again = Must(fixture.engine->AddSubject("DEMO", name));
      CHECK_FALSE(again.added);
      CHECK(again.id == made.id);
    }
    CHECK(fixture.tree.Dump("root/archive") == before);
    fixture.WriteStudy("a", 1);
    ImportRequest request = fixture.Request("a");
    request.parameters["subject"] = "Ann_1";
    Must(fixture.Archive(Must(fixture.engine->Import(request)).uris.at(0)));
    const SessionDocument document = Must(fixture.engine->Document("/experiments/XNAT_E00001"));
    CHECK(document.Get("subject_ID") == made.id);
    CHECK(Must(fixture.engine->AddSubject("DEMO", "Bob")).id == "XNAT_S00002");

    // A lost store is told when the documents were written; all else is in the trees.
    const auto listing = [&] {
      Table table = Must(fixture.engine->List("/projects/DEMO"));
      REQUIRE(table.columns.at(2) == "insert_date");
      for (auto& row : table.rows) {
        CHECK(row[2].substr(0, 2) == "20");
        row[2].clear();
      }
      return table.rows;
    };
    const auto listed = listing();
    CHECK(listed.size() == 2);
    fixture.LoseStore();
    Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
    fixture.Open();
    Must(fixture.engine->Reindex());
    CHECK(listing() == listed);
  }

  TEST_CASE("a document that a call left behind keeps its ID") {
    EngineFixture fixture;
    Must(fixture.engine->AddSubject("DEMO", "Ann"));
    std::string document = fixture.tree.Read(kSubjects + "Ann/subject.xml");
    for (const auto& [from, to] :
         {std::pair<std::string, std::string>{"XNAT_S00001", "XNAT_S00009"},
          {"\"Ann\"", "\"Bob\""}}) {
      const std::size_t at = document.find(from);
      REQUIRE(at != std::string::npos);
      document.replace(at, from.size(), to);
    }
    fixture.tree.Write(kSubjects + "Bob/subject.xml", document);
    const AddedSubject bob = Must(fixture.engine->AddSubject("DEMO", "Bob"));
    CHECK(bob.added);
    CHECK(bob.id == "XNAT_S00009");
    CHECK(fixture.tree.Read(kSubjects + "Bob/subject.xml") == document);
  }

  TEST_CASE("what is no label, has no project, may not be, or is in other hands is refused") {
    EngineFixture fixture;
    fixture.tree.Write(kSubjects + "Torn/subject.xml", "<xnat:Subj");
    for (const char* label : {"", "a b", "../x", "a/b", "--", ".xa-x"}) {
      CAPTURE(label);
      CHECK(Reason(fixture.engine->AddSubject("DEMO", label)) == "subject.bad-label");
    }
    CHECK(Reason(fixture.engine->AddSubject("NONE", "Ann")) == "project.not-found");
    CHECK(fixture.engine->AddSubject("DEMO", "Torn").status().code() == Code::kCorruption);
    {
      const Trees trees{
          Must(Directory::Open(PosixFileSystem(), fixture.options.root + "/archive")),
          Must(Directory::Open(PosixFileSystem(), fixture.options.root + "/prearchive"))};
      const FileLock lock = Must(LockSession(trees, ArchiveLockKey("DEMO", "subjects/ann")));
      CHECK(Reason(fixture.engine->AddSubject("DEMO", "Ann")) == "operation.locked");
    }
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string&, Permission permission, const std::string&, const Cancelled&) {
          return permission == Permission::kRead ? Status()
                                                 : Status(Code::kPermission, "host.no", "no");
        });
    fixture.Open();
    CHECK(fixture.engine->AddSubject("DEMO", "Ann").status().code() == Code::kPermission);
    CHECK(Must(fixture.engine->List("/projects/DEMO")).rows.empty());
    CHECK_FALSE(fixture.tree.Exists(kSubjects + "Ann"));
  }
}

}  // namespace xnatarchive
