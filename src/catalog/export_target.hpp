// export_target.hpp - where an export goes: a new directory, a new zip, or a stream.
#ifndef XNATARCHIVE_CATALOG_EXPORT_TARGET_HPP_
#define XNATARCHIVE_CATALOG_EXPORT_TARGET_HPP_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "archive/stage_session.hpp"
#include "catalog/export_plan.hpp"
#include "digest/hash_files.hpp"
#include "fs/directory.hpp"
#include "xnatarchive/byte_stream.hpp"

namespace xnatarchive {

/// One export in the making. Until Publish nothing has the final name; what was written goes when a
/// target is destroyed that was not published. A process that dies leaves a ".xa-*.tmp" beside it.
class ExportTarget {
 public:
  ExportTarget() = default;
  ExportTarget(const ExportTarget&) = delete;
  ExportTarget& operator=(const ExportTarget&) = delete;
  virtual ~ExportTarget() = default;

  /// Copies files of `session`, each hashed as it says. `progress` and `done` as those of
  /// CopyFiles.
  virtual Status AddFiles(const Directory& session, const std::vector<ExportFile>& files,
                          const std::function<bool(std::uint64_t bytes_done)>& progress,
                          const std::function<void(std::size_t, const HashedFile&)>& done) = 0;
  virtual Status AddText(const std::string& name, std::string_view bytes) = 0;
  /// Makes all of it durable and gives it its name. kAlreadyExists "export.target-exists".
  virtual Status Publish() = 0;
};

/// Copies all files of `plan` from `directory`, which lies at `path`, and holds each against what
/// is expected of it. `found`: receives their digests, as far as they were computed.
///
/// kCorruption "export.digest-differs" with the file; kCancelled "export.cancelled".
Status CopyPlanned(const Directory& directory, const ExportPlan& plan, const std::string& path,
                   CallerProgress& caller, ExportTarget* target, std::vector<Digests>* found);

/// Where a file or directory of the host's lies, or is to be made.
struct OutsidePlace {
  Directory parent;
  std::string name;
};

/// Finds it; the name itself need not exist. Reasons begin with `what`: kNotFound
/// "<what>.no-parent"; kInvalidArgument "<what>.bad-target" for a name that can be no file's,
/// "<what>.inside-root" for a place in one of `trees`.
Result<OutsidePlace> FindOutside(std::string_view what, FileSystem& fs, const std::string& path,
                                 const Trees& trees);

/// kAlreadyExists "export.target-exists".
Status CheckFree(const OutsidePlace& place);

/// A directory; files are copied on several threads.
Result<std::unique_ptr<ExportTarget>> MakeDirectoryTarget(OutsidePlace place, unsigned threads);
/// A zip in which everything is below `base`.
Result<std::unique_ptr<ExportTarget>> MakeZipTarget(OutsidePlace place, const std::string& base);
/// The same, into whatever takes the bytes. What was written there can not be taken back, but
/// without Publish it is no whole zip.
std::unique_ptr<ExportTarget> MakeStreamTarget(OutputStream output, const std::string& base);
/// Writes to an open descriptor, which is not closed.
OutputStream DescriptorOutput(FileSystem& fs, int fd);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_EXPORT_TARGET_HPP_
