// history.hpp - what merges replaced, kept beside the archive until it is pruned.
//
//   <archive>/.xa/history/<ID>/.xa-history.xml       when, by whom, and the entries as they were
//   <archive>/.xa/history/<ID>/session.xml           the session's document as it was
//   <archive>/.xa/history/<ID>/SCANS/1/DICOM/...     the replaced files, at their paths in the
//   session
//
// A record appears in the same step as the change it tells of, and costs the disk space of the
// replaced files only. The ID is that of the operation.
#ifndef XNATARCHIVE_ARCHIVE_HISTORY_HPP_
#define XNATARCHIVE_ARCHIVE_HISTORY_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fs/directory.hpp"
#include "xnatarchive/catalog.hpp"
#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

inline constexpr std::string_view kHistoryDirectory = ".xa/history";
inline constexpr std::string_view kHistoryCatalog = ".xa-history.xml";

/// One merge that replaced files.
struct HistoryRecord {
  std::string id;
  std::string project;
  std::string label;
  std::string experiment_id;
  std::string directory;  ///< The session's, relative to the archive.
  std::string user;
  std::string event_id;  ///< Audit record of the merge.
  std::int64_t time_ms = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

/// The catalog of a record: `entries` as they were, their URIs relative to the session's directory.
Catalog HistoryCatalog(const HistoryRecord& record, std::vector<CatalogEntry> entries);

/// A record as a session that can be merged: the document as it was, reduced to the scans that have
/// files in the record, and their entries. Files that no catalog named have none. How many frames
/// the files of a scan have is told where its document says it: all files of the scan are in the
/// record, or each had one.
SessionDraft HistoryDraft(const Catalog& catalog, const SessionDocument& document);

/// ".xa/history/<ID>".
std::string HistoryPath(std::string_view id);

/// A record read back; with its catalog for whoever restores it.
struct HistoryDetail {
  HistoryRecord record;
  Catalog catalog;
};
/// kNotFound "history.not-found"; kCorruption when its catalog can not be read.
Result<HistoryDetail> ReadHistory(const Directory& archive, const std::string& id);

/// All records, oldest first. Those that can not be read are left out and named in `unreadable`.
Result<std::vector<HistoryRecord>> ListHistory(const Directory& archive,
                                               std::vector<std::string>* unreadable);

/// Removes a record and its files for good: at once or, should the process die, by recovery. Fine
/// when absent.
Status PruneHistory(const Directory& archive, const std::string& id, unsigned threads);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_HISTORY_HPP_
