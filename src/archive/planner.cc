#include "archive/planner.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "archive/findings.hpp"
#include "archive/merge_match.hpp"
#include "base/text.hpp"
#include "xml/session_values.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kFilesNamedMax = 1000;
constexpr std::ptrdiff_t kFilesInMessageMax = 20;
constexpr std::size_t kValuesInMessageMax = 20;

/// What was found, as far as it counts under the policy.
class Findings {
 public:
  Findings(std::vector<Finding> earlier, Overwrite overwrite)
      : found_(std::move(earlier)), overwrite_(overwrite) {}

  void Add(std::string_view reason, std::string_view detail = {}) {
    if (CountsUnder(reason, overwrite_)) found_.push_back(MakeFinding(reason, detail));
  }
  /// Whether a name's absence was explained before planning.
  bool Said(int code) const {
    return std::any_of(found_.begin(), found_.end(),
                       [&](const Finding& finding) { return finding.code == code; });
  }
  std::vector<Finding> Take() {
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Finding& a, const Finding& b) { return a.code < b.code; });
    return std::move(found_);
  }

 private:
  std::vector<Finding> found_;
  const Overwrite overwrite_;
};

std::string Name(const ResourceDraft& resource) {
  return ResourceName(resource.scan_id, resource.label);
}

/// "2 (image1.dcm, ...)"; a path that no line of text should hold is left out.
std::string Counted(std::uint64_t count, std::string_view first) {
  const std::string text = std::to_string(count);
  if (!CheckRelativePath(first).ok()) return text;
  return text + " (" + std::string(first) + (count > 1 ? ", ..." : "") + ")";
}

/// "prefix:name".
bool IsQualifiedName(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size();
}

bool IsSafeName(std::string_view name) {
  return name.find('/') == std::string_view::npos && CheckRelativePath(name).ok() &&
         !StartsWith(name, ".xa");
}

/// Names the session needs, unless it was said before why there is none.
void CheckNames(const SessionDocument& document, const ExistingSession* existing,
                const ArchivePolicy& policy, Findings* findings) {
  if (document.project.empty() && !findings->Said(6)) findings->Add("archive.no-project");
  if (document.label.empty() && !findings->Said(8)) findings->Add("archive.no-label");
  if (!document.label.empty() && !IsValidLabel(document.label)) findings->Add("archive.bad-label");
  if (!document.project.empty() && !IsSafeName(document.project)) {
    findings->Add("archive.unsafe-name", "the project");
  }
  if (existing == nullptr && !policy.ids_available) findings->Add("archive.no-id");
  if (document.Get("subject_ID").empty() && !findings->Said(11)) {
    findings->Add("archive.no-subject");
  }
}

/// Values that are not of their types: what no client could read.
void CheckValues(const SessionDocument& document, Findings* findings) {
  std::vector<std::string> bad = FindBadValues(document);
  for (const Scan& scan : document.scans) {
    if (!IsSafeName(scan.id)) continue;
    for (const std::string& value : FindBadValues(scan)) {
      bad.push_back("scan " + scan.id + ": " + value);
    }
  }
  if (bad.empty()) return;
  const std::size_t more = bad.size() > kValuesInMessageMax ? bad.size() - kValuesInMessageMax : 0;
  bad.resize(bad.size() - more);
  if (more > 0) bad.push_back("and " + std::to_string(more) + " more");
  findings->Add("archive.bad-value", Join(bad, "; "));
}

void CheckDocument(const SessionDraft& draft, bool document_stays, Findings* findings) {
  const SessionDocument& document = draft.document;
  if (!IsQualifiedName(document.xsi_type)) {
    findings->Add("archive.bad-document", "the session has no xsi:type");
  }
  if (document.scans.empty() && draft.resources.empty() && !document_stays) {
    findings->Add("archive.bad-document", "neither a scan nor a resource");
  }
  std::set<std::string_view> ids;
  for (const Scan& scan : document.scans) {
    if (!IsSafeName(scan.id)) {
      findings->Add("archive.unsafe-name", "the ID of a scan");
      continue;
    }
    if (!ids.insert(scan.id).second) findings->Add("archive.repeated-scan", scan.id);
    if (!IsQualifiedName(scan.xsi_type)) {
      findings->Add("archive.bad-document", "scan " + scan.id + " has no xsi:type");
    }
  }
  if (!document_stays) CheckValues(document, findings);
}

