// An archive that somebody has changed by hand, an index that does not know it, a clock that goes
// backwards: what is merged into it, and what is refused.
#include <doctest/doctest.h>

#include "base/time.hpp"
#include "unit/engine/check_catalogs.hpp"
#include "unit/engine/findings_fixture.hpp"

namespace xnatarchive {
namespace {

using Fixture = FindingsFixture;

constexpr const char* kArchived = "root/archive/DEMO/arc001/S1";

/// A session archived, another one received for it, and the archive changed in between.
struct Changed : Fixture {
  std::string src;
  explicit Changed(const std::function<void(Fixture&)>& change) {
    ArchiveNow();
    src = Receive({Object(1, 2)});
    change(*this);
  }
};

}  // namespace

TEST_SUITE("engine.bad_archive") {
  TEST_CASE("15: an archived session without a readable document is not merged into") {
    for (const char* bytes : {"", "<no xml", "<x/>"}) {
      Changed fixture(
          [&](Fixture& one) { one.tree.Write(std::string(kArchived) + "/session.xml", bytes); });
      for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
        CHECK(fixture.Findings(fixture.src, overwrite) == "15F/archive.no-merge");
      }
    }
    Changed gone([](Fixture& one) { one.tree.Remove(std::string(kArchived) + "/session.xml"); });
    CHECK(gone.Findings(gone.src, Overwrite::kDelete) == "15F/archive.no-merge");
  }

  TEST_CASE("15: an archived catalog that can not be read is not merged into") {
    const std::string catalog = std::string(kArchived) + "/SCANS/1/DICOM/scan_1_catalog.xml";
    for (const bool removed : {false, true}) {
      Changed fixture([&](Fixture& one) {
        one.tree.Remove(catalog);
        if (!removed) one.tree.Write(catalog, "<no catalog");
      });
      CHECK(fixture.Findings(fixture.src, Overwrite::kDelete) == "15F/archive.no-merge");
    }
  }

  TEST_CASE("15: an archived resource whose catalog is said to be elsewhere is not merged into") {
    for (const char* uri : {"/etc/scan_1_catalog.xml", "../S2/SCANS/1/DICOM/scan_1_catalog.xml"}) {
      CAPTURE(std::string(uri));
      Changed fixture([&](Fixture& one) {
        one.ChangeDocument(std::string(kArchived) + "/session.xml", [&](SessionDocument& document) {
          document.scans[0].resources[0].uri = uri;
        });
      });
      CHECK(fixture.Findings(fixture.src, Overwrite::kDelete) == "15F/archive.no-merge");
    }
  }

  TEST_CASE("an index that knows a session whose directory is gone") {
    Changed fixture([](Fixture& one) { one.tree.Remove(kArchived); });
    for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
      CHECK(fixture.Findings(fixture.src, overwrite) == "15F/archive.no-merge");
    }
    CHECK(fixture.Findings(fixture.src) == "1C/archive.session-exists 15F/archive.no-merge");
    Must(fixture.engine->Reindex());
    CHECK(fixture.Findings(fixture.src) == "");
  }

  TEST_CASE("a directory that the index does not know is a session that exists") {
    Fixture fixture;
    fixture.ArchiveNow();
    const std::string src = fixture.Receive({Fixture::Object(1, 2)});
    fixture.tree.Write(std::string("root/archive/DEMO/arc001/S2/x"), "somebody's");
    ArchiveRequest request;
    request.src = src;
    request.parameters["session"] = "S2";
    CHECK(fixture.Findings(request) == "1C/archive.session-exists 15F/archive.no-merge");
    request.overwrite = Overwrite::kDelete;
    CHECK(fixture.Findings(request) == "15F/archive.no-merge");
    CHECK(fixture.tree.Read("root/archive/DEMO/arc001/S2/x") == "somebody's");
  }

  TEST_CASE("a whole session that the index has forgotten is merged into") {
    Fixture fixture;
    fixture.ArchiveNow();
    fixture.LoseStore();
    Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
    fixture.Open();
    Project project;
    project.id = "DEMO";
    Must(fixture.engine->AddProject(project));
    const std::string src = fixture.Receive({Fixture::Object(1, 2)});
    ArchiveRequest request;
    request.src = src;
    CHECK(fixture.Findings(request).find("1C/archive.session-exists") == 0);
    Must(fixture.engine->Reindex());
    request.overwrite = Overwrite::kAppend;
    CHECK(fixture.Findings(request) == "");
    CheckCatalogs(fixture, "XNAT_E00001", 2);
  }

  TEST_CASE("15: a directory that says it is another session than the index has there") {
    Changed fixture([](Fixture& one) {
      one.ChangeDocument(std::string(kArchived) + "/session.xml",
                         [](SessionDocument& document) { document.id = "XNAT_E00077"; });
    });
    CHECK(fixture.Findings(fixture.src, Overwrite::kAppend) == "15F/archive.no-merge");
  }

  TEST_CASE("15: a copy of an archived session, made by hand under another label") {
    Changed fixture([](Fixture& one) {
      for (const char* path : {"/session.xml", "/SCANS/1/DICOM/scan_1_catalog.xml"}) {
        one.tree.Write("root/archive/DEMO/arc001/S2" + std::string(path),
                       one.tree.Read(kArchived + std::string(path)));
      }
      one.ChangeDocument("root/archive/DEMO/arc001/S2/session.xml",
                         [](SessionDocument& document) { document.label = "S2"; });
    });
    ArchiveRequest request;
    request.src = fixture.src;
    request.overwrite = Overwrite::kAppend;
    request.parameters["session"] = "S2";
    CHECK(fixture.Findings(request) == "15F/archive.no-merge");
    CHECK(Must(fixture.engine->List("/projects/DEMO/experiments")).rows.size() == 1);
  }

  TEST_CASE("a link in the archive is followed by nothing") {
    Fixture outside;
    outside.ArchiveNow();
    const std::string elsewhere = outside.tree.path() + "/" + kArchived;
    Changed session([&](Fixture& one) {
      one.tree.Remove(kArchived);
      one.tree.Symlink(elsewhere, kArchived);
    });
    const std::string before = outside.Dump();
    for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
      CHECK(session.Findings(session.src, overwrite).find("refused") == 0);
    }
    Changed scan([&](Fixture& one) {
      one.tree.Remove(std::string(kArchived) + "/SCANS/1");
      one.tree.Symlink(elsewhere + "/SCANS/1", std::string(kArchived) + "/SCANS/1");
    });
    for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
      const std::string found = scan.Findings(scan.src, overwrite);
      CHECK(found != "");
    }
    CHECK(outside.Dump() == before);
  }

  TEST_CASE("a clock that goes backwards: a timestamp that is taken is never given again") {
    Fixture fixture;
    const std::int64_t now = NowMs();
    for (std::int64_t ms = now; ms < now + 3000; ++ms) {
      fixture.tree.Write("root/prearchive/DEMO/" + FormatTimestamp(ms) + "/S1/x", "somebody's");
    }
    fixture.WriteStudy("a", 1, 1, 1);
    fixture.WriteStudy("b", 2, 1, 1);
    const std::string first = fixture.Import("a").uris.at(0);
    const std::string second = fixture.Import("b").uris.at(0);
    CHECK(first != second);
    for (std::int64_t ms = now; ms < now + 3000; ms += 100) {
      const std::string directory = "root/prearchive/DEMO/" + FormatTimestamp(ms);
      CHECK(fixture.tree.Dump(directory).find(".dcm") == std::string::npos);
    }
    Must(fixture.Archive(first));
    Must(fixture.Archive(second));
  }
}

}  // namespace xnatarchive
