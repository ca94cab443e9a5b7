#include "catalog/refresh_session.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "archive/archive_tree.hpp"
#include "archive/catalog_content.hpp"
#include "archive/plan_steps.hpp"
#include "archive/read_catalog.hpp"
#include "archive/stage_session.hpp"
#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/folder_places.hpp"
#include "catalog/load_catalog.hpp"
#include "dicom/header.hpp"
#include "digest/hash_files.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

/// Where the resources' catalogs are.
class CatalogDirectories {
 public:
  explicit CatalogDirectories(const std::vector<ResourcePlace>& places) {
    for (const ResourcePlace& place : places) {
      const std::string directory(ParentPath(place.catalog_path));
      directories_.insert(directory);
      if (place.is_catalog) catalogs_[directory].push_back(&place);
    }
  }

  /// Of other resources: what is in them is theirs.
  std::vector<std::string> Below(const std::string& directory) const {
    return DirectoriesBelow(directories_, directory);
  }

  Status CheckOwn(const ResourcePlace& place) const {
    const auto& neighbours = catalogs_.at(std::string(ParentPath(place.catalog_path)));
    if (neighbours.size() == 1) return Status();
    const bool first = neighbours[0]->number == place.number;
    return Status(Code::kConflict, "catalog.two-in-directory",
                  "two catalogs have one directory, whose files can not be told apart: " +
                      std::string(BaseName(place.catalog_path)) + " and " +
                      std::string(BaseName(neighbours[first ? 1 : 0]->catalog_path)))
        .WithPath(place.catalog_path);
  }

 private:
  std::set<std::string> directories_;
  std::map<std::string, std::vector<const ResourcePlace*>> catalogs_;
};

/// Reads one catalog, walks its directory, and plans.
Status Review(const Directory& session, const CatalogDirectories& directories,
              const RefreshPolicy& policy, CatalogReview* review) {
  const ResourcePlace& resource = review->resource;
  if (!resource.is_catalog) {
    return Status(Code::kUnsupported, "refresh.not-a-catalog", "the resource has no catalog");
  }
  const std::string directory(ParentPath(resource.catalog_path));
  if (directory.empty()) {
    return Status(Code::kCorruption, "catalog.outside",
                  "the session's document names a catalog that is not in a directory of its own "
                  "below the session");
  }
  XNA_RETURN_IF_ERROR(directories.CheckOwn(resource));
  XNA_ASSIGN_OR_RETURN(const bool there, session.Exists(directory));
  if (!there) {
    return Status(Code::kCorruption, "catalog.missing", "the catalog's directory is not there")
        .WithPath(review->place.directory);
  }
  XNA_ASSIGN_OR_RETURN(review->found,
                       TakeResourceInventory(session, directory, directories.Below(directory)));
  XNA_RETURN_IF_ERROR(
      LoadCatalog(session, resource, review->found, policy.rebuild, &review->place));
  XNA_ASSIGN_OR_RETURN(review->plan, PlanRefresh(review->place, review->found, policy));
  XNA_ASSIGN_OR_RETURN(review->totals, CountFiles(review->place.catalog, review->place.directory,
                                                  SizesBelow(session, directory)));
  return Status();
}

/// Reviews those of `review->places` that `uris` name.
Status ReviewPlaces(const Directory& session, const std::vector<NamedUri>& uris,
                    const RefreshPolicy& policy, unsigned threads, SessionReview* review) {
  std::set<std::size_t> chosen;
  for (const NamedUri& named : uris) {
    const Result<std::vector<ResourcePlace>> found =
        PlacesNamed(review->document, review->places, named.uri, Cascade::kRefresh);
    if (!found.ok()) {
      review->not_found.emplace_back(named.text, found.status());
      IgnoreError(review->not_found.back().second, "the review carries it");
      continue;
    }
    for (const ResourcePlace& place : *found) {
      // Those that list no files are refused where they are named, and else nobody's concern.
      if (!place.is_catalog && named.uri.resource.empty()) continue;
      if (!chosen.insert(place.number).second) continue;
      review->catalogs.emplace_back();
      review->catalogs.back().resource = place;
      review->catalogs.back().place.directory =
          JoinPath(review->directory, ParentPath(place.catalog_path));
    }
  }
  const CatalogDirectories directories(review->places);
  return ParallelFor(review->catalogs.size(), threads, [&](std::size_t i) {
    Status& status = review->catalogs[i].status;
    status = Review(session, directories, policy, &review->catalogs[i]);
    IgnoreError(status, "the review carries it");
    return Status();
  });
}