/// Where the resources are: each in a directory of its own inside the session, a scan's below
/// SCANS.
void CheckPlaces(const SessionDraft& draft, Findings* findings) {
  std::set<std::string_view> scans = {""};
  for (const Scan& scan : draft.document.scans) scans.insert(scan.id);
  std::set<std::string_view> directories;
  for (const ResourceDraft& resource : draft.resources) {
    const std::string_view path = resource.catalog_path;
    const bool in_session = CheckRelativePath(path).ok() && !resource.directory.empty() &&
                            ParentPath(path) == resource.directory && !StartsWith(path, ".xa");
    if (!in_session) {
      findings->Add("archive.bad-resource",
                    Name(resource) + " is not inside the session directory");
    } else if (!resource.scan_id.empty() && !StartsWith(path, "SCANS/")) {
      findings->Add("archive.bad-resource", Name(resource) + " is not below SCANS");
    } else if (scans.count(resource.scan_id) == 0) {
      findings->Add("archive.bad-resource", Name(resource) + " is of no scan of the document");
    } else if (!directories.insert(resource.directory).second) {
      findings->Add("archive.bad-resource", Name(resource) + " shares its directory with another");
    }
  }
}

/// What CheckResource found; codes 20 to 22 only say what a later merge would stumble over.
void CheckFacts(const ResourceDraft& resource, const ResourceFacts& facts, Findings* findings) {
  const auto report = [&](std::uint64_t count, std::string_view reason,
                          std::string_view first = {}) {
    if (count > 0) findings->Add(reason, Name(resource) + ": " + Counted(count, first));
  };
  if (!facts.unreadable.empty()) {
    findings->Add("archive.bad-catalog", Name(resource) + ": " + facts.unreadable);
    return;
  }
  if (facts.catalog_packed) return findings->Add("archive.packed-catalog", Name(resource));
  report(facts.missing, "archive.missing-file", facts.first_missing);
  report(facts.bad_entries, "archive.bad-entry", facts.first_bad);
  report(facts.other_objects, "archive.other-object", facts.first_other);
  const bool all_gone = facts.catalog_missing && facts.files == 0;
  if (all_gone) findings->Add("archive.missing-file", Name(resource) + ": no catalog and no file");
  report(facts.unlisted, "archive.unlisted-files", facts.first_unlisted);
  report(facts.not_dicom, "archive.not-dicom");
  if (facts.catalog_missing && !all_gone) findings->Add("archive.no-catalog", Name(resource));
  report(facts.repeated_uids, "archive.repeated-uid");
}

/// Files among the scans, or scans, that the document does not know are archived, but in no
/// catalog.
void CheckOthers(const std::vector<SessionFile>& others, Findings* findings) {
  const auto among_scans = [](const SessionFile& file) {
    return StartsWith(file.path, "SCANS/") && !IsLeftBehind(file.path);
  };
  const auto first = std::find_if(others.begin(), others.end(), among_scans);
  if (first == others.end()) return;
  const auto count = std::count_if(first, others.end(), among_scans);
  findings->Add("archive.unlisted-files",
                "of no resource: " + Counted(static_cast<std::uint64_t>(count), first->path));
}

using Namespaces = std::vector<std::pair<std::string, std::string>>;

bool BindDifferently(const Namespaces& a, const Namespaces& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& one) {
    return std::any_of(b.begin(), b.end(), [&](const auto& other) {
      return one.first == other.first && one.second != other.second;
    });
  });
}

