#include "archive/describe_session.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "archive/read_catalog.hpp"
#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

ResourceDraft MakeResource(const std::string& scan_id, const Resource& resource) {
  ResourceDraft draft;
  draft.scan_id = scan_id;
  draft.label = resource.label;
  draft.format = resource.format;
  draft.content = resource.content;
  draft.description = resource.description;
  draft.directory = ParentPath(resource.uri);
  draft.catalog_path = resource.uri;
  return draft;
}

/// A plain catalog of everything in a directory that has none.
Catalog CatalogOfFiles(const ResourceDraft& resource, const std::vector<SessionFile>& files) {
  Catalog catalog;
  catalog.id = resource.label;
  for (const SessionFile& file : files) {
    if (!IsToBeListed(file.path)) continue;
    CatalogEntry entry;
    entry.uri = file.path;
    entry.format = resource.format;
    entry.content = resource.content;
    catalog.entries.push_back(std::move(entry));
  }
  return catalog;
}

/// Loads the catalog of one resource into the draft. What is wrong with it goes into `facts`.
Status LoadCatalog(const Directory& session, const std::string& place,
                   const std::vector<SessionFile>& files, ResourceDraft* resource,
                   ResourceFacts* facts) {
  if (!resource->catalog.entries.empty() || !resource->catalog.sets.empty()) return Status();
  if (!CheckRelativePath(resource->catalog_path).ok()) return Status();  // the planner says so
  Result<Catalog> catalog = ReadCatalog(session, resource->catalog_path, &facts->catalog_packed);
  if (catalog.ok()) {
    resource->catalog = std::move(catalog).value();
    if (!place.empty()) CompletePaths(JoinPath(place, resource->directory), &resource->catalog);
    return Status();
  }
  const Code code = catalog.status().code();
  if (code == Code::kNotFound) {
    facts->catalog_missing = true;
    resource->catalog = CatalogOfFiles(*resource, files);
    return Status();
  }
  if (code != Code::kCorruption && code != Code::kInvalidArgument && code != Code::kConflict) {
    return catalog.status();
  }
  facts->unreadable = catalog.status().reason();
  return Status();
}

/// Checks the entries of one catalog, one after the other.
class EntryChecker {
 public:
  EntryChecker(const ResourceDraft& resource, const std::vector<SessionFile>& files,
               Checksum checksum, ResourceFacts* facts)
      : files_(files),
        checksum_(checksum),
        wants_uids_(EqualsIgnoreCase(resource.format, "DICOM")),
        facts_(*facts),
        named_(files.size(), false) {
    index_.reserve(files.size());
    for (std::uint32_t i = 0; i < files.size(); ++i) index_.emplace(files[i].path, i);
  }

  void Check(const CatalogEntry& entry) {
    const std::string_view path = entry.RelativePath();
    const auto found = index_.find(path);
    const bool remote = found == index_.end() && IsUrl(entry.uri);
    facts_.file_of_entry.push_back(remote || found == index_.end() ? ResourceFacts::kRemote
                                                                   : found->second);
    if (wants_uids_ && (!entry.dicom || entry.uid.empty())) ++facts_.not_dicom;
    if (!entry.uid.empty() && !uids_.insert(entry.uid).second) ++facts_.repeated_uids;
    if (remote) return;
    if (found == index_.end()) {
      const auto packed = index_.find(std::string(path) + ".gz");
      if (packed != index_.end()) {
        facts_.packed_of_entry.emplace(facts_.file_of_entry.size() - 1, packed->second);
      }
      if (CheckRelativePath(path).ok()) {
        Count(path, &facts_.missing, &facts_.first_missing);
      } else {
        Count(path, &facts_.bad_entries, &facts_.first_bad);
      }
      return;
    }
    if (named_[found->second] || !CanBeEntry(path)) {
      Count(path, &facts_.bad_entries, &facts_.first_bad);
      return;
    }
    const SessionFile& file = files_[found->second];
    named_[found->second] = true;
    ++facts_.files;
    facts_.bytes += file.size;
    if (!KnowsDigests(entry, file, checksum_)) facts_.to_hash.push_back(found->second);
  }

  void Finish() {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (named_[i] || !IsToBeListed(files_[i].path)) continue;
      Count(files_[i].path, &facts_.unlisted, &facts_.first_unlisted);
    }
  }

 private:
  static void Count(std::string_view path, std::uint64_t* count, std::string* first) {
    if (++*count == 1) *first = path;
  }

  const std::vector<SessionFile>& files_;
  const Checksum checksum_;
  const bool wants_uids_;
  ResourceFacts& facts_;
  std::vector<bool> named_;
  std::unordered_map<std::string_view, std::uint32_t> index_;
  std::unordered_set<std::string_view> uids_;
};

