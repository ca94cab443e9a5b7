#include <algorithm>

#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

ResourceDraft& SessionDraft::GetResource(std::string_view scan_id, std::string_view label) {
  const auto at =
      std::find_if(resources.begin(), resources.end(), [&](const ResourceDraft& resource) {
        return resource.scan_id == scan_id && resource.label == label;
      });
  if (at != resources.end()) return *at;
  ResourceDraft& resource = resources.emplace_back();
  resource.scan_id = scan_id;
  resource.label = label;
  return resource;
}

}  // namespace xnatarchive
