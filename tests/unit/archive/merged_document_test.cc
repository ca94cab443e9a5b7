#include "archive/merged_document.hpp"

#include <doctest/doctest.h>

#include "archive/archived_form.hpp"
#include "unit/archive/merge_fixture.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

TestSession OneScan(const std::string& uid = "A") {
  TestSession session;
  session.scans = {{"1", uid}};
  session.resources = {{"1", "DICOM", {}}};
  return session;
}

/// Two documents and what is true of the incoming resources after the merge.
struct Merge {
  SessionDocument archived;
  SessionDraft incoming;
  std::vector<ResourceTotals> totals;
  std::vector<bool> changed;

  Merge(const TestSession& old, const TestSession& sent)
      : archived(DraftOf(old).document), incoming(DraftOf(sent)) {
    archived.id = "XNAT_E00001";
    archived.Set("subject_ID", "XNAT_S00001");
    archived.label = "S1_renamed";
    for (std::size_t i = 0; i < incoming.resources.size(); ++i) {
      totals.push_back({static_cast<std::int64_t>(10 + i), 1000, std::nullopt});
      changed.push_back(true);
    }
  }

  SessionDocument Run(DocumentRule rule = DocumentRule::kIncomingWins) const {
    std::vector<std::string> catalogs;
    for (const ResourceDraft& resource : incoming.resources) {
      catalogs.push_back(resource.catalog_path);
    }
    return MergeDocuments(archived, DocumentWithResources(incoming, totals),
                          MatchSession(incoming, archived), {catalogs, totals, changed}, rule);
  }
};

/// "1(A): DICOM SCANS/1/DICOM/scan_1_catalog.xml 10 files"
std::string Tell(const SessionDocument& document) {
  std::string text;
  for (const Scan& scan : document.scans) {
    text += scan.id + "(" + scan.uid + "):";
    for (const Resource& resource : scan.resources) {
      text += " " + resource.label + " " + resource.uri + " " +
              std::to_string(resource.file_count.value_or(-1));
    }
    text += "\n";
  }
  return text;
}

Resource Other(const std::string& label, const std::string& uri) {
  Resource resource;
  resource.xsi_type = "xnat:imageResource";
  resource.label = label;
  resource.uri = uri;
  return resource;
}

}  // namespace

