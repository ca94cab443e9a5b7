#include "archive/merged_document.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "fs/directory.hpp"
#include "xml/session_merge.hpp"
#include "xml/session_schema.hpp"

namespace xnatarchive {
namespace {

bool IsCatalog(const Resource& resource) { return resource.xsi_type == Resource().xsi_type; }

Resource* FindLabel(std::vector<Resource>* resources, const std::string& label) {
  const auto at = std::find_if(resources->begin(), resources->end(),
                               [&](const Resource& resource) { return resource.label == label; });
  return at == resources->end() ? nullptr : &*at;
}

void WinIfFilled(const std::string& incoming, std::string* archived) {
  if (!incoming.empty()) *archived = incoming;
}

/// One MergeDocuments call.
class Merger {
 public:
  Merger(const SessionMatch& match, const MergedResources& merged, DocumentRule rule)
      : match_(match), merged_(merged), rule_(rule) {}

  /// Puts incoming resources among the archived ones.
  void MergeResources(const std::vector<Resource>& incoming, std::vector<Resource>* archived) {
    for (const Resource& resource : incoming) {
      if (!IsCatalog(resource)) {
        AddOther(resource, archived);
        continue;
      }
      const std::vector<std::string>& catalogs = merged_.incoming_catalogs;
      const auto at = std::find(catalogs.begin(), catalogs.end(), resource.uri);
      if (at == catalogs.end()) continue;  // the planner refuses such a document
      MergeCatalogResource(resource, static_cast<std::size_t>(at - catalogs.begin()), archived);
    }
  }

  /// A scan's number of frames is what its primary catalog says, where that tells it. `before`: the
  /// archived scan's; of a new scan nullopt.
  void SetFrames(const std::optional<std::string>& before, Scan* scan) const {
    const std::size_t i = PrimaryOf(scan->id);
    const bool met = i < match_.resources.size();
    if (before && met && !merged_.changed[i]) {
      scan->Set("frames", *before);
    } else if (met && merged_.totals[i].slices) {
      if (scan->Get("frames").empty()) return;
      scan->Set("frames", std::to_string(*merged_.totals[i].slices));
    } else if (before && (met || scan->Get("frames") != *before)) {
      scan->Set("frames", "");  // neither number counts the frames of both
    }
  }

 private:
  void MergeCatalogResource(const Resource& incoming, std::size_t i,
                            std::vector<Resource>* archived) {
    const ResourceMatch& match = match_.resources[i];
    Resource* resource = match.archived ? FindLabel(archived, match.label) : nullptr;
    if (resource == nullptr) {
      archived->push_back(incoming);
      resource = &archived->back();
    } else if (rule_ == DocumentRule::kIncomingWins) {
      WinIfFilled(incoming.format, &resource->format);
      WinIfFilled(incoming.content, &resource->content);
      WinIfFilled(incoming.description, &resource->description);
      std::vector<std::pair<std::string, std::string>> attributes = incoming.attributes;
      FillUp(resource->attributes, &attributes);
      resource->attributes = std::move(attributes);
      FillUp("", incoming.elements, &resource->elements);
    }
    resource->label = match.label;
    resource->uri = match.catalog_path;
    resource->file_count = merged_.totals[i].files;
    resource->file_size = merged_.totals[i].bytes;
  }

  /// Of an archived scan's primary catalog, if it meets an incoming one; else the number of all.
  std::size_t PrimaryOf(const std::string& scan_id) const {
    const auto at = std::find_if(match_.resources.begin(), match_.resources.end(),
                                 [&](const ResourceMatch& resource) {
                                   return resource.scan_id == scan_id && resource.label == "DICOM";
                                 });
    return static_cast<std::size_t>(at - match_.resources.begin());
  }

  void AddOther(Resource resource, std::vector<Resource>* archived) {
    if (CheckRelativePath(resource.uri).ok()) resource.uri = PathInArchive(match_, resource.uri);
    const auto same = std::find_if(archived->begin(), archived->end(), [&](const Resource& one) {
      return StartsWith(one.label, resource.label) && one.uri == resource.uri &&
             one.xsi_type == resource.xsi_type;
    });
    if (same != archived->end()) return;  // sent once more
    while (FindLabel(archived, resource.label) != nullptr) resource.label += "2";
    archived->push_back(std::move(resource));
  }

  const SessionMatch& match_;
  const MergedResources& merged_;
  const DocumentRule rule_;
};

/// The incoming scan filled up, with the archived one's resources; or the archived one.
Scan MergeScan(Scan incoming, const Scan& archived) {
  if (incoming.xsi_type != archived.xsi_type) return archived;
  if (incoming.uid.empty()) incoming.uid = archived.uid;
  if (incoming.type.empty()) incoming.type = archived.type;
  FillUp(archived.attributes, &incoming.attributes);
  FillUp(ScanSchemaType(archived.xsi_type), archived.elements, &incoming.elements);
  incoming.resources = archived.resources;
  return incoming;
}

void MergeScans(const std::vector<Scan>& incoming, const SessionMatch& match, DocumentRule rule,
                Merger* merger, SessionDocument* document) {
  for (std::size_t i = 0; i < incoming.size(); ++i) {
    Scan scan = incoming[i];
    scan.id = match.scans[i].target_id;
    const std::vector<Resource> resources = std::move(scan.resources);
    scan.resources.clear();
    Scan* target = document->FindScan(scan.id);
    const auto frames = target == nullptr ? std::nullopt : std::optional(target->Get("frames"));
    if (target == nullptr) {
      document->scans.push_back(std::move(scan));
      target = &document->scans.back();
    } else if (rule == DocumentRule::kIncomingWins) {
      *target = MergeScan(std::move(scan), *target);
    }
    merger->MergeResources(resources, &target->resources);
    merger->SetFrames(frames, target);
  }
}

}  // namespace

SessionDocument MergeDocuments(const SessionDocument& archived, SessionDocument incoming,
                               const SessionMatch& match, const MergedResources& resources,
                               DocumentRule rule) {
  Merger merger(match, resources, rule);
  SessionDocument merged = archived;
  if (rule == DocumentRule::kIncomingWins && incoming.xsi_type == archived.xsi_type) {
    merged.attributes = incoming.attributes;
    FillUp(archived.attributes, &merged.attributes);
    merged.elements = incoming.elements;
    FillUp(SessionSchemaType(archived.xsi_type), archived.elements, &merged.elements);
    WinIfFilled(incoming.uid, &merged.uid);
    merged.Set("subject_ID", archived.Get("subject_ID"));
  }
  FillUp(incoming.namespaces, &merged.namespaces);
  merger.MergeResources(incoming.resources, &merged.resources);
  MergeScans(incoming.scans, match, rule, &merger, &merged);
  return merged;
}

}  // namespace xnatarchive