template <typename Count>
std::uint64_t Sum(const std::vector<ResourceFacts>& facts, const Count& count) {
  std::uint64_t sum = 0;
  for (const ResourceFacts& resource : facts) sum += count(resource);
  return sum;
}

}  // namespace

std::string DescribedSession::PlaceNow(const std::string& path) const {
  const auto at = received_at.find(path);
  return at == received_at.end() ? path : at->second;
}

std::uint64_t DescribedSession::Files() const {
  return Sum(facts, [](const ResourceFacts& resource) { return resource.files; });
}

std::uint64_t DescribedSession::Bytes() const {
  return Sum(facts, [](const ResourceFacts& resource) { return resource.bytes; });
}

std::uint64_t DescribedSession::FilesToHash() const {
  return Sum(facts, [](const ResourceFacts& resource) { return resource.to_hash.size(); });
}

bool IsUrl(std::string_view uri) { return uri.find("://") != std::string_view::npos; }

std::vector<ResourceDraft> ResourcesOf(const SessionDocument& document) {
  std::vector<ResourceDraft> resources;
  const auto add = [&](const std::string& scan_id, const std::vector<Resource>& list) {
    for (const Resource& resource : list) {
      if (resource.xsi_type != Resource().xsi_type) continue;
      resources.push_back(MakeResource(scan_id, resource));
    }
  };
  add("", document.resources);
  for (const Scan& scan : document.scans) add(scan.id, scan.resources);
  return resources;
}

bool CanBeEntry(std::string_view path) {
  const std::string_view name = BaseName(path);
  return !EndsWith(name, "_catalog.xml") && !StartsWith(name, ".~lock-") &&
         !StartsWith(name, ".xa");
}

bool IsTransient(std::string_view path) {
  const std::string_view name = BaseName(path);
  return StartsWith(name, ".xa") || StartsWith(name, ".~lock-") || StartsWith(name, ".nfs");
}

bool IsToBeListed(std::string_view path) { return CanBeEntry(path) && !IsTransient(path); }

bool HasDigests(const CatalogEntry& entry, Checksum checksum) {
  if (checksum == Checksum::kNone) return true;
  const bool wants_md5 = checksum != Checksum::kXxh3;
  const bool wants_xxh3 = checksum != Checksum::kMd5;
  return (!wants_md5 || !entry.digest.empty()) && (!wants_xxh3 || !entry.Meta("XXH3").empty());
}

bool KnowsDigests(const CatalogEntry& entry, const SessionFile& file, Checksum checksum) {
  if (checksum == Checksum::kNone) return true;
  if (!HasDigests(entry, checksum)) return false;
  return ParseInt(entry.Meta("SIZE")) == static_cast<std::int64_t>(file.size) &&
         ParseInt(entry.Meta("MTIME")) == file.mtime_ns;
}

ResourceFacts CheckResource(const ResourceDraft& resource, const std::vector<SessionFile>& files,
                            Checksum checksum) {
  ResourceFacts facts;
  EntryChecker checker(resource, files, checksum, &facts);
  ForEachEntry(resource.catalog, [&](const CatalogEntry& entry) { checker.Check(entry); });
  checker.Finish();
  return facts;
}

Result<DescribedSession> DescribeSession(const Directory& session, const std::string& place,
                                         SessionDraft draft, Checksum checksum, unsigned threads) {
  if (draft.resources.empty()) draft.resources = ResourcesOf(draft.document);
  std::vector<std::string> directories;
  for (ResourceDraft& resource : draft.resources) {
    if (resource.directory.empty()) resource.directory = ParentPath(resource.catalog_path);
    directories.push_back(resource.directory);
  }
  XNA_ASSIGN_OR_RETURN(SessionInventory inventory, TakeInventory(session, directories, threads));
  return DescribeFiles(session, place, std::move(draft), std::move(inventory), checksum, threads);
}

Result<DescribedSession> DescribeFiles(const Directory& session, const std::string& place,
                                       SessionDraft draft, SessionInventory inventory,
                                       Checksum checksum, unsigned threads) {
  DescribedSession described;
  described.draft = std::move(draft);
  described.inventory = std::move(inventory);
  std::vector<ResourceDraft>& resources = described.draft.resources;
  described.facts.resize(resources.size());
  XNA_RETURN_IF_ERROR(ParallelFor(resources.size(), threads, [&](std::size_t i) -> Status {
    const std::vector<SessionFile>& files = described.inventory.resources[i];
    ResourceFacts loaded;
    XNA_RETURN_IF_ERROR(LoadCatalog(session, place, files, &resources[i], &loaded));
    ResourceFacts facts = CheckResource(resources[i], files, checksum);
    facts.catalog_missing = loaded.catalog_missing;
    facts.catalog_packed = loaded.catalog_packed;
    facts.unreadable = std::move(loaded.unreadable);
    described.facts[i] = std::move(facts);
    return Status();
  }));
  return described;
}

}  // namespace xnatarchive
