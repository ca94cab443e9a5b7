#include "archive/merge_match.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kScans = "SCANS/";

const Scan* FindByUid(const SessionDocument& document, const std::string& uid) {
  if (uid.empty()) return nullptr;
  const auto at = std::find_if(document.scans.begin(), document.scans.end(),
                               [&](const Scan& scan) { return scan.uid == uid; });
  return at == document.scans.end() ? nullptr : &*at;
}

/// What becomes of a scan, before new IDs are given.
PlannedScan Match(const Scan& scan, const SessionDocument& archived) {
  const Scan* same_id = archived.FindScan(scan.id);
  const bool known = same_id != nullptr && !scan.uid.empty() && !same_id->uid.empty();
  if (known && scan.uid == same_id->uid) return {scan.id, scan.id, ScanFate::kMerge};
  const Scan* same_uid = FindByUid(archived, scan.uid);
  if (same_uid != nullptr) return {scan.id, same_uid->id, ScanFate::kMove};
  if (same_id == nullptr) return {scan.id, scan.id, ScanFate::kAdd};
  if (known) return {scan.id, "", ScanFate::kRename};
  return {scan.id, scan.id, ScanFate::kMerge};  // a UID that is not known differs from none
}

/// Gives new IDs, and notes scans that end as one.
void AssignIds(const SessionDocument& incoming, const SessionDocument& archived,
               SessionMatch* match) {
  std::set<std::string> taken;
  for (const Scan& scan : archived.scans) taken.insert(scan.id);
  for (const Scan& scan : incoming.scans) taken.insert(scan.id);
  std::set<std::string> targets;
  for (std::size_t i = 0; i < match->scans.size(); ++i) {
    PlannedScan& planned = match->scans[i];
    if (planned.fate == ScanFate::kRename) {
      planned.target_id = NewScanId(planned.id, incoming.scans[i].xsi_type,
                                    [&](const std::string& id) { return taken.count(id) > 0; });
      taken.insert(planned.target_id);
    }
    if (!targets.insert(planned.target_id).second) {
      match->impossible.push_back("several scans would become scan " + planned.target_id);
    }
  }
}

/// "SCANS/1/DICOM" -> "SCANS/1-MR1/DICOM".
std::string InScan(std::string_view path, const std::string& scan_id) {
  const std::size_t slash = path.find('/', kScans.size());
  const std::string_view rest = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  return JoinPath(std::string(kScans) + scan_id, rest);
}

/// XNAT's name for it. A label that can not be part of a file's name leaves the catalog its own.
std::string CatalogNameInScan(const std::string& scan_id, const ResourceDraft& resource) {
  const std::string label = resource.label == "DICOM" ? "" : "_" + resource.label;
  std::string name = "scan_" + scan_id + label + "_catalog.xml";
  const bool can_be = name.find('/') == std::string::npos && CheckRelativePath(name).ok();
  return can_be ? name : std::string(BaseName(resource.catalog_path));
}

const Resource* FindResource(const std::vector<Resource>& resources, const std::string& label) {
  const auto at = std::find_if(resources.begin(), resources.end(),
                               [&](const Resource& resource) { return resource.label == label; });
  return at == resources.end() ? nullptr : &*at;
}

bool IsCatalog(const Resource& resource) { return resource.xsi_type == Resource().xsi_type; }

ResourceMatch MatchResource(const ResourceDraft& incoming, const PlannedScan* scan,
                            const std::vector<Resource>& archived) {
  ResourceMatch match{false, "", incoming.label, std::string(incoming.directory),
                      incoming.catalog_path};
  if (scan != nullptr) {
    match.scan_id = scan->target_id;
    if (scan->target_id != scan->id) {
      match.directory = InScan(incoming.directory, scan->target_id);
      match.catalog_path = JoinPath(match.directory, CatalogNameInScan(scan->target_id, incoming));
    }
  }
  const Resource* found = FindResource(archived, match.label);
  while (found != nullptr && !IsCatalog(*found)) {  // XNAT's way out
    match.label += "2";
    found = FindResource(archived, match.label);
  }
  if (found == nullptr) return match;
  match.archived = true;
  match.catalog_path = found->uri;
  match.directory = ParentPath(found->uri);
  return match;
}

