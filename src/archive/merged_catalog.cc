#include "archive/merged_catalog.hpp"

#include <optional>
#include <string>
#include <utility>

#include "archive/resource_totals.hpp"

namespace xnatarchive {
namespace {

std::vector<CatalogEntry*> MutableEntriesOf(Catalog& catalog) {
  std::vector<CatalogEntry*> entries;
  ForEachEntry(catalog, [&](CatalogEntry& entry) { entries.push_back(&entry); });
  return entries;
}

/// The entry of a replaced file. What the archived one says beyond the file (tags, description,
/// fields of others) stays where the incoming one says nothing about it.
void ReplaceEntry(const ArchiveStamp& stamp, const CatalogEntry& incoming, CatalogEntry* entry) {
  CatalogEntry merged = incoming;
  merged.created = entry->created;
  merged.modified = {stamp.user, stamp.time, stamp.event_id};
  if (merged.description.empty()) merged.description = entry->description;
  if (merged.format.empty()) merged.format = entry->format;
  if (merged.content.empty()) merged.content = entry->content;
  if (merged.tags.empty()) merged.tags = entry->tags;
  if (merged.attributes.empty()) merged.attributes = entry->attributes;
  if (merged.elements.empty()) merged.elements = entry->elements;
  for (const MetaField& field : entry->meta_fields) {
    const bool of_the_bytes = field.name == "SIZE" || field.name == "MTIME" ||
                              field.name == "XXH3" || field.name == "size_in_bytes";
    if (of_the_bytes || !merged.Meta(field.name).empty()) continue;
    merged.meta_fields.push_back(field);
  }
  *entry = std::move(merged);
}

struct Counts {
  std::size_t archived = 0;  // entries before
  std::size_t incoming = 0;
  std::size_t added = 0;
  std::size_t replaced = 0;
};

/// The frames of the archived files that stay and of the incoming ones that come in.
std::optional<std::int64_t> Slices(const Catalog& archived, const Catalog& incoming,
                                   const Counts& counts) {
  const auto part = [](const Catalog& catalog, std::size_t files, std::size_t some) {
    return FramesOfPart(catalog.dimensions ? catalog.dimensions->z : std::nullopt,
                        static_cast<std::int64_t>(files), static_cast<std::int64_t>(some));
  };
  const auto kept = part(archived, counts.archived, counts.archived - counts.replaced);
  const auto placed = part(incoming, counts.incoming, counts.added + counts.replaced);
  return kept && placed ? std::optional(*kept + *placed) : std::nullopt;
}

}  // namespace

Catalog MergeCatalogs(const ArchiveStamp& stamp, Catalog archived, Catalog incoming,
                      const std::vector<FileMeeting>& meetings,
                      const std::vector<FileDecision>& decisions) {
  const std::vector<CatalogEntry*> entries = MutableEntriesOf(archived);
  const std::vector<CatalogEntry*> incoming_entries = MutableEntriesOf(incoming);
  Counts counts{entries.size(), incoming_entries.size(), 0, 0};
  std::vector<CatalogEntry*> added;
  for (std::size_t i = 0; i < meetings.size(); ++i) {
    if (meetings[i].entry == FileMeeting::kNone) continue;
    CatalogEntry& entry = *incoming_entries[meetings[i].entry];
    if (decisions[i].action == FileAction::kReplace && meetings[i].object != FileMeeting::kNone) {
      ReplaceEntry(stamp, entry, entries[meetings[i].object]);
      ++counts.replaced;
    } else if (decisions[i].action == FileAction::kAdd ||
               decisions[i].action == FileAction::kReplace) {  // of a file without an entry
      added.push_back(&entry);
    }
  }
  counts.added = added.size();
  if (archived.dimensions && counts.added + counts.replaced > 0) {
    archived.dimensions->z = Slices(archived, incoming, counts);
  }
  archived.entries.reserve(archived.entries.size() + added.size());
  for (CatalogEntry* entry : added) archived.entries.push_back(std::move(*entry));
  if (archived.Meta("PROJECT").empty()) archived.SetMeta("PROJECT", std::string(stamp.project));
  AddToAudit(stamp, {counts.added, counts.replaced, 0}, &archived);
  return archived;
}

}  // namespace xnatarchive
