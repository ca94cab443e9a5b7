// Every small case of archiving one session against a model of the rules: whether there is an
// archived one and how it differs, what its scan and its file are, the policy, and how the incoming
// files are. What CompareWithExisting finds out is given.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "archive/planner.hpp"

namespace xnatarchive {
namespace {

enum class There { kNothing, kSession, kUnreadable };
enum class Uids { kSame, kOther, kNoneArchived, kNoneIncoming };
enum class ScanCase { kNew, kSame, kOtherUid, kOtherId };  // of the archived one
enum class FileCase { kNew, kSame, kOtherBytes };          // where the scans are one

struct Case {
  There there;
  Uids uids;
  ScanCase scan;
  FileCase file;
  Overwrite overwrite;
  bool other_label, other_project, other_subject, other_type, processing;
  bool prevent_types, allow_uids, strict, untidy;

  std::string Tell() const {
    std::string text;
    for (const int value : {static_cast<int>(there), static_cast<int>(uids), static_cast<int>(scan),
                            static_cast<int>(file), static_cast<int>(overwrite)}) {
      text += std::to_string(value) + " ";
    }
    for (const bool value : {other_label, other_project, other_subject, other_type, processing,
                             prevent_types, allow_uids, strict, untidy}) {
      text += value ? '1' : '0';
    }
    return text;
  }
};

/// What is to be found, "5C", and what is to become of the one file.
struct Expected {
  std::multiset<std::string> findings;
  bool blocked = false;
  Code answer = Code::kOk;
  FileCounts counts;
};

/// The rules, read from XNAT's documentation of `overwrite` and of validate-archive.
Expected Model(const Case& c) {
  Expected expected;
  std::multiset<std::string>& found = expected.findings;
  const bool deletes = c.overwrite == Overwrite::kDelete;
  const bool merges = c.overwrite != Overwrite::kNone;
  if (c.untidy && !deletes) found = {"20W", "21W", "22W"};
  if (c.there == There::kNothing) {
    expected.counts.added = 1;
    return expected;
  }
  if (!merges) found.insert("1C");
  bool only_unreadable = merges;
  if (c.there == There::kUnreadable) {
    found.insert("15F");
  } else {
    if (c.other_label) found.insert("2F");
    if (c.other_project) found.insert("3F");
    if (c.other_subject) found.insert("4F");
    if (c.uids == Uids::kOther && !c.allow_uids && !deletes) found.insert("5C");
    if (c.uids == Uids::kOther && c.allow_uids && !merges) found.insert("19C");
    if (c.processing && !deletes) found.insert("10C");
    if (c.other_type && c.prevent_types) found.insert("19F");
    const bool meet = c.scan == ScanCase::kSame || c.scan == ScanCase::kOtherId;
    const bool kept = meet && c.file == FileCase::kSame && (deletes || !c.strict);
    if (c.scan == ScanCase::kSame && !merges) found.insert("16C");
    if (c.scan == ScanCase::kOtherUid && !merges) found.insert("17C");
    const bool sent_again = c.overwrite == Overwrite::kAppend && kept;
    if (c.scan == ScanCase::kOtherId && !deletes && !sent_again) found.insert("18C");
    const bool conflict = meet && !kept && c.file != FileCase::kNew && !deletes;
    if (conflict) found.insert("14C");
    expected.counts.added = !meet || c.file == FileCase::kNew ? 1 : 0;
    expected.counts.identical = kept ? 1 : 0;
    expected.counts.conflicting = conflict ? 1 : 0;
    expected.counts.replaced =
        1 - expected.counts.added - expected.counts.identical - expected.counts.conflicting;
    only_unreadable = false;
  }
  for (const std::string& finding : found) expected.blocked |= finding.back() != 'W';
  if (expected.blocked)
    expected.answer = only_unreadable ? Code::kInvalidArgument : Code::kConflict;
  return expected;
}

SessionDocument Document(const std::string& scan_id, const std::string& scan_uid) {
  SessionDocument document;
  document.xsi_type = "xnat:mrSessionData";
  document.uid = "2.25.1";
  document.project = "DEMO";
  document.label = "S1";
  document.Set("subject_ID", "SUBJ");
  Scan& scan = document.scans.emplace_back();
  scan.id = scan_id;
  scan.uid = scan_uid;
  scan.xsi_type = "xnat:mrScanData";
  Resource& resource = scan.resources.emplace_back();
  resource.label = "DICOM";
  resource.uri = "SCANS/" + scan_id + "/DICOM/scan_" + scan_id + "_catalog.xml";
  return document;
}

CatalogEntry Entry(const std::string& name, const std::string& uid) {
  CatalogEntry entry;
  entry.dicom = true;
  entry.uri = name;
  entry.uid = uid;
  return entry;
}

DescribedSession Incoming(const Case& c) {
  DescribedSession session;
  session.draft.document = Document("1", "2.25.1.1");
  if (c.uids == Uids::kNoneIncoming) session.draft.document.uid.clear();
  session.draft.resources = ResourcesOf(session.draft.document);
  session.draft.resources[0].directory = "SCANS/1/DICOM";
  session.draft.resources[0].catalog.entries = {Entry("a.dcm", "2.25.9.1")};
  session.inventory.resources = {{SessionFile{"a.dcm", 10, 0, 0, 1}}};
  ResourceFacts& facts = session.facts.emplace_back();
  facts.files = 1;
  facts.bytes = 10;
  facts.file_of_entry = {0};
  facts.unlisted = c.untidy ? 1 : 0;
  facts.repeated_uids = c.untidy ? 1 : 0;
  facts.catalog_missing = c.untidy;
  return session;
}

ExistingSession Existing(const Case& c, const DescribedSession& incoming) {
  ExistingSession existing;
  if (c.there == There::kUnreadable) {
    existing.unreadable = "no document";
    return existing;
  }
  const bool same_id = c.scan == ScanCase::kSame || c.scan == ScanCase::kOtherUid;
  const bool same_uid = c.scan == ScanCase::kSame || c.scan == ScanCase::kOtherId;
  existing.document = Document(same_id ? "1" : "7", same_uid ? "2.25.1.1" : "2.25.1.7");
  SessionDocument& document = existing.document;
  if (c.other_label) document.label = "S2";
  if (c.other_project) document.project = "OTHER";
  if (c.other_subject) document.Set("subject_ID", "OTHER");
  if (c.other_type) document.xsi_type = "xnat:ctSessionData";
  if (c.uids == Uids::kOther) document.uid = "2.25.2";
  if (c.uids == Uids::kNoneArchived) document.uid.clear();
  existing.processing_open = c.processing;
  existing.match = MatchSession(incoming.draft, document);
  ExistingResource& resource = existing.resources.emplace_back();
  if (!same_uid) return existing;  // its directory is moved whole
  resource.directory = true;
  resource.catalog.entries = {c.file == FileCase::kNew ? Entry("b.dcm", "2.25.9.2")
                                                       : Entry("a.dcm", "2.25.9.1")};
  const IncomingFiles files{EntriesOf(incoming.draft.resources[0].catalog),
                            {0},
                            incoming.inventory.resources[0],
                            "scan_1_catalog.xml"};
  resource.meetings =
      MeetFiles(files, EntriesOf(resource.catalog), ObjectIdentity::kSopInstanceUid);
  for (FileMeeting& meeting : resource.meetings) {
    if (c.file == FileCase::kSame) meeting.sameness = Sameness::kSame;
    if (c.file != FileCase::kNew) meeting.archived_size = 10;
  }
  return existing;
}

ArchivePlan Plan(const Case& c) {
  ArchivePolicy policy;
  policy.merge.overwrite = c.overwrite;
  policy.merge.conflict_on_identical = c.strict;
  policy.prevent_cross_modality_merge = c.prevent_types;
  policy.allow_uid_mismatch = c.allow_uids;
  const DescribedSession incoming = Incoming(c);
  if (c.there == There::kNothing) return PlanArchive(incoming, nullptr, policy);
  const ExistingSession existing = Existing(c, incoming);
  return PlanArchive(incoming, &existing, policy);
}

/// "" where the plan is what the model says.
std::string Difference(const Case& c) {
  const Expected expected = Model(c);
  const ArchivePlan plan = Plan(c);
  std::multiset<std::string> found;
  int last = 0;
  for (const Finding& finding : plan.findings) {
    found.insert(std::to_string(finding.code) + FindingTypeName(finding.type)[0]);
    if (finding.code < last) return "not sorted";
    last = finding.code;
  }
  if (found != expected.findings) {
    std::string text = "found";
    for (const std::string& one : found) text += " " + one;
    text += ", expected";
    for (const std::string& one : expected.findings) text += " " + one;
    return text;
  }
  if (plan.Blocked() != expected.blocked) return "blocked";
  if (plan.ToStatus().code() != expected.answer) return "answer " + plan.ToStatus().ToString();
  const FileCounts& counts = plan.counts;
  if (counts.added != expected.counts.added || counts.identical != expected.counts.identical ||
      counts.replaced != expected.counts.replaced ||
      counts.conflicting != expected.counts.conflicting) {
    return "counts";
  }
  return "";
}

}  // namespace

TEST_SUITE("archive.planner_model") {
  TEST_CASE("every small case has the findings, the answer and the counts of the model") {
    constexpr unsigned kFlags = 9;
    int cases = 0;
    std::set<std::string> seen;  // that the cases are not all alike
    for (const There there : {There::kNothing, There::kSession, There::kUnreadable}) {
      for (const Overwrite overwrite : {Overwrite::kNone, Overwrite::kAppend, Overwrite::kDelete}) {
        for (unsigned rest = 0; rest < (4u * 4u * 3u) << kFlags; ++rest) {
          const auto flag = [&](unsigned n) { return ((rest >> n) & 1u) != 0; };
          const unsigned kinds = rest >> kFlags;
          const Case c{there,
                       static_cast<Uids>(kinds % 4),
                       static_cast<ScanCase>(kinds / 4 % 4),
                       static_cast<FileCase>(kinds / 16),
                       overwrite,
                       flag(0),
                       flag(1),
                       flag(2),
                       flag(3),
                       flag(4),
                       flag(5),
                       flag(6),
                       flag(7),
                       flag(8)};
          if (there != There::kSession && (kinds > 0 || (rest & 0xFFu) != 0)) continue;
          ++cases;
          for (const std::string& finding : Model(c).findings) seen.insert(finding);
          const std::string difference = Difference(c);
          if (difference.empty()) continue;
          FAIL(c.Tell() << ": " << difference);
        }
      }
    }
    MESSAGE(cases << " cases");
    CHECK(seen == std::set<std::string>{"1C", "2F", "3F", "4F", "5C", "10C", "14C", "15F", "16C",
                                        "17C", "18C", "19C", "19F", "20W", "21W", "22W"});
  }
}

}  // namespace xnatarchive
