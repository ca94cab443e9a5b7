// Reading a catalog. One of 100,000 files is ordinary, and a tree of all of it would take four
// times its size and most of the time. So what is known goes straight into the values; only
// elements that are not known become trees, each by itself.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xml/catalog_date.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/xml_cursor.hpp"
#include "xml/xml_namespaces.hpp"
#include "xml/xml_scan.hpp"
#include "xml/xml_tree.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kEntriesMax = 2'000'000;
/// Elements of one entry with its meta fields, and others beside that: a small element takes fifty
/// times its size in memory.
constexpr std::size_t kElementsPerEntry = 8;
constexpr std::size_t kOtherElementsMax = 500'000;
/// All unknown elements together.
constexpr std::size_t kUnknownBytesMax = std::size_t{64} << 20;

Status TooLarge() { return Status(Code::kCorruption, "xml.too-large", "catalog is too large"); }

/// Counts before anything is built.
class Counter : public XmlScanListener {
 public:
  void StartTag(std::size_t depth, std::string_view, std::size_t, std::size_t) override {
    ++elements_;
    if (depth == 3) ++entries_;
  }
  void ElementEnd(std::size_t, std::size_t) override {}

  /// Grandchildren of the root: nearly all of them are entries.
  std::size_t entries() const { return entries_; }
  bool too_large() const {
    return entries_ > kEntriesMax || elements_ > entries_ * kElementsPerEntry + kOtherElementsMax;
  }

 private:
  std::size_t elements_ = 0;
  std::size_t entries_ = 0;
};

Status BadValue(std::string_view what) {
  return Status(Code::kCorruption, "catalog.bad-value", std::string(what));
}

Status CheckInt(std::string_view name, std::string_view text) {
  if (text.empty() || ParseInt(text).has_value()) return {};
  return BadValue(std::string("attribute ").append(name).append(" is not an integer"));
}

Status CheckDate(std::string_view name, std::string_view text) {
  if (text.empty() || IsCatalogDate(text)) return {};
  return BadValue(std::string("attribute ").append(name).append(" is not a date"));
}

using Attributes = std::vector<std::pair<std::string, std::string>>;
using Elements = std::vector<XmlElement>;

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
using EntryTexts = std::array<SharedText*, kEntryAttributes.size()>;

