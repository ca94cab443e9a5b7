#include "archive/archived_form.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace xnatarchive {
namespace {

bool Contradicts(std::string_view recorded, const std::string& computed) {
  return !recorded.empty() && !computed.empty() && recorded != computed;
}

/// Returns whether the entry had no creation event yet.
bool SetEvent(const ArchiveStamp& stamp, CatalogEntry* entry) {
  const bool is_new = entry->created.event_id.empty();
  if (entry->created.by.empty()) entry->created.by = stamp.user;
  if (entry->created.time.empty()) entry->created.time = stamp.time;
  if (is_new) entry->created.event_id = stamp.event_id;
  return is_new;
}

Resource* FindResource(std::vector<Resource>* resources, const ResourceDraft& draft) {
  for (Resource& resource : *resources) {
    if (resource.uri == draft.catalog_path) return &resource;
  }
  resources->emplace_back();
  resources->back().label = draft.label;
  return &resources->back();
}

void FillIfEmpty(std::string* text, const std::string& value) {
  if (text->empty()) *text = value;
}

}  // namespace

ArchiveStamp::ArchiveStamp(const ArchiveEvent& event, std::string_view project_id)
    : user(event.user),
      event_id(event.event_id),
      time(FormatCatalogTime(event.time_ms)),
      audit_time(FormatAuditTime(event.time_ms)),
      project(project_id) {}

void AddToAudit(const ArchiveStamp& stamp, const EntryCounts& counts, Catalog* catalog) {
  std::string changes;
  const auto add = [&](const char* action, std::uint64_t count) {
    if (count == 0) return;
    changes += (changes.empty() ? "" : ";") + std::string(action) + ":" + std::to_string(count);
  };
  add("Added", counts.added);
  add("Modified", counts.modified);
  add("Removed", counts.removed);
  if (changes.empty()) return;
  std::vector<std::string> sets = Split(catalog->Meta("AUDIT"), '|');
  if (sets.front().empty()) sets.clear();
  sets.push_back(std::string(stamp.event_id) + ":" + std::string(stamp.audit_time) + "=" + changes);
  if (sets.size() > kAuditSetsMax) {
    const auto surplus = static_cast<std::ptrdiff_t>(sets.size() - kAuditSetsMax);
    sets.erase(sets.begin() + 1, sets.begin() + 1 + surplus);
  }
  catalog->SetMeta("AUDIT", Join(sets, "|"));
}

bool IsStale(const CatalogEntry& entry, const SessionFile& file) {
  const std::string_view size =
      entry.Meta("SIZE").empty() ? entry.Meta("size_in_bytes") : entry.Meta("SIZE");
  const std::string_view mtime = entry.Meta("MTIME");
  return (!size.empty() && ParseInt(size) != static_cast<std::int64_t>(file.size)) ||
         (!mtime.empty() && ParseInt(mtime) != file.mtime_ns);
}

void DropDigests(CatalogEntry* entry) {
  entry->digest = SharedText();
  auto& fields = entry->meta_fields;
  fields.erase(std::remove_if(fields.begin(), fields.end(),
                              [](const MetaField& field) { return field.name == "XXH3"; }),
               fields.end());
}

Status SetFileFacts(const SessionFile& file, const Digests* computed, CatalogEntry* entry) {
  if (IsStale(*entry, file)) DropDigests(entry);
  if (computed != nullptr) {
    if (Contradicts(entry->digest, computed->md5) ||
        Contradicts(entry->Meta("XXH3"), computed->xxh3)) {
      return Status(Code::kCorruption, "archive.digest-mismatch",
                    "a file's bytes are not those its catalog was made from");
    }
    if (!computed->md5.empty()) entry->digest = computed->md5;
  }
  entry->SetMeta("SIZE", std::to_string(file.size));
  entry->SetMeta("MTIME", std::to_string(file.mtime_ns));
  if (computed != nullptr && !computed->xxh3.empty()) entry->SetMeta("XXH3", computed->xxh3);
  return Status();
}

Status ToArchivedForm(const ArchiveStamp& stamp, std::string_view directory,
                      const std::vector<SessionFile>& files, const ResourceFacts& facts,
                      const std::vector<Digests>& digests, Catalog* catalog) {
  std::size_t next = 0;
  std::uint64_t added = 0;
  Status failure;
  ForEachEntry(*catalog, [&](CatalogEntry& entry) {
    const std::uint32_t index = facts.file_of_entry[next++];
    if (!failure.ok()) return;
    if (entry.id.empty()) entry.id = entry.RelativePath();
    if (entry.dicom) entry.format = "DICOM";
    if (SetEvent(stamp, &entry)) ++added;
    if (index == ResourceFacts::kRemote) return;
    const Digests* computed =
        digests.empty() || digests[index] == Digests() ? nullptr : &digests[index];
    failure = SetFileFacts(files[index], computed, &entry);
    if (!failure.ok())
      failure = std::move(failure).WithPath(JoinPath(directory, files[index].path));
  });
  if (!failure.ok()) return failure;
  catalog->SetMeta("PROJECT", std::string(stamp.project));
  AddToAudit(stamp, {added, 0, 0}, catalog);
  return Status();
}

void SetArchivedDefaults(SessionDocument* document) {
  for (Scan& scan : document->scans) {
    FillIfEmpty(&scan.type, scan.Get("series_description"));
    if (scan.Get("quality").empty()) scan.Set("quality", "usable");
  }
}

SessionDocument DocumentWithResources(const SessionDraft& draft,
                                      const std::vector<ResourceTotals>& totals) {
  SessionDocument document = draft.document;
  document.Set("prearchivePath", "");
  std::map<std::string, std::vector<Resource>*> owners = {{"", &document.resources}};
  for (Scan& scan : document.scans) owners.emplace(scan.id, &scan.resources);
  for (std::size_t i = 0; i < draft.resources.size(); ++i) {
    const ResourceDraft& resource_draft = draft.resources[i];
    const auto owner = owners.find(resource_draft.scan_id);
    if (owner == owners.end()) continue;  // the planner refuses it
    Resource* resource = FindResource(owner->second, resource_draft);
    resource->uri = resource_draft.catalog_path;
    FillIfEmpty(&resource->format, resource_draft.format);
    FillIfEmpty(&resource->content, resource_draft.content);
    FillIfEmpty(&resource->description, resource_draft.description);
    resource->file_count = totals[i].files;
    resource->file_size = totals[i].bytes;
  }
  return document;
}

}  // namespace xnatarchive
