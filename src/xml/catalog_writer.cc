// Writing a catalog, straight into the text: no tree is built.
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/xml_namespaces.hpp"
#include "xml/xml_text.hpp"
#include "xml/xml_tree.hpp"

namespace xnatarchive {
namespace {

/// Small enough for the processor's cache, large enough for few calls.
constexpr std::size_t kPartBytes = 128 << 10;

class CatalogWriter {
 public:
  explicit CatalogWriter(const std::function<Status(std::string_view)>& write) : write_(write) {}

  Status Root(const Catalog& catalog, CatalogStyle style);

 private:
  void Begin() { attributes_.clear(); }
  void Add(std::string_view name, std::string_view value) {
    if (!value.empty()) attributes_.emplace_back(name, value);
  }
  void AddAll(const std::vector<std::pair<std::string, std::string>>& attributes) {
    attributes_.insert(attributes_.end(), attributes.begin(), attributes.end());
  }
  void StartTag(std::string_view name, int depth, XmlBody body) {
    AppendStartTag(out_, name, attributes_, depth, body);
  }
  /// The start tag of an element without attributes.
  void StartContainer(std::string_view name, int depth) {
    Begin();
    StartTag(name, depth, XmlBody::kFollows);
  }

  /// Writes a catalog; `attributes_` has what only this kind of catalog has.
  Status Element(const Catalog& catalog, std::string_view name, int depth, int child_depth);
  void MetaFields(const std::vector<MetaField>& fields, int depth);
  void Tags(const std::vector<std::string>& tags, int depth);
  Status Sets(const std::vector<Catalog>& sets, int depth);
  Status Entries(const std::vector<CatalogEntry>& entries, int depth);
  void Entry(const CatalogEntry& entry, int depth);
  void Dimensions(const CatalogDimensions& dimensions, int depth);
  void VoxelResolution(const CatalogVoxelResolution& resolution, int depth);

