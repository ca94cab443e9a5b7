#include "catalog/refresh_plan.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "archive/describe_session.hpp"
#include "archive/read_catalog.hpp"
#include "base/text.hpp"
#include "fs/directory.hpp"
#include "xml/xml_chars.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint32_t kNone = RefreshPlan::kNone;

/// What an entry's path is, and whether its bytes are somewhere else unless a file lies there.
struct EntryPath {
  std::string_view path;
  bool elsewhere = false;
};

/// Perhaps out of the directory.
bool GoesUp(std::string_view path) {
  for (; !path.empty(); path = ParentPath(path)) {
    if (BaseName(path) == "..") return true;
  }
  return false;
}

EntryPath PlaceOf(const CatalogEntry& entry, const std::string& directory) {
  const std::string_view uri = entry.uri;
  const std::string_view path = PathOf(entry, directory);
  const bool stands_in_uri = path == uri || !PathBelow(uri, directory).empty();
  return {path, !stands_in_uri || IsUrl(uri) || GoesUp(path)};
}

/// Whether a catalog can name the path: it is one this library uses, of characters XML has.
bool CanBeWritten(const std::string& path) {
  if (!CheckRelativePath(path).ok()) return false;
  for (std::size_t at = 0; at < path.size();) {
    const CodePoint c = DecodeUtf8(path, at);
    if (c.size == 0 || !IsXmlChar(c.value)) return false;
    at += c.size;
  }
  return true;
}

class Planner {
 public:
  Planner(const CatalogInPlace& place, const ResourceInventory& found, const RefreshPolicy& policy)
      : place_(place),
        files_(found.files),
        policy_(policy),
        irregular_(found.irregular),
        not_looked_into_(found.irregular.begin(), found.irregular.end()),
        named_(found.files.size(), false) {
    not_looked_into_.insert(found.not_entered.begin(), found.not_entered.end());
    index_.reserve(files_.size());
    for (std::uint32_t i = 0; i < files_.size(); ++i) index_.emplace(files_[i].path, i);
  }

  RefreshPlan Plan() {
    ForEachEntry(place_.catalog, [&](const CatalogEntry& entry) {
      plan_.entries.emplace_back();
      const NumberedEntry numbered{&entry, PlaceOf(entry, place_.directory),
                                   plan_.entries.size() - 1};
      if (numbered.path.elsewhere || !TakeFile(numbered)) without_file_.push_back(numbered);
    });
    for (const NumberedEntry& numbered : without_file_) LookElsewhere(numbered);
    for (std::uint32_t i = 0; i < files_.size(); ++i) {
      if (!named_[i] && !IsCatalog(files_[i].path)) LookAtFile(i);
    }
    for (const std::string& path : irregular_) Ignore(path);
    return std::move(plan_);
  }

 private:
  struct NumberedEntry {
    const CatalogEntry* entry;
    EntryPath path;
    std::size_t number;  // among all entries
  };

  bool IsCatalog(std::string_view path) const {
    return path == place_.name || path == place_.name + ".gz";
  }

  /// Whether the file at the entry's path is there, and no earlier entry's.
  bool TakeFile(const NumberedEntry& numbered) {
    const auto at = index_.find(numbered.path.path);
    if (at == index_.end() || named_[at->second] || IsCatalog(at->first)) return false;
    named_[at->second] = true;
    plan_.entries[numbered.number].file = at->second;
    LookAtBoth(*numbered.entry, at->second, &plan_.entries[numbered.number]);
    return true;
  }

  /// When all entries have the files at their own paths: no other's is taken for a copy.
  void LookElsewhere(const NumberedEntry& numbered) {
    if (numbered.path.elsewhere) {
      TakeFile(numbered);
    } else if (!IsElsewhere(numbered.path.path)) {
      ++plan_.missing;
      if (!policy_.options.remove || policy_.review) return;
      plan_.entries[numbered.number].action = EntryAction::kRemove;
      ++plan_.removed;
    }
  }

  /// The file is there packed, or where nobody looked: behind a link, in another resource.
  bool IsElsewhere(std::string_view path) {
    const auto packed = index_.find(std::string(path) + ".gz");
    if (packed != index_.end() && index_.find(path) == index_.end()) {
      named_[packed->second] = true;
      return true;
    }
    if (not_looked_into_.empty()) return false;
    for (std::string_view part = path; !part.empty(); part = ParentPath(part)) {
      if (not_looked_into_.count(std::string(part)) > 0) return true;
    }
    return false;
  }

