#include "archive/planner.hpp"

#include <doctest/doctest.h>

#include "unit/archive/archive_fixture.hpp"

namespace xnatarchive {
namespace {

/// A session that archives without a finding: the fixture's, as DescribeSession would give it.
DescribedSession Good() {
  DescribedSession session;
  session.draft.document = TestDocument();
  session.draft.resources = ResourcesOf(session.draft.document);
  session.facts.resize(session.draft.resources.size());
  for (std::size_t i = 0; i < session.facts.size(); ++i) {
    session.facts[i].files = i + 1;
    session.facts[i].bytes = 100 * (i + 1);
  }
  session.facts[1].to_hash = {0, 1};
  session.inventory.resources.resize(session.facts.size());
  return session;
}

/// "1/archive.session-exists 20/...", in the plan's order.
std::string Findings(const ArchivePlan& plan) {
  std::string text;
  for (const Finding& finding : plan.findings) {
    if (!text.empty()) text += " ";
    text += std::to_string(finding.code) + FindingTypeName(finding.type)[0] + "/" + finding.reason;
  }
  return text;
}

std::string Plan(const DescribedSession& session, const ExistingSession* existing = nullptr,
                 const ArchivePolicy& policy = {}) {
  return Findings(PlanArchive(session, existing, policy));
}

/// What CompareWithExisting finds where no incoming resource meets one with files.
ExistingSession Archived(const DescribedSession& incoming, const SessionDocument& document) {
  ExistingSession existing;
  existing.document = document;
  existing.match = MatchSession(incoming.draft, document);
  existing.resources.resize(incoming.draft.resources.size());
  return existing;
}

ArchivePolicy With(Overwrite overwrite) {
  ArchivePolicy policy;
  policy.merge.overwrite = overwrite;
  return policy;
}

}  // namespace

TEST_SUITE("archive.planner") {
  TEST_CASE("a good new session has no findings and is added whole") {
    const ArchivePlan plan = PlanArchive(Good(), nullptr, {});
    CHECK(Findings(plan).empty());
    CHECK_FALSE(plan.Blocked());
    CHECK(plan.ToStatus().ok());
    CHECK(plan.new_session);
    CHECK(plan.scans_planned.size() == 2);
    CHECK(plan.counts.added == 6);
    CHECK(plan.scans == 2);
    CHECK(plan.files == 6);
    CHECK(plan.bytes == 600);
    CHECK(plan.files_to_hash == 2);
    REQUIRE(plan.resources.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(plan.resources[i].whole);
      CHECK(plan.resources[i].files.empty());
      CHECK(plan.resources[i].file_count == i + 1);
    }
  }

  TEST_CASE("a session that exists is a conflict without overwrite") {
    const ExistingSession existing = Archived(Good(), TestDocument());
    const ArchivePlan plan = PlanArchive(Good(), &existing, {});
    CHECK(Findings(plan) ==
          "1C/archive.session-exists 16C/archive.scan-exists 16C/archive.scan-exists");
    CHECK_FALSE(plan.new_session);
    CHECK(plan.Blocked());
    const Status status = plan.ToStatus();
    CHECK(status.code() == Code::kConflict);
    CHECK(status.reason() == "archive.session-exists");
    for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
      CHECK(Plan(Good(), &existing, With(overwrite)).empty());
    }
  }

  TEST_CASE("every difference to an existing session is told, as far as the policy minds it") {
    SessionDocument archived = TestDocument();
    archived.label = "other";
    archived.project = "OTHER";
    archived.Set("subject_ID", "other");
    archived.uid = "2.25.99";
    archived.xsi_type = "xnat:ctSessionData";
    ExistingSession existing = Archived(Good(), archived);
    existing.processing_open = true;
    const std::string names =
        "2F/archive.label-changes 3F/archive.project-changes 4F/archive.subject-changes";
    CHECK(Plan(Good(), &existing) ==
          "1C/archive.session-exists " + names +
              " 5C/archive.uid-differs 10C/archive.processing-open 16C/archive.scan-exists "
              "16C/archive.scan-exists 19F/archive.modality-differs");
    CHECK(Plan(Good(), &existing, With(Overwrite::kAppend)) ==
          names +
              " 5C/archive.uid-differs 10C/archive.processing-open "
              "19F/archive.modality-differs");
    CHECK(Plan(Good(), &existing, With(Overwrite::kDelete)) ==
          names + " 19F/archive.modality-differs");
    ArchivePolicy policy = With(Overwrite::kNone);
    policy.allow_uid_mismatch = true;
    policy.prevent_cross_modality_merge = false;
    CHECK(Plan(Good(), &existing, policy) ==
          "1C/archive.session-exists " + names +
              " 10C/archive.processing-open 16C/archive.scan-exists 16C/archive.scan-exists "
              "19C/archive.uid-differs-allowed");
    policy.merge.overwrite = Overwrite::kAppend;
    CHECK(Plan(Good(), &existing, policy) == names + " 10C/archive.processing-open");
  }

