// Reading a catalog. A catalog of 100,000 files is ordinary, and a tree of all of it would take
// four times its size. The scan that checks the document therefore notes where the entries lie:
// the document without them is parsed as one tree, and the entries in batches.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xml/catalog_date.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/xml_namespaces.hpp"
#include "xml/xml_scan.hpp"
#include "xml/xml_tree.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kEntriesMax = 2'000'000;
constexpr std::size_t kBatchEntries = 200;  // stays in the processor's cache
constexpr std::size_t kBatchBytes = std::size_t{1} << 18;
/// What is not an entry: nested sets, meta fields, unknown elements.
constexpr std::size_t kRestBytesMax = std::size_t{64} << 20;
/// Elements of one entry with its meta fields, and others beside that: a small element takes fifty
/// times its size in memory.
constexpr std::size_t kElementsPerEntry = 8;
constexpr std::size_t kOtherElementsMax = 500'000;

/// Consecutive children of the cat:entries element.
struct Batch {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t count = 0;
};

/// Finds the children of the first cat:entries below the root. Another one, which XNAT never
/// writes, is read with the rest.
class EntryFinder : public XmlScanListener {
 public:
  explicit EntryFinder(std::string_view bytes) : bytes_(bytes) {}

  void StartTag(std::size_t depth, std::string_view name, std::size_t begin,
                std::size_t end) override {
    ++elements_;
    if (depth == 1) {
      root_tag_ = bytes_.substr(begin, end - begin);
      entries_name_ = std::string(name.substr(0, name.find(':') + 1)).append("entries");
    } else if (depth == 2) {
      // With a namespace declaration of its own it might be an element of another namespace.
      const std::string_view tag = bytes_.substr(begin, end - begin);
      inside_ =
          batches_.empty() && name == entries_name_ && tag.find("xmlns") == std::string_view::npos;
    } else if (depth == 3 && inside_) {
      const bool full =
          !batches_.empty() && (batches_.back().count == kBatchEntries ||
                                batches_.back().end - batches_.back().begin > kBatchBytes);
      if (batches_.empty() || full) batches_.push_back({begin, begin, 0});
    }
  }
  void ElementEnd(std::size_t depth, std::size_t end) override {
    if (depth == 3 && inside_) {
      batches_.back().end = end;
      ++batches_.back().count;
      ++count_;
    }
    root_end_ = end;
  }

  std::string_view root_tag() const { return root_tag_; }
  const std::vector<Batch>& batches() const { return batches_; }
  std::size_t count() const { return count_; }
  bool too_large() const {
    std::size_t rest = root_end_;
    for (const Batch& batch : batches_) rest -= batch.end - batch.begin;
    return count_ > kEntriesMax || rest > kRestBytesMax ||
           elements_ > count_ * kElementsPerEntry + kOtherElementsMax;
  }

  /// The root element without what is in batches.
  std::string Rest() const {
    std::string rest;
    auto begin = static_cast<std::size_t>(root_tag_.data() - bytes_.data());
    for (const Batch& batch : batches_) {
      rest.append(bytes_, begin, batch.begin - begin);
      begin = batch.end;
    }
    return rest.append(bytes_, begin, root_end_ - begin);
  }

 private:
  const std::string_view bytes_;
  std::string_view root_tag_;
  std::string entries_name_;
  std::vector<Batch> batches_;
  std::size_t count_ = 0;
  std::size_t elements_ = 0;
  std::size_t root_end_ = 0;
  bool inside_ = false;  // in that cat:entries
};

Status BadValue(std::string_view what) {
  return Status(Code::kCorruption, "catalog.bad-value", std::string(what));
}

bool IsBlank(const XmlElement& element) {
  return element.attributes.empty() && element.text.empty() && element.children.empty();
}

/// Text beside elements means that a tag is damaged: what it said would be lost.
Status CheckNoText(const XmlElement& element) {
  if (element.text.empty()) return {};
  return BadValue("text in an element that holds elements only");
}

using Attributes = std::vector<std::pair<std::string, std::string>>;