  const std::function<Status(std::string_view)>& write_;
  std::string out_;           // not written yet
  XmlAttributes attributes_;  // of the start tag being made
};

void CatalogWriter::MetaFields(const std::vector<MetaField>& fields, int depth) {
  if (fields.empty()) return;
  StartContainer("cat:metaFields", depth);
  for (const MetaField& field : fields) {
    Begin();
    attributes_.emplace_back("name", field.name);
    AppendTextElement(out_, "cat:metaField", attributes_, field.value, depth + 1);
  }
  AppendEndTag(out_, "cat:metaFields", depth);
}

void CatalogWriter::Tags(const std::vector<std::string>& tags, int depth) {
  if (tags.empty()) return;
  StartContainer("cat:tags", depth);
  for (const std::string& tag : tags) {
    Begin();
    AppendTextElement(out_, "cat:tag", attributes_, tag, depth + 1);
  }
  AppendEndTag(out_, "cat:tags", depth);
}

Status CatalogWriter::Sets(const std::vector<Catalog>& sets, int depth) {
  if (sets.empty()) return Status();
  StartContainer("cat:sets", depth);
  for (const Catalog& set : sets) {
    Begin();
    if (set.dicom) Add("xsi:type", "cat:dcmCatalog");
    XNA_RETURN_IF_ERROR(Element(set, "cat:entrySet", depth + 1, depth + 2));
  }
  AppendEndTag(out_, "cat:sets", depth);
  return Status();
}

Status CatalogWriter::Entries(const std::vector<CatalogEntry>& entries, int depth) {
  if (entries.empty()) return Status();
  StartContainer("cat:entries", depth);
  for (const CatalogEntry& entry : entries) {
    Entry(entry, depth + 1);
    if (out_.size() < kPartBytes) continue;
    XNA_RETURN_IF_ERROR(write_(out_));
    out_.clear();
  }
  AppendEndTag(out_, "cat:entries", depth);
  return Status();
}

void CatalogWriter::Entry(const CatalogEntry& entry, int depth) {
  const std::string instance =
      entry.instance_number ? std::to_string(*entry.instance_number) : std::string();
  Begin();
  Add("ID", entry.id);
  Add("UID", entry.uid);
  attributes_.emplace_back("URI", entry.uri);  // required: also when empty
  Add("cachePath", entry.cache_path);
  Add("content", entry.content);
  Add("createdBy", entry.created.by);
  Add("createdEventId", entry.created.event_id);
  Add("createdTime", entry.created.time);
  Add("description", entry.description);
  Add("digest", entry.digest);
  Add("format", entry.format);
  Add("instanceNumber", instance);
  Add("modifiedBy", entry.modified.by);
  Add("modifiedEventId", entry.modified.event_id);
  Add("modifiedTime", entry.modified.time);
  Add("name", entry.name);
  if (entry.dicom) Add("xsi:type", "cat:dcmEntry");
  AddAll(entry.attributes);
  if (entry.meta_fields.empty() && entry.tags.empty() && entry.elements.empty()) {
    return StartTag("cat:entry", depth, XmlBody::kNone);
  }
  StartTag("cat:entry", depth, XmlBody::kFollows);
  MetaFields(entry.meta_fields, depth + 1);
  Tags(entry.tags, depth + 1);
  for (const XmlElement& element : entry.elements) AppendXmlElement(out_, element, depth + 1);
  AppendEndTag(out_, "cat:entry", depth);
}

void CatalogWriter::Dimensions(const CatalogDimensions& dimensions, int depth) {
  const auto text = [](const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : std::string();
  };
  const std::string x = text(dimensions.x), y = text(dimensions.y), z = text(dimensions.z),
                    volumes = text(dimensions.volumes);
  Begin();
  Add("volumes", volumes);
  Add("x", x);
  Add("y", y);
  Add("z", z);
  StartTag("cat:dimensions", depth, XmlBody::kNone);
}

void CatalogWriter::VoxelResolution(const CatalogVoxelResolution& resolution, int depth) {
  Begin();
  Add("units", resolution.units);
  Add("x", resolution.x);
  Add("y", resolution.y);
  Add("z", resolution.z);
  StartTag("cat:voxelRes", depth, XmlBody::kNone);
}

Status CatalogWriter::Element(const Catalog& catalog, std::string_view name, int depth,
                              int child_depth) {
  Add("ID", catalog.id);
  Add("UID", catalog.uid);
  Add("description", catalog.description);
  Add("name", catalog.name);
  AddAll(catalog.attributes);
  const bool has_body = !catalog.meta_fields.empty() || !catalog.tags.empty() ||
                        !catalog.sets.empty() || !catalog.entries.empty() ||
                        catalog.dimensions.has_value() || catalog.voxel_resolution.has_value() ||
                        !catalog.orientation.empty() || !catalog.elements.empty();
  if (!has_body) {
    StartTag(name, depth, XmlBody::kNone);
    return Status();
  }
  StartTag(name, depth, XmlBody::kFollows);
  MetaFields(catalog.meta_fields, child_depth);
  Tags(catalog.tags, child_depth);
  XNA_RETURN_IF_ERROR(Sets(catalog.sets, child_depth));
  XNA_RETURN_IF_ERROR(Entries(catalog.entries, child_depth));
  if (catalog.dimensions) Dimensions(*catalog.dimensions, child_depth);
  if (catalog.voxel_resolution) VoxelResolution(*catalog.voxel_resolution, child_depth);
  if (!catalog.orientation.empty()) {
    Begin();
    AppendTextElement(out_, "cat:orientation", attributes_, catalog.orientation, child_depth);
  }
  for (const XmlElement& element : catalog.elements) AppendXmlElement(out_, element, child_depth);
  AppendEndTag(out_, name, depth);
  return Status();
}

Status CatalogWriter::Root(const Catalog& catalog, CatalogStyle style) {
  std::vector<std::string> names;
  out_ += kXmlDeclaration;
  Begin();
  AddNamespaces(catalog.namespaces, names, attributes_);
  XNA_RETURN_IF_ERROR(Element(catalog, catalog.dicom ? "cat:DCMCatalog" : "cat:Catalog", 0,
                              style == CatalogStyle::kPretty ? 1 : 0));
  return write_(out_);
}

}  // namespace

Status WriteCatalog(const Catalog& catalog, CatalogStyle style,
                    const std::function<Status(std::string_view)>& write) {
  return CatalogWriter(write).Root(catalog, style);
}

std::string WriteCatalog(const Catalog& catalog, CatalogStyle style) {
  std::string out;
  (void)WriteCatalog(catalog, style, [&](std::string_view part) {
    out += part;
    return Status();
  });
  return out;
}

}  // namespace xnatarchive