TEST_SUITE("archive.merged_document") {
  TEST_CASE("incoming values win, what only the archived document has is kept") {
    Merge merge(OneScan(), OneScan());
    merge.archived.Set("note", "checked by hand");
    merge.archived.Set("date", "1999-01-01");
    merge.archived.attributes = {{"visit_id", "v1"}, {"modality", "XX"}};
    merge.incoming.document.Set("date", "2024-01-01");
    merge.incoming.document.attributes = {{"modality", "MR"}};
    const SessionDocument merged = merge.Run();
    CHECK(merged.Get("note") == "checked by hand");
    CHECK(merged.Get("date") == "2024-01-01");
    CHECK(merged.Get("@visit_id") == "v1");
    CHECK(merged.Get("@modality") == "MR");
  }

  TEST_CASE("where the archived document stays only scans and resources it does not have are new") {
    TestSession sent = OneScan();
    sent.scans.push_back({"2", "B"});
    sent.resources.push_back({"1", "NIFTI", {}});
    sent.resources.push_back({"2", "DICOM", {}});
    sent.resources.push_back({"", "NOTES", {}});
    Merge merge(OneScan(), sent);
    merge.archived.Set("date", "1999-01-01");
    merge.archived.scans[0].type = "t1";
    merge.archived.scans[0].resources[0].content = "RAW";
    SessionDocument& incoming = merge.incoming.document;
    incoming.uid = "2.25.9";
    incoming.attributes = {{"modality", "XX"}};
    incoming.Set("date", "2024-01-01");
    incoming.Set("note", "old");
    incoming.scans[0].type = "t2";
    incoming.scans[0].Set("quality", "old");
    incoming.scans[0].resources[0].content = "old";
    incoming.scans[0].resources[0].description = "old";
    incoming.scans[1].Set("quality", "usable");
    SessionDocument expected = merge.archived;
    Resource& dicom = expected.scans[0].resources[0];
    dicom.file_count = 10;
    dicom.file_size = 1000;
    const SessionDocument told = DocumentWithResources(merge.incoming, merge.totals);
    expected.scans[0].resources.push_back(told.scans[0].resources[1]);
    expected.scans.push_back(told.scans[1]);
    expected.resources = told.resources;
    CHECK(WriteSession(merge.Run(DocumentRule::kArchivedStays)) == WriteSession(expected));
  }

  TEST_CASE("ID, project, label and subject stay those of the archived session") {
    Merge merge(OneScan(), OneScan());
    merge.incoming.document.id = "OTHER";
    merge.incoming.document.project = "OTHER";
    merge.incoming.document.Set("subject_ID", "OTHER");
    const SessionDocument merged = merge.Run();
    CHECK(merged.id == "XNAT_E00001");
    CHECK(merged.project == "DEMO");
    CHECK(merged.label == "S1_renamed");
    CHECK(merged.Get("subject_ID") == "XNAT_S00001");
  }

  TEST_CASE("a document of another type only gives its scans and resources") {
    TestSession sent = OneScan("B");
    sent.resources.push_back({"", "NOTES", {}});
    Merge merge(OneScan(), sent);
    merge.incoming.document.xsi_type = "xnat:petSessionData";
    merge.incoming.document.uid = "2.25.9";
    merge.incoming.document.Set("date", "2024-01-01");
    const SessionDocument merged = merge.Run();
    CHECK(merged.xsi_type == "xnat:mrSessionData");
    CHECK(merged.uid == "2.25.1");
    CHECK(merged.Get("date").empty());
    CHECK(merged.resources.size() == 1);
    CHECK(merged.scans.size() == 2);
  }

  TEST_CASE("a scan of another type only gives its resources") {
    TestSession sent = OneScan();
    sent.scans[0].xsi_type = "xnat:ctScanData";
    sent.resources.push_back({"1", "NIFTI", {}});
    Merge merge(OneScan(), sent);
    merge.archived.scans[0].Set("series_description", "T1");
    merge.incoming.document.scans[0].Set("series_description", "other");
    const SessionDocument merged = merge.Run();
    REQUIRE(merged.scans.size() == 1);
    CHECK(merged.scans[0].xsi_type == "xnat:mrScanData");
    CHECK(merged.scans[0].Get("series_description") == "T1");
    CHECK(merged.scans[0].resources.size() == 2);
  }

  TEST_CASE("new scans follow, renamed ones under their new number with XNAT's names") {
    TestSession sent = OneScan("B");
    sent.scans.push_back({"2", "C"});
    sent.resources.push_back({"2", "DICOM", {}});
    CHECK(Tell(Merge(OneScan(), sent).Run()) ==
          "1(A): DICOM SCANS/1/DICOM/scan_1_catalog.xml -1\n"
          "1-MR1(B): DICOM SCANS/1-MR1/DICOM/scan_1-MR1_catalog.xml 10\n"
          "2(C): DICOM SCANS/2/DICOM/scan_2_catalog.xml 11\n");
  }

  TEST_CASE("a merged resource keeps its catalog's place and gets the counts after the merge") {
    Merge merge(OneScan(), OneScan());
    Resource& archived = merge.archived.scans[0].resources[0];
    archived.uri = "SCANS/1/raw/my_catalog.xml";
    archived.content = "RAW";
    archived.attributes = {{"cat_id", "7"}};
    const SessionDocument merged = merge.Run();
    CHECK(Tell(merged) == "1(A): DICOM SCANS/1/raw/my_catalog.xml 10\n");
    CHECK(merged.scans[0].resources[0].file_size == 1000);
    CHECK(merged.scans[0].resources[0].content == "RAW");
    CHECK(merged.scans[0].resources[0].attributes.size() == 1);
  }

  TEST_CASE("what is not known of an incoming scan does not erase what is") {
    Merge merge(OneScan("A"), OneScan(""));
    Scan& archived = merge.archived.scans[0];
    archived.type = "T1 weighted";
    archived.Set("quality", "unusable");
    archived.Set("series_description", "T1");
    const SessionDocument merged = merge.Run();
    CHECK(merged.scans[0].uid == "A");
    CHECK(merged.scans[0].type == "T1 weighted");
    CHECK(merged.scans[0].Get("quality") == "unusable");
    CHECK(merged.scans[0].Get("series_description") == "T1");
  }

  TEST_CASE("the number of frames follows the catalog, and is left out where that does not tell") {
    Merge merge(OneScan(), OneScan());
    merge.archived.scans[0].Set("frames", "3");
    merge.incoming.document.scans[0].Set("frames", "1");
    merge.totals[0].slices = 4;
    CHECK(merge.Run().scans[0].Get("frames") == "4");
    merge.totals[0].slices = std::nullopt;
    CHECK(merge.Run().scans[0].Get("frames").empty());
    merge.incoming.document.scans[0].Set("frames", "3");
    CHECK(merge.Run().scans[0].Get("frames").empty());  // 3 of these, 3 of those: of how many?
  }

  TEST_CASE("the number of frames stays where the catalog does") {
    Merge merge(OneScan(), OneScan());
    merge.changed[0] = false;
    merge.archived.scans[0].Set("frames", "3");
    for (const char* frames : {"3", "1"}) {
      merge.incoming.document.scans[0].Set("frames", frames);
      CHECK(merge.Run().scans[0].Get("frames") == "3");
    }
  }

  TEST_CASE("the number of frames of a new scan is what is told of it") {
    Merge merge(OneScan("A"), OneScan("B"));
    merge.incoming.document.scans[0].Set("frames", "3");
    CHECK(merge.Run().scans[1].Get("frames") == "3");
    merge.totals[0].slices = 4;
    CHECK(merge.Run().scans[1].Get("frames") == "4");
  }

  TEST_CASE("a resource that is no catalog gets a 2 where its label is taken") {
    Merge merge(OneScan(), OneScan("B"));
    merge.archived.resources = {Other("RAW", "RESOURCES/RAW/a.bin")};
    merge.incoming.document.resources = {Other("RAW", "RESOURCES/RAW/b.bin")};
    merge.incoming.document.scans[0].resources.push_back(Other("SNAP", "SCANS/1/SNAP/x.gif"));
    const SessionDocument merged = merge.Run();
    REQUIRE(merged.resources.size() == 2);
    CHECK(merged.resources[0].uri == "RESOURCES/RAW/a.bin");
    CHECK(merged.resources[1].label == "RAW2");
    CHECK(merged.resources[1].uri == "RESOURCES/RAW/b.bin");
    REQUIRE(merged.scans[1].resources.size() == 2);
    CHECK(merged.scans[1].resources[1].uri == "SCANS/1-MR1/SNAP/x.gif");
  }

  TEST_CASE("sent once more, a resource that is no catalog is there already, whatever its label") {
    Merge merge(OneScan(), OneScan("B"));
    merge.archived.resources = {Other("RAW", "RESOURCES/RAW/a.bin")};
    merge.incoming.document.resources = {Other("RAW", "RESOURCES/RAW/b.bin")};
    merge.incoming.document.scans[0].resources.push_back(Other("SNAP", "SCANS/1/SNAP/x.gif"));
    merge.archived = merge.Run();
    CHECK(WriteSession(merge.Run()) == WriteSession(merge.archived));
  }

  TEST_CASE("a document merged with itself stays the same to the last byte") {
    TestSession session = OneScan();
    session.scans.push_back({"2", ""});
    session.resources.push_back({"2", "NIFTI", {}});
    session.resources.push_back({"", "NOTES", {}});
    Merge merge(session, session);
    for (SessionDocument* document : {&merge.archived, &merge.incoming.document}) {
      document->Set("date", "2024-01-01");
      document->Set("scanner/@model", "Skyra");
      document->Set("fields/field[name=a]", "1");
      document->scans[0].Set("parameters/voxelRes/@x", "1.0");
      document->namespaces = {{"icr", "http://icr.ac.uk/icr"}};
    }
    merge.archived.label = "S1";
    const SessionDocument once = merge.Run();
    merge.archived = once;
    CHECK(WriteSession(merge.Run()) == WriteSession(once));
    CHECK(once.scans.size() == 2);
    CHECK(once.resources.size() == 1);
  }
}

}  // namespace xnatarchive