/// Moves the values of the attributes that have a slot there; the others stay.
void Take(Attributes& attributes,
          std::initializer_list<std::pair<std::string_view, std::string*>> slots) {
  auto kept = attributes.begin();
  for (auto& attribute : attributes) {
    const auto slot = std::find_if(slots.begin(), slots.end(), [&](const auto& candidate) {
      return candidate.first == attribute.first;
    });
    if (slot != slots.end()) {
      *slot->second = std::move(attribute.second);
    } else {
      if (&*kept != &attribute) *kept = std::move(attribute);
      ++kept;
    }
  }
  attributes.erase(kept, attributes.end());
}

Status CheckInt(std::string_view name, std::string_view text) {
  if (text.empty() || ParseInt(text).has_value()) return {};
  return BadValue(std::string("attribute ").append(name).append(" is not an integer"));
}

Status CheckDate(std::string_view name, std::string_view text) {
  if (text.empty() || IsCatalogDate(text)) return {};
  return BadValue(std::string("attribute ").append(name).append(" is not a date"));
}

/// Hands each child of that name to `read`, which says whether it took it; the others stay.
template <typename Read>
Status TakeChildren(XmlElement& container, std::string_view name, Read read) {
  XNA_RETURN_IF_ERROR(CheckNoText(container));
  std::vector<XmlElement> rest;
  for (XmlElement& child : container.children) {
    bool taken = false;
    if (child.name == name) XNA_RETURN_IF_ERROR(read(child, taken));
    if (!taken) rest.push_back(std::move(child));
  }
  container.children = std::move(rest);
  return {};
}

/// Names that stand at the same place in `alike` are shared with it.
Status TakeMetaFields(XmlElement& container, const std::vector<MetaField>& alike,
                      std::vector<MetaField>& fields) {
  fields.reserve(fields.size() + container.children.size());
  return TakeChildren(container, "cat:metaField", [&](XmlElement& child, bool& taken) {
    const bool named = child.attributes.size() == 1 && child.attributes[0].first == "name";
    taken = named && child.children.empty();
    if (!taken) return Status();
    const std::string& field_name = child.attributes[0].second;
    const std::size_t at = fields.size();
    const bool shared = at < alike.size() && alike[at].name == field_name;
    fields.push_back({shared ? alike[at].name : SharedText(field_name), child.text});
    return Status();
  });
}

Status TakeTags(XmlElement& container, std::vector<std::string>& tags) {
  return TakeChildren(container, "cat:tag", [&](XmlElement& child, bool& taken) {
    taken = child.attributes.empty() && child.children.empty();
    if (taken) tags.push_back(std::move(child.text));
    return Status();
  });
}

/// The attributes of an entry that have a text member, in the order in which they are written, and
/// those members in the same order.
constexpr std::array<std::string_view, 15> kEntryAttributes = {"ID",
                                                               "UID",
                                                               "URI",
                                                               "cachePath",
                                                               "content",
                                                               "createdBy",
                                                               "createdEventId",
                                                               "createdTime",
                                                               "description",
                                                               "digest",
                                                               "format",
                                                               "modifiedBy",
                                                               "modifiedEventId",
                                                               "modifiedTime",
                                                               "name"};
std::array<SharedText*, kEntryAttributes.size()> EntryTexts(CatalogEntry& entry) {
  return {&entry.id,
          &entry.uid,
          &entry.uri,
          &entry.cache_path,
          &entry.content,
          &entry.created.by,
          &entry.created.event_id,
          &entry.created.time,
          &entry.description,
          &entry.digest,
          &entry.format,
          &entry.modified.by,
          &entry.modified.event_id,
          &entry.modified.time,
          &entry.name};
}

/// Takes the text members' attributes out. What equals the previous entry's value shares it.
void TakeTexts(Attributes& attributes, CatalogEntry& previous, CatalogEntry& to) {
  const auto texts = EntryTexts(to);
  const auto previous_texts = EntryTexts(previous);
  auto kept = attributes.begin();
  for (auto& attribute : attributes) {
    const auto at = static_cast<std::size_t>(
        std::find(kEntryAttributes.begin(), kEntryAttributes.end(), attribute.first) -
        kEntryAttributes.begin());
    if (at < kEntryAttributes.size()) {
      const SharedText& before = *previous_texts[at];
      *texts[at] = before == attribute.second ? before : SharedText(attribute.second);
    } else {
      if (&*kept != &attribute) *kept = std::move(attribute);
      ++kept;
    }
  }
  attributes.erase(kept, attributes.end());
  for (SharedText* text : {&to.id, &to.cache_path, &to.name}) {
    if (*text == to.uri) *text = to.uri;
  }
}

