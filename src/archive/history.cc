#include "archive/history.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "archive/describe_session.hpp"
#include "archive/operation_home.hpp"
#include "archive/resource_totals.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint64_t kCatalogBytesMax = 1u << 30;

/// Calls `f(name, member)` for every text of a record that stands in its catalog.
template <typename Record, typename F>
void ForEachText(Record& record, const F& f) {
  f("PROJECT", record.project);
  f("LABEL", record.label);
  f("EXPERIMENT", record.experiment_id);
  f("DIRECTORY", record.directory);
  f("USER", record.user);
  f("EVENT", record.event_id);
}

/// The record's entries of one resource.
void TakeEntries(const Catalog& record, ResourceDraft* resource) {
  const std::string below = resource->directory + "/";
  for (const CatalogEntry& entry : record.entries) {
    const std::string_view path = entry.uri;
    if (!StartsWith(path, below)) continue;
    resource->catalog.entries.push_back(entry);
    resource->catalog.entries.back().uri = path.substr(below.size());
  }
}

/// Makes `catalog`, of the record's files of a scan's primary resource, say how many frames they
/// have, where that follows from the numbers of all that it had then.
std::optional<std::int64_t> SetFrames(const Scan& scan, const Resource& resource,
                                      Catalog* catalog) {
  catalog->dicom = true;
  catalog->uid = scan.uid;
  const auto frames = FramesOfPart(ParseInt(scan.Get("frames")), resource.file_count.value_or(-1),
                                   static_cast<std::int64_t>(catalog->entries.size()));
  if (frames) catalog->dimensions = {std::nullopt, std::nullopt, frames, std::nullopt};
  return frames;
}

}  // namespace

std::string HistoryPath(std::string_view id) { return JoinPath(kHistoryDirectory, id); }

Catalog HistoryCatalog(const HistoryRecord& record, std::vector<CatalogEntry> entries) {
  Catalog catalog;
  catalog.id = record.id;
  ForEachText(record,
              [&](const char* name, const std::string& value) { catalog.SetMeta(name, value); });
  catalog.SetMeta("TIME", std::to_string(record.time_ms));
  catalog.entries = std::move(entries);
  return catalog;
}

SessionDraft HistoryDraft(const Catalog& catalog, const SessionDocument& document) {
  SessionDraft draft;
  draft.document = document;
  draft.document.scans.clear();
  draft.document.resources.clear();
  const auto take = [&](const Scan& scan, const std::vector<Resource>& resources,
                        std::vector<Resource>* kept) {
    SessionDocument one;
    one.resources = resources;
    for (ResourceDraft& resource : ResourcesOf(one)) {
      resource.scan_id = scan.id;
      resource.directory = ParentPath(resource.catalog_path);
      TakeEntries(catalog, &resource);
      if (resource.catalog.entries.empty()) continue;
      kept->push_back(*std::find_if(resources.begin(), resources.end(), [&](const Resource& r) {
        return r.uri == resource.catalog_path;
      }));
      draft.resources.push_back(std::move(resource));
    }
  };
  take(Scan(), document.resources, &draft.document.resources);
  for (const Scan& scan : document.scans) {
    Scan reduced = scan;
    reduced.resources.clear();
    const std::size_t first = draft.resources.size();
    take(scan, scan.resources, &reduced.resources);
    if (reduced.resources.empty()) continue;
    std::optional<std::int64_t> frames;
    for (std::size_t i = first; i < draft.resources.size(); ++i) {
      if (draft.resources[i].label != "DICOM") continue;
      frames = SetFrames(scan, reduced.resources[i - first], &draft.resources[i].catalog);
    }
    reduced.Set("frames", frames ? std::to_string(*frames) : "");
    draft.document.scans.push_back(std::move(reduced));
  }
  return draft;
}

Result<HistoryDetail> ReadHistory(const Directory& archive, const std::string& id) {
  const std::string path = JoinPath(HistoryPath(id), kHistoryCatalog);
  if (!CheckRelativePath(id).ok() || id.find('/') != std::string::npos) {
    return Status(Code::kNotFound, "history.not-found", "there is no such history record");
  }
  const Result<std::string> bytes = archive.ReadFile(path, kCatalogBytesMax);
  if (bytes.status().code() == Code::kNotFound) {
    return Status(Code::kNotFound, "history.not-found", "there is no such history record");
  }
  if (!bytes.ok()) return bytes.status();
  Result<Catalog> catalog = ParseCatalog(*bytes);
  if (!catalog.ok()) return std::move(catalog).status().WithPath(path);
  HistoryDetail detail;
  detail.catalog = std::move(catalog).value();
  detail.record.id = id;
  ForEachText(detail.record, [&](const char* name, std::string& value) {
    value = std::string(detail.catalog.Meta(name));
  });
  detail.record.time_ms = ParseInt(detail.catalog.Meta("TIME")).value_or(0);
  for (const CatalogEntry& entry : detail.catalog.entries) {
    ++detail.record.files;
    detail.record.bytes += static_cast<std::uint64_t>(ParseInt(entry.Meta("SIZE")).value_or(0));
  }
  return detail;
}

Result<std::vector<HistoryRecord>> ListHistory(const Directory& archive,
                                               std::vector<std::string>* unreadable) {
  std::vector<HistoryRecord> records;
  const Result<std::vector<DirectoryEntry>> entries = archive.List(kHistoryDirectory);
  if (entries.status().code() == Code::kNotFound) return records;
  if (!entries.ok()) return entries.status();
  for (const DirectoryEntry& entry : *entries) {
    Result<HistoryDetail> detail = ReadHistory(archive, entry.name);
    if (detail.ok()) {
      records.push_back(std::move(detail->record));
    } else {
      unreadable->push_back(entry.name + ": " + detail.status().ToString());
    }
  }
  std::sort(records.begin(), records.end(), [](const HistoryRecord& a, const HistoryRecord& b) {
    return std::tie(a.time_ms, a.id) < std::tie(b.time_ms, b.id);
  });
  return records;
}

Status PruneHistory(const Directory& archive, const std::string& id, unsigned threads) {
  XNA_RETURN_IF_ERROR(CheckRelativePath(id));
  // Out of sight by one rename; what is in the trash is swept by recovery.
  const std::string trash = TrashName(NewOperationId(), 0);
  const Status moved = archive.Rename(HistoryPath(id), archive, trash, RenameMode::kNoReplace);
  if (moved.code() == Code::kNotFound) return Status();
  XNA_RETURN_IF_ERROR(moved);
  XNA_RETURN_IF_ERROR(archive.SyncDirectory(kHistoryDirectory));
  return RemoveInParallel({{&archive, trash}}, threads);
}

}  // namespace xnatarchive