/// Differences to an archived session that is to be this one: what the whole sessions say.
void CheckExisting(const SessionDocument& incoming, const ExistingSession& existing,
                   const ArchivePolicy& policy, Findings* findings) {
  const SessionDocument& archived = existing.document;
  findings->Add("archive.session-exists");
  if (!existing.unreadable.empty()) {
    findings->Add("archive.no-merge", existing.unreadable);
    return;
  }
  if (archived.label != incoming.label) findings->Add("archive.label-changes");
  if (archived.project != incoming.project) findings->Add("archive.project-changes");
  if (archived.Get("subject_ID") != incoming.Get("subject_ID")) {
    findings->Add("archive.subject-changes");
  }
  if (BindDifferently(archived.namespaces, incoming.namespaces)) {
    findings->Add("archive.no-merge", "the documents mean different namespaces by one prefix");
  }
  if (existing.processing_open) findings->Add("archive.processing-open");
  if (policy.prevent_cross_modality_merge && archived.xsi_type != incoming.xsi_type) {
    findings->Add("archive.modality-differs");
  }
  if (!archived.uid.empty() && !incoming.uid.empty() && archived.uid != incoming.uid) {
    findings->Add(policy.allow_uid_mismatch ? "archive.uid-differs-allowed"
                                            : "archive.uid-differs");
  }
}

/// Describes decisions for people, counts them, and finds the conflicts among them.
class FilePlanner {
 public:
  FilePlanner(FileCounts* counts, Findings* findings) : counts_(*counts), findings_(*findings) {}

  std::vector<PlannedFile> Plan(const std::string& where, const std::vector<FileMeeting>& meetings,
                                const std::vector<FileDecision>& decisions,
                                const IncomingFiles& incoming,
                                const std::vector<const CatalogEntry*>& archived) {
    std::vector<PlannedFile> planned;
    planned.reserve(meetings.size());
    for (std::size_t i = 0; i < meetings.size(); ++i) {
      const FileMeeting& meeting = meetings[i];
      const bool is_file = meeting.file != FileMeeting::kNone;
      PlannedFile file;
      file.path = is_file ? incoming.files[meeting.file].path
                          : std::string(incoming.entries[meeting.entry]->RelativePath());
      file.size = is_file ? incoming.files[meeting.file].size : 0;
      file.action = decisions[i].action;
      if (file.action == FileAction::kReplace && meeting.object != FileMeeting::kNone &&
          meeting.object != meeting.holder) {
        file.replaces = archived[meeting.object]->RelativePath();
      }
      Count(file, meeting.archived_size);
      if (file.action == FileAction::kConflict) {
        AddConflict(decisions[i].reason, where + ": " + file.path);
      }
      planned.push_back(std::move(file));
    }
    return planned;
  }

  void Finish() {
    for (const auto& [reason, files] : unnamed_) {
      findings_.Add(reason, "and of " + std::to_string(files) + " more files");
    }
  }

 private:
  void Count(const PlannedFile& file, std::uint64_t archived_size) {
    switch (file.action) {
      case FileAction::kAdd:
        ++counts_.added;
        counts_.bytes_added += file.size;
        break;
      case FileAction::kKeep:
        ++counts_.identical;
        break;
      case FileAction::kReplace:
        ++counts_.replaced;
        counts_.bytes_added += file.size;
        counts_.bytes_replaced += archived_size;
        break;
      case FileAction::kConflict:
        ++counts_.conflicting;
        break;
    }
  }

  void AddConflict(std::string_view reason, const std::string& detail) {
    if (counts_.conflicting <= kFilesNamedMax) {
      findings_.Add(reason, detail);
    } else {
      ++unnamed_[reason];
    }
  }

  FileCounts& counts_;
  Findings& findings_;
  std::map<std::string_view, std::uint64_t> unnamed_;  // by reason
};

