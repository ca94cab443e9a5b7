#include "catalog/resource_places.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "archive/read_catalog.hpp"
#include "base/text.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {
namespace {

std::string_view LocalName(std::string_view name) { return name.substr(name.find(':') + 1); }

/// Calls `visit(element)` for the children of that local name.
template <typename Element, typename Visit>
void ForEachChild(Element& element, std::string_view name, const Visit& visit) {
  for (auto& child : element.children) {
    if (LocalName(child.name) == name) visit(child);
  }
}

template <typename Document, typename Visit>
void ForEachElement(Document& document, std::string_view group, std::string_view name,
                    const Visit& visit) {
  for (auto& element : document.elements) {
    if (LocalName(element.name) == group) ForEachChild(element, name, visit);
  }
}

std::string Attribute(const XmlElement& element, std::string_view name) {
  const std::string* const value = element.FindAttribute(name);
  return value == nullptr ? "" : *value;
}

/// Visits what is in `group` of a reconstruction or an assessor.
template <typename Element, typename Visit>
void VisitGroup(Element& owner, ResourcePlace place, std::string_view group, std::string_view name,
                const Visit& visit) {
  if (group != "resources") place.direction = group;
  ForEachChild(owner, group, [&](auto& in_group) {
    ForEachChild(in_group, name, [&](auto& element) { visit(place, element); });
  });
}

/// Calls `visit(place, resource)` for every resource, with a place that says whose it is; the
/// resource is a Resource or, where the document has no value of its own for it, an XmlElement.
template <typename Document, typename Visit>
void ForEachResource(Document& document, const Visit& visit) {
  for (auto& resource : document.resources) visit(ResourcePlace(), resource);
  for (auto& scan : document.scans) {
    ResourcePlace place;
    place.owner = ResourceOwner::kScan;
    place.owner_id = scan.id;
    place.series_uid = scan.uid;
    for (auto& resource : scan.resources) visit(place, resource);
  }
  const auto of_element = [&](ResourceOwner owner, auto& element) {
    ResourcePlace place;
    place.owner = owner;
    place.owner_id = Attribute(element, "ID");
    VisitGroup(element, place, "in", "file", visit);
    VisitGroup(element, place, "out", "file", visit);
    VisitGroup(element, place, "resources", "resource", visit);
  };
  ForEachElement(document, "reconstructions", "reconstructedImage",
                 [&](auto& element) { of_element(ResourceOwner::kReconstruction, element); });
  ForEachElement(document, "assessors", "assessor",
                 [&](auto& element) { of_element(ResourceOwner::kAssessor, element); });
}

void Describe(const Resource& resource, const std::string& session_directory,
              ResourcePlace* place) {
  place->label = resource.label;
  place->format = resource.format;
  place->content = resource.content;
  place->is_catalog = resource.xsi_type == Resource().xsi_type;
  place->catalog_path = CatalogPath(resource.uri, session_directory);
  place->file_count = resource.file_count;
  place->file_size = resource.file_size;
}

void Describe(const XmlElement& element, const std::string& session_directory,
              ResourcePlace* place) {
  place->label = Attribute(element, "label");
  place->format = Attribute(element, "format");
  place->content = Attribute(element, "content");
  place->is_catalog = LocalName(Attribute(element, "xsi:type")) == "resourceCatalog";
  place->catalog_path = CatalogPath(Attribute(element, "URI"), session_directory);
  place->file_count = ParseInt(Attribute(element, "file_count"));
  place->file_size = ParseInt(Attribute(element, "file_size"));
}

void Edit(const ResourceEdit& edit, Resource* resource) {
  if (edit.file_count) resource->file_count = edit.file_count;
  if (edit.file_size) resource->file_size = edit.file_size;
  if (edit.unpacked) resource->uri = WithoutPacking(resource->uri);
}

void Edit(const ResourceEdit& edit, XmlElement* element) {
  const auto set = [&](const char* name, const std::optional<std::int64_t>& value) {
    if (value) element->SetAttribute(name, std::to_string(*value));
  };
  set("file_count", edit.file_count);
  set("file_size", edit.file_size);
  if (edit.unpacked) element->SetAttribute("URI", WithoutPacking(Attribute(*element, "URI")));
}

/// Whose resources a URI names.
struct NamedOwner {
  ResourceOwner owner = ResourceOwner::kSession;
  std::string id;
};

Result<NamedOwner> FindOwner(const SessionDocument& document, const ParsedUri& uri) {
  NamedOwner named;
  bool found = true;
  if (!uri.scan.empty()) {
    named = {ResourceOwner::kScan, uri.scan};
    found = document.FindScan(uri.scan) != nullptr;
  } else if (!uri.reconstruction.empty()) {
    named = {ResourceOwner::kReconstruction, uri.reconstruction};
    found = false;
    ForEachElement(document, "reconstructions", "reconstructedImage", [&](const XmlElement& e) {
      found = found || Attribute(e, "ID") == uri.reconstruction;
    });
  } else if (!uri.assessor.empty()) {
    found = false;
    ForEachElement(document, "assessors", "assessor", [&](const XmlElement& e) {
      if (found || (Attribute(e, "ID") != uri.assessor && Attribute(e, "label") != uri.assessor)) {
        return;
      }
      named = {ResourceOwner::kAssessor, Attribute(e, "ID")};
      found = true;
    });
  }
  if (found) return named;
  return Status(Code::kNotFound, "uri.not-found",
                "the session has no such scan, reconstruction or assessor");
}

/// What a URI that names an owner and no resource stands for.
bool IsInCascade(const ResourcePlace& place, const ParsedUri& uri, const NamedOwner& named) {
  if (!uri.direction.empty()) return place.direction == uri.direction;
  if (place.owner == ResourceOwner::kReconstruction) return place.direction == "out";
  if (place.owner != ResourceOwner::kAssessor) return true;
  const bool own = named.owner == ResourceOwner::kAssessor && place.direction.empty();
  return own || place.direction == "out";
}

}  // namespace