bool CountsDiffer(const CatalogReview& catalog) {
  return catalog.resource.file_count != catalog.totals.files ||
         catalog.resource.file_size != catalog.totals.bytes;
}

bool ChangesCatalog(const CatalogReview& catalog) {
  return catalog.status.ok() && (catalog.plan.ChangesCatalog() || catalog.place.rebuilt);
}

/// Opens the files of one catalog.
class Opener {
 public:
  Opener(const Directory& session, const RefreshExecution& execution, CallerProgress& progress,
         CatalogReview& catalog)
      : session_(session), execution_(execution), progress_(progress), catalog_(catalog) {}

  Status Open() {
    XNA_RETURN_IF_ERROR(Hash());
    XNA_RETURN_IF_ERROR(Identify());
    if (execution_.policy.force) return Status();
    return CheckDigests(catalog_.place, catalog_.found, catalog_.plan, catalog_.opened);
  }

 private:
  std::vector<std::string> Paths(const std::vector<std::uint32_t>& files) const {
    const std::string_view directory = ParentPath(catalog_.resource.catalog_path);
    std::vector<std::string> paths;
    paths.reserve(files.size());
    for (const std::uint32_t file : files) {
      paths.push_back(JoinPath(directory, catalog_.found.files[file].path));
    }
    return paths;
  }

  Status Hash() {
    std::vector<Digests>& digests = catalog_.opened.digests;
    const std::vector<std::uint32_t>& files = catalog_.plan.to_hash;
    digests.resize(files.size());
    if (files.empty()) return Status();
    Progress done;
    done.phase = "hash";
    done.files_total = files.size();
    for (const std::uint32_t file : files) done.bytes_total += catalog_.found.files[file].size;
    return HashFiles(
        session_, Paths(files), execution_.policy.checksum, execution_.threads,
        [&](std::uint64_t bytes) {
          done.bytes_done = bytes;
          return progress_.GoOn(done);
        },
        [&](std::size_t i, const HashedFile& file) {
          digests[i] = file.digests;
          ++done.files_done;
        });
  }

  Status Identify() {
    std::vector<std::optional<DicomIdentity>>& identities = catalog_.opened.identities;
    const std::vector<std::uint32_t>& files = catalog_.plan.to_identify;
    identities.resize(files.size());
    if (files.empty()) return Status();
    const std::string_view path = ParentPath(catalog_.resource.catalog_path);
    XNA_ASSIGN_OR_RETURN(const Directory directory, session_.OpenSubdirectory(path));
    return ParallelFor(files.size(), execution_.threads, [&](std::size_t i) -> Status {
      XNA_RETURN_IF_ERROR(progress_.Report({"identify", i, files.size(), 0, 0}));
      const std::string& name = catalog_.found.files[files[i]].path;
      Result<DicomIdentity> identity = ReadIdentity(directory, name);
      if (identity.status().code() == Code::kCorruption) return Status();  // something else
      if (!identity.ok()) return std::move(identity).status().WithPath(JoinPath(path, name));
      identities[i] = std::move(identity).value();
      return Status();
    });
  }

  const Directory& session_;
  const RefreshExecution& execution_;
  CallerProgress& progress_;
  CatalogReview& catalog_;
};

/// One ExecuteRefresh call.
class RefreshExecutor {
 public:
  RefreshExecutor(const Trees& trees, Operation& operation, const RefreshExecution& execution,
                  SessionReview& review)
      : archive_(trees[Tree::kArchive]),
        operation_(operation),
        execution_(execution),
        review_(review),
        steps_(trees) {}

  Status StageCatalogs(const ArchiveStamp& stamp);
  Status CheckFilesUnchanged();
  Result<SessionDocument> StageDocument();
  std::vector<Step> TakeSteps() { return steps_.Take(); }

 private:
  std::string Staged(std::size_t i) const {
    return JoinPath(operation_.stage(), "catalog-" + std::to_string(i));
  }
  Status StageCatalog(const ArchiveStamp& stamp, const Directory& session, std::size_t i);

  const Directory& archive_;
  Operation& operation_;
  const RefreshExecution& execution_;
  SessionReview& review_;
  PlanSteps steps_;
};

Status RefreshExecutor::StageCatalog(const ArchiveStamp& stamp, const Directory& session,
                                     std::size_t i) {
  CatalogReview& catalog = review_.catalogs[i];
  if (!ChangesCatalog(catalog)) return Status();
  ApplyRefresh(stamp, catalog.found, catalog.plan, catalog.opened, &catalog.place);
  const std::string directory(ParentPath(catalog.resource.catalog_path));
  XNA_ASSIGN_OR_RETURN(catalog.totals, CountFiles(catalog.place.catalog, catalog.place.directory,
                                                  SizesBelow(session, directory)));
  return archive_.WriteNew(Staged(i), CatalogContent(catalog.place.catalog, CatalogStyle::kPlain));
}

