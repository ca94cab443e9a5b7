// Merging into archived sessions through the engine: overwrite none, append, delete.
#include <doctest/doctest.h>

#include <algorithm>

#include "unit/engine/check_catalogs.hpp"
#include "unit/engine/merge_fixture.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {

TEST_SUITE("engine.merge") {
  TEST_CASE("five objects of one series number and two series end as two scans, one catalog each") {
    MergeFixture fixture;
    const auto object = [](int series, int instance) {
      return MergeFixture::Object(series, instance);
    };
    fixture.Merge({object(1, 1)}, Overwrite::kNone);
    fixture.Merge({object(2, 2)}, Overwrite::kDelete);
    CHECK(fixture.Scans() == "1:1 1-MR1:1");
    fixture.Merge({object(2, 3)}, Overwrite::kDelete);
    CHECK(fixture.Scans() == "1:1 1-MR1:2");
    fixture.Merge({object(1, 4), object(1, 5)}, Overwrite::kDelete);
    CHECK(fixture.Scans() == "1:3 1-MR1:2");
    CheckCatalogs(fixture, "XNAT_E00001", 5);
    const std::string tree = fixture.Archived();
    CHECK(tree.find("S1/SCANS/1/DICOM/scan_1_catalog.xml") != std::string::npos);
    CHECK(tree.find("S1/SCANS/1-MR1/DICOM/scan_1-MR1_catalog.xml") != std::string::npos);
    CHECK(tree.find("scan_1_catalog.xml", tree.find("scan_1_catalog.xml") + 1) ==
          std::string::npos);
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
    CHECK_FALSE(fixture.tree.Exists("root/archive/.xa/history"));
    const Table experiments = Must(fixture.engine->List("/projects/DEMO/experiments"));
    REQUIRE(experiments.rows.size() == 1);
    CHECK(experiments.rows[0][6] == "2");
    CHECK(experiments.rows[0][7] == "5");
  }

  TEST_CASE("a session that exists is refused without overwrite, and nothing changes") {
    MergeFixture fixture;
    fixture.Merge({MergeFixture::Object(1, 1)}, Overwrite::kNone);
    const std::string src = fixture.Receive({MergeFixture::Object(1, 2)});
    Must(fixture.engine->Build(src));
    const std::string before = fixture.Archived();
    const auto refused = fixture.Archive(src, Overwrite::kNone);
    CHECK(refused.status().reason() == "archive.session-exists");
    CHECK(refused.status().message() == "Session already exists, retry with overwrite enabled");
    CHECK(fixture.Archived() == before);
    CHECK(Must(fixture.engine->FindPrearchiveSession(src)).state == PrearchiveState::kConflict);
    CHECK(Must(fixture.Archive(src, Overwrite::kAppend)).counts.added == 1);
  }

  TEST_CASE("the same upload sent again with append changes nothing in the archive") {
    MergeFixture fixture;
    const std::vector<DicomSpec> objects = {MergeFixture::Object(1, 1), MergeFixture::Object(1, 2),
                                            MergeFixture::Object(2, 1, "2")};
    fixture.Merge(objects, Overwrite::kNone);
    const std::string before = fixture.Archived();
    for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
      const ArchiveReport report = fixture.Merge(objects, overwrite);
      CHECK(report.merged);
      CHECK(report.counts.identical == 3);
      CHECK(report.counts.added == 0);
      CHECK(report.counts.replaced == 0);
      CHECK(fixture.Archived() == before);
    }
    CHECK(Must(fixture.engine->PrearchiveSessions()).empty());
  }

  TEST_CASE("an upload sent again leaves the document that was changed since, unless told fields") {
    MergeFixture fixture;
    const std::vector<DicomSpec> objects = {MergeFixture::Object(1, 1)};
    fixture.Merge(objects, Overwrite::kNone);
    const std::string path = "root/archive/DEMO/arc001/S1/session.xml";
    SessionDocument document = Must(ParseSession(fixture.tree.Read(path)));
    document.Set("date", "2024-05-05");
    document.Set("note", "looked at");
    document.scans[0].type = "t1_corrected";
    document.scans[0].Set("frames", "77");
    fixture.tree.Write(path, WriteSession(document));
    const std::string before = fixture.Archived();
    for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
      CHECK(fixture.Merge(objects, overwrite).counts.identical == 1);
      CHECK(fixture.Archived() == before);
    }
    ArchiveRequest request;
    request.src = fixture.Receive(objects);
    request.overwrite = Overwrite::kAppend;
    request.fields = {{"xnat:mrSessionData/note", "looked at again"}};
    Must(fixture.engine->Archive(request));
    CHECK(Must(ParseSession(fixture.tree.Read(path))).Get("note") == "looked at again");
    ImportRequest upload = fixture.Request("m1");
    upload.parameters["rename"] = "true";
    upload.parameters["xnat:mrSessionData/note"] = "of the upload";
    request.src = Must(fixture.engine->Import(upload)).uris.at(0);
    request.fields.clear();
    CHECK(Must(fixture.engine->Archive(request)).counts.identical == 1);
    CHECK(Must(ParseSession(fixture.tree.Read(path))).Get("note") == "of the upload");
    fixture.Merge({MergeFixture::Object(1, 1), MergeFixture::Object(1, 2)}, Overwrite::kAppend);
    CHECK(Must(ParseSession(fixture.tree.Read(path))).Get("date") != "2024-05-05");
  }

  TEST_CASE("a series that was archived under a new number can be sent again, but not added to") {
    MergeFixture fixture;
    const auto object = [](int series, int instance) {
      return MergeFixture::Object(series, instance);
    };
    fixture.Merge({object(1, 1)}, Overwrite::kNone);
    fixture.Merge({object(2, 2)}, Overwrite::kAppend);
    REQUIRE(fixture.Scans() == "1:1 1-MR1:1");
    const std::string before = fixture.Archived();
    const auto again = [&](const std::vector<DicomSpec>& objects) {
      const FileCounts counts = fixture.Merge(objects, Overwrite::kAppend).counts;
      CHECK(counts.identical == objects.size());
      CHECK(counts.added == 0);
      CHECK(fixture.Archived() == before);
    };
    again({object(2, 2)});
    again({object(1, 1), object(2, 2)});
    again({object(2, 2), object(1, 1)});
    const auto refuse = [&](const std::string& waiting) {
      const std::string archived = fixture.Archived();
      CHECK(fixture.Archive(waiting, Overwrite::kAppend).status().reason() == "archive.scan-moved");
      CHECK(fixture.Archived() == archived);
    };
    const std::string noted = fixture.Receive({object(2, 2)});
    Must(fixture.engine->Build(noted));
    const std::string note = MergeFixture::WaitingDirectory(noted) + "/SCANS/1/note.txt";
    fixture.tree.Write(note, "of no resource");
    refuse(noted);
    fixture.tree.Remove(note);
    CHECK(Must(fixture.Archive(noted, Overwrite::kAppend)).counts.identical == 1);
    const std::string src = fixture.Receive({object(2, 2), object(2, 3)});
    refuse(src);
    CHECK(Must(fixture.Archive(src, Overwrite::kDelete)).counts.added == 1);
    CHECK(fixture.Scans() == "1:1 1-MR1:2");
  }

  TEST_CASE("append refuses to replace, names every file, and changes nothing") {
    MergeFixture fixture;
    fixture.Merge({MergeFixture::Object(1, 1), MergeFixture::Object(1, 2)}, Overwrite::kNone);
    const std::string before = fixture.Archived();
    const std::string src = fixture.Receive({MergeFixture::Changed(MergeFixture::Object(1, 1)),
                                             MergeFixture::Changed(MergeFixture::Object(1, 2)),
                                             MergeFixture::Object(1, 3)});
    const auto refused = fixture.Archive(src, Overwrite::kAppend);
    CHECK(refused.status().code() == Code::kConflict);
    CHECK(refused.status().reason() == "archive.merge-conflict");
    const std::string message(refused.status().message());
    for (const int instance : {1, 2}) {
      const std::string file =
          StudyUid(MergeFixture::Object(1, 1)) + "-1-" + std::to_string(instance) + "-";
      CHECK(message.find("scan 1, resource DICOM: " + file) != std::string::npos);
    }
    CHECK(message.find("more findings") == std::string::npos);
    CHECK(fixture.Archived() == before);
    ArchiveRequest request;
    request.src = src;
    request.overwrite = Overwrite::kAppend;
    const ValidationReport report = Must(fixture.engine->Validate(request));
    CHECK(report.blocked);
    CHECK(report.counts.conflicting == 2);
    CHECK(report.counts.added == 1);
    CHECK(std::count_if(report.findings.begin(), report.findings.end(),
                        [](const Finding& finding) { return finding.code == 14; }) == 2);
  }

  TEST_CASE("delete replaces objects of the same UID and keeps the old bytes in the history") {
    MergeFixture fixture;
    fixture.Merge({MergeFixture::Object(1, 1), MergeFixture::Object(1, 2)}, Overwrite::kNone);
    const DicomSpec changed = MergeFixture::Changed(MergeFixture::Object(1, 1));
    const ArchiveReport report =
        fixture.Merge({changed, MergeFixture::Object(1, 3)}, Overwrite::kDelete);
    CHECK(report.counts.replaced == 1);
    CHECK(report.counts.added == 1);
    CHECK(fixture.Scans() == "1:3");
    CheckCatalogs(fixture, "XNAT_E00001", 3);
    const std::string history = fixture.tree.Dump("root/archive/.xa/history");
    CHECK(history.find(".xa-history.xml") != std::string::npos);
    CHECK(history.find("session.xml") != std::string::npos);
    CHECK(history.find("SCANS/1/DICOM/") != std::string::npos);
  }

  TEST_CASE("an object under another name takes the archived one's place, and the old name goes") {
    MergeFixture fixture;
    fixture.Merge({MergeFixture::Object(1, 1)}, Overwrite::kNone);
    const DicomSpec changed = MergeFixture::Changed(MergeFixture::Object(1, 1));
    fixture.tree.Write("in/other/renamed.dcm", MakeDicom(changed));
    ImportRequest import = fixture.Request("other");
    const ImportReport received = Must(fixture.engine->Import(import));
    Must(fixture.engine->Build(received.uris[0]));
    // Another program has given the file another name.
    const std::string dicom = MergeFixture::WaitingDirectory(received.uris[0]) + "/SCANS/1/DICOM/";
    const std::string catalog = fixture.tree.Read(dicom + "scan_1_catalog.xml");
    Catalog parsed = Must(ParseCatalog(catalog));
    const std::string old_name(parsed.entries[0].uri);
    fixture.tree.Write(dicom + "new name.dcm", fixture.tree.Read(dicom + old_name));
    fixture.tree.Remove(dicom + old_name);
    parsed.entries[0] = CatalogEntry();
    parsed.entries[0].dicom = true;
    parsed.entries[0].uri = "new name.dcm";
    parsed.entries[0].uid = InstanceUid(changed);
    fixture.tree.Write(dicom + "scan_1_catalog.xml", WriteCatalog(parsed, CatalogStyle::kPlain));
    const ArchiveReport report = Must(fixture.Archive(received.uris[0], Overwrite::kDelete));
    CHECK(report.counts.replaced == 1);
    CHECK(fixture.Scans() == "1:1");
    CheckCatalogs(fixture, "XNAT_E00001", 1);
    const std::string tree = fixture.Archived();
    CHECK(tree.find("new name.dcm") != std::string::npos);
    CHECK(std::count(tree.begin(), tree.end(), '\n') == 7);  // no second file beside it
    CHECK(fixture.tree.Dump("root/archive/.xa/history").find("/SCANS/1/DICOM/2.25.") !=
          std::string::npos);
  }

  TEST_CASE("what was replaced can be put back, and then what replaced it; or be removed") {
    MergeFixture fixture;
    fixture.Merge({MergeFixture::Object(1, 1), MergeFixture::Object(1, 2)}, Overwrite::kNone);
    const auto files = [&] {
      const Table table =
          Must(fixture.engine->List("/experiments/XNAT_E00001/scans/1/resources/DICOM"));
      std::string digests;
      for (const auto& row : table.rows) digests += row[0] + " " + row[2] + "\n";
      return digests;
    };
    const std::string before = files();
    fixture.Merge({MergeFixture::Changed(MergeFixture::Object(1, 1))}, Overwrite::kDelete);
    const std::string after = files();
    CHECK(before != after);
    std::vector<HistoryEntry> history = Must(fixture.engine->History());
    REQUIRE(history.size() == 1);
    CHECK(history[0].files == 1);
    CHECK(history[0].label == "S1");
    const ArchiveReport restored = Must(fixture.engine->RestoreHistory(history[0].id));
    CHECK(restored.counts.replaced == 1);
    CHECK(files() == before);
    CheckCatalogs(fixture, "XNAT_E00001", 2);
    const std::string first = history[0].id;
    history = Must(fixture.engine->History("/projects/DEMO/experiments/S1"));
    REQUIRE(history.size() == 1);
    CHECK(history[0].id != first);
    CHECK(fixture.engine->RestoreHistory(first).status().reason() == "history.not-found");
    Must(fixture.engine->RestoreHistory(history[0].id));
    CHECK(files() == after);
    history = Must(fixture.engine->History());
    REQUIRE(history.size() == 1);
    Must(fixture.engine->PruneHistory(history[0].id));
    CHECK(Must(fixture.engine->History()).empty());
    CHECK(fixture.tree.Dump("root/archive/.xa/history").empty());
    CHECK(fixture.tree.Dump("root/archive/.xa/trash").empty());
  }

  TEST_CASE("what was replaced can be put back when the document stayed as it was") {
    MergeFixture fixture;
    DicomSpec first = MergeFixture::Changed(MergeFixture::Object(1, 1));
    DicomSpec second = first;
    second.values[0x00204000] = "CHANGED";  // of the same size
    fixture.Merge({first}, Overwrite::kNone);
    const std::string document = fixture.tree.Read("root/archive/DEMO/arc001/S1/session.xml");
    fixture.Merge({second}, Overwrite::kDelete);
    REQUIRE(fixture.tree.Read("root/archive/DEMO/arc001/S1/session.xml") == document);
    for (int times = 0; times < 3; ++times) {
      const std::vector<HistoryEntry> history = Must(fixture.engine->History());
      REQUIRE(history.size() == 1);
      CHECK(Must(fixture.engine->RestoreHistory(history[0].id)).counts.replaced == 1);
      CheckCatalogs(fixture, "XNAT_E00001", 1);
    }
  }

  TEST_CASE("a file of no resource that was replaced can be put back alone") {
    MergeFixture fixture;
    const auto merge_with_notes = [&](const char* notes, Overwrite overwrite) {
      const std::string src = fixture.Receive({MergeFixture::Object(1, 1)});
      Must(fixture.engine->Build(src));
      fixture.tree.Write(MergeFixture::WaitingDirectory(src) + "/notes.txt", notes);
      return Must(fixture.Archive(src, overwrite));
    };
    merge_with_notes("first", Overwrite::kNone);
    const std::string before = fixture.Archived();
    merge_with_notes("second", Overwrite::kDelete);
    const std::vector<HistoryEntry> history = Must(fixture.engine->History());
    REQUIRE(history.size() == 1);
    CHECK(history[0].files == 1);
    Must(fixture.engine->RestoreHistory(history[0].id));
    CHECK(fixture.tree.Read("root/archive/DEMO/arc001/S1/notes.txt") == "first");
    CHECK(fixture.Archived() == before);
  }

  TEST_CASE("a scan the document does not know is warned of, planned, counted and replaced") {
    MergeFixture fixture;
    const auto receive = [&](const char* bytes) {
      const std::string src = fixture.Receive({MergeFixture::Object(1, 1)});
      Must(fixture.engine->Build(src));
      const std::string directory = MergeFixture::WaitingDirectory(src);
      fixture.tree.Write(directory + "/SCANS/5/DICOM/a.dcm", bytes);
      fixture.tree.Write(directory + "/logs/of.log", bytes);  // goes along, and is not counted
      return src;
    };
    const auto validate = [&](const std::string& src, Overwrite overwrite) {
      ArchiveRequest request;
      request.src = src;
      request.overwrite = overwrite;
      return Must(fixture.engine->Validate(request));
    };
    const std::string src = receive("first");
    const std::vector<Finding> findings = validate(src, Overwrite::kNone).findings;
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].code == 20);
    CHECK(findings[0].message ==
          "files are in no catalog: of no resource: 1 (SCANS/5/DICOM/a.dcm)");
    Must(fixture.Archive(src, Overwrite::kNone));
    const std::string again = receive("second");
    CHECK(validate(again, Overwrite::kAppend).counts.conflicting == 1);
    const ValidationReport planned = validate(again, Overwrite::kDelete);
    CHECK(planned.counts.replaced == 1);
    CHECK(planned.counts.identical == 1);
    CHECK(planned.counts.bytes_replaced == 5);
    REQUIRE(planned.resources.size() == 2);
    CHECK(planned.resources[1].label.empty());
    REQUIRE(planned.resources[1].files.size() == 1);
    CHECK(planned.resources[1].files[0].path == "SCANS/5/DICOM/a.dcm");
    CHECK(planned.resources[1].files[0].action == FileAction::kReplace);
    CHECK(Must(fixture.Archive(again, Overwrite::kDelete)).counts.replaced == 1);
    CHECK(fixture.tree.Read("root/archive/DEMO/arc001/S1/SCANS/5/DICOM/a.dcm") == "second");
    CHECK(Must(fixture.engine->History()).at(0).files == 1);
  }

  TEST_CASE("two uploads that both have warnings of the build are merged, and both are kept") {
    MergeFixture fixture;
    const auto merge_two_that_differ = [&](int series, Overwrite overwrite) {
      const std::string number = std::to_string(series);
      DicomSpec second = MergeFixture::Object(series, 2, number);
      second.values[0x0008103E] = "another description";
      return fixture.Merge({MergeFixture::Object(series, 1, number), second}, overwrite);
    };
    merge_two_that_differ(1, Overwrite::kNone);
    const std::string session = "root/archive/DEMO/arc001/S1/";
    const std::string first = fixture.tree.Read(session + "dcmtoxnat.log");
    merge_two_that_differ(2, Overwrite::kAppend);
    const std::string archived = fixture.Archived();
    CHECK(fixture.tree.Read(session + "dcmtoxnat.log") == first);
    CHECK(fixture.tree.Read(session + "dcmtoxnat-2.log") != first);
    for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
      CHECK(merge_two_that_differ(2, overwrite).counts.identical == 2);
      CHECK(fixture.Archived() == archived);
    }
    CHECK(Must(fixture.engine->History()).empty());
  }

  TEST_CASE(
      "a session whose document has XNAT's absolute paths is listed, merged into and restored") {
    MergeFixture fixture;
    fixture.Merge({MergeFixture::Object(1, 1)}, Overwrite::kNone);
    const std::string path = "root/archive/DEMO/arc001/S1/session.xml";
    std::string document = fixture.tree.Read(path);
    const std::size_t uri = document.find("URI=\"SCANS/");
    REQUIRE(uri != std::string::npos);
    document.insert(uri + 5, "/data/xnat/archive/DEMO/arc001/S1/");
    fixture.tree.Write(path, document);
    const auto files = [&] {
      return Must(fixture.engine->List("/experiments/XNAT_E00001/scans/1/resources/DICOM")).rows;
    };
    REQUIRE(files().size() == 1);
    const std::string digest = files()[0][2];
    fixture.Merge({MergeFixture::Object(1, 2)}, Overwrite::kAppend);
    CheckCatalogs(fixture, "XNAT_E00001", 2);
    fixture.tree.Write(path, document);  // as XNAT would write it
    fixture.Merge({MergeFixture::Changed(MergeFixture::Object(1, 1))}, Overwrite::kDelete);
    CHECK(files()[0][2] != digest);
    const std::vector<HistoryEntry> history = Must(fixture.engine->History());
    REQUIRE(history.size() == 1);
    Must(fixture.engine->RestoreHistory(history[0].id));
    CHECK(files()[0][2] == digest);
    CheckCatalogs(fixture, "XNAT_E00001", 2);
  }

  TEST_CASE("a project's prearchive code says what receiving does with a session that exists") {
    MergeFixture fixture;
    const auto import = [&](const char* project, const std::vector<DicomSpec>& objects) {
      const std::string folder = "auto" + std::to_string(++fixture.imports);
      for (std::size_t i = 0; i < objects.size(); ++i) {
        fixture.tree.Write("in/" + folder + "/" + std::to_string(i) + ".dcm",
                           MakeDicom(objects[i]));
      }
      ImportRequest request = fixture.Request(folder);
      request.parameters["project"] = project;
      request.parameters["rename"] = "true";
      return Must(fixture.engine->Import(request));
    };
    const DicomSpec first = MergeFixture::Object(1, 1);
    for (const int code : {4, 5}) {
      Project project;
      project.id = "AUTO" + std::to_string(code);
      project.prearchive_code = code;
      Must(fixture.engine->AddProject(project));
      CHECK(import(project.id.c_str(), {first}).not_archived.empty());
      CHECK(import(project.id.c_str(), {MergeFixture::Object(1, 2)}).not_archived.empty());
      const auto changed = import(project.id.c_str(), {MergeFixture::Changed(first)});
      CHECK(changed.not_archived.empty() == (code == 5));
      const Table table = Must(fixture.engine->List("/projects/" + project.id + "/experiments"));
      REQUIRE(table.rows.size() == 1);
      CHECK(table.rows[0][7] == "2");
    }
    CHECK(Must(fixture.engine->History("/projects/AUTO5")).size() == 1);
    CHECK(Must(fixture.engine->History("/projects/AUTO4")).empty());
  }

  TEST_CASE("projects and sessions that nothing was replaced in have no history") {
    MergeFixture fixture;
    CHECK(Must(fixture.engine->History()).empty());
    CHECK(fixture.engine->History("/prearchive").status().code() == Code::kInvalidArgument);
    for (const char* id : {"nothing", "", "..", "a/b"}) {
      CHECK(fixture.engine->RestoreHistory(id).status().reason() == "history.not-found");
      CHECK(fixture.engine->PruneHistory(id).reason() == "history.not-found");
    }
  }
}

}  // namespace xnatarchive
