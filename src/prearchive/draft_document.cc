#include "prearchive/draft_document.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "base/status_macros.hpp"
#include "fs/directory.hpp"
#include "prearchive/received_drafts.hpp"

namespace xnatarchive {
namespace {

Status BadDraft(std::string message) {
  return Status(Code::kHandlerFailed, "import.bad-draft", std::move(message));
}

void FillResource(ResourceDraft* resource) {
  if (resource->directory.empty()) {
    resource->directory = ResourceDirectory(resource->scan_id, resource->label);
  }
  if (resource->catalog_path.empty()) {
    resource->catalog_path =
        JoinPath(resource->directory, CatalogFileName(resource->scan_id, resource->label));
  }
  for (CatalogEntry& entry : resource->catalog.entries) {
    if (entry.dicom) resource->catalog.dicom = true;
    if (entry.id.empty()) entry.id = entry.uri;
    if (entry.name.empty()) entry.name = BaseName(entry.uri);
  }
  if (!resource->catalog.dicom && resource->catalog.id.empty()) {
    resource->catalog.id = resource->label;
  }
}

}  // namespace

Status CompleteDraft(SessionDraft* draft) {
  SessionDocument& document = draft->document;
  if (document.xsi_type.empty()) return BadDraft("the handler gave the session no type");
  if (document.scans.empty() && draft->resources.empty()) {
    return BadDraft("the handler found neither scans nor resources");
  }
  std::set<std::string> scan_ids;
  for (const Scan& scan : document.scans) {
    if (scan.id.empty()) return BadDraft("a scan has no ID");
    if (!scan_ids.insert(scan.id).second) return BadDraft("two scans have the same ID");
  }
  for (ResourceDraft& draft_resource : draft->resources) {
    FillResource(&draft_resource);
    std::vector<Resource>* list = &document.resources;
    if (!draft_resource.scan_id.empty()) {
      Scan* scan = document.FindScan(draft_resource.scan_id);
      if (scan == nullptr) return BadDraft("a file was kept in a scan the document does not have");
      list = &scan->resources;
    }
    const auto at = std::find_if(list->begin(), list->end(), [&](const Resource& resource) {
      return resource.label == draft_resource.label;
    });
    Resource& resource = at != list->end() ? *at : list->emplace_back();
    resource.label = draft_resource.label;
    resource.uri = draft_resource.catalog_path;
    resource.format = draft_resource.format;
    resource.content = draft_resource.content;
    resource.description = draft_resource.description;
  }
  return Status();
}

}  // namespace xnatarchive