Status RefreshExecutor::StageCatalogs(const ArchiveStamp& stamp) {
  XNA_ASSIGN_OR_RETURN(const Directory session, archive_.OpenSubdirectory(review_.directory));
  return ParallelFor(review_.catalogs.size(), execution_.threads,
                     [&](std::size_t i) { return StageCatalog(stamp, session, i); });
}

/// I8: what was looked at and hashed is what the entries will be of.
Status RefreshExecutor::CheckFilesUnchanged() {
  XNA_ASSIGN_OR_RETURN(const Directory session, archive_.OpenSubdirectory(review_.directory));
  const CatalogDirectories directories(review_.places);
  return ParallelFor(review_.catalogs.size(), execution_.threads, [&](std::size_t i) -> Status {
    CatalogReview& catalog = review_.catalogs[i];
    if (!ChangesCatalog(catalog)) return Status();
    const std::string directory(ParentPath(catalog.resource.catalog_path));
    const Result<ResourceInventory> now =
        TakeResourceInventory(session, directory, directories.Below(directory));
    catalog.status = now.status();
    if (!now.ok() || *now == catalog.found) return Status();
    catalog.status = Status(Code::kConflict, "refresh.files-changed",
                            "files were added, changed or removed meanwhile")
                         .WithPath(catalog.place.directory);
    return Status();
  });
}

/// Also decides which catalogs are written: all whose status is OK. I5: the document is the last,
/// but for packed catalogs, which go when it does not name them any more.
Result<SessionDocument> RefreshExecutor::StageDocument() {
  std::map<std::size_t, ResourceEdit> edits;
  std::vector<TreePath> packed;
  for (std::size_t i = 0; i < review_.catalogs.size(); ++i) {
    CatalogReview& catalog = review_.catalogs[i];
    if (!catalog.status.ok()) continue;
    const ResourcePlace& resource = catalog.resource;
    if (ChangesCatalog(catalog)) {
      catalog.written = true;
      const TreePath target{Tree::kArchive, JoinPath(catalog.place.directory, catalog.place.name)};
      XNA_RETURN_IF_ERROR(steps_.Place({Tree::kArchive, Staged(i)}, target));
      if (catalog.place.packed) packed.push_back({Tree::kArchive, target.path + ".gz"});
      if (WithoutPacking(resource.catalog_path) != resource.catalog_path) {
        edits[resource.number].unpacked = true;
      }
    }
    if (!execution_.policy.options.populate_stats || !CountsDiffer(catalog)) continue;
    catalog.written = true;
    edits[resource.number].file_count = catalog.totals.files;
    edits[resource.number].file_size = catalog.totals.bytes;
  }
  SessionDocument document = review_.document;
  if (!edits.empty()) {
    EditResources(edits, &document);
    const std::string staged = JoinPath(operation_.stage(), "document");
    XNA_RETURN_IF_ERROR(archive_.WriteNew(staged, WriteSession(document)));
    XNA_RETURN_IF_ERROR(steps_.Place(
        {Tree::kArchive, staged}, {Tree::kArchive, JoinPath(review_.directory, kSessionDocument)}));
  }
  for (TreePath& path : packed) steps_.Add(StepKind::kTrash, std::move(path), {});
  return document;
}

}  // namespace

bool SessionReview::NeedsWriting(bool populate_stats) const {
  return std::any_of(catalogs.begin(), catalogs.end(), [&](const CatalogReview& catalog) {
    return catalog.status.ok() &&
           (ChangesCatalog(catalog) || (populate_stats && CountsDiffer(catalog)));
  });
}

Result<SessionReview> ReviewSession(const Directory& archive, const std::string& directory,
                                    const std::vector<NamedUri>& uris, const RefreshPolicy& policy,
                                    unsigned threads) {
  SessionReview review;
  review.directory = directory;
  XNA_ASSIGN_OR_RETURN(const Directory session, archive.OpenSubdirectory(directory));
  XNA_ASSIGN_OR_RETURN(review.document, ReadSessionDocument(archive, directory));
  review.places = PlacesOf(review.document, directory);
  XNA_RETURN_IF_ERROR(ReviewPlaces(session, uris, policy, threads, &review));
  return review;
}

