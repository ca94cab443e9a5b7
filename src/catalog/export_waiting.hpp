// export_waiting.hpp - writes one session of the prearchive out of it.
#ifndef XNATARCHIVE_CATALOG_EXPORT_WAITING_HPP_
#define XNATARCHIVE_CATALOG_EXPORT_WAITING_HPP_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "archive/operation.hpp"
#include "catalog/export_target.hpp"
#include "xnatarchive/archive_engine.hpp"
#include "xnatarchive/export.hpp"

namespace xnatarchive {

struct WaitingExport {
  PrearchiveId id;
  /// What of the session is exported, as directories of it; none: all, and its document.
  std::optional<std::vector<std::string>> directories;
  /// Phase "copy", on the thread that called; false cancels.
  std::function<bool(const Progress&)> progress;
};

/// Writes the session's files to `target` as FOLDER/..., as they lie, and its document, when it has
/// one, as FOLDER.xml; then publishes that.
///
/// A file is held against the digests of the session's index as long as it has the size and time
/// that stand there; any other counts as unchecked. As in ExportSession the lock is held for one
/// look only, and the files looked at then must be the same at the end; those that came meanwhile
/// are left out.
///
/// kNotFound "uri.not-found"; kLocked "operation.locked"; kUnsupported "export.irregular-file" for
/// a link or device; kConflict "export.session-changed"; else as CopyPlanned.
Result<ExportReport> ExportWaiting(const Trees& trees, const WaitingExport& input,
                                   const Acknowledge& acknowledge, ExportTarget& target);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_EXPORT_WAITING_HPP_
