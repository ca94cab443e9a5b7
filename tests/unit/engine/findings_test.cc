// Every code of the table of findings, provoked from real files: validation and archiving say the
// same, and neither changes what it refuses.
#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "support/test_hooks.hpp"
#include "unit/engine/findings_fixture.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kCatalog = "/SCANS/1/DICOM/scan_1_catalog.xml";

using Fixture = FindingsFixture;

ArchiveRequest RequestOf(const std::string& src, Overwrite overwrite = Overwrite::kAppend) {
  ArchiveRequest request;
  request.src = src;
  request.overwrite = overwrite;
  return request;
}

/// A session that says it is the experiment XNAT_E00001, which is archived.
std::string ReceiveExisting(Fixture& fixture) {
  fixture.ArchiveNow();
  const std::string src = fixture.Receive({Fixture::Object(1, 2)});
  fixture.ChangeDocument(Fixture::DirectoryOf(src) + ".xml",
                         [](SessionDocument& document) { document.id = "XNAT_E00001"; });
  return src;
}

/// What is found in a session whose document was changed.
std::string WithDocument(const std::function<void(SessionDocument&)>& change) {
  Fixture fixture;
  const std::string src = fixture.Receive({Fixture::Object(1), Fixture::Object(2)});
  fixture.ChangeDocument(Fixture::DirectoryOf(src) + ".xml", change);
  return fixture.Findings(src);
}

/// What is found in a session whose files were changed; its directory is given.
std::string WithFiles(const std::function<void(Fixture&, const std::string&)>& change,
                      Overwrite overwrite = Overwrite::kNone) {
  Fixture fixture;
  const std::string src = fixture.Receive();
  change(fixture, Fixture::DirectoryOf(src));
  return fixture.Findings(src, overwrite);
}

/// The only file of a session of one object.
std::string FileOf(const std::string& directory) {
  return directory + "/SCANS/1/DICOM/" + InstanceUid(Fixture::Object()) + ".dcm";
}

}  // namespace