std::string CatalogPath(std::string_view uri, const std::string& session_directory) {
  std::string path;
  for (const char c : uri) {
    const char separator = c == '\\' ? '/' : c;
    if (separator != '/' || path.empty() || path.back() != '/') path += separator;
  }
  if (StartsWith(path, "/")) {
    // An archive that was moved keeps the path of its old place in front of that of the session.
    const std::string inside = "/" + session_directory + "/";
    const std::size_t at = path.find(inside);
    if (at == std::string::npos) return "";
    path.erase(0, at + inside.size());
  }
  return CheckRelativePath(path).ok() ? path : "";
}

void MakeCatalogPaths(const std::string& session_directory, SessionDocument* document) {
  const auto make = [&](std::vector<Resource>& resources) {
    for (Resource& resource : resources) {
      std::string path = CatalogPath(resource.uri, session_directory);
      if (!path.empty()) resource.uri = std::move(path);
    }
  };
  make(document->resources);
  for (Scan& scan : document->scans) make(scan.resources);
}

std::vector<ResourcePlace> PlacesOf(const SessionDocument& document,
                                    const std::string& session_directory) {
  std::vector<ResourcePlace> places;
  ForEachResource(document, [&](ResourcePlace place, const auto& resource) {
    Describe(resource, session_directory, &place);
    place.number = places.size();
    places.push_back(std::move(place));
  });
  return places;
}

Result<std::vector<ResourcePlace>> PlacesNamed(const SessionDocument& document,
                                               const std::vector<ResourcePlace>& places,
                                               const ParsedUri& uri, Cascade cascade) {
  if (uri.kind == UriKind::kFile) {
    return Status(Code::kInvalidArgument, "uri.is-a-file",
                  "the URI names a file; expected that of its resource, without /files/...");
  }
  const Result<NamedOwner> named = FindOwner(document, uri);
  if (!named.ok()) return named.status();
  std::vector<ResourcePlace> chosen;
  for (const ResourcePlace& place : places) {
    const bool of_owner = place.owner == named->owner && place.owner_id == named->id;
    const bool whole_session = named->owner == ResourceOwner::kSession && uri.resource.empty();
    if (!of_owner && !whole_session) continue;
    if (!uri.resource.empty()) {
      const bool other_way = !uri.direction.empty() && place.direction != uri.direction;
      if (place.label != uri.resource || other_way) continue;
    } else if (cascade == Cascade::kRefresh && !IsInCascade(place, uri, *named)) {
      continue;
    }
    chosen.push_back(place);
  }
  if (chosen.empty() && !uri.resource.empty()) {
    return Status(Code::kNotFound, "uri.not-found", "there is no resource of that label");
  }
  return chosen;
}

std::string PlaceUri(const std::string& session_uri, const ResourcePlace& place) {
  constexpr std::string_view kDelimiters = "/?#";
  const std::string owner = EncodePercent(place.owner_id, kDelimiters);
  std::string uri = session_uri;
  if (place.owner == ResourceOwner::kScan) uri += "/scans/" + owner;
  if (place.owner == ResourceOwner::kReconstruction) uri += "/reconstructions/" + owner;
  if (place.owner == ResourceOwner::kAssessor) uri += "/assessors/" + owner;
  if (!place.direction.empty()) uri += "/" + place.direction;
  return uri + "/resources/" + EncodePercent(place.label, kDelimiters);
}

void EditResources(const std::map<std::size_t, ResourceEdit>& edits, SessionDocument* document) {
  std::size_t number = 0;
  ForEachResource(*document, [&](const ResourcePlace&, auto& resource) {
    const auto at = edits.find(number++);
    if (at != edits.end()) Edit(at->second, &resource);
  });
}

}  // namespace xnatarchive
