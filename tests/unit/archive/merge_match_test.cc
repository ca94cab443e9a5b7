#include "archive/merge_match.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "unit/archive/merge_model.hpp"

namespace xnatarchive {
namespace {

using Scans = std::vector<TestScan>;

/// Sessions of these scans, each with a resource DICOM.
TestSession WithScans(const Scans& scans) {
  TestSession session;
  session.scans = scans;
  for (const TestScan& scan : scans) session.resources.push_back({scan.id, "DICOM", {}});
  return session;
}

SessionMatch Match(const TestSession& incoming, const TestSession& archived) {
  return MatchSession(DraftOf(incoming), DraftOf(archived).document);
}

std::string Tell(const std::vector<PlannedScan>& scans) {
  std::string text;
  for (const PlannedScan& scan : scans) {
    if (!text.empty()) text += " ";
    text += scan.id + ">" + scan.target_id + ":" + ScanFateName(scan.fate);
  }
  return text;
}

std::string Tell(const Scans& scans) {
  std::string text;
  for (const TestScan& scan : scans) text += scan.id + "(" + scan.uid + ") ";
  return text;
}

/// "1>1-MR1:rename 2>2:add", and " impossible" where it is.
std::string Fates(const Scans& incoming, const Scans& archived) {
  const SessionMatch match = Match(WithScans(incoming), WithScans(archived));
  return Tell(match.scans) + (match.impossible.empty() ? "" : " impossible");
}

/// All lists of up to two scans with the IDs 1 and 2 and the UIDs none, A and B.
std::vector<Scans> AllScans() {
  std::vector<Scans> all = {{}};
  const std::vector<std::string> uids = {"", "A", "B"};
  for (const std::string& uid : uids) {
    all.push_back({{"1", uid}});
    all.push_back({{"2", uid}});
    for (const std::string& other : uids) {
      all.push_back({{"1", uid}, {"2", other}});
      all.push_back({{"2", uid}, {"1", other}});
    }
  }
  return all;
}

/// The session with resources chosen by the bits of `choice`, two for each scan: DICOM, NIFTI.
TestSession WithResources(const Scans& scans, unsigned choice) {
  TestSession session;
  session.scans = scans;
  for (std::size_t i = 0; i < scans.size(); ++i) {
    for (const char* label : {"DICOM", "NIFTI"}) {
      if ((choice & 1u) != 0) session.resources.push_back({scans[i].id, label, {}});
      choice >>= 1;
    }
  }
  return session;
}

/// What a resource match must be: whether the archived session has it, and where its catalog is.
std::string ExpectedResource(const TestResource& resource, const ModelScans& scans,
                             const TestSession& archived) {
  TestResource target = resource;
  for (const PlannedScan& scan : scans.scans) {
    if (scan.id == resource.scan_id) target.scan_id = scan.target_id;
  }
  const bool there = std::any_of(
      archived.resources.begin(), archived.resources.end(), [&](const TestResource& one) {
        return one.scan_id == target.scan_id && one.label == target.label;
      });
  return (there ? "archived " : "new ") + CatalogPathOf(target);
}

std::string CheckCase(const TestSession& incoming, const TestSession& archived) {
  const ModelScans model = MatchModelScans(incoming.scans, archived.scans);
  const SessionMatch match = Match(incoming, archived);
  std::string wrong;
  if (Tell(match.scans) != Tell(model.scans)) {
    wrong = Tell(match.scans) + ", expected " + Tell(model.scans);
  } else if (match.impossible.empty() != model.possible) {
    wrong = model.possible ? "impossible: " + match.impossible[0] : "possible";
  }
  for (std::size_t i = 0; wrong.empty() && i < incoming.resources.size(); ++i) {
    const ResourceMatch& found = match.resources[i];
    const std::string got = (found.archived ? "archived " : "new ") + found.catalog_path;
    const std::string expected = ExpectedResource(incoming.resources[i], model, archived);
    if (got != expected) wrong = got + ", expected " + expected;
    if (ParentPath(found.catalog_path) != found.directory) wrong += " directory " + found.directory;
  }
  if (wrong.empty()) return wrong;
  return wrong + "; archived " + Tell(archived.scans) + "incoming " + Tell(incoming.scans);
}

}  // namespace

TEST_SUITE("archive.merge_match") {
  TEST_CASE("a scan of the same number and series is merged, another number is added") {
    CHECK(Fates({{"1", "A"}}, {{"1", "A"}}) == "1>1:merge");
    CHECK(Fates({{"2", "B"}}, {{"1", "A"}}) == "2>2:add");
    CHECK(Fates({{"2", ""}}, {{"1", ""}}) == "2>2:add");
  }

  TEST_CASE("where a series is not known the number decides") {
    CHECK(Fates({{"1", ""}}, {{"1", "A"}}) == "1>1:merge");
    CHECK(Fates({{"1", "A"}}, {{"1", ""}}) == "1>1:merge");
  }

  TEST_CASE("a number that another series has gives a new one, the first that is free") {
    CHECK(Fates({{"1", "B"}}, {{"1", "A"}}) == "1>1-MR1:rename");
    CHECK(Fates({{"1", "C"}}, {{"1", "A"}, {"1-MR1", "B"}}) == "1>1-MR2:rename");
    CHECK(Fates({{"1", "C"}, {"1-MR1", "D"}}, {{"1", "A"}}) == "1>1-MR2:rename 1-MR1>1-MR1:add");
    CHECK(Fates({{"1-MR1", "C"}}, {{"1", "A"}, {"1-MR1", "B"}}) == "1-MR1>1-MR2:rename");
  }

  TEST_CASE("the new number tells the modality, PET as PT, and keeps the stem of one it has") {
    const auto rename = [](const std::string& id, const std::string& type) {
      const Scans archived = {{id, "A", type}};
      return Match(WithScans({{id, "B", type}}), WithScans(archived)).scans[0].target_id;
    };
    CHECK(rename("7", "xnat:ctScanData") == "7-CT1");
    CHECK(rename("7", "xnat:petScanData") == "7-PT1");
    CHECK(rename("7-CT1", "xnat:ctScanData") == "7-CT2");
    CHECK(rename("7-CT1", "xnat:mrScanData") == "7-CT1-MR1");
    CHECK(rename("7-CTx", "xnat:ctScanData") == "7-CTx-CT1");
    CHECK(rename("-CT1", "xnat:ctScanData") == "-CT1-CT1");
    CHECK(ScanModality("xnat:otherDicomScanData") == "OT");
    CHECK(ScanIdStem("12-MR34", "MR") == "12");
    CHECK(ScanIdStem("12-MR", "MR") == "12-MR");
  }

  TEST_CASE("a series that is archived under another number goes there") {
    CHECK(Fates({{"2", "A"}}, {{"1", "A"}}) == "2>1:move");
    CHECK(Fates({{"1", "B"}}, {{"1", "A"}, {"1-MR1", "B"}}) == "1>1-MR1:move");
    CHECK(Fates({{"1", "B"}, {"2", "A"}}, {{"1", "A"}, {"2", "B"}}) == "1>2:move 2>1:move");
  }

  TEST_CASE("a series that is known elsewhere is not taken for one that is not known") {
    CHECK(Fates({{"1", "B"}}, {{"1", ""}, {"2", "B"}}) == "1>2:move");
  }

  TEST_CASE("scans that would become one can not be merged") {
    CHECK(Fates({{"1", "A"}, {"2", "A"}}, {{"1", "A"}}) == "1>1:merge 2>1:move impossible");
    CHECK(Fates({{"1", ""}, {"2", "A"}}, {{"1", "A"}}) == "1>1:merge 2>1:move impossible");
  }

  TEST_CASE("resources follow their scan, with XNAT's names for their catalogs") {
    TestSession incoming = WithScans({{"1", "B"}});
    incoming.resources.push_back({"1", "NIFTI", {}});
    incoming.resources.push_back({"", "NOTES", {}});
    const SessionMatch match = Match(incoming, WithScans({{"1", "A"}}));
    REQUIRE(match.resources.size() == 3);
    CHECK(match.resources[0].catalog_path == "SCANS/1-MR1/DICOM/scan_1-MR1_catalog.xml");
    CHECK(match.resources[1].catalog_path == "SCANS/1-MR1/NIFTI/scan_1-MR1_NIFTI_catalog.xml");
    CHECK(match.resources[1].scan_id == "1-MR1");
    CHECK(match.resources[2].catalog_path == "RESOURCES/NOTES/NOTES_catalog.xml");
    CHECK(PathInArchive(match, "SCANS/1/sub/x") == "SCANS/1-MR1/sub/x");
    CHECK(PathInArchive(match, "SCANS/2/x") == "SCANS/2/x");
    CHECK(PathInArchive(match, "logs/SCANS/1/x") == "logs/SCANS/1/x");
  }

  TEST_CASE("an archived resource is met where its catalog is") {
    SessionDraft archived = DraftOf(WithScans({{"1", "A"}}));
    archived.document.scans[0].resources[0].uri = "SCANS/1/elsewhere/my_catalog.xml";
    const SessionMatch match = MatchSession(DraftOf(WithScans({{"1", "A"}})), archived.document);
    CHECK(match.impossible.empty());
    CHECK(match.resources[0].archived);
    CHECK(match.resources[0].directory == "SCANS/1/elsewhere");
    CHECK(match.resources[0].catalog_path == "SCANS/1/elsewhere/my_catalog.xml");
  }

  TEST_CASE("a label that a resource of another kind has gets a 2, also when it is sent again") {
    SessionDraft archived = DraftOf(WithScans({{"1", "A"}}));
    std::vector<Resource>& resources = archived.document.scans[0].resources;
    resources[0].xsi_type = "xnat:resource";
    resources[0].uri = "SCANS/1/raw/data.bin";
    const SessionDraft incoming = DraftOf(WithScans({{"1", "A"}}));
    SessionMatch match = MatchSession(incoming, archived.document);
    CHECK(match.resources[0].label == "DICOM2");
    CHECK_FALSE(match.resources[0].archived);
    Resource second;
    second.label = "DICOM2";
    second.uri = match.resources[0].catalog_path;
    resources.push_back(second);
    match = MatchSession(incoming, archived.document);
    CHECK(match.impossible.empty());
    CHECK(match.resources[0].label == "DICOM2");
    CHECK(match.resources[0].archived);
  }

  TEST_CASE("resources whose files would lie in one directory, or one in another's, are refused") {
    const auto impossible = [](const std::string& incoming_uri, const std::string& archived_uri) {
      SessionDraft incoming = DraftOf(WithScans({{"1", "A"}}));
      incoming.resources[0].label = "OTHER";
      incoming.resources[0].catalog_path = incoming_uri;
      incoming.resources[0].directory = ParentPath(incoming_uri);
      SessionDraft archived = DraftOf(WithScans({{"1", "A"}}));
      archived.document.scans[0].resources[0].uri = archived_uri;
      return MatchSession(incoming, archived.document).impossible;
    };
    const std::vector<std::string> shared = {
        "scan 1, resource OTHER would share its directory with another one"};
    CHECK(impossible("SCANS/1/DICOM/x_catalog.xml", "SCANS/1/DICOM/scan_1_catalog.xml") == shared);
    CHECK(impossible("x_catalog.xml", "SCANS/1/DICOM/scan_1_catalog.xml") == shared);
    const std::vector<std::string> fine;
    CHECK(impossible("SCANS/1/OTHER/x_catalog.xml", "SCANS/1/DICOM/scan_1_catalog.xml") == fine);
    CHECK(impossible("SCANS/1/DICOMS/x_catalog.xml", "SCANS/1/DICOM/scan_1_catalog.xml") == fine);
  }

  TEST_CASE("two incoming resources are not merged into one archived directory tree") {
    TestSession incoming = WithScans({{"1", "A"}});
    incoming.resources.push_back({"1", "NIFTI", {}});
    SessionDraft archived = DraftOf(WithScans({{"1", "A"}}));
    archived.document.scans[0].resources[0].uri = "SCANS/1/scan_1_catalog.xml";  // above NIFTI
    CHECK_FALSE(MatchSession(DraftOf(incoming), archived.document).impossible.empty());
  }

  TEST_CASE("every small case matches as the model says") {
    std::uint64_t cases = 0;
    std::uint64_t wrong = 0;
    for (const Scans& archived : AllScans()) {
      for (const Scans& incoming : AllScans()) {
        for (unsigned has = 0; has < 1u << (2 * archived.size()); ++has) {
          for (unsigned sent = 0; sent < 1u << (2 * incoming.size()); sent += 3) {
            const std::string difference =
                CheckCase(WithResources(incoming, sent), WithResources(archived, has));
            ++cases;
            if (!difference.empty() && ++wrong <= 5) FAIL_CHECK(difference);
          }
        }
      }
    }
    CHECK(wrong == 0);
    MESSAGE(cases << " cases");
  }
}

}  // namespace xnatarchive