  void LookAtBoth(const CatalogEntry& entry, std::uint32_t file, RefreshPlan::Entry* planned) {
    const bool stale = IsStale(entry, files_[file]);
    if (stale) ++plan_.changed;
    if (policy_.review) return;
    const bool hash = policy_.options.checksum && (stale || !HasDigests(entry, policy_.checksum));
    const bool incomplete = entry.id.empty() || entry.Meta("SIZE").empty();
    if (!stale && !hash && !incomplete) return;
    planned->action = EntryAction::kUpdate;
    ++plan_.modified;
    if (hash) plan_.to_hash.push_back(file);
    // XNAT's refresh makes plain entries of DICOM objects, and half a copy is no object yet.
    if (stale || (hash && !entry.dicom)) plan_.to_identify.push_back(file);
  }

  void LookAtFile(std::uint32_t file) {
    const std::string& path = files_[file].path;
    if (IsTransient(path)) return;
    if (!CanBeEntry(path) || !CanBeWritten(path)) return Ignore(path);
    ++plan_.unlisted;
    if (policy_.review || (!policy_.options.append && !place_.rebuilt)) return;
    plan_.added.push_back(file);
    plan_.to_identify.push_back(file);
    if (policy_.options.checksum) plan_.to_hash.push_back(file);
  }

  void Ignore(const std::string& path) {
    ++plan_.ignored;
    if (!plan_.ignored_example.empty()) return;
    plan_.ignored_example = CleanUtf8(EncodePercent(path), 4096);
  }

  const CatalogInPlace& place_;
  const std::vector<SessionFile>& files_;
  const RefreshPolicy& policy_;
  const std::vector<std::string>& irregular_;
  std::unordered_set<std::string> not_looked_into_;  // links, other resources' directories
  std::vector<bool> named_;
  std::vector<NumberedEntry> without_file_;  // entries
  std::unordered_map<std::string_view, std::uint32_t> index_;
  RefreshPlan plan_;
};

/// What was told of the files that were opened, by file.
class Opened {
 public:
  Opened(const ResourceInventory& found, const RefreshPlan& plan, const OpenedFiles& opened)
      : opened_(opened),
        digests_(found.files.size(), kNone),
        identities_(found.files.size(), kNone) {
    for (std::uint32_t i = 0; i < plan.to_hash.size(); ++i) digests_[plan.to_hash[i]] = i;
    for (std::uint32_t i = 0; i < plan.to_identify.size(); ++i) {
      identities_[plan.to_identify[i]] = i;
    }
  }

  const Digests* DigestsOf(std::uint32_t file) const {
    return digests_[file] == kNone ? nullptr : &opened_.digests[digests_[file]];
  }
  const DicomIdentity* IdentityOf(std::uint32_t file) const {
    if (identities_[file] == kNone) return nullptr;
    const auto& identity = opened_.identities[identities_[file]];
    return identity ? &*identity : nullptr;
  }

 private:
  const OpenedFiles& opened_;
  std::vector<std::uint32_t> digests_;  // index into the opened ones
  std::vector<std::uint32_t> identities_;
};

class Applier {
 public:
  Applier(const ArchiveStamp& stamp, const ResourceInventory& found, const RefreshPlan& plan,
          const OpenedFiles& opened, const std::string& directory)
      : stamp_(stamp),
        files_(found.files),
        plan_(plan),
        opened_(found, plan, opened),
        directory_(directory) {}

  /// In ForEachEntry's order.
  void Apply(Catalog* catalog) {
    for (Catalog& set : catalog->sets) Apply(&set);
    const auto removed = [&](CatalogEntry& entry) {
      const RefreshPlan::Entry& planned = plan_.entries[next_++];
      if (planned.action == EntryAction::kUpdate) Update(planned.file, &entry);
      return planned.action == EntryAction::kRemove;
    };
    std::vector<CatalogEntry>& entries = catalog->entries;
    entries.erase(std::remove_if(entries.begin(), entries.end(), removed), entries.end());
  }

  CatalogEntry MakeEntry(std::uint32_t file) const {
    const SessionFile& is = files_[file];
    CatalogEntry entry;
    entry.uri = is.path;
    entry.id = entry.cache_path = entry.uri;
    entry.name = BaseName(is.path);
    entry.created = {stamp_.user, stamp_.time, stamp_.event_id};
    Describe(file, &entry);
    return entry;
  }

