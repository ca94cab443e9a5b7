// export_session.hpp - writes one archived session out of the archive.
#ifndef XNATARCHIVE_CATALOG_EXPORT_SESSION_HPP_
#define XNATARCHIVE_CATALOG_EXPORT_SESSION_HPP_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "archive/operation.hpp"
#include "archive/uri.hpp"
#include "catalog/export_target.hpp"
#include "store/rows.hpp"
#include "xnatarchive/archive_engine.hpp"
#include "xnatarchive/export.hpp"

namespace xnatarchive {

struct SessionExport {
  ExperimentRow experiment;
  SubjectRow subject;
  ParsedUri part;  ///< The experiment's URI, or that of something in it.
  ExportForm form = ExportForm::kFiles;
  std::string site_id;
  unsigned threads = 1;
  /// Phase "copy", on the thread that called; false cancels.
  std::function<bool(const Progress&)> progress;
};

/// Writes the session to `target` and publishes that.
///
/// What is exported is the session as it was at one moment at which nobody worked on it. Its lock
/// is held for that moment only, so that an export of hours keeps nobody from merging; whether
/// somebody did, the files' sizes, times and inodes tell at the end: kConflict
/// "export.session-changed".
///
/// Fails as PlanExport, and with kLocked "operation.locked"; kCorruption "export.digest-differs"
/// with the file; kCancelled "export.cancelled"; what the disks say.
Result<ExportReport> ExportSession(const Trees& trees, const SessionExport& input,
                                   const Acknowledge& acknowledge, ExportTarget& target);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_EXPORT_SESSION_HPP_