/// What is in no resource. Logs go along, but are none of the session's files.
void PlanOthers(const DescribedSession& session, const ExistingSession& existing,
                const MergePolicy& policy, ArchivePlan* plan, Findings* findings) {
  const std::vector<SessionFile>& files = session.inventory.others;
  plan->other_decisions = DecideFiles(existing.others, {}, {}, policy);
  std::vector<FileMeeting> meetings;
  std::vector<FileDecision> decisions;
  for (std::size_t i = 0; i < existing.others.size(); ++i) {
    const bool conflict = plan->other_decisions[i].action == FileAction::kConflict;
    if (IsSessionLog(files[existing.others[i].file].path) && !conflict) continue;
    meetings.push_back(existing.others[i]);
    decisions.push_back(plan->other_decisions[i]);
  }
  if (meetings.empty()) return;
  FilePlanner planner(&plan->counts, findings);
  PlannedResource planned;
  planned.whole = false;
  planned.files = planner.Plan("session", meetings, decisions, {{}, {}, files, {}}, {});
  plan->resources.push_back(std::move(planned));
  planner.Finish();
}

/// File by file what a merge would do.
void PlanFiles(const DescribedSession& session, const ExistingSession& existing,
               const MergePolicy& policy, ArchivePlan* plan, Findings* findings) {
  FilePlanner planner(&plan->counts, findings);
  for (std::size_t i = 0; i < session.draft.resources.size(); ++i) {
    const ResourceDraft& draft = session.draft.resources[i];
    const ExistingResource& found = existing.resources[i];
    const ResourceMatch& match = existing.match.resources[i];
    if (!found.unreadable.empty()) {
      findings->Add("archive.no-merge",
                    "the catalog of " + Name(draft) + " can not be merged: " + found.unreadable);
    }
    PlannedResource& planned = plan->resources[i];
    planned.scan_id = match.scan_id;
    planned.label = match.label;
    planned.whole = !found.directory && !match.archived;
    if (planned.whole) {
      plan->counts.added += planned.file_count;
      plan->counts.bytes_added += planned.bytes;
      continue;
    }
    const IncomingFiles incoming{EntriesOf(draft.catalog), {}, session.inventory.resources[i], {}};
    const std::vector<const CatalogEntry*> archived = EntriesOf(found.catalog);
    plan->decisions[i] = DecideFiles(found.meetings, incoming.entries, archived, policy);
    planned.files =
        planner.Plan(Name(draft), found.meetings, plan->decisions[i], incoming, archived);
  }
  planner.Finish();
  PlanOthers(session, existing, policy, plan, findings);
}

/// Whether nothing of a scan's files would be added or replaced: they are archived, byte for byte.
bool IsKept(const std::string& scan_id, const DescribedSession& session,
            const ExistingSession& existing, const ArchivePlan& plan) {
  const std::vector<ResourceDraft>& resources = session.draft.resources;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    if (resources[i].scan_id != scan_id) continue;
    const PlannedResource& resource = plan.resources[i];
    const auto keeps = [](const PlannedFile& file) { return file.action == FileAction::kKeep; };
    if (resource.whole || !std::all_of(resource.files.begin(), resource.files.end(), keeps)) {
      return false;
    }
  }
  const std::string directory = "SCANS/" + scan_id + "/";
  for (std::size_t i = 0; i < plan.other_decisions.size(); ++i) {
    const std::string& path = session.inventory.others[existing.others[i].file].path;
    const bool kept = plan.other_decisions[i].action == FileAction::kKeep;
    if (!kept && StartsWith(path, directory)) return false;
  }
  return true;
}

/// Where scans meet archived ones; after the files were planned. A scan that has another number in
/// the archive is no conflict for kAppend where all of its files are kept: sending an upload again
/// succeeds, also one whose scan got a new number when it was archived.
void CheckScans(const DescribedSession& session, const ExistingSession& existing,
                const ArchivePlan& plan, Overwrite overwrite, Findings* findings) {
  for (const PlannedScan& scan : plan.scans_planned) {
    switch (scan.fate) {
      case ScanFate::kAdd:
        break;
      case ScanFate::kMerge:
        findings->Add("archive.scan-exists", scan.id);
        break;
      case ScanFate::kRename:
        findings->Add("archive.scan-renamed", scan.id + " becomes " + scan.target_id);
        break;
      case ScanFate::kMove:
        if (overwrite == Overwrite::kAppend && IsKept(scan.id, session, existing, plan)) break;
        findings->Add("archive.scan-moved", scan.id + " is archived as " + scan.target_id);
        break;
    }
  }
}