TEST_SUITE("engine.findings") {
  TEST_CASE("nothing is found in a good session") {
    CHECK(WithFiles([](Fixture&, const std::string&) {}) == "");
  }

  TEST_CASE("1 and 16: the session exists, and its scans") {
    Fixture fixture;
    fixture.ArchiveNow();
    const std::string src = fixture.Receive({Fixture::Object(1, 2)});
    CHECK(fixture.Findings(src) == "1C/archive.session-exists 16C/archive.scan-exists");
    CHECK(fixture.Findings(src, Overwrite::kAppend) == "");
  }

  TEST_CASE("2 to 4: label, project and subject of the existing session do not change") {
    for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
      Fixture fixture;
      Project other;
      other.id = "OTHER";
      Must(fixture.engine->AddProject(other));
      const std::string src = ReceiveExisting(fixture);
      ArchiveRequest request = RequestOf(src, overwrite);
      request.parameters["session"] = "S2";
      CHECK(fixture.Findings(request) == "2F/archive.label-changes");
      request = RequestOf(src, overwrite);
      request.dest = "/archive/projects/OTHER";
      CHECK(fixture.Findings(request) == "3F/archive.project-changes 4F/archive.subject-changes");
      request = RequestOf(src, overwrite);
      request.parameters["subject"] = "somebody_else";
      CHECK(fixture.Findings(request) == "4F/archive.subject-changes");
      CHECK(fixture.Findings(RequestOf(src, overwrite)) == "");
    }
  }

  TEST_CASE("5 and 19: another study is refused by append, unless the project allows it") {
    for (const bool allowed : {false, true}) {
      CAPTURE(allowed);
      Fixture fixture;
      Must(fixture.engine->SetSetting("allow_uid_mismatch", allowed ? "true" : "false", "DEMO"));
      fixture.ArchiveNow();
      DicomSpec other = Fixture::Object(3, 1);
      other.study = 2;
      other.values[0x00100010] = "Test^Subject1";
      const std::string src = fixture.Receive({other});
      const std::string reason =
          allowed ? "19C/archive.uid-differs-allowed" : "5C/archive.uid-differs";
      CHECK(fixture.Findings(src) == "1C/archive.session-exists " + reason);
      CHECK(fixture.Findings(src, Overwrite::kAppend) == (allowed ? "" : reason));
      if (!allowed) CHECK(fixture.Findings(src, Overwrite::kDelete) == "");
      std::string merged;  // what the trail says of the merge
      for (const auto& row : Must(fixture.engine->Audit("/experiments/XNAT_E00001")).rows) {
        if (StartsWith(row[3], "Merged")) merged += row[3] + " " + row[4] + "\n";
      }
      CHECK(merged == std::string(allowed ? "Merged Failed\n" : "Merged Failed\nMerged Failed\n") +
                          "Merged Complete\nMerged UIDs Complete\n");
    }
  }

  TEST_CASE(
      "19: a session of another modality is refused under any policy, unless the site allows") {
    for (const bool prevented : {true, false}) {
      CAPTURE(prevented);
      Fixture fixture;
      Must(
          fixture.engine->SetSetting("prevent_cross_modality_merge", prevented ? "true" : "false"));
      fixture.ArchiveNow();
      DicomSpec other = Fixture::Object(3, 1);
      other.modality = "CT";
      const std::string src = fixture.Receive({other});
      const std::string reason = prevented ? "19F/archive.modality-differs" : "";
      if (prevented) CHECK(fixture.Findings(src, Overwrite::kDelete) == reason);
      CHECK(fixture.Findings(src, Overwrite::kAppend) == reason);
    }
  }

  TEST_CASE("6: no project, or one that does not exist") {
    Fixture fixture;
    fixture.WriteStudy("a", 1, 1, 1);
    ImportRequest import = fixture.Request("a");
    import.parameters.erase("project");
    ArchiveRequest request;
    request.src = Must(fixture.engine->Import(import)).uris.at(0);
    Must(fixture.engine->Build(request.src));
    CHECK(fixture.Findings(request) == "6F/archive.no-project");
    request.dest = "/archive/projects/NOBODYS";
    CHECK(fixture.Findings(request) == "6F/archive.unknown-project");
    request.dest = "/archive/projects/DEMO";
    CHECK(fixture.Findings(request) == "");
  }

  TEST_CASE("7: a parameter that is no XML path of the session") {
    Fixture fixture;
    ArchiveRequest request = RequestOf(fixture.Receive());
    request.fields = {{"xnat:mrSessionData/no/such/thing", "x"}};
    CHECK(fixture.Findings(request) == "7F/archive.bad-field");
  }

  TEST_CASE("8 and 11: a label or subject that can not be a name; no subject at all") {
    Fixture fixture;
    ArchiveRequest request = RequestOf(fixture.Receive());
    request.parameters["session"] = "***";
    CHECK(fixture.Findings(request) == "8F/archive.bad-label");
    request.parameters = {{"subject", "***"}};
    CHECK(fixture.Findings(request) == "11F/archive.bad-subject");
    CHECK(WithDocument([](SessionDocument& document) {
            document.Set("subject_ID", "");
            document.Set("dcmPatientName", "");
          }) == "11F/archive.no-subject");
  }

  TEST_CASE("9: the numbers of session IDs, or of a new subject's, are used up") {
    for (const bool of_session : {true, false}) {
      Fixture fixture;
      fixture.ArchiveNow();
      const std::string last = of_session ? "XNAT_E999999999999999" : "XNAT_S999999999999999";
      fixture.ChangeDocument("root/archive/DEMO/arc001/S1/session.xml",
                             [&](SessionDocument& document) {
                               if (of_session) document.id = last;
                               if (!of_session) document.Set("subject_ID", last);
                             });
      if (!of_session) {
        const std::string subject = "root/archive/DEMO/subjects/Test_Subject1/subject.xml";
        std::string text = fixture.tree.Read(subject);
        text.replace(text.find("XNAT_S00001"), last.size() - 10, last);
        fixture.tree.Write(subject, text);
      }
      CHECK(Must(fixture.engine->Reindex()).experiments == 1);
      ArchiveRequest request = RequestOf(fixture.Receive({Fixture::Object(1, 2)}));
      CHECK(fixture.Findings(request) == "");
      request = RequestOf(fixture.Receive({Fixture::Object(1, 3)}));
      request.parameters = {{"session", "S2"}};
      CHECK(fixture.Findings(request) == (of_session ? "9F/archive.no-id" : ""));
      if (!of_session) request = RequestOf(fixture.Receive({Fixture::Object(1, 4)}));
      request.parameters = {{"session", "S3"}, {"subject", "new"}};
      CHECK(fixture.Findings(request) == "9F/archive.no-id");
    }
  }

  TEST_CASE("10: a pipeline is at work on the existing session") {
    Fixture fixture;
    Project project;
    project.id = "RUN";
    project.autorun = "pipeline.sh";
    Must(fixture.engine->AddProject(project));
    const std::string first = fixture.Receive();
    std::vector<std::string> found;
    bool running = false;
    fixture.options.pipeline_launcher = std::make_shared<TestLauncher>(
        [&](const PipelineRequest&, const Cancelled&) -> PipelineResult {
          if (running) return {Status(), ""};
          running = true;
          ArchiveRequest request = RequestOf(fixture.Receive({Fixture::Object(1, 2)}));
          request.dest = "/archive/projects/RUN";
          found.push_back(fixture.Findings(request));
          request.overwrite = Overwrite::kDelete;
          found.push_back(fixture.Findings(request));
          return {Status(), "done"};
        });
    fixture.Open();
    ArchiveRequest request = RequestOf(first);
    request.dest = "/archive/projects/RUN";
    CHECK(Must(fixture.engine->Archive(request)).pipeline.ok());
    REQUIRE(found.size() == 2);
    CHECK(found[0] == "10C/archive.processing-open");
    CHECK(found[1] == "");
  }

  TEST_CASE("12: a subject that can not be looked up is a warning, and archiving fails") {
    Fixture fixture;
    fixture.ArchiveNow();
    const ArchiveRequest merge = RequestOf(fixture.Receive({Fixture::Object(1, 2)}));
    ArchiveRequest fresh = merge;
    fresh.parameters = {{"session", "S2"}};
    soci::session sql(soci::sqlite3, "db=\"" + fixture.tree.path() + "/root/store.sqlite3\"");
    sql << "ALTER TABLE subjects RENAME TO lost";
    const std::string before = fixture.Sessions();
    for (const ArchiveRequest& request : {merge, fresh}) {
      const ValidationReport report = Must(fixture.engine->Validate(request));
      CHECK(Fixture::Tell(report.findings) == "12W/archive.subject-unknown");
      CHECK(report.findings[0].message == "the subject could not be looked up now: store.corrupt");
      CHECK_FALSE(report.blocked);
      CHECK(fixture.engine->Archive(request).status().reason() == "store.corrupt");
      CHECK(fixture.Sessions() == before);
    }
    const std::string document = "root/archive/DEMO/arc001/S1/session.xml";
    const std::string bytes = fixture.tree.Read(document);
    fixture.tree.Write(document, "<no xml");  // nor can the archived session tell its subject
    CHECK(Fixture::Tell(Must(fixture.engine->Validate(merge)).findings) ==
          "12W/archive.subject-unknown 15F/archive.no-merge");
    fixture.tree.Write(document, bytes);
    sql << "ALTER TABLE lost RENAME TO subjects";
    CHECK(fixture.Findings(merge) == "");
  }

  TEST_CASE("13: a document that is no session's") {
    CHECK(WithDocument([](SessionDocument& document) { document.scans[0].xsi_type = "mr"; }) ==
          "13F/archive.bad-document");
    CHECK(WithDocument([](SessionDocument& document) { document.scans[1].id = "1"; }) ==
          "13F/archive.repeated-scan");
    CHECK(WithDocument([](SessionDocument& document) { document.scans[1].id = "../2"; }) ==
          "13F/archive.unsafe-name");
    CHECK(WithDocument([](SessionDocument& document) { document.scans.clear(); }) ==
          "13F/archive.bad-document 20W/archive.unlisted-files");
  }

  TEST_CASE("13: values that are not of their types, until they are set right") {
    CHECK(WithDocument([](SessionDocument& document) { document.Set("date", "18.03.2024"); }) ==
          "13F/archive.bad-value");
    CHECK(WithDocument([](SessionDocument& document) { document.scans[1].Set("frames", "x"); }) ==
          "13F/archive.bad-value");
    Fixture fixture;
    ArchiveRequest request = RequestOf(fixture.Receive());
    request.fields = {{"xnat:mrSessionData/date", "garbage"}};
    CHECK(fixture.Findings(request) == "13F/archive.bad-value");
    const Status refused = fixture.engine->Archive(request).status();
    CHECK(refused.code() == Code::kInvalidArgument);
    CHECK(refused.reason() == "archive.bad-value");
    CHECK(refused.message().find("garbage") == std::string::npos);
    request.fields = {{"xnat:mrSessionData/date", "2024-03-18"}};
    CHECK(fixture.Findings(request) == "");
    CHECK(fixture.tree.Read("root/archive/DEMO/arc001/S1/session.xml")
              .find("<xnat:date>2024-03-18</xnat:date>") != std::string::npos);
  }

  TEST_CASE("13: a document that can not be read, or is not there; nothing else is said then") {
    for (const char* bytes : {"<xnat:MRSession", "", "<html/>", "gone"}) {
      CAPTURE(std::string(bytes));
      Fixture fixture;
      const std::string src = fixture.Receive();
      const std::string document = Fixture::DirectoryOf(src) + ".xml";
      if (bytes == std::string("gone")) {
        fixture.tree.Remove(document);
      } else {
        fixture.tree.Write(document, bytes);
      }
      CHECK(Must(fixture.engine->Validate(RequestOf(src))).uri.empty());
      CHECK(fixture.Findings(src) == "13F/archive.bad-document");
      Must(fixture.engine->Build(src));
      CHECK(fixture.Findings(src) == "");
    }
  }

  TEST_CASE("13: resources that are not in their place") {
    for (const char* uri : {"/SCANS/2/DICOM/scan_2_catalog.xml", "../S2/SCANS/2/DICOM/c.xml",
                            "SCANS/1/DICOM/other_catalog.xml", "scan_2_catalog.xml"}) {
      CAPTURE(std::string(uri));
      CHECK(WithDocument([&](SessionDocument& document) {
              document.scans[1].resources[0].uri = uri;
            }).find("13F/archive.bad-resource") != std::string::npos);
    }
  }

  TEST_CASE("13: a session document whose scans do not match the directory") {
    CHECK(WithDocument([](SessionDocument& document) {
            document.scans[1].id = "7";
            document.scans[1].resources[0].uri = "SCANS/7/DICOM/scan_7_catalog.xml";
          }) == "13F/archive.missing-file 20W/archive.unlisted-files");
    // A scan the document does not know travels along, as files of no resource.
    CHECK(WithDocument([](SessionDocument& document) { document.scans.pop_back(); }) ==
          "20W/archive.unlisted-files");
  }

  TEST_CASE("13: catalogs that can not be read, or name what is not theirs or not there") {
    const auto catalog = [](const std::function<void(Catalog&)>& change) {
      return WithFiles([&](Fixture& fixture, const std::string& directory) {
        fixture.ChangeCatalog(directory + kCatalog, change);
      });
    };
    const auto uri = [&](const std::string& text) {
      return catalog([&](Catalog& one) { one.entries[0].uri = text; });
    };
    CHECK(uri("../../2/DICOM/x.dcm") == "13F/archive.bad-entry 20W/archive.unlisted-files");
    CHECK(uri("/etc/passwd") == "13F/archive.bad-entry 20W/archive.unlisted-files");
    CHECK(uri("nothing.dcm") == "13F/archive.missing-file 20W/archive.unlisted-files");
    CHECK(uri("http://host/x.dcm") == "20W/archive.unlisted-files");
    CHECK(catalog([](Catalog& one) { one.entries.push_back(one.entries[0]); }) ==
          "13F/archive.bad-entry 22W/archive.repeated-uid");
    CHECK(catalog([](Catalog& one) { one.entries[0].uri = "scan_1_catalog.xml"; }) ==
          "13F/archive.bad-entry 20W/archive.unlisted-files");
    CHECK(WithFiles([](Fixture& fixture, const std::string& directory) {
            fixture.tree.Write(directory + kCatalog, "<no catalog");
          }).find("13F/archive.bad-catalog") == 0);
    CHECK(WithFiles([](Fixture& fixture, const std::string& directory) {
            fixture.tree.Remove(FileOf(directory));
          }) == "13F/archive.missing-file");
  }

  TEST_CASE("13: a file that came into another series or study since it was built") {
    for (const std::uint32_t tag : {0x0020000Du, 0x0020000Eu, 0x00204000u}) {
      DicomSpec other = Fixture::Object();
      other.values[tag] = "1.2.3.4";
      const std::string found = WithFiles([&](Fixture& fixture, const std::string& directory) {
        fixture.tree.Write(FileOf(directory), MakeDicom(other));
      });
      CHECK(found == (tag == 0x00204000u ? "" : "13F/archive.other-object"));
    }
  }

  TEST_CASE("13: a file that is another object than when it was built, until it is built again") {
    const DicomSpec archived = Fixture::Object(1, 2);
    const std::vector<std::string> changed = {MakeDicom(archived), "", "no DICOM"};
    for (const char* checksum : {"md5+xxh3", "none"}) {
      for (const std::string& bytes : changed) {
        CAPTURE(std::string(checksum));
        CAPTURE(bytes.size());
        Fixture fixture;
        Must(fixture.engine->SetSetting("checksum", checksum));
        fixture.Open();
        fixture.ArchiveNow({Fixture::Object(1, 1), archived});
        DicomSpec corrected = Fixture::Object(1, 1);
        corrected.values[0x00204000] = "corrected ";  // Image Comments
        const std::string src = fixture.Receive({corrected});
        const std::string file = FileOf(Fixture::DirectoryOf(src));
        fixture.tree.Write(file, bytes);
        for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
          CHECK(fixture.Findings(src, overwrite).find("13F/archive.other-object") == 0);
        }
        if (bytes != MakeDicom(archived)) continue;
        Must(fixture.engine->Build(src));
        CHECK(fixture.Findings(src, Overwrite::kAppend) == "");
        CHECK(Must(fixture.engine->Verify({})).problems.empty());
      }
    }
  }

  TEST_CASE("a file that was changed and is the same object is archived as it is now") {
    Fixture fixture;
    const std::string src = fixture.Receive();
    DicomSpec corrected = Fixture::Object();
    corrected.values[0x00204000] = "corrected ";  // Image Comments
    fixture.tree.Write(FileOf(Fixture::DirectoryOf(src)), MakeDicom(corrected));
    CHECK(fixture.Findings(src) == "");
    CHECK(Must(fixture.engine->Verify({})).problems.empty());
    CHECK(fixture.tree.Read(FileOf("root/archive/DEMO/arc001/S1")) == MakeDicom(corrected));
  }

  TEST_CASE("13: a link or anything else that is no file") {
    CHECK(WithFiles([](Fixture& fixture, const std::string& directory) {
            fixture.tree.Symlink("/etc/passwd", directory + "/SCANS/1/DICOM/x.dcm");
          }) == "13F/archive.not-a-file");
    CHECK(WithFiles([](Fixture& fixture, const std::string& directory) {
            fixture.tree.Symlink("/etc", directory + "/SCANS/9");
          }) == "13F/archive.not-a-file");
    CHECK(WithFiles([](Fixture& fixture, const std::string& directory) {
            fixture.tree.Remove(FileOf(directory));
            fixture.tree.Symlink("/etc/passwd", FileOf(directory));
          }) == "13F/archive.not-a-file 13F/archive.missing-file");
  }

  TEST_CASE("14: files that differ, and names that are taken") {
    Fixture fixture;
    fixture.ArchiveNow({Fixture::Object(1, 1), Fixture::Object(1, 2)});
    DicomSpec changed = Fixture::Object(1, 1);
    changed.values[0x00204000] = "changed";
    std::string src = fixture.Receive({changed});
    CHECK(fixture.Findings(src, Overwrite::kAppend) == "14C/archive.merge-conflict");
    CHECK(fixture.Findings(src, Overwrite::kDelete) == "");
    src = fixture.Receive({Fixture::Object(1, 3)});
    const std::string directory = Fixture::DirectoryOf(src) + "/SCANS/1/DICOM/";
    const std::string taken = InstanceUid(Fixture::Object(1, 2)) + ".dcm";
    const std::string own = InstanceUid(Fixture::Object(1, 3)) + ".dcm";
    fixture.tree.Write(directory + taken, fixture.tree.Read(directory + own));
    fixture.tree.Remove(directory + own);
    fixture.ChangeCatalog(directory + "scan_1_catalog.xml", [&](Catalog& catalog) {
      catalog.entries[0].uri = taken;
      catalog.entries[0].meta_fields.clear();
      catalog.entries[0].digest = "";
    });
    CHECK(fixture.Findings(src, Overwrite::kAppend) == "14C/archive.name-taken");
    CHECK(fixture.Findings(src, Overwrite::kDelete) == "14C/archive.name-taken");
  }

  TEST_CASE("14: identical files, where the site says that they are conflicts") {
    Fixture fixture;
    fixture.ArchiveNow();
    Must(fixture.engine->SetSetting("identical_files", "conflict"));
    const std::string src = fixture.Receive();
    CHECK(fixture.Findings(src, Overwrite::kAppend) == "14C/archive.identical-file");
    CHECK(fixture.Findings(src, Overwrite::kDelete) == "");
  }

  TEST_CASE("17 and 18: a number that another series has, a series that has another number") {
    Fixture fixture;
    fixture.ArchiveNow();
    std::string src = fixture.Receive({Fixture::Object(2, 1, "1")});
    CHECK(fixture.Findings(src) == "1C/archive.session-exists 17C/archive.scan-renamed");
    CHECK(fixture.Findings(src, Overwrite::kAppend) == "");
    src = fixture.Receive({Fixture::Object(1, 2, "5")});
    CHECK(fixture.Findings(src) == "1C/archive.session-exists 18C/archive.scan-moved");
    CHECK(fixture.Findings(src, Overwrite::kAppend) == "18C/archive.scan-moved");
    CHECK(fixture.Findings(src, Overwrite::kDelete) == "");
  }

  TEST_CASE("20 to 22 are warnings, which delete does not give") {
    using Change = std::function<void(Fixture&, const std::string&)>;
    const Change unlisted = [](Fixture& fixture, const std::string& directory) {
      fixture.tree.Write(directory + "/SCANS/1/DICOM/notes.txt", "unlisted");
    };
    const Change no_uid = [](Fixture& fixture, const std::string& directory) {
      fixture.ChangeCatalog(directory + kCatalog,
                            [](Catalog& catalog) { catalog.entries[0].uid = ""; });
    };
    const Change no_catalog = [](Fixture& fixture, const std::string& directory) {
      fixture.tree.Remove(directory + kCatalog);
    };
    const Change twice = [](Fixture& fixture, const std::string& directory) {
      fixture.tree.Write(directory + "/SCANS/1/DICOM/copy.dcm", "other bytes");
      fixture.ChangeCatalog(directory + kCatalog, [](Catalog& catalog) {
        CatalogEntry copy;
        copy.dicom = true;
        copy.uri = "copy.dcm";
        copy.uid = catalog.entries[0].uid;
        catalog.entries.push_back(copy);
      });
    };
    CHECK(WithFiles(unlisted) == "20W/archive.unlisted-files");
    CHECK(WithFiles(no_uid) == "20W/archive.not-dicom");
    CHECK(WithFiles(no_catalog) == "20W/archive.not-dicom 21W/archive.no-catalog");
    CHECK(WithFiles(twice) == "22W/archive.repeated-uid");
    for (const Change& change : {unlisted, no_uid, no_catalog, twice}) {
      CHECK(WithFiles(change, Overwrite::kDelete) == "");
    }
  }

  TEST_CASE("22: a scan that the series import filter does not take") {
    Fixture fixture;
    const std::string src = fixture.Receive();
    const std::string description =
        Must(fixture.engine->Document(src)).scans[0].Get("series_description");
    Must(fixture.engine->SetSetting("series_import_filter", "blacklist\n" + description));
    CHECK(fixture.Findings(src) == "22F/archive.filtered-series");
  }
}

}  // namespace xnatarchive