Status ReadEntry(XmlElement& from, CatalogEntry& previous, CatalogEntry& to) {
  XNA_RETURN_IF_ERROR(CheckNoText(from));
  TakeTexts(from.attributes, previous, to);
  std::string type, instance;
  Take(from.attributes, {{"instanceNumber", &instance}, {"xsi:type", &type}});
  XNA_RETURN_IF_ERROR(CheckInt("instanceNumber", instance));
  to.instance_number = ParseInt(instance);
  XNA_RETURN_IF_ERROR(CheckInt("createdEventId", to.created.event_id));
  XNA_RETURN_IF_ERROR(CheckInt("modifiedEventId", to.modified.event_id));
  XNA_RETURN_IF_ERROR(CheckDate("createdTime", to.created.time));
  XNA_RETURN_IF_ERROR(CheckDate("modifiedTime", to.modified.time));
  to.dicom = type == "cat:dcmEntry";
  if (!from.attributes.empty()) to.attributes = from.attributes;  // not the spare capacity
  if (!to.dicom && !type.empty() && type != "cat:entry") {
    to.attributes.emplace_back("xsi:type", type);
  }
  for (XmlElement& child : from.children) {
    if (child.name == "cat:metaFields") {
      XNA_RETURN_IF_ERROR(TakeMetaFields(child, previous.meta_fields, to.meta_fields));
    } else if (child.name == "cat:tags") {
      XNA_RETURN_IF_ERROR(TakeTags(child, to.tags));
    } else {
      to.elements.push_back(std::move(child));
      continue;
    }
    if (!IsBlank(child)) to.elements.push_back(std::move(child));
  }
  return {};
}

Status TakeEntries(XmlElement& container, std::vector<CatalogEntry>& entries) {
  return TakeChildren(container, "cat:entry", [&](XmlElement& child, bool& taken) {
    taken = true;
    CatalogEntry none;
    entries.emplace_back();
    CatalogEntry& previous = entries.size() > 1 ? entries[entries.size() - 2] : none;
    return ReadEntry(child, previous, entries.back());
  });
}

Status TakeDimensions(XmlElement& from, std::optional<CatalogDimensions>& to) {
  std::string x, y, z, volumes;
  const XmlElement whole = from;
  Take(from.attributes, {{"x", &x}, {"y", &y}, {"z", &z}, {"volumes", &volumes}});
  for (const std::string* value : {&x, &y, &z, &volumes}) {
    XNA_RETURN_IF_ERROR(CheckInt("of cat:dimensions", *value));
  }
  if (IsBlank(from)) {
    to = CatalogDimensions{ParseInt(x), ParseInt(y), ParseInt(z), ParseInt(volumes)};
  } else {
    from = whole;
  }
  return {};
}

void TakeVoxelResolution(XmlElement& from, std::optional<CatalogVoxelResolution>& to) {
  CatalogVoxelResolution resolution;
  const XmlElement whole = from;
  Take(from.attributes, {{"x", &resolution.x},
                         {"y", &resolution.y},
                         {"z", &resolution.z},
                         {"units", &resolution.units}});
  if (IsBlank(from)) {
    to = std::move(resolution);
  } else {
    from = whole;
  }
}

Status ReadCatalog(XmlElement& from, Catalog& to);

/// Takes what it knows out of a catalog's child; what is left of it is unknown.
Status TakeChild(XmlElement& child, Catalog& to) {
  if (child.name == "cat:metaFields") return TakeMetaFields(child, {}, to.meta_fields);
  if (child.name == "cat:tags") return TakeTags(child, to.tags);
  if (child.name == "cat:entries") return TakeEntries(child, to.entries);
  if (child.name == "cat:sets") {
    return TakeChildren(child, "cat:entrySet", [&](XmlElement& set, bool& taken) {
      taken = true;
      return ReadCatalog(set, to.sets.emplace_back());
    });
  }
  if (child.name == "cat:dimensions" && !to.dimensions.has_value()) {
    return TakeDimensions(child, to.dimensions);
  }
  if (child.name == "cat:voxelRes" && !to.voxel_resolution.has_value()) {
    TakeVoxelResolution(child, to.voxel_resolution);
  }
  if (child.name == "cat:orientation" && to.orientation.empty() && child.attributes.empty() &&
      child.children.empty()) {
    to.orientation = std::move(child.text);
    child.text.clear();
  }
  return {};
}