/// Whether the finding is about one file, which its detail names.
bool NamesFile(const Finding& finding) {
  return finding.reason == "archive.merge-conflict" || finding.reason == "archive.name-taken" ||
         finding.reason == "archive.identical-file";
}

}  // namespace

bool ArchivePlan::Blocked() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.type != FindingType::kWarn; });
}

bool ArchivePlan::KeepsAll() const {
  return counts.identical > 0 && counts.added == 0 && counts.replaced == 0 &&
         std::all_of(scans_planned.begin(), scans_planned.end(), [](const PlannedScan& scan) {
           return scan.fate == ScanFate::kMerge || scan.fate == ScanFate::kMove;
         });
}

Status ArchivePlan::ToStatus() const {
  const auto blocks = [](const Finding& finding) { return finding.type != FindingType::kWarn; };
  const auto first = std::find_if(findings.begin(), findings.end(), blocks);
  if (first == findings.end()) return Status();
  std::string message = first->message;
  auto next = first + 1;
  if (NamesFile(*first)) {  // and so do those of its reason, which stand together
    const std::size_t detail = MakeFinding(first->reason).message.size() + 2;
    for (; next != findings.end() && next - first < kFilesInMessageMax; ++next) {
      if (next->reason != first->reason || next->message.size() <= detail) break;
      message += "; " + next->message.substr(detail);
    }
  }
  const auto others = std::count_if(next, findings.end(), blocks);
  if (others > 0 && first->code != 1) {
    message += " (and " + std::to_string(others) + " more findings; validate lists them)";
  }
  return Status(AnswerTo(*first), first->reason, message);
}

ArchivePlan PlanArchive(const DescribedSession& session, const ExistingSession* existing,
                        const ArchivePolicy& policy) {
  const SessionDraft& draft = session.draft;
  Findings findings(policy.earlier, policy.merge.overwrite);
  ArchivePlan plan;
  plan.new_session = existing == nullptr;
  CheckNames(draft.document, existing, policy, &findings);
  if (existing != nullptr) CheckExisting(draft.document, *existing, policy, &findings);
  CheckDocument(draft, policy.document_stays, &findings);
  CheckPlaces(draft, &findings);
  CheckOthers(session.inventory.others, &findings);
  const std::vector<std::string>& irregular = session.inventory.irregular;
  if (!irregular.empty()) {
    findings.Add("archive.not-a-file", Counted(irregular.size(), irregular.front()));
  }
  for (const Scan& scan : draft.document.scans) {
    plan.scans_planned.push_back({scan.id, scan.id, ScanFate::kAdd});
  }
  for (std::size_t i = 0; i < draft.resources.size(); ++i) {
    const ResourceFacts& facts = session.facts[i];
    CheckFacts(draft.resources[i], facts, &findings);
    plan.resources.push_back(
        {draft.resources[i].scan_id, draft.resources[i].label, true, {}, facts.files, facts.bytes});
  }
  plan.scans = draft.document.scans.size();
  plan.files = session.Files();
  plan.bytes = session.Bytes();
  plan.files_to_hash = session.FilesToHash();
  if (existing == nullptr) {
    plan.counts.added = plan.files;
    plan.counts.bytes_added = plan.bytes;
  } else if (existing->unreadable.empty()) {
    plan.scans_planned = existing->match.scans;
    plan.decisions.resize(draft.resources.size());
    const std::vector<std::string>& impossible = existing->match.impossible;
    for (const std::string& why : impossible) findings.Add("archive.no-merge", why);
    if (impossible.empty()) PlanFiles(session, *existing, policy.merge, &plan, &findings);
    CheckScans(session, *existing, plan, policy.merge.overwrite, &findings);
  }
  plan.findings = findings.Take();
  return plan;
}

}  // namespace xnatarchive