  TEST_CASE("scans that meet an archived one in another place are told") {
    SessionDocument archived = TestDocument();
    archived.scans[0].uid = "2.25.1.77";  // another series has number 1
    archived.scans[1].id = "9";           // series 2 is archived under another number
    ExistingSession existing = Archived(Good(), archived);
    const std::string kept =
        "1C/archive.session-exists 17C/archive.scan-renamed 18C/archive.scan-moved";
    CHECK(Plan(Good(), &existing) == kept);
    CHECK(Plan(Good(), &existing, With(Overwrite::kAppend)).empty());  // no file would be added
    DescribedSession session = Good();
    REQUIRE(session.draft.resources[2].scan_id == "2");
    CatalogEntry entry;
    entry.uri = "new";
    session.draft.resources[2].catalog.entries.push_back(entry);
    session.inventory.resources[2].push_back({"new", 1, 0, 0, 0});
    FileMeeting& meeting = existing.resources[2].meetings.emplace_back();
    meeting.file = meeting.entry = 0;
    CHECK(Plan(session, &existing, With(Overwrite::kAppend)) == "18C/archive.scan-moved");
    const ArchivePlan plan = PlanArchive(session, &existing, With(Overwrite::kDelete));
    CHECK(Findings(plan).empty());
    CHECK(plan.scans_planned[0].target_id == "1-MR1");
    CHECK(plan.scans_planned[1].target_id == "9");
  }

  TEST_CASE("an archived session whose document or catalog can not be read is not merged into") {
    ExistingSession existing = Archived(Good(), TestDocument());
    existing.resources[1].unreadable = "catalog.bad-xml";
    CHECK(Plan(Good(), &existing, With(Overwrite::kDelete)) == "15F/archive.no-merge");
    existing = ExistingSession();
    existing.unreadable = "the archived session's directory has no session.xml";
    CHECK(Plan(Good(), &existing, With(Overwrite::kDelete)) == "15F/archive.no-merge");
  }

  TEST_CASE("a thousand files that conflict are named, and those left are counted") {
    DescribedSession session = Good();
    ExistingSession existing = Archived(session, TestDocument());
    ExistingResource& archived = existing.resources[1];
    CatalogEntry entry;
    for (int i = 0; i < 1003; ++i) {
      const std::string path = "f" + std::to_string(i);
      entry.uri = path;
      session.draft.resources[1].catalog.entries.push_back(entry);
      archived.catalog.entries.push_back(entry);
      session.inventory.resources[1].push_back({path, 1, 0, 0, 0});
      FileMeeting meeting;
      meeting.entry = meeting.file = meeting.holder = meeting.object =
          static_cast<std::uint32_t>(i);
      archived.meetings.push_back(meeting);
    }
    const ArchivePlan plan = PlanArchive(session, &existing, With(Overwrite::kAppend));
    CHECK(plan.counts.conflicting == 1003);
    REQUIRE(plan.findings.size() == 1001);
    CHECK(plan.findings[999].message ==
          "an archived file of the same name or UID has other bytes: scan 1, resource DICOM: f999");
    CHECK(plan.findings[1000].message ==
          "an archived file of the same name or UID has other bytes: and of 3 more files");
  }

  TEST_CASE("names that are missing are findings, once") {
    DescribedSession session = Good();
    session.draft.document.project = "";
    session.draft.document.label = "";
    session.draft.document.Set("subject_ID", "");
    ArchivePolicy policy;
    policy.ids_available = false;
    CHECK(Plan(session, nullptr, policy) ==
          "6F/archive.no-project 8F/archive.no-label 9F/archive.no-id 11F/archive.no-subject");
    policy.ids_available = true;
    policy.earlier = {{8, FindingType::kFail, "archive.bad-label", "x"},
                      {6, FindingType::kFail, "archive.unknown-project", "x"},
                      {16, FindingType::kWarn, "host.says", "x"}};
    CHECK(Plan(session, nullptr, policy) ==
          "6F/archive.unknown-project 8F/archive.bad-label 11F/archive.no-subject 16W/host.says");
    session = Good();
    session.draft.document.label = "..";
    session.draft.document.project = "a/b";
    CHECK(Plan(session) == "8F/archive.bad-label 13F/archive.unsafe-name");
  }

  TEST_CASE("a document that is not one of a session is refused") {
    DescribedSession session = Good();
    session.draft.document.xsi_type = "mrSessionData";
    CHECK(Plan(session) == "13F/archive.bad-document");
    session = Good();
    session.draft.document.scans[0].xsi_type = "xnat:";
    CHECK(Plan(session) == "13F/archive.bad-document");
    session = DescribedSession();
    session.draft.document = TestDocument();
    session.draft.document.scans.clear();
    session.draft.document.resources.clear();
    CHECK(Plan(session) == "13F/archive.bad-document");
  }

