// archived_form.hpp - what a session's catalogs and document say once it is archived.
//
// Pure: what XNAT does to them "at archive" (created*, ID, digest, format, PROJECT, AUDIT; scan
// types and quality; counts and sizes), and what this library adds (SIZE, MTIME, XXH3).
#ifndef XNATARCHIVE_ARCHIVE_ARCHIVED_FORM_HPP_
#define XNATARCHIVE_ARCHIVE_ARCHIVED_FORM_HPP_

#include <cstdint>
#include <string>
#include <vector>

#include "archive/describe_session.hpp"
#include "archive/resource_totals.hpp"
#include "digest/digest.hpp"

namespace xnatarchive {

/// Who archives, when, and under which audit record.
struct ArchiveEvent {
  std::string user;
  std::string event_id;  ///< Decimal audit record number.
  std::int64_t time_ms = 0;
};

/// The texts every entry of every catalog of one archive operation gets.
struct ArchiveStamp {
  SharedText user;
  SharedText event_id;
  SharedText time;
  SharedText audit_time;
  SharedText project;

  ArchiveStamp(const ArchiveEvent& event, std::string_view project_id);
};

/// What one operation did to the entries of a catalog.
struct EntryCounts {
  std::uint64_t added = 0;
  std::uint64_t modified = 0;
  std::uint64_t removed = 0;
};

/// Change sets that an AUDIT field keeps: the first, which tells where the catalog comes from, and
/// the last ones. What was done to a session is in the audit trail; the field is read and written
/// with every catalog, and would grow with each refresh for ever.
inline constexpr std::size_t kAuditSetsMax = 100;

/// Adds a change set to the catalog's AUDIT; without any count, none.
void AddToAudit(const ArchiveStamp& stamp, const EntryCounts& counts, Catalog* catalog);

/// Whether a size or a time that the entry has is not that of the file: its digests are of other
/// bytes.
bool IsStale(const CatalogEntry& entry, const SessionFile& file);
/// Removes what was computed of the file's bytes.
void DropDigests(CatalogEntry* entry);
/// Writes SIZE, MTIME and what was `computed` now (null: nothing) into the file's entry. Digests
/// that are stale go; else kCorruption "archive.digest-mismatch" where computed ones contradict
/// them.
Status SetFileFacts(const SessionFile& file, const Digests* computed, CatalogEntry* entry);

/// Brings a catalog to its archived form. `digests` are those computed now, parallel to `files`;
/// empty vector: none were.
///
/// Digests are replaced when SIZE or MTIME say that the file was changed since they were written.
/// Otherwise they stand for what the file must be: kCorruption "archive.digest-mismatch" when it is
/// something else. `directory` is the resource's, for the failure's path.
Status ToArchivedForm(const ArchiveStamp& stamp, std::string_view directory,
                      const std::vector<SessionFile>& files, const ResourceFacts& facts,
                      const std::vector<Digests>& digests, Catalog* catalog);

/// The draft's document with its resources, their file counts and sizes. `totals` are parallel to
/// the draft's resources.
SessionDocument DocumentWithResources(const SessionDraft& draft,
                                      const std::vector<ResourceTotals>& totals);

/// What XNAT sets where nothing is set: a scan's type (its description) and quality ("usable").
void SetArchivedDefaults(SessionDocument* document);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_ARCHIVED_FORM_HPP_
