// Refresh of what is damaged, missing or not what it seems: told of, and nothing is lost.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "unit/engine/refresh_fixture.hpp"

namespace xnatarchive {

TEST_SUITE("engine.refresh_bad") {
  TEST_CASE("a lost, empty or damaged catalog is told of, and rebuilt on request") {
    for (const char* bytes : {"lost", "", "<cat:DCMCatalog", "<html/>"}) {
      CAPTURE(bytes);
      RefreshFixture fixture;
      const Catalog before = fixture.CatalogAt(fixture.catalog1);
      const std::string counts = fixture.Counts();
      const bool lost = std::string(bytes) == "lost";
      if (lost) {
        fixture.tree.Remove(fixture.catalog1);
      } else {
        fixture.tree.Write(fixture.catalog1, bytes);
      }
      fixture.CopyIn(9);
      const std::string damaged = fixture.Archived();
      const RefreshReport refused = Must(fixture.Refresh());
      CHECK(refused.catalogs[1].outcome == RefreshOutcome::kFailed);
      CHECK(refused.catalogs[1].status.code() == Code::kCorruption);
      CHECK(StartsWith(refused.catalogs[1].status.reason(), "catalog."));
      CHECK(fixture.Archived() == damaged);
      fixture.tree.Remove(fixture.scan1 + "copied-9.dcm");

      RefreshRequest request = RefreshFixture::Request("checksum,populateStats");
      request.rebuild = true;
      const RefreshReport rebuilt = Must(fixture.engine->Refresh(request));
      CHECK(rebuilt.catalogs[1].rebuilt);
      CHECK(rebuilt.catalogs[1].added == 3);
      CHECK_FALSE(rebuilt.catalogs[2].rebuilt);
      CHECK(fixture.Counts() == counts);
      const Catalog after = fixture.CatalogAt(fixture.catalog1);
      CHECK(after.dicom);
      CHECK(after.uid == before.uid);
      REQUIRE(after.entries.size() == 3);
      for (std::size_t i = 0; i < 3; ++i) {
        CHECK(after.entries[i].uri == before.entries[i].uri);
        CHECK(after.entries[i].uid == before.entries[i].uid);
        CHECK(after.entries[i].instance_number == before.entries[i].instance_number);
        CHECK(after.entries[i].digest == before.entries[i].digest);
        CHECK(after.entries[i].Meta("XXH3") == before.entries[i].Meta("XXH3"));
      }
      CHECK(fixture.Tell(fixture.Refresh()) == kAllUnchanged);
    }
  }

  TEST_CASE("another catalog in the directory is named when the right one is missing") {
    RefreshFixture fixture;
    fixture.tree.Write(fixture.scan1 + "other_catalog.xml", fixture.tree.Read(fixture.catalog1));
    const RefreshReport with_both = Must(fixture.Refresh());
    CHECK(with_both.catalogs[1].outcome == RefreshOutcome::kUnchanged);
    CHECK(with_both.catalogs[1].ignored == 1);
    CHECK(with_both.catalogs[1].ignored_example == "other_catalog.xml");
    fixture.tree.Remove(fixture.catalog1);
    const RefreshReport report = Must(fixture.Refresh());
    const Status& status = report.catalogs[1].status;
    CHECK(status.reason() == "catalog.missing");
    CHECK(status.message().find("scan_1_catalog.xml") != std::string::npos);
    CHECK(status.message().find("other_catalog.xml") != std::string::npos);
  }

  TEST_CASE("two catalogs that the document has in one directory are refused, both named") {
    RefreshFixture fixture;
    fixture.tree.Write(fixture.scan1 + "two_catalog.xml", fixture.tree.Read(fixture.catalog1));
    fixture.EditDocument([](SessionDocument& document) {
      Resource second = document.scans[0].resources[0];
      second.label = "TWO";
      second.uri = "SCANS/1/DICOM/two_catalog.xml";
      document.scans[0].resources.push_back(second);
    });
    fixture.CopyIn(9);
    const std::string before = fixture.Archived();
    const RefreshReport report = Must(fixture.Refresh());
    for (const std::size_t i : {1, 2}) {
      CHECK(report.catalogs[i].status.reason() == "catalog.two-in-directory");
      CHECK(report.catalogs[i].status.message().find("scan_1_catalog.xml") != std::string::npos);
      CHECK(report.catalogs[i].status.message().find("two_catalog.xml") != std::string::npos);
    }
    CHECK(fixture.Archived() == before);
  }

  TEST_CASE("an entry of a file in another resource's directory is nobody's to remove") {
    RefreshFixture fixture;
    fixture.tree.Write(fixture.scan1 + "deep/n.txt", "n");
    fixture.tree.Write(fixture.scan1 + "deep/D_catalog.xml",
                       WriteCatalog(Catalog(), CatalogStyle::kPlain));
    fixture.EditDocument([](SessionDocument& document) {
      Resource deep = document.scans[0].resources[0];
      deep.label = "DEEP";
      deep.uri = "SCANS/1/DICOM/deep/D_catalog.xml";
      document.scans[0].resources.push_back(deep);
    });
    fixture.EditCatalog(fixture.catalog1, [](Catalog& catalog) {
      for (const char* path : {"deep/n.txt", "deeper/n.txt"}) {
        catalog.entries.push_back(catalog.entries[0]);
        catalog.entries.back().uri = catalog.entries.back().id = path;
      }
    });
    const RefreshReport report = Must(fixture.Refresh("delete"));
    CHECK(report.catalogs[1].removed == 1);
    CHECK(fixture.CatalogAt(fixture.catalog1).entries.back().uri == "deep/n.txt");
  }

  TEST_CASE("one that fails keeps no other from being refreshed, and is not touched") {
    RefreshFixture fixture;
    fixture.CopyIn(9);
    const std::string other = fixture.session + "SCANS/2/DICOM/";
    fixture.tree.Write(other + "scan_2_catalog.xml", "damaged");
    CHECK(fixture.Tell(fixture.Refresh()) ==
          "/resources/NOTES: unchanged\n/scans/1/resources/DICOM: +1 -0 ~0\n"
          "/scans/2/resources/DICOM: catalog.bad-xml\n");
    CHECK(fixture.tree.Read(other + "scan_2_catalog.xml") == "damaged");
    CHECK(fixture.Counts().find("8 = 8, ") == 0);
  }

  TEST_CASE("a directory that can not be read is a failure and never an empty one") {
    if (geteuid() == 0) return;  // root reads everything
    RefreshFixture fixture;
    fixture.tree.MakeDirectories(fixture.scan1 + "closed");
    const std::string closed = fixture.tree.path() + "/" + fixture.scan1 + "closed";
    REQUIRE(chmod(closed.c_str(), 0) == 0);
    const RefreshReport report = Must(fixture.Refresh());
    CHECK(report.catalogs[1].status.code() == Code::kPermission);
    CHECK(report.catalogs[0].status.ok());
    REQUIRE(chmod(closed.c_str(), 0755) == 0);
  }

  TEST_CASE("links are neither followed nor listed, and cost no entry") {
    RefreshFixture fixture;
    const std::string name(fixture.CatalogAt(fixture.catalog1).entries[0].uri);
    fixture.tree.Write("outside.dcm", fixture.tree.Read(fixture.scan1 + name));
    fixture.tree.Remove(fixture.scan1 + name);
    fixture.tree.Symlink(fixture.tree.path() + "/outside.dcm", fixture.scan1 + name);
    fixture.tree.Symlink("..", fixture.scan1 + "loop");
    const std::string before = fixture.Archived();
    const RefreshReport report = Must(fixture.Refresh());
    CHECK(report.catalogs[1].outcome == RefreshOutcome::kUnchanged);
    CHECK(report.catalogs[1].ignored == 2);
    CHECK(fixture.Archived() == before);
  }

  TEST_CASE("a catalog or a directory that is a link is not followed") {
    RefreshFixture fixture;
    fixture.tree.Write("outside/R_catalog.xml", fixture.tree.Read(fixture.catalog1));
    fixture.tree.Remove(fixture.catalog1);
    fixture.tree.Symlink(fixture.tree.path() + "/outside/R_catalog.xml", fixture.catalog1);
    const std::string notes = fixture.session + "RESOURCES/NOTES";
    fixture.tree.Remove(notes);
    fixture.tree.Symlink(fixture.tree.path() + "/outside", notes);
    const std::string before = fixture.Archived() + fixture.tree.Dump("outside");
    RefreshRequest request = RefreshFixture::Request();
    request.rebuild = true;
    const RefreshReport report = Must(fixture.engine->Refresh(request));
    for (const std::size_t i : {0, 1}) {
      CHECK(report.catalogs[i].outcome == RefreshOutcome::kFailed);
      CHECK(report.catalogs[i].status.code() == Code::kInvalidArgument);
    }
    CHECK(fixture.Archived() + fixture.tree.Dump("outside") == before);
  }

  TEST_CASE("a document that names catalogs outside is told of, and leads nowhere") {
    for (const char* uri : {"../S2/SCANS/1/DICOM/scan_1_catalog.xml", "/etc/x_catalog.xml",
                            "scan_1_catalog.xml", ""}) {
      CAPTURE(uri);
      RefreshFixture fixture;
      fixture.EditDocument([&](SessionDocument& d) { d.scans[0].resources[0].uri = uri; });
      fixture.CopyIn(9);
      const std::string before = fixture.Archived();
      RefreshRequest request = RefreshFixture::Request();
      request.rebuild = true;
      const RefreshReport report = Must(fixture.engine->Refresh(request));
      CHECK(report.catalogs[1].status.reason() == "catalog.outside");
      CHECK(fixture.Archived() == before);
    }
  }

  TEST_CASE("a mass removal needs force, or another setting") {
    RefreshFixture fixture;
    fixture.EditCatalog(fixture.catalog1, [](Catalog& catalog) {
      for (int i = 0; i < 11; ++i) {
        catalog.entries.push_back(catalog.entries[0]);
        catalog.entries.back().uri = catalog.entries.back().id = "gone" + std::to_string(i);
      }
    });
    const std::string before = fixture.Archived();
    CHECK(Must(fixture.Refresh()).catalogs[1].status.reason() == "refresh.too-many-removed");
    CHECK(fixture.Archived() == before);
    Must(fixture.engine->SetSetting("refresh_removal_percent", "80"));
    CHECK(Must(fixture.Refresh()).catalogs[1].removed == 11);
    CHECK(fixture.engine->SetSetting("refresh_removal_percent", "101").reason() ==
          "setting.bad-value");
  }

  TEST_CASE("a document of another session is refused, and the index is not told of it") {
    RefreshFixture fixture;
    fixture.CopyIn(9);
    fixture.EditDocument([](SessionDocument& document) { document.id = "XNAT_E00077"; });
    const std::string before = fixture.Archived();
    const std::string index = Must(fixture.engine->List("/projects/DEMO/experiments")).rows[0][7];
    CHECK(fixture.Tell(fixture.Refresh()) == ": refresh.other-session\n");
    CHECK(fixture.Archived() == before);
    CHECK(Must(fixture.engine->List("/projects/DEMO/experiments")).rows[0][7] == index);
  }

  TEST_CASE("an unreadable document fails the session, and nothing is written") {
    RefreshFixture fixture;
    fixture.CopyIn(9);
    fixture.tree.Write(fixture.session + "session.xml", "<broken");
    const std::string before = fixture.Archived();
    CHECK(fixture.Tell(fixture.Refresh()) == ": session.bad-xml\n");
    CHECK(fixture.Archived() == before);
  }
}

}  // namespace xnatarchive
