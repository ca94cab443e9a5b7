// Trees as XNAT leaves them - packed catalogs and files, absolute URIs, odd names - through the
// engine: verifying, exporting, listing, merging and refreshing see the same in them.
#include <doctest/doctest.h>

#include "unit/engine/verify_fixture.hpp"

namespace xnatarchive {

TEST_SUITE("engine.xnat_trees") {
  TEST_CASE("a catalog that XNAT has packed is read as it is") {
    ExportFixture fixture;
    const std::string resource = "/experiments/XNAT_E00001/scans/1/resources/DICOM";
    const auto listed = Must(fixture.engine->List(resource)).rows;
    const std::string packed = Gzip(fixture.tree.Read(fixture.Catalog()));
    fixture.tree.Write(fixture.Catalog() + ".gz", packed);
    fixture.tree.Remove(fixture.Catalog());
    CHECK(Must(fixture.engine->List(resource)).rows == listed);
    CHECK(Problems(Verify(fixture)).empty());
    CHECK(fixture.Export("out").files == 6);
    fixture.Rot(fixture.FirstFile());
    CHECK(Problems(Verify(fixture)) == "changed " + InArchive(fixture.FirstFile()) + "\n");
    fixture.tree.Write(fixture.Catalog() + ".gz", packed.substr(0, 100));
    CHECK(Problems(Verify(fixture)) == "catalog-unreadable " + InArchive(fixture.Catalog()) + "\n");
    CHECK(fixture.engine->List(resource).status().code() == Code::kCorruption);
  }

  TEST_CASE("an absolute path into the catalog's directory is the file's, also without an ID") {
    ExportFixture fixture;
    const std::string first = fixture.FirstFile();
    const std::string name = first.substr(first.rfind('/') + 1);
    fixture.Replace(fixture.Catalog(), "ID=\"" + name + "\"", "");
    const std::string place = "URI=\"/data/xnat/archive/DEMO/arc001/";
    fixture.Replace(fixture.Catalog(), "URI=\"" + name, place + "S1/SCANS/1/DICOM/" + name);
    const VerifyReport report = Verify(fixture);
    CHECK(Problems(report).empty());
    CHECK(report.files_read == 6);
    CHECK(fixture.Export("out").files == 6);
    const auto rows =
        Must(fixture.engine->List("/experiments/XNAT_E00001/scans/1/resources/DICOM")).rows;
    CHECK(rows[0].back() ==
          "/data/archive/projects/DEMO/subjects/Test_Subject1/experiments/S1/scans/1/resources/"
          "DICOM/files/" +
              name);
    // In another session's directory it is nobody's here.
    fixture.Replace(fixture.Catalog(), place + "S1/", place + "S2/");
    CHECK(Verify(fixture).problems.size() == 2);
    fixture.Replace(fixture.Catalog(), place + "S2/", place + "S1/");
    ArchiveRequest merge;
    merge.src = fixture.Import("a").uris[0];
    merge.overwrite = Overwrite::kAppend;
    CHECK(Must(fixture.engine->Archive(merge)).counts.identical == 6);
    RefreshRequest refresh;
    refresh.resources = {"/experiments/XNAT_E00001"};
    Must(fixture.engine->SetSetting("refresh_without_options", "review"));
    for (const char* options : {"", "populateStats"}) {  // looked at as it is, and given the ID
      if (*options != '\0') refresh.options = ParseRefreshOptions(options).value();
      for (const CatalogOutcome& one : Must(fixture.engine->Refresh(refresh)).catalogs) {
        CHECK(one.files == 3);
        CHECK(one.missing + one.unlisted == 0);
      }
    }
  }

  TEST_CASE("what file systems and programs leave for a while is not unlisted, as in a refresh") {
    ExportFixture fixture;
    for (const char* name : {".nfs0001", ".~lock-x", ".xa-1", "deep/.nfs0002"}) {
      fixture.tree.Write(std::string(kArchivedSession) + "/SCANS/1/DICOM/" + name, "x");
    }
    CHECK(Problems(Verify(fixture)).empty());
    RefreshRequest refresh;
    refresh.resources = {"/experiments/XNAT_E00001"};
    for (const CatalogOutcome& one : Must(fixture.engine->Refresh(refresh)).catalogs) {
      CHECK(one.outcome == RefreshOutcome::kUnchanged);
      CHECK(one.unlisted + one.ignored == 0);
    }
  }

  TEST_CASE("a file that is there packed is neither missing nor unlisted, and is exported so") {
    ExportFixture fixture;
    const std::string first = fixture.FirstFile();
    fixture.tree.Write(first + ".gz", Gzip(fixture.tree.Read(first)));
    fixture.tree.Remove(first);
    const VerifyReport report = Verify(fixture);
    CHECK(Problems(report).empty());
    CHECK(report.files == 5);
    CHECK(report.files_elsewhere == 1);
    const ExportReport exported = fixture.Export("out");
    CHECK(exported.files == 6);
    CHECK(exported.files_unchecked == 1);
    CHECK(fixture.tree.Dump("out").find(first.substr(first.rfind('/') + 1) + ".gz") !=
          std::string::npos);
    fixture.Export("bag", ExportForm::kBag);
    CHECK(fixture.tree.Read("bag/data/" + InArchive(first).substr(12) + ".gz") ==
          fixture.tree.Read(first + ".gz"));
  }

  TEST_CASE("a file called like a catalog can have an entry; the catalog itself can not") {
    ExportFixture fixture;
    const std::string directory = std::string(kArchivedSession) + "/SCANS/1/DICOM/";
    const std::string bytes = "<html/>";
    fixture.tree.Write(directory + "x_catalog.xml", bytes);
    const std::string catalog = fixture.tree.Read(fixture.Catalog());
    const auto add = [&](const std::string& entry) {
      std::string text = catalog;
      fixture.tree.Write(fixture.Catalog(), text.insert(text.find("</cat:entries>"), entry));
    };
    add("<cat:entry ID=\"x_catalog.xml\" URI=\"x_catalog.xml\" digest=\"" + Md5(bytes) + "\"/>");
    CHECK(Verify(fixture).files_read == 7);
    CHECK(fixture.Export("out").files == 7);
    fixture.Rot(directory + "x_catalog.xml");
    CHECK(Problems(Verify(fixture)) == "changed " + InArchive(directory + "x_catalog.xml") + "\n");
    add("<cat:entry ID=\"scan_1_catalog.xml\" URI=\"scan_1_catalog.xml\"/>");
    CHECK(Problems(Verify(fixture)) == "bad-entry " + InArchive(fixture.Catalog()) + "\n");
    CHECK(fixture.engine->Export(fixture.Request("no")).status().reason() == "export.bad-entry");
    RefreshRequest refresh;
    refresh.resources = {"/experiments/XNAT_E00001/scans/1"};
    refresh.options = ParseRefreshOptions("delete,populateStats").value();
    CHECK(Must(fixture.engine->Refresh(refresh)).catalogs[0].removed == 1);
    CHECK(Problems(Verify(fixture)).empty());
  }

  TEST_CASE("nothing is merged into or from a packed catalog, nor archived: it is to be unpacked") {
    ExportFixture fixture;
    ArchiveRequest request;
    request.src = fixture.Import("a").uris[0];
    request.overwrite = Overwrite::kAppend;
    Must(fixture.engine->Build(request.src));
    const auto pack = [&](const std::string& path) {
      fixture.tree.Write(path + ".gz", Gzip(fixture.tree.Read(path)));
      fixture.tree.Remove(path);
    };
    const auto findings = [&] {
      std::string told;
      for (const Finding& one : Must(fixture.engine->Validate(request)).findings) {
        told += one.reason + ": " + one.message + "\n";
      }
      return told;
    };
    const std::string in = "scan 1, resource DICOM";
    CHECK(findings() == "");
    pack(fixture.Catalog());
    const std::string before = fixture.tree.Dump("root/archive/DEMO");
    const std::string into =
        "archive.no-merge: the merge could not be worked out: the catalog of " + in +
        " can not be merged: it is packed; unpack its .gz first\n";
    CHECK(findings() == into);
    CHECK(fixture.engine->Archive(request).status().reason() == "archive.no-merge");
    pack("root/prearchive" + request.src.substr(std::string("/data/prearchive/projects").size()) +
         "/SCANS/1/DICOM/scan_1_catalog.xml");
    CHECK(findings() ==
          "archive.packed-catalog: a catalog is packed; unpack its .gz first: " + in + "\n" + into);
    request.parameters["session"] = "S2";
    CHECK(fixture.engine->Archive(request).status().reason() == "archive.packed-catalog");
    CHECK(fixture.tree.Dump("root/archive/DEMO") == before);
  }
}

}  // namespace xnatarchive