/// Whether one of these resources lies below another one's directory.
template <typename AnyResource>
bool HoldsAnother(const std::vector<AnyResource>& resources, const std::string& directory) {
  const std::string below = directory + "/";
  return std::any_of(resources.begin(), resources.end(),
                     [&](const AnyResource& other) { return StartsWith(other.directory, below); });
}

/// Resources that share a directory can not be told apart file by file.
void CheckDirectories(const SessionDraft& incoming, const SessionDocument& archived,
                      SessionMatch* match) {
  std::set<std::string_view> others;  // of archived resources that meet no incoming one
  std::set<std::string> met;
  for (const ResourceMatch& resource : match->resources) {
    if (resource.archived) met.insert(resource.catalog_path);
  }
  const auto add = [&](const std::vector<Resource>& resources) {
    for (const Resource& resource : resources) {
      if (met.count(resource.uri) == 0) others.insert(ParentPath(resource.uri));
    }
  };
  add(archived.resources);
  for (const Scan& scan : archived.scans) add(scan.resources);
  std::set<std::string_view> directories;
  for (std::size_t i = 0; i < match->resources.size(); ++i) {
    const ResourceMatch& resource = match->resources[i];
    const bool shared =
        others.count(resource.directory) > 0 || !directories.insert(resource.directory).second;
    const bool nested = HoldsAnother(incoming.resources, incoming.resources[i].directory) ||
                        HoldsAnother(match->resources, resource.directory);
    if (resource.directory.empty() || shared || nested) {
      match->impossible.push_back(ResourceName(resource.scan_id, resource.label) +
                                  " would share its directory with another one");
    }
  }
}

}  // namespace

std::string ScanModality(std::string_view xsi_type) {
  const std::size_t colon = xsi_type.find(':');
  std::string letters =
      AsciiLower(xsi_type.substr(colon == std::string_view::npos ? 0 : colon + 1)).substr(0, 2);
  for (char& c : letters) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : 'X';
  return letters == "PE" ? "PT" : letters;
}

std::string_view ScanIdStem(std::string_view id, std::string_view modality) {
  std::size_t end = id.size();
  while (end > 0 && id[end - 1] >= '0' && id[end - 1] <= '9') --end;
  const std::string suffix = "-" + std::string(modality);
  const std::string_view head = id.substr(0, end);
  if (end == id.size() || head.size() <= suffix.size() || !EndsWith(head, suffix)) return id;
  return head.substr(0, head.size() - suffix.size());
}

SessionMatch MatchSession(const SessionDraft& incoming, const SessionDocument& archived) {
  SessionMatch match;
  for (const Scan& scan : incoming.document.scans) match.scans.push_back(Match(scan, archived));
  AssignIds(incoming.document, archived, &match);
  for (const ResourceDraft& resource : incoming.resources) {
    const auto scan =
        std::find_if(match.scans.begin(), match.scans.end(),
                     [&](const PlannedScan& planned) { return planned.id == resource.scan_id; });
    if (resource.scan_id.empty() || scan == match.scans.end()) {
      match.resources.push_back(MatchResource(resource, nullptr, archived.resources));
      continue;
    }
    static const std::vector<Resource> kNone;
    const Scan* target = archived.FindScan(scan->target_id);
    match.resources.push_back(
        MatchResource(resource, &*scan, target == nullptr ? kNone : target->resources));
  }
  CheckDirectories(incoming, archived, &match);
  return match;
}

std::string ResourceName(const std::string& scan_id, const std::string& label) {
  if (scan_id.empty()) return "session resource " + label;
  return "scan " + scan_id + ", resource " + label;
}

std::string PathInArchive(const SessionMatch& match, std::string_view path) {
  if (!StartsWith(path, kScans)) return std::string(path);
  const std::string_view below = path.substr(kScans.size());
  const std::string_view id = below.substr(0, below.find('/'));
  for (const PlannedScan& scan : match.scans) {
    if (scan.id == id) return InScan(path, scan.target_id);
  }
  return std::string(path);
}

}  // namespace xnatarchive
