#include "rest/items.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

std::string LocalName(std::string_view name) {
  return std::string(name.substr(name.find(':') + 1));  // npos + 1 is 0
}

bool IsAboutXml(std::string_view attribute) {
  return StartsWith(attribute, "xsi:") || StartsWith(attribute, "xmlns");
}

void SetField(std::string_view path, std::string_view value, Json* item) {
  if (!value.empty()) (*item)["data_fields"][std::string(path)] = value;
}

void AddItems(const std::string& field, std::vector<Json> items, Json* item) {
  if (items.empty()) return;
  (*item)["children"].push_back({{"field", field}, {"items", std::move(items)}});
}

void AddElements(const std::vector<XmlElement>& elements, const std::string& prefix, Json* item);

/// An element's own text, its attributes and what is in it, below `path`; "" for an item of its
/// own.
void AddElement(const XmlElement& element, const std::string& path, Json* item) {
  const std::string below = path.empty() ? "" : path + "/";
  SetField(path.empty() ? LocalName(element.name) : path, Trim(element.text), item);
  for (const auto& [name, value] : element.attributes) {
    if (!IsAboutXml(name)) SetField(below + LocalName(name), value, item);
  }
  AddElements(element.children, below, item);
}

void AddElements(const std::vector<XmlElement>& elements, const std::string& prefix, Json* item) {
  std::map<std::string_view, int> count;
  for (const XmlElement& element : elements) ++count[element.name];
  std::vector<std::pair<std::string, std::vector<Json>>> repeated;
  for (const XmlElement& element : elements) {
    const std::string path = prefix + LocalName(element.name);
    if (count[element.name] == 1) {
      AddElement(element, path, item);
      continue;
    }
    const std::string* type = element.FindAttribute("xsi:type");
    Json child = MakeItem(type != nullptr ? *type : element.name);
    AddElement(element, "", &child);
    if (repeated.empty() || repeated.back().first != path) repeated.emplace_back(path, 0);
    repeated.back().second.push_back(std::move(child));
  }
  for (auto& [path, items] : repeated) AddItems(path, std::move(items), item);
}

void AddAttributes(const std::vector<std::pair<std::string, std::string>>& attributes, Json* item) {
  for (const auto& [name, value] : attributes) {
    if (!IsAboutXml(name)) SetField(LocalName(name), value, item);
  }
}

std::vector<Json> ResourceItems(const std::vector<Resource>& resources) {
  std::vector<Json> items;
  for (const Resource& resource : resources) {
    Json item = MakeItem(resource.xsi_type);
    SetField("xnat_abstractresource_id", resource.label, &item);
    SetField("label", resource.label, &item);
    SetField("URI", resource.uri, &item);
    SetField("format", resource.format, &item);
    SetField("content", resource.content, &item);
    SetField("description", resource.description, &item);
    if (resource.file_count) item["data_fields"]["file_count"] = *resource.file_count;
    if (resource.file_size) item["data_fields"]["file_size"] = *resource.file_size;
    AddAttributes(resource.attributes, &item);
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

Json MakeItem(std::string_view xsi_type) {
  return {{"children", Json::array()},
          {"meta", {{"xsi:type", xsi_type}, {"isHistory", false}}},
          {"data_fields", Json::object()}};
}

Json ScanItem(const Scan& scan, std::string_view session_id) {
  Json item = MakeItem(scan.xsi_type);
  SetField("ID", scan.id, &item);
  SetField("xnat_imagescandata_id", scan.id, &item);
  SetField("image_session_ID", session_id, &item);
  SetField("UID", scan.uid, &item);
  SetField("type", scan.type, &item);
  AddAttributes(scan.attributes, &item);
  AddElements(scan.elements, "", &item);
  AddItems("file", ResourceItems(scan.resources), &item);
  return item;
}

Json SessionItem(const SessionDocument& document) {
  Json item = MakeItem(document.xsi_type);
  SetField("ID", document.id, &item);
  SetField("label", document.label, &item);
  SetField("project", document.project, &item);
  SetField("UID", document.uid, &item);
  AddAttributes(document.attributes, &item);
  AddElements(document.elements, "", &item);
  std::vector<Json> scans;
  for (const Scan& scan : document.scans) scans.push_back(ScanItem(scan, document.id));
  AddItems("scans/scan", std::move(scans), &item);
  AddItems("resources/resource", ResourceItems(document.resources), &item);
  return item;
}

std::string ItemsText(Json item) {
  Json items;
  items["items"] = Json::array();
  items["items"].push_back(std::move(item));
  return JsonText(items);
}

}  // namespace xnatarchive
