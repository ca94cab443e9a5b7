#include "archive/planner.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "archive/findings.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

using Findings = std::vector<Finding>;

void Add(Findings* findings, std::string_view reason, std::string_view detail = {}) {
  findings->push_back(MakeFinding(reason, detail));
}

/// "scan 3, resource DICOM" or "session resource NIFTI".
std::string Name(const ResourceDraft& resource) {
  if (resource.scan_id.empty()) return "session resource " + resource.label;
  return "scan " + resource.scan_id + ", resource " + resource.label;
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
  const auto said = [&](int code) {
    return std::any_of(policy.earlier.begin(), policy.earlier.end(),
                       [&](const Finding& finding) { return finding.code == code; });
  };
  if (document.project.empty() && !said(6)) Add(findings, "archive.no-project");
  if (document.label.empty() && !said(8)) Add(findings, "archive.no-label");
  if (!document.label.empty() && !IsValidLabel(document.label)) Add(findings, "archive.bad-label");
  if (!document.project.empty() && !IsSafeName(document.project)) {
    Add(findings, "archive.unsafe-name", "the project");
  }
  if (existing == nullptr && !policy.session_id_available) Add(findings, "archive.no-id");
  if (document.Get("subject_ID").empty() && !said(11)) Add(findings, "archive.no-subject");
}

void CheckDocument(const SessionDraft& draft, Findings* findings) {
  const SessionDocument& document = draft.document;
  if (!IsQualifiedName(document.xsi_type)) {
    Add(findings, "archive.bad-document", "the session has no xsi:type");
  }
  if (document.scans.empty() && draft.resources.empty()) {
    Add(findings, "archive.bad-document", "neither a scan nor a resource");
  }
  std::set<std::string_view> ids;
  for (const Scan& scan : document.scans) {
    if (!IsSafeName(scan.id)) {
      Add(findings, "archive.unsafe-name", "the ID of a scan");
      continue;
    }
    if (!ids.insert(scan.id).second) Add(findings, "archive.repeated-scan", scan.id);
    if (!IsQualifiedName(scan.xsi_type)) {
      Add(findings, "archive.bad-document", "scan " + scan.id + " has no xsi:type");
    }
  }
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
      Add(findings, "archive.bad-resource",
          Name(resource) + " is not inside the session directory");
    } else if (!resource.scan_id.empty() && !StartsWith(path, "SCANS/")) {
      Add(findings, "archive.bad-resource", Name(resource) + " is not below SCANS");
    } else if (scans.count(resource.scan_id) == 0) {
      Add(findings, "archive.bad-resource", Name(resource) + " is of no scan of the document");
    } else if (!directories.insert(resource.directory).second) {
      Add(findings, "archive.bad-resource", Name(resource) + " shares its directory with another");
    }
  }
}

/// What CheckResource found; codes 20 to 22 only say what a later merge would stumble over.
void CheckFacts(const ResourceDraft& resource, const ResourceFacts& facts, bool with_warnings,
                Findings* findings) {
  const auto report = [&](std::uint64_t count, std::string_view reason) {
    if (count > 0) Add(findings, reason, Name(resource) + ": " + std::to_string(count));
  };
  if (!facts.unreadable.empty()) {
    Add(findings, "archive.bad-catalog", Name(resource) + ": " + facts.unreadable);
    return;
  }
  report(facts.missing, "archive.missing-file");
  report(facts.bad_entries, "archive.bad-entry");
  const bool all_gone = facts.catalog_missing && facts.files == 0;
  if (all_gone) Add(findings, "archive.missing-file", Name(resource) + ": no catalog and no file");
  if (!with_warnings) return;
  report(facts.unlisted, "archive.unlisted-files");
  report(facts.not_dicom, "archive.not-dicom");
  if (facts.catalog_missing && !all_gone) Add(findings, "archive.no-catalog", Name(resource));
  report(facts.repeated_uids, "archive.repeated-uid");
}

/// Differences to an archived session that is to be this one.
void CheckExisting(const SessionDocument& incoming, const ExistingSession& existing,
                   const ArchivePolicy& policy, Findings* findings) {
  const SessionDocument& archived = existing.document;
  Add(findings, "archive.session-exists");
  if (archived.label != incoming.label) Add(findings, "archive.label-changes");
  if (archived.project != incoming.project) Add(findings, "archive.project-changes");
  if (archived.Get("subject_ID") != incoming.Get("subject_ID")) {
    Add(findings, "archive.subject-changes");
  }
  const bool replace = policy.overwrite == Overwrite::kDelete;
  if (existing.processing_open && !replace) Add(findings, "archive.processing-open");
  if (policy.prevent_cross_modality_merge && archived.xsi_type != incoming.xsi_type) {
    Add(findings, "archive.modality-differs");
  }
  const bool uids_differ =
      !archived.uid.empty() && !incoming.uid.empty() && archived.uid != incoming.uid;
  if (uids_differ && !replace) {
    Add(findings,
        policy.allow_uid_mismatch ? "archive.uid-differs-allowed" : "archive.uid-differs");
  }
}

}  // namespace

bool ArchivePlan::Blocked() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.type != FindingType::kWarn; });
}

Status ArchivePlan::ToStatus() const {
  for (const Finding& finding : findings) {
    if (finding.type == FindingType::kWarn) continue;
    const bool conflict = finding.type == FindingType::kConflict;
    return Status(conflict ? Code::kConflict : Code::kInvalidArgument, finding.reason,
                  finding.message);
  }
  return Status();
}

ArchivePlan PlanArchive(const DescribedSession& session, const ExistingSession* existing,
                        const ArchivePolicy& policy) {
  const SessionDraft& draft = session.draft;
  ArchivePlan plan;
  plan.new_session = existing == nullptr;
  plan.findings = policy.earlier;
  CheckNames(draft.document, existing, policy, &plan.findings);
  if (existing != nullptr) CheckExisting(draft.document, *existing, policy, &plan.findings);
  CheckDocument(draft, &plan.findings);
  CheckPlaces(draft, &plan.findings);
  if (!session.inventory.irregular.empty()) {
    Add(&plan.findings, "archive.not-a-file", std::to_string(session.inventory.irregular.size()));
  }
  for (std::size_t i = 0; i < draft.resources.size(); ++i) {
    const ResourceFacts& facts = session.facts[i];
    CheckFacts(draft.resources[i], facts, policy.overwrite != Overwrite::kDelete, &plan.findings);
    plan.resources.push_back({i, true, {}, facts.files, facts.bytes});
  }
  std::stable_sort(plan.findings.begin(), plan.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.code < b.code; });
  plan.scans = draft.document.scans.size();
  plan.files = session.Files();
  plan.bytes = session.Bytes();
  plan.files_to_hash = session.FilesToHash();
  return plan;
}

}  // namespace xnatarchive