EntryTexts TextsOf(CatalogEntry& entry) {
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

/// Returns the index of `name` in kEntryAttributes, or their number. Looks at `from` first, where
/// it is when the attributes come in the order in which they are written.
std::size_t FindAttribute(std::string_view name, std::size_t from) {
  for (std::size_t i = from; i < from + kEntryAttributes.size(); ++i) {
    if (kEntryAttributes[i % kEntryAttributes.size()] == name) return i % kEntryAttributes.size();
  }
  return kEntryAttributes.size();
}

/// Returns the text, shared with the first of `alike` that equals it.
SharedText Shared(std::string_view text, std::initializer_list<const SharedText*> alike) {
  for (const SharedText* candidate : alike) {
    if (*candidate == text) return *candidate;
  }
  return text;
}

/// Reads one document. Each function reads the element the cursor has gone into, to its end.
class CatalogReader {
 public:
  explicit CatalogReader(std::string_view checked) : cursor_(checked) {}

  Status Document(std::size_t entries, Catalog& to);

 private:
  /// The functions for parts of a catalog say false for one that is not as they know it, wherever
  /// the cursor is then: it is kept whole.
  Result<bool> Part(std::string_view name, Catalog& to);
  Result<bool> Dimensions(std::optional<CatalogDimensions>& to);
  bool VoxelResolution(std::optional<CatalogVoxelResolution>& to);
  bool Orientation(std::string& to);
  bool Field(const std::vector<MetaField>& alike, std::vector<MetaField>& to);
  bool Tag(std::vector<std::string>& to);

  Status ReadCatalog(std::string_view name, Catalog& to);
  Status Entry(CatalogEntry& previous, CatalogEntry& to);
  Result<bool> EntryPart(std::string_view name, const CatalogEntry& previous, CatalogEntry& to);
  Status Entries(std::vector<CatalogEntry>& to, Elements& unknown);
  Status Fields(const std::vector<MetaField>& alike, std::vector<MetaField>& to, Elements& unknown);

  Status Enter();
  template <typename Take>
  void ReadAttributes(Attributes& unknown, Take take);
  void ReadAttributes(Attributes& unknown,
                      std::initializer_list<std::pair<std::string_view, std::string*>> members);
  template <typename Read>
  Status Children(Elements& unknown, Read read);
  template <typename Read>
  Status Container(std::string_view name, std::string_view child, Elements& unknown, Read read);
  bool HasOnlyText(const Attributes& unknown);

  XmlCursor cursor_;
  NamespaceTable names_;
  std::size_t unknown_bytes_ = 0;
  std::string text_;  // that the cursor passed last
};

/// Begins the scope of the element's namespaces.
Status CatalogReader::Enter() {
  names_.Enter();
  for (const auto& [name, value] : cursor_.attributes()) {
    XNA_RETURN_IF_ERROR(names_.Declare(name, value));
  }
  return {};
}

/// Calls `take(name, value)`; what it says false to is unknown.
template <typename Take>
void CatalogReader::ReadAttributes(Attributes& unknown, Take take) {
  for (auto [name, value] : cursor_.attributes()) {
    if (!names_.TranslateAttribute(name, value)) continue;
    if (!take(name, value)) unknown.emplace_back(name, value);
  }
}

void CatalogReader::ReadAttributes(
    Attributes& unknown, std::initializer_list<std::pair<std::string_view, std::string*>> members) {
  ReadAttributes(unknown, [&](std::string_view name, std::string_view value) {
    for (const auto& [member, text] : members) {
      if (member != name) continue;
      *text = value;
      return true;
    }
    return false;
  });
}

/// Reads each child by `read(name)`, which says false to one that is not known. Text beside
/// elements means that a tag is damaged: what it said would be lost.
template <typename Read>
Status CatalogReader::Children(Elements& unknown, Read read) {
  for (;;) {
    const bool more = cursor_.NextChild(text_);
    if (!text_.empty()) return BadValue("text in an element that holds elements only");
    if (!more) return {};
    const std::size_t begin = cursor_.begin();
    XNA_RETURN_IF_ERROR(Enter());
    XNA_ASSIGN_OR_RETURN(const bool known, read(names_.Translate(cursor_.name())));
    names_.Leave();
    if (known) continue;
    const std::string_view bytes = cursor_.Skip(begin);
    unknown_bytes_ += bytes.size();
    if (unknown_bytes_ > kUnknownBytesMax) return TooLarge();
    XNA_ASSIGN_OR_RETURN(XmlElement element, ParseXmlElement(bytes, names_));
    unknown.push_back(std::move(element));
  }
}

/// Reads each child of that name by `read()`. What else the element has goes to `unknown`, in an
/// element of its name.
template <typename Read>
Status CatalogReader::Container(std::string_view name, std::string_view child, Elements& unknown,
                                Read read) {
  XmlElement rest;
  rest.name = name;
  ReadAttributes(rest.attributes, {});
  XNA_RETURN_IF_ERROR(Children(rest.children, [&](std::string_view child_name) -> Result<bool> {
    if (child_name != child) return false;
    return read();
  }));
  if (!rest.attributes.empty() || !rest.children.empty()) unknown.push_back(std::move(rest));
  return {};
}

/// Whether an element with these unknown attributes holds text at most, which is then in `text_`.
bool CatalogReader::HasOnlyText(const Attributes& unknown) {
  return unknown.empty() && !cursor_.NextChild(text_);
}

/// Names that stand at the same place in `alike` are shared with it.
bool CatalogReader::Field(const std::vector<MetaField>& alike, std::vector<MetaField>& to) {
  const SharedText none;
  const SharedText& before = to.size() < alike.size() ? alike[to.size()].name : none;
  MetaField field;
  bool named = false;
  Attributes unknown;
  ReadAttributes(unknown, [&](std::string_view name, std::string_view value) {
    if (name != "name") return false;
    named = true;
    field.name = Shared(value, {&before});
    return true;
  });
  if (!named || !HasOnlyText(unknown)) return false;
  field.value = text_;
  to.push_back(std::move(field));
  return true;
}

Status CatalogReader::Fields(const std::vector<MetaField>& alike, std::vector<MetaField>& to,
                             Elements& unknown) {
  to.reserve(alike.size());
  return Container("cat:metaFields", "cat:metaField", unknown, [&] { return Field(alike, to); });
}

bool CatalogReader::Tag(std::vector<std::string>& to) {
  Attributes unknown;
  ReadAttributes(unknown, {});
  if (!HasOnlyText(unknown)) return false;
  to.push_back(text_);
  return true;
}

/// What equals the previous entry's value, or the ID or URI, shares it.
Status CatalogReader::Entry(CatalogEntry& previous, CatalogEntry& to) {
  const EntryTexts texts = TextsOf(to), before = TextsOf(previous);
  std::size_t next = 0;
  Status instance;
  ReadAttributes(to.attributes, [&](std::string_view name, std::string_view value) {
    const std::size_t at = FindAttribute(name, next);
    if (at < texts.size()) {
      *texts[at] = Shared(value, {before[at], &to.id, &to.uri});
      next = at + 1;
      return true;
    }
    if (name == "instanceNumber") {
      instance = CheckInt(name, value);
      to.instance_number = ParseInt(value);
      return true;
    }
    if (name != "xsi:type") return false;
    to.dicom = value == "cat:dcmEntry";
    return to.dicom || value.empty() || value == "cat:entry";
  });
  XNA_RETURN_IF_ERROR(instance);
  XNA_RETURN_IF_ERROR(CheckInt("createdEventId", to.created.event_id));
  XNA_RETURN_IF_ERROR(CheckInt("modifiedEventId", to.modified.event_id));
  XNA_RETURN_IF_ERROR(CheckDate("createdTime", to.created.time));
  XNA_RETURN_IF_ERROR(CheckDate("modifiedTime", to.modified.time));
  return Children(to.elements,
                  [&](std::string_view name) { return EntryPart(name, previous, to); });
}

Result<bool> CatalogReader::EntryPart(std::string_view name, const CatalogEntry& previous,
                                      CatalogEntry& to) {
  if (name == "cat:metaFields") {
    XNA_RETURN_IF_ERROR(Fields(previous.meta_fields, to.meta_fields, to.elements));
  } else if (name == "cat:tags") {
    XNA_RETURN_IF_ERROR(Container(name, "cat:tag", to.elements, [&] { return Tag(to.tags); }));
  } else {
    return false;
  }
  return true;
}

Status CatalogReader::Entries(std::vector<CatalogEntry>& to, Elements& unknown) {
  return Container("cat:entries", "cat:entry", unknown, [&]() -> Result<bool> {
    CatalogEntry none;
    CatalogEntry& entry = to.emplace_back();
    XNA_RETURN_IF_ERROR(Entry(to.size() > 1 ? to[to.size() - 2] : none, entry));
    return true;
  });
}

Result<bool> CatalogReader::Dimensions(std::optional<CatalogDimensions>& to) {
  if (to.has_value()) return false;
  std::string x, y, z, volumes;
  Attributes unknown;
  ReadAttributes(unknown, {{"x", &x}, {"y", &y}, {"z", &z}, {"volumes", &volumes}});
  for (const std::string* value : {&x, &y, &z, &volumes}) {
    XNA_RETURN_IF_ERROR(CheckInt("of cat:dimensions", *value));
  }
  if (!HasOnlyText(unknown) || !text_.empty()) return false;
  to = CatalogDimensions{ParseInt(x), ParseInt(y), ParseInt(z), ParseInt(volumes)};
  return true;
}

bool CatalogReader::VoxelResolution(std::optional<CatalogVoxelResolution>& to) {
  if (to.has_value()) return false;
  CatalogVoxelResolution resolution;
  Attributes unknown;
  ReadAttributes(unknown, {{"x", &resolution.x},
                           {"y", &resolution.y},
                           {"z", &resolution.z},
                           {"units", &resolution.units}});
  if (!HasOnlyText(unknown) || !text_.empty()) return false;
  to = std::move(resolution);
  return true;
}

bool CatalogReader::Orientation(std::string& to) {
  Attributes unknown;
  ReadAttributes(unknown, {});
  if (!to.empty() || !HasOnlyText(unknown)) return false;
  to = text_;
  return true;
}

Result<bool> CatalogReader::Part(std::string_view name, Catalog& to) {
  if (name == "cat:dimensions") return Dimensions(to.dimensions);
  if (name == "cat:voxelRes") return VoxelResolution(to.voxel_resolution);
  if (name == "cat:orientation") return Orientation(to.orientation);
  if (name == "cat:metaFields") {
    XNA_RETURN_IF_ERROR(Fields({}, to.meta_fields, to.elements));
  } else if (name == "cat:tags") {
    XNA_RETURN_IF_ERROR(Container(name, "cat:tag", to.elements, [&] { return Tag(to.tags); }));
  } else if (name == "cat:entries") {
    XNA_RETURN_IF_ERROR(Entries(to.entries, to.elements));
  } else if (name == "cat:sets") {
    XNA_RETURN_IF_ERROR(Container(name, "cat:entrySet", to.elements, [&]() -> Result<bool> {
      XNA_RETURN_IF_ERROR(ReadCatalog("cat:entrySet", to.sets.emplace_back()));
      return true;
    }));
  } else {
    return false;
  }
  return true;
}

Status CatalogReader::ReadCatalog(std::string_view name, Catalog& to) {
  std::string type;
  ReadAttributes(to.attributes, {{"ID", &to.id},
                                 {"UID", &to.uid},
                                 {"name", &to.name},
                                 {"description", &to.description},
                                 {"xsi:type", &type}});
  to.dicom = name == "cat:DCMCatalog" || type == "cat:dcmCatalog";
  if (!type.empty() && type != "cat:dcmCatalog" && type != "cat:catalog") {
    to.attributes.emplace_back("xsi:type", type);
  }
  return Children(to.elements, [&](std::string_view part) { return Part(part, to); });
}

Status CatalogReader::Document(std::size_t entries, Catalog& to) {
  cursor_.NextChild(text_);
  XNA_RETURN_IF_ERROR(Enter());
  const std::string name = names_.Translate(cursor_.name());
  if (name != "cat:Catalog" && name != "cat:DCMCatalog") {
    return Status(Code::kCorruption, "catalog.not-a-catalog", "root element is not a catalog");
  }
  to.entries.reserve(entries);
  XNA_RETURN_IF_ERROR(ReadCatalog(name, to));
  to.namespaces = names_.extra();
  return {};
}

Status ReadDocument(std::string_view bytes, Catalog& catalog) {
  Counter counter;
  XNA_RETURN_IF_ERROR(CheckXml(bytes, XmlLimits(), &counter));
  if (counter.too_large()) return TooLarge();
  return CatalogReader(bytes).Document(counter.entries(), catalog);
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