 private:
  void Update(std::uint32_t file, CatalogEntry* entry) const {
    entry->modified = {stamp_.user, stamp_.time, stamp_.event_id};
    if (entry->id.empty()) entry->id = std::string(PathOf(*entry, directory_));
    const bool only_incomplete =
        opened_.DigestsOf(file) == nullptr && !IsStale(*entry, files_[file]);
    if (only_incomplete) {  // whether its digests are those of the file nobody has looked
      entry->SetMeta("SIZE", std::to_string(files_[file].size));
    } else {
      Describe(file, entry);
    }
  }

  /// Digests that contradict the file are replaced: CheckDigests was asked, or they are not wanted.
  void Describe(std::uint32_t file, CatalogEntry* entry) const {
    const Digests* const digests = opened_.DigestsOf(file);
    if (!SetFileFacts(files_[file], digests, entry).ok()) {
      DropDigests(entry);
      IgnoreError(SetFileFacts(files_[file], digests, entry), "nothing to contradict is left");
    }
    const DicomIdentity* const identity = opened_.IdentityOf(file);
    if (identity == nullptr) return;
    entry->dicom = true;
    entry->format = "DICOM";
    entry->uid = identity->uid;
    entry->instance_number = identity->instance_number;
  }

  const ArchiveStamp& stamp_;
  const std::vector<SessionFile>& files_;
  const RefreshPlan& plan_;
  const Opened opened_;
  const std::string& directory_;
  std::size_t next_ = 0;
};

/// XNAT's order when it builds a catalog: files without a number come last.
void SortByInstance(std::vector<CatalogEntry>* entries) {
  std::stable_sort(
      entries->begin(), entries->end(), [](const CatalogEntry& a, const CatalogEntry& b) {
        const auto rank = [](const CatalogEntry& entry) {
          return entry.instance_number.value_or(std::numeric_limits<std::int64_t>::max());
        };
        return rank(a) < rank(b);
      });
}

}  // namespace

Result<RefreshPlan> PlanRefresh(const CatalogInPlace& place, const ResourceInventory& found,
                                const RefreshPolicy& policy) {
  RefreshPlan plan = Planner(place, found, policy).Plan();
  const auto limit = static_cast<std::uint64_t>(policy.removal_percent_max);
  const bool too_many =
      plan.removed > kFewRemovals && plan.removed * 100 > plan.entries.size() * limit;
  if (!too_many || policy.force) return plan;
  return Status(Code::kConflict, "refresh.too-many-removed",
                "the files of " + std::to_string(plan.removed) + " of " +
                    std::to_string(plan.entries.size()) + " entries are gone; expected at most " +
                    std::to_string(limit) + " percent")
      .WithPath(JoinPath(place.directory, place.name));
}

Status CheckDigests(const CatalogInPlace& place, const ResourceInventory& found,
                    const RefreshPlan& plan, const OpenedFiles& opened) {
  const Opened by_file(found, plan, opened);
  std::size_t next = 0;
  Status failure;
  ForEachEntry(place.catalog, [&](const CatalogEntry& entry) {
    const RefreshPlan::Entry& planned = plan.entries[next++];
    if (!failure.ok() || planned.action != EntryAction::kUpdate) return;
    const Digests* const digests = by_file.DigestsOf(planned.file);
    if (digests == nullptr) return;
    CatalogEntry checked = entry;
    const SessionFile& file = found.files[planned.file];
    failure = SetFileFacts(file, digests, &checked);
    if (!failure.ok()) {
      failure = std::move(failure).WithPath(JoinPath(place.directory, file.path));
    }
  });
  return failure;
}

void ApplyRefresh(const ArchiveStamp& stamp, const ResourceInventory& found,
                  const RefreshPlan& plan, const OpenedFiles& opened, CatalogInPlace* place) {
  Applier applier(stamp, found, plan, opened, place->directory);
  Catalog& catalog = place->catalog;
  applier.Apply(&catalog);
  catalog.entries.reserve(catalog.entries.size() + plan.added.size());
  for (const std::uint32_t file : plan.added) catalog.entries.push_back(applier.MakeEntry(file));
  if (place->rebuilt) SortByInstance(&catalog.entries);
  if (catalog.Meta("PROJECT").empty()) catalog.SetMeta("PROJECT", std::string(stamp.project));
  AddToAudit(stamp, {plan.added.size(), plan.modified, plan.removed}, &catalog);
}

}  // namespace xnatarchive