Result<SessionReview> ReviewFolder(const Directory& archive, const std::string& project,
                                   const std::string& subject, const std::vector<NamedUri>& uris,
                                   const RefreshPolicy& policy, unsigned threads) {
  SessionReview review;
  review.directory = ResourceFolder(project, subject);
  review.document.project = project;
  XNA_ASSIGN_OR_RETURN(review.places, PlacesInFolder(archive, review.directory));
  const Result<Directory> folder = archive.OpenSubdirectory(review.directory);
  if (!folder.ok() && !review.places.empty()) return folder.status();
  XNA_RETURN_IF_ERROR(
      ReviewPlaces(folder.ok() ? *folder : archive, uris, policy, threads, &review));
  return review;
}

Status OpenPlanned(const Directory& archive, const RefreshExecution& execution,
                   SessionReview* review) {
  XNA_ASSIGN_OR_RETURN(const Directory session, archive.OpenSubdirectory(review->directory));
  CallerProgress progress(execution.progress);
  for (CatalogReview& catalog : review->catalogs) {
    if (!catalog.status.ok()) continue;
    catalog.status = Opener(session, execution, progress, catalog).Open();
    XNA_RETURN_IF_ERROR(progress.Report({"refresh", 0, 0, 0, 0}));
  }
  return Status();
}

Status ExecuteRefresh(
    const Trees& trees, Operation& operation, const RefreshExecution& execution,
    const ArchiveEvent& event,
    const std::function<std::vector<std::pair<std::string, std::string>>(const SessionDocument&)>&
        facts,
    const Acknowledge& acknowledge, SessionReview* review) {
  RefreshExecutor executor(trees, operation, execution, *review);
  const auto run = [&]() -> Status {
    XNA_RETURN_IF_ERROR(executor.StageCatalogs(ArchiveStamp(event, review->document.project)));
    XNA_RETURN_IF_ERROR(executor.CheckFilesUnchanged());
    XNA_ASSIGN_OR_RETURN(const SessionDocument document, executor.StageDocument());
    OperationPlan plan;
    plan.steps = executor.TakeSteps();
    if (plan.steps.empty()) return Status();
    plan.facts = facts(document);
    return operation.Commit(std::move(plan), acknowledge, execution.threads);
  };
  Status done = run();
  if (done.disk_state() == DiskState::kCommitted) {
    IgnoreError(done, "the catalogs are refreshed; leftovers are swept by the next Open");
    return Status();
  }
  if (done.ok()) return done;
  for (CatalogReview& catalog : review->catalogs) {
    if (catalog.status.ok() && (catalog.written || ChangesCatalog(catalog))) catalog.status = done;
  }
  return done;
}

std::vector<CatalogOutcome> OutcomesOf(const SessionReview& review,
                                       const std::string& session_uri) {
  std::vector<CatalogOutcome> outcomes;
  for (const CatalogReview& catalog : review.catalogs) {
    CatalogOutcome& outcome = outcomes.emplace_back();
    outcome.uri = PlaceUri(session_uri, catalog.resource);
    outcome.catalog = JoinPath(review.directory, catalog.resource.catalog_path);
    outcome.status = catalog.status;
    IgnoreError(outcome.status, "the report carries it");
    outcome.entries = catalog.plan.entries.size();
    outcome.missing = catalog.plan.missing;
    outcome.unlisted = catalog.plan.unlisted;
    outcome.changed = catalog.plan.changed;
    outcome.ignored = catalog.plan.ignored;
    outcome.ignored_example = catalog.plan.ignored_example;
    outcome.outcome = RefreshOutcome::kFailed;
    if (!catalog.status.ok()) continue;
    outcome.files = catalog.totals.files;
    outcome.bytes = catalog.totals.bytes;
    outcome.outcome = RefreshOutcome::kUnchanged;
    if (!catalog.written) continue;
    outcome.outcome = RefreshOutcome::kUpdated;
    outcome.added = catalog.plan.added.size();
    outcome.removed = catalog.plan.removed;
    outcome.modified = catalog.plan.modified;
    outcome.checksummed = catalog.plan.to_hash.size();
    outcome.rebuilt = catalog.place.rebuilt;
  }
  for (const auto& [uri, why] : review.not_found) {
    CatalogOutcome& outcome = outcomes.emplace_back();
    outcome.uri = uri;
    outcome.status = why;
    IgnoreError(outcome.status, "the report carries it");
    outcome.outcome = RefreshOutcome::kFailed;
  }
  return outcomes;
}

}  // namespace xnatarchive
