// Refresh through the engine: every option and form of URI, on real trees.
#include <doctest/doctest.h>

#include "base/text.hpp"
#include "support/fault_file_system.hpp"
#include "support/test_hooks.hpp"
#include "unit/engine/check_catalogs.hpp"
#include "unit/engine/refresh_fixture.hpp"

namespace xnatarchive {
namespace {

/// What gzip makes of <cat:Catalog xmlns:cat="http://nrg.wustl.edu/catalog"/>.
constexpr const char* kPackedCatalog =
    "1f8b0800000000000203b3494e2cb1724e2c49ccc94f57a8c8cdc92bb6028ad82a6594941458e9eb"
    "e715a5eb95971697e4e8a5a694ea2743d429e9db0100f4f8500f37000000";

std::string Bytes(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

/// Counts every file that is opened for reading.
struct OpenCounter : ForwardingFileSystem {
  OpenCounter() : ForwardingFileSystem(PosixFileSystem()) {}
  int Open(int dirfd, const char* path, int flags, unsigned mode) noexcept override {
    const std::string name(path);
    if (EndsWith(name, ".dcm") || EndsWith(name, ".txt")) ++data_files;
    return ForwardingFileSystem::Open(dirfd, path, flags, mode);
  }
  int data_files = 0;
};

}  // namespace

TEST_SUITE("engine.refresh") {
  TEST_CASE("what is true is left alone: no file is opened, nothing is written, ever again") {
    OpenCounter opens;
    FaultFileSystem writes(opens);
    RefreshFixture fixture;
    const std::string before = fixture.Archived();
    fixture.Open(&writes);
    writes.Reset();
    CHECK(fixture.Tell(fixture.Refresh()) == kAllUnchanged);
    CHECK(fixture.Tell(fixture.Refresh("append,checksum,delete,populateStats")) == kAllUnchanged);
    CHECK(opens.data_files == 0);
    CHECK(writes.calls() == 4);  // each opens the file of the locks, and closes it
    CHECK(fixture.Archived() == before);
  }

  TEST_CASE("append: a copied object becomes a full entry, and the counts follow") {
    RefreshFixture fixture;
    CHECK(fixture.Counts().find("7 = 7, ") == 0);
    const std::string name = fixture.CopyIn(9);
    CHECK(fixture.Tell(fixture.Refresh("append,populateStats")) ==
          "/resources/NOTES: unchanged\n/scans/1/resources/DICOM: +1 -0 ~0\n"
          "/scans/2/resources/DICOM: unchanged\n");
    const Catalog catalog = fixture.CatalogAt(fixture.catalog1);
    REQUIRE(catalog.entries.size() == 4);
    const CatalogEntry& entry = catalog.entries[3];
    CHECK(entry.uri == name);
    CHECK(entry.dicom);
    CHECK(entry.format == "DICOM");
    CHECK_FALSE(entry.uid.empty());
    CHECK(entry.instance_number == 9);
    CHECK(entry.digest.empty());
    CHECK(entry.created.by == "bob");
    CHECK(fixture.Counts().find("8 = 8, ") == 0);
    CHECK(fixture.Tell(fixture.Refresh("append,populateStats")) == kAllUnchanged);
    CHECK(fixture.Tell(fixture.Refresh("checksum")) ==
          "/resources/NOTES: unchanged\n/scans/1/resources/DICOM: +0 -0 ~1\n"
          "/scans/2/resources/DICOM: unchanged\n");
    CHECK(fixture.CatalogAt(fixture.catalog1).entries[3].digest.size() == 32);
    CHECK(fixture.Tell(fixture.Refresh()) == kAllUnchanged);
    CheckIndex(fixture);
  }

  TEST_CASE("delete: entries of lost files go, and the counts follow only when they are asked to") {
    RefreshFixture fixture;
    const std::string gone(fixture.CatalogAt(fixture.catalog1).entries[0].uri);
    fixture.tree.Remove(fixture.scan1 + gone);
    CHECK(fixture.Tell(fixture.Refresh("append,checksum,populateStats")) == kAllUnchanged);
    const RefreshReport found = Must(fixture.Refresh("append"));
    CHECK(found.catalogs[1].missing == 1);
    CHECK(fixture.Tell(fixture.Refresh("delete")) ==
          "/resources/NOTES: unchanged\n/scans/1/resources/DICOM: +0 -1 ~0\n"
          "/scans/2/resources/DICOM: unchanged\n");
    CHECK(fixture.CatalogAt(fixture.catalog1).entries.size() == 2);
    CHECK(fixture.Counts().find("7 = 7, ") == 0);
    CheckIndex(fixture);
    Must(fixture.Refresh("populateStats"));
    CHECK(fixture.Counts().find("6 = 6, ") == 0);
    CheckIndex(fixture);
  }

  TEST_CASE("populateStats puts documents and index right that are not") {
    RefreshFixture fixture;
    const std::string counts = fixture.Counts();
    fixture.EditDocument([](SessionDocument& document) {
      document.scans[0].resources[0].file_count = 99;
      document.scans[1].resources[0].file_size.reset();
    });
    CHECK(fixture.Tell(fixture.Refresh("append")) == kAllUnchanged);
    CHECK(fixture.Tell(fixture.Refresh("populateStats")) ==
          "/resources/NOTES: unchanged\n/scans/1/resources/DICOM: +0 -0 ~0\n"
          "/scans/2/resources/DICOM: +0 -0 ~0\n");
    CHECK(fixture.Counts() == counts);
    fixture.EditDocument([](SessionDocument& d) { d.scans[0].resources[0].file_count = 99; });
    Must(fixture.engine->Reindex());
    fixture.EditDocument([](SessionDocument& d) { d.scans[0].resources[0].file_count = 3; });
    CHECK(fixture.Counts().find("103 = 7, ") == 0);
    CHECK(fixture.Tell(fixture.Refresh("populateStats")) == kAllUnchanged);
    CHECK(fixture.Counts() == counts);
    CheckIndex(fixture);
  }

  TEST_CASE("every form of URI names its resources") {
    RefreshFixture fixture;
    const std::string id = "XNAT_E00001";
    const std::string subject = Must(fixture.engine->List("/projects/DEMO")).rows[0][0];
    for (const std::string& uri :
         {std::string("/archive/projects/DEMO/experiments/S1"),
          "/data/archive/projects/DEMO/subjects/" + subject + "/experiments/S1",
          "/REST/archive/experiments/" + id, "/data/experiments/" + id,
          "/projects/DEMO/experiments/" + id}) {
      CAPTURE(uri);
      CHECK(fixture.Tell(fixture.Refresh("all", {uri})) == kAllUnchanged);
      CHECK(fixture.Tell(fixture.Refresh("all", {uri + "/scans/2"})) ==
            "/scans/2/resources/DICOM: unchanged\n");
      CHECK(fixture.Tell(fixture.Refresh("all", {uri + "/scans/2/resources/DICOM"})) ==
            "/scans/2/resources/DICOM: unchanged\n");
      CHECK(fixture.Tell(fixture.Refresh("all", {uri + "/resources/NOTES/files"})) ==
            "/resources/NOTES: unchanged\n");
    }
    CHECK(fixture.Tell(fixture.Refresh(
              "all", {std::string(RefreshFixture::kSession) + "/scans/2", "/experiments/" + id})) ==
          "/scans/2/resources/DICOM: unchanged\n/resources/NOTES: unchanged\n"
          "/scans/1/resources/DICOM: unchanged\n");
  }

  TEST_CASE("a URI that names nothing fails alone") {
    RefreshFixture fixture;
    fixture.CopyIn(9);
    const std::string session = RefreshFixture::kSession;
    Project other;
    other.id = "OTHER";
    Must(fixture.engine->AddProject(other));
    CHECK(fixture.Tell(fixture.Refresh("all", {"/projects/OTHER/experiments/XNAT_E00001"})) ==
          "/projects/OTHER/experiments/XNAT_E00001: uri.not-found\n");
    const Result<RefreshReport> report = fixture.Refresh(
        "append",
        {"nonsense", "/prearchive/projects/DEMO", "/archive/projects/DEMO/experiments",
         "/archive/projects/DEMO/subjects/S/resources/R", "/archive/projects/NO/experiments/S1",
         "/experiments/XNAT_E00009", session + "/scans/9", session + "/resources/NO",
         session + "/scans/1/resources/DICOM/files/scan_1_catalog.xml", session + "/scans/1"});
    CHECK(fixture.Tell(report) ==
          "nonsense: uri.malformed\n/prearchive/projects/DEMO: uri.not-in-archive\n"
          "/archive/projects/DEMO/experiments: uri.malformed\n"
          "/archive/projects/DEMO/subjects/S/resources/R: uri.not-found\n"
          ": uri.not-found\n/experiments/XNAT_E00009: uri.not-found\n"
          "/scans/1/resources/DICOM: +1 -0 ~0\n/scans/9: uri.not-found\n"
          "/resources/NO: uri.not-found\n"
          "/scans/1/resources/DICOM/files/scan_1_catalog.xml: uri.is-a-file\n");
    CHECK(fixture.Tell(fixture.Refresh("all", {})) == "refresh.no-resource");
  }

  TEST_CASE("a catalog of XNAT's is refreshed where it lies, absolute URIs and all") {
    RefreshFixture fixture;
    fixture.EditDocument([](SessionDocument& document) {
      for (Scan& scan : document.scans) {
        scan.resources[0].uri = "/data/xnat/archive/DEMO/arc001/S1/" + scan.resources[0].uri;
      }
    });
    fixture.EditCatalog(fixture.catalog1, [](Catalog& catalog) {
      CatalogEntry& entry = catalog.entries[0];
      entry.uri = "/data/xnat/archive/DEMO/arc001/S1/SCANS/1/DICOM/" + std::string(entry.uri);
      entry.meta_fields.clear();
      entry.SetMeta("size_in_bytes", "5");
      CatalogEntry& second = catalog.entries[1];
      second.id = SharedText();
      second.meta_fields.clear();
      catalog.sets.emplace_back();
      catalog.sets[0].entries.push_back(second);
      catalog.entries.erase(catalog.entries.begin() + 1);
    });
    const std::string digest(fixture.CatalogAt(fixture.catalog1).sets[0].entries[0].digest);
    CHECK(fixture.Tell(fixture.Refresh()) ==
          "/resources/NOTES: unchanged\n/scans/1/resources/DICOM: +0 -0 ~2\n"
          "/scans/2/resources/DICOM: unchanged\n");
    const Catalog catalog = fixture.CatalogAt(fixture.catalog1);
    CHECK(StartsWith(catalog.entries[0].uri.view(), "/data/xnat/archive/"));
    CHECK(catalog.entries[0].digest.size() == 32);
    CHECK(catalog.sets[0].entries[0].digest == digest);
    CHECK(catalog.sets[0].entries[0].id == catalog.sets[0].entries[0].uri);
    CHECK(fixture.Tell(fixture.Refresh()) == kAllUnchanged);
    CHECK(Must(fixture.engine->Document(RefreshFixture::kSession)).scans[0].resources[0].uri ==
          "/data/xnat/archive/DEMO/arc001/S1/SCANS/1/DICOM/scan_1_catalog.xml");
  }

  TEST_CASE("what came out of an assessor is refreshed with the session, what went in is not") {
    RefreshFixture fixture;
    const std::string directory = fixture.session + "ASSESSORS/A1/";
    std::string text = fixture.tree.Read(fixture.session + "session.xml");
    const auto file = [](const std::string& label) {
      return "<xnat:file URI=\"/data/xnat/archive/DEMO/arc001/S1/ASSESSORS/A1/" + label + "/" +
             label + "_catalog.xml\" label=\"" + label + "\" xsi:type=\"xnat:resourceCatalog\"/>";
    };
    const std::string assessors =
        "<xnat:assessors><xnat:assessor ID=\"A1\" label=\"QC_1\" "
        "xsi:type=\"xnat:qcAssessmentData\"><xnat:in>" +
        file("IN") + "</xnat:in><xnat:out>" + file("OUT") +
        "</xnat:out></xnat:assessor></xnat:assessors>";
    text.insert(text.rfind("</"), assessors);
    fixture.tree.Write(fixture.session + "session.xml", text);
    for (const char* label : {"IN", "OUT"}) {
      const std::string place = directory + label + "/";
      fixture.tree.Write(place + label + "_catalog.xml",
                         WriteCatalog(Catalog(), CatalogStyle::kPlain));
      fixture.tree.Write(place + "a.txt", "four");
    }
    const std::string counts = fixture.Counts();
    CHECK(fixture.Tell(fixture.Refresh()) ==
          std::string(kAllUnchanged) + "/assessors/A1/out/resources/OUT: +1 -0 ~0\n");
    const Catalog out = fixture.CatalogAt(directory + "OUT/OUT_catalog.xml");
    REQUIRE(out.entries.size() == 1);
    CHECK(out.entries[0].digest.size() == 32);
    CHECK(fixture.CatalogAt(directory + "IN/IN_catalog.xml").entries.empty());
    const std::string after = fixture.tree.Read(fixture.session + "session.xml");
    const std::size_t at = after.find("OUT_catalog.xml");
    REQUIRE(at != std::string::npos);
    const std::string element = after.substr(at, after.find('>', at) - at);
    CHECK(element.find("file_count=\"1\"") != std::string::npos);
    CHECK(element.find("file_size=\"4\"") != std::string::npos);
    CHECK(fixture.Counts() == counts);  // an assessor's files are not the session's
    CHECK(fixture.Tell(fixture.Refresh()) ==
          std::string(kAllUnchanged) + "/assessors/A1/out/resources/OUT: unchanged\n");
    const std::string in =
        std::string(RefreshFixture::kSession) + "/assessors/QC_1/in/resources/IN";
    CHECK(fixture.Tell(fixture.Refresh("all", {in})) ==
          "/assessors/A1/in/resources/IN: +1 -0 ~0\n");
    CheckIndex(fixture);
  }

  TEST_CASE("a resource that lists no files is refused where it is named, and nowhere else") {
    RefreshFixture fixture;
    fixture.EditDocument([](SessionDocument& document) {
      Resource resource;
      resource.label = "IMAGES";
      resource.xsi_type = "xnat:resourceSeries";
      document.resources.push_back(resource);
    });
    const std::string before = fixture.Archived();
    const std::string session = RefreshFixture::kSession;
    CHECK(fixture.Tell(fixture.Refresh()) == kAllUnchanged);
    CHECK(fixture.Tell(fixture.Refresh("all", {session + "/resources/IMAGES", session})) ==
          "/resources/IMAGES: refresh.not-a-catalog\n" + std::string(kAllUnchanged));
    CHECK(fixture.Archived() == before);
  }

  TEST_CASE("a packed catalog is read as it is, and unpacked when it changes") {
    RefreshFixture fixture;
    const std::string packed = Bytes(kPackedCatalog);
    const std::string plain = fixture.notes + "NOTES_catalog.xml";
    for (const bool named : {false, true}) {
      CAPTURE(named);
      fixture.tree.Remove(plain);
      fixture.tree.Write(plain + ".gz", packed);
      fixture.EditDocument([&](SessionDocument& document) {
        document.resources[0].uri =
            "RESOURCES/NOTES/NOTES_catalog.xml" + std::string(named ? ".gz" : "");
      });
      CHECK(fixture.Tell(fixture.Refresh("delete")) == kAllUnchanged);
      CHECK(fixture.tree.Exists(plain + ".gz"));
      CHECK_FALSE(fixture.tree.Exists(plain));
      CHECK(fixture.Tell(fixture.Refresh()) ==
            "/resources/NOTES: +1 -0 ~0\n/scans/1/resources/DICOM: unchanged\n"
            "/scans/2/resources/DICOM: unchanged\n");
      CHECK_FALSE(fixture.tree.Exists(plain + ".gz"));
      CHECK(fixture.CatalogAt(plain).entries.size() == 1);
      CHECK(Must(fixture.engine->Document(RefreshFixture::kSession)).resources[0].uri ==
            "RESOURCES/NOTES/NOTES_catalog.xml");
      CHECK(fixture.Tell(fixture.Refresh()) == kAllUnchanged);
    }
    fixture.tree.Remove(plain);
    fixture.tree.Write(plain + ".gz", packed.substr(0, packed.size() / 2));
    CHECK(Must(fixture.Refresh()).catalogs[0].status.code() == Code::kCorruption);
    RefreshRequest request = RefreshFixture::Request();
    request.rebuild = true;
    CHECK(Must(fixture.engine->Refresh(request)).catalogs[0].rebuilt);
    CHECK_FALSE(fixture.tree.Exists(plain + ".gz"));
  }

  TEST_CASE("a packed catalog never takes the place of a plain one beside it") {
    RefreshFixture fixture;
    const std::string plain = fixture.notes + "NOTES_catalog.xml";
    fixture.tree.Write(plain + ".gz", Bytes(kPackedCatalog));
    CHECK(fixture.Tell(fixture.Refresh()) == kAllUnchanged);  // the document names the plain one
    fixture.EditDocument([](SessionDocument& document) { document.resources[0].uri += ".gz"; });
    const std::string before = fixture.Archived();
    for (const bool rebuild : {false, true}) {
      RefreshRequest request = RefreshFixture::Request();
      request.rebuild = rebuild;
      const RefreshReport report = Must(fixture.engine->Refresh(request));
      CHECK(report.catalogs[0].status.reason() == "catalog.two-in-directory");
      CHECK(fixture.Archived() == before);
    }
  }

  TEST_CASE("projects and subjects have resources of their own, which no session's are") {
    RefreshFixture fixture;
    const std::string subject = Must(fixture.engine->List("/projects/DEMO")).rows[0][0];
    const std::string project = "root/archive/DEMO/";
    CHECK(fixture.Tell(fixture.Refresh("all", {"/projects/DEMO"})).empty());
    const std::string catalog = WriteCatalog(Catalog(), CatalogStyle::kPlain);
    fixture.tree.Write(project + "resources/DOCS/DOCS_catalog.xml", catalog);
    fixture.tree.Write(project + "resources/DOCS/other_catalog.xml", catalog);
    fixture.tree.Write(project + "resources/DOCS/a.txt", "a");
    fixture.tree.Write(project + "resources/TWO/a_catalog.xml", catalog);
    fixture.tree.Write(project + "resources/TWO/b_catalog.xml", catalog);
    fixture.tree.Write(project + "resources/LOST/a.txt", "a");
    fixture.tree.Write(project + "subjects/" + subject + "/FORMS/forms_catalog.xml", catalog);
    fixture.tree.Write(project + "subjects/" + subject + "/FORMS/b/c.txt", "c");
    const std::string sessions = fixture.tree.Dump(project + "arc001");
    const std::string all = fixture.Tell(fixture.Refresh("all", {"/data/projects/DEMO"}));
    CHECK(all ==
          "/data/archive/projects/DEMO/resources/DOCS: +1 -0 ~0\n"
          "/data/archive/projects/DEMO/resources/LOST: catalog.missing\n"
          "/data/archive/projects/DEMO/resources/TWO: catalog.two-in-directory\n"
          "/data/archive/projects/DEMO/resources/TWO: catalog.two-in-directory\n");
    const std::string of_subject = "/archive/projects/DEMO/subjects/" + subject;
    CHECK(fixture.Tell(fixture.Refresh("all", {of_subject + "/resources/FORMS"})) ==
          "/data" + of_subject + "/resources/FORMS: +1 -0 ~0\n");
    CHECK(fixture.Tell(fixture.Refresh("all", {"/REST/archive/subjects/XNAT_S00001"})) ==
          "/data" + of_subject + "/resources/FORMS: unchanged\n");
    const Catalog forms =
        fixture.CatalogAt(project + "subjects/" + subject + "/FORMS/forms_catalog.xml");
    CHECK(forms.entries[0].uri == "b/c.txt");
    CHECK(forms.entries[0].digest.size() == 32);
    CHECK(forms.Meta("PROJECT") == "DEMO");
    RefreshRequest request = RefreshFixture::Request(
        "all", {"/projects/DEMO/resources/LOST", of_subject + "/resources/NO"});
    request.rebuild = true;
    CHECK(fixture.Tell(fixture.engine->Refresh(request)) ==
          "/data/archive/projects/DEMO/resources/LOST: +1 -0 ~0\n" + of_subject +
              "/resources/NO: uri.not-found\n");
    CHECK(fixture.CatalogAt(project + "resources/LOST/LOST_catalog.xml").id == "LOST");
    CHECK(fixture.tree.Dump(project + "arc001") == sessions);
    const Table audit = Must(fixture.engine->Audit("/projects/DEMO"));
    CHECK(audit.rows.back()[3] == "Refreshed");
    CHECK(audit.rows.back()[4] == "Complete");
    CHECK(fixture.Tell(fixture.Refresh("all", {"/projects/NO"})) ==
          "/projects/NO: project.not-found\n");
  }

  TEST_CASE("a project's packed catalog is its resource's, whatever it is called") {
    RefreshFixture fixture;
    const std::string docs = "root/archive/DEMO/resources/DOCS/";
    fixture.tree.Write(docs + "a.txt", "a");
    fixture.tree.Write(docs + "papers_catalog.xml.gz", Bytes(kPackedCatalog));
    RefreshRequest request = RefreshFixture::Request("delete", {"/projects/DEMO"});
    request.rebuild = true;
    const std::string uri = "/data/archive/projects/DEMO/resources/DOCS: ";
    CHECK(fixture.Tell(fixture.engine->Refresh(request)) == uri + "unchanged\n");
    CHECK_FALSE(fixture.tree.Exists(docs + "DOCS_catalog.xml"));
    CHECK(fixture.Tell(fixture.Refresh("all", {"/projects/DEMO"})) == uri + "+1 -0 ~0\n");
    CHECK(fixture.CatalogAt(docs + "papers_catalog.xml").entries.size() == 1);
    CHECK_FALSE(fixture.tree.Exists(docs + "papers_catalog.xml.gz"));
    fixture.tree.Write(docs + "papers_catalog.xml.gz", Bytes(kPackedCatalog));
    CHECK(fixture.Tell(fixture.Refresh("all", {"/projects/DEMO"})) == uri + "unchanged\n");
  }

  TEST_CASE("without options the site decides; a review only tells") {
    RefreshFixture fixture;
    Must(fixture.engine->SetSetting("refresh_without_options", "review"));
    fixture.CopyIn(9);
    const std::string before = fixture.Archived();
    RefreshRequest request = RefreshFixture::Request();
    request.rebuild = true;
    const RefreshReport report = Must(fixture.engine->Refresh(request));
    CHECK(fixture.Tell(report) == kAllUnchanged);
    CHECK(report.catalogs[1].unlisted == 1);
    CHECK(fixture.Archived() == before);
    Must(fixture.engine->SetSetting("refresh_without_options", "all"));
    Must(fixture.engine->SetSetting("checksum", "none"));
    Must(fixture.engine->Refresh(request));
    CHECK(fixture.CatalogAt(fixture.catalog1).entries[3].digest.empty());
    Must(fixture.Refresh("checksum"));
    CHECK(fixture.CatalogAt(fixture.catalog1).entries[3].digest.size() == 32);
  }

  TEST_CASE("the audit trail, listeners and the access policy are asked and told") {
    RefreshFixture fixture;
    std::vector<std::string> heard;
    fixture.options.event_sink =
        std::make_shared<TestSink>([&](const Event& event, const Cancelled&) {
          heard.push_back(std::to_string(static_cast<int>(event.kind)) + " " + event.user + " " +
                          event.label + " " + std::to_string(event.files));
        });
    bool allowed = false;
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [&](const std::string&, Permission permission, const std::string&, const Cancelled&) {
          return permission != Permission::kEdit || allowed
                     ? Status()
                     : Status(Code::kPermission, "test.no", "no");
        });
    fixture.Open();
    fixture.CopyIn(9);
    const std::string before = fixture.Archived();
    CHECK(Must(fixture.Refresh()).catalogs[0].status.reason() == "access.denied");
    CHECK(Must(fixture.Refresh("all", {"/experiments/XNAT_E00001"})).catalogs[0].status.reason() ==
          "uri.not-found");
    CHECK(fixture.Archived() == before);
    heard.clear();
    allowed = true;
    Must(fixture.Refresh());
    CHECK(heard == std::vector<std::string>{"4 bob S1 8"});
    const Table audit = Must(fixture.engine->Audit(RefreshFixture::kSession));
    CHECK(audit.rows.back()[3] == "Refreshed");
    CHECK(audit.rows.back()[4] == "Complete");
    Must(fixture.Refresh());
    CHECK(heard.size() == 1);
    CHECK(Must(fixture.engine->Audit(RefreshFixture::kSession)).rows.size() == audit.rows.size());
  }

  TEST_CASE("a caller who says stop gets what was not done as cancelled") {
    RefreshFixture fixture;
    fixture.CopyIn(9);
    const std::string before = fixture.Archived();
    CallOptions call;
    call.progress = [](const Progress&) { return false; };
    const RefreshReport report = Must(fixture.engine->Refresh(RefreshFixture::Request(), call));
    REQUIRE(report.catalogs.size() == 1);
    CHECK(report.catalogs[0].status.code() == Code::kCancelled);
    CHECK(fixture.Archived() == before);
    CHECK(fixture.tree.Dump("root/archive/.xa/ops").empty());
  }
}

}  // namespace xnatarchive