/// The parts that have members of their own, also where nothing is left in them.
bool IsKnownPart(const std::string& name) {
  for (std::string_view known : {"cat:metaFields", "cat:tags", "cat:sets", "cat:entries",
                                 "cat:dimensions", "cat:voxelRes", "cat:orientation"}) {
    if (name == known) return true;
  }
  return false;
}

Status ReadCatalog(XmlElement& from, Catalog& to) {
  XNA_RETURN_IF_ERROR(CheckNoText(from));
  std::string type;
  Take(from.attributes, {{"ID", &to.id},
                         {"UID", &to.uid},
                         {"name", &to.name},
                         {"description", &to.description},
                         {"xsi:type", &type}});
  to.dicom = from.name == "cat:DCMCatalog" || type == "cat:dcmCatalog";
  to.attributes = std::move(from.attributes);
  if (!type.empty() && type != "cat:dcmCatalog" && type != "cat:catalog") {
    to.attributes.emplace_back("xsi:type", type);
  }
  for (XmlElement& child : from.children) {
    XNA_RETURN_IF_ERROR(TakeChild(child, to));
    if (!IsBlank(child) || !IsKnownPart(child.name)) to.elements.push_back(std::move(child));
  }
  return {};
}

Status ReadBatches(std::string_view bytes, const EntryFinder& finder, NamespaceTable& names,
                   Catalog& catalog) {
  catalog.entries.reserve(finder.count());
  names.Enter();
  XNA_RETURN_IF_ERROR(DeclareNamespaces(finder.root_tag(), names));
  XmlElement unknown;
  std::string wrapped;
  for (const Batch& batch : finder.batches()) {
    wrapped.assign("<entries>");
    wrapped.append(bytes, batch.begin, batch.end - batch.begin).append("</entries>");
    XNA_ASSIGN_OR_RETURN(XmlElement entries, ParseXmlElement(wrapped, names));
    XNA_RETURN_IF_ERROR(TakeEntries(entries, catalog.entries));
    std::move(entries.children.begin(), entries.children.end(),
              std::back_inserter(unknown.children));
  }
  if (!IsBlank(unknown)) {
    unknown.name = "cat:entries";
    catalog.elements.push_back(std::move(unknown));
  }
  return {};
}

Status ReadDocument(std::string_view bytes, Catalog& catalog) {
  EntryFinder finder(bytes);
  XNA_RETURN_IF_ERROR(CheckXml(bytes, XmlLimits(), &finder));
  if (finder.too_large()) {
    return Status(Code::kCorruption, "xml.too-large", "catalog is too large");
  }
  NamespaceTable names;
  XNA_ASSIGN_OR_RETURN(XmlElement root, ParseXmlElement(finder.Rest(), names));
  if (root.name != "cat:Catalog" && root.name != "cat:DCMCatalog") {
    return Status(Code::kCorruption, "catalog.not-a-catalog", "root element is not a catalog");
  }
  XNA_RETURN_IF_ERROR(ReadCatalog(root, catalog));
  XNA_RETURN_IF_ERROR(ReadBatches(bytes, finder, names, catalog));
  catalog.namespaces = names.extra();
  return {};
}

}  // namespace

Result<Catalog> ParseCatalog(std::string_view bytes) {
  if (bytes.empty()) return Status(Code::kCorruption, "catalog.empty", "catalog file is empty");
  Catalog catalog;
  Status status = ReadDocument(bytes, catalog);
  if (status.ok()) return catalog;
  if (StartsWith(status.reason(), "catalog.")) return status;
  return Status(status.code(), "catalog.bad-xml",
                std::string(status.reason()).append(": ").append(status.message()));
}

}  // namespace xnatarchive