  TEST_CASE("values that are not of their types are named, twenty of them") {
    DescribedSession session = Good();
    session.draft.document.Set("date", "garbage");
    session.draft.document.scans[1].Set("frames", "x");
    const ArchivePlan plan = PlanArchive(session, nullptr, ArchivePolicy());
    REQUIRE(plan.findings.size() == 1);
    CHECK(plan.findings[0].code == 13);
    CHECK(
        plan.findings[0].message ==
        "values of the session document are missing or not of their types; set them, or build the "
        "session again: date is no date (yyyy-MM-dd); scan " +
            session.draft.document.scans[1].id + ": frames is no whole number");
    const Status refused = plan.ToStatus();
    CHECK(refused.code() == Code::kInvalidArgument);
    CHECK(refused.reason() == "archive.bad-value");
    for (int i = 0; i < 23; ++i) {
      session.draft.document.scans[1].Set("parameters/voxelRes/@x", "x");
      Scan scan = session.draft.document.scans[1];
      scan.id = "more" + std::to_string(i);
      session.draft.document.scans.push_back(scan);
    }
    const std::string message = PlanArchive(session, nullptr, ArchivePolicy()).findings[0].message;
    CHECK(message.substr(message.size() - 13) == "; and 29 more");
  }

  TEST_CASE("scan IDs have to be different and names of directories") {
    DescribedSession session = Good();
    session.draft.document.scans[1].id = "1";
    session.draft.resources[2].scan_id = "1";
    CHECK(Plan(session) == "13F/archive.repeated-scan");
    for (const char* id : {"", ".", "..", "a/b", "../x", ".xa-tmp", "a\nb"}) {
      session = Good();
      session.draft.document.scans[1].id = id;
      session.draft.resources[2].scan_id = id;
      INFO(id);
      CHECK(Plan(session) == "13F/archive.unsafe-name");
    }
  }

  TEST_CASE(
      "resources have to be in directories of their own, inside the session, scans below SCANS") {
    for (const char* path : {"", "/data/x_catalog.xml", "../x_catalog.xml", "SCANS/../../x.xml",
                             "x_catalog.xml", "RESOURCES/1/x_catalog.xml", "SCANSx/1/x_catalog.xml",
                             "SCANS/1/DICOM/other_catalog.xml", ".xa/x_catalog.xml"}) {
      DescribedSession session = Good();
      ResourceDraft& resource = session.draft.resources[2];
      resource.catalog_path = path;
      resource.directory = ParentPath(path);
      INFO(path);
      CHECK(Plan(session) == "13F/archive.bad-resource");
    }
    DescribedSession session = Good();
    session.draft.resources[2].scan_id = "77";
    CHECK(Plan(session) == "13F/archive.bad-resource");
  }

  TEST_CASE("what is wrong with the files blocks, what is only untidy warns") {
    DescribedSession session = Good();
    session.facts[0].missing = 2;
    session.facts[1].bad_entries = 1;
    session.facts[2].unreadable = "catalog.bad-xml";
    session.inventory.irregular = {"SCANS/1/DICOM/link"};
    CHECK(Plan(session) ==
          "13F/archive.not-a-file 13F/archive.missing-file 13F/archive.bad-entry "
          "13F/archive.bad-catalog");
    CHECK(PlanArchive(session, nullptr, {}).ToStatus().code() == Code::kInvalidArgument);

    session = Good();
    session.facts[0].missing = 1;
    session.facts[0].first_missing = "a.dcm";
    session.facts[1].bad_entries = 2;
    session.facts[1].first_bad = "../x";
    session.facts[2].other_objects = 2;
    session.facts[2].first_other = "b.dcm";
    session.inventory.irregular = {"link", "socket"};
    const auto messages = [](const std::vector<Finding>& findings) {
      std::string text;
      for (const Finding& finding : findings) text += finding.message + "\n";
      return text;
    };
    CHECK(messages(PlanArchive(session, nullptr, {}).findings) ==
          "the session holds what is neither a file nor a directory: 2 (link, ...)\n"
          "a catalog names files that are not there: session resource NOTES: 1 (a.dcm)\n"
          "a catalog names what can not be a file of its resource: scan 1, resource DICOM: 2\n"
          "files are not the DICOM objects of their catalog entries any more; build the session "
          "again, or put back or remove what is none: scan 2, resource NIFTI: 2 (b.dcm, ...)\n");

    session = Good();
    session.facts[0].unlisted = 1;
    session.facts[1].not_dicom = 2;
    session.facts[1].repeated_uids = 3;
    session.facts[2].catalog_missing = true;
    ArchivePlan plan = PlanArchive(session, nullptr, {});
    CHECK(Findings(plan) ==
          "20W/archive.unlisted-files 20W/archive.not-dicom 21W/archive.no-catalog "
          "22W/archive.repeated-uid");
    CHECK_FALSE(plan.Blocked());
    CHECK(plan.ToStatus().ok());
    CHECK(plan.findings[1].message ==
          "entries of a DICOM resource are not DICOM or have no UID: scan 1, resource DICOM: 2");
    CHECK(Plan(session, nullptr, With(Overwrite::kDelete)).empty());
  }
}

}  // namespace xnatarchive
