// export_plan.hpp - which files of an archived session an export holds, under which names. Pure.
#ifndef XNATARCHIVE_CATALOG_EXPORT_PLAN_HPP_
#define XNATARCHIVE_CATALOG_EXPORT_PLAN_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "archive/uri.hpp"
#include "catalog/archived_session.hpp"
#include "digest/digest.hpp"
#include "xnatarchive/export.hpp"

namespace xnatarchive {

struct ExportFile {
  std::string source;  ///< Relative to the session.
  std::string name;    ///< In the export.
  std::uint64_t size = 0;
  Digests expected;                     ///< What its catalog says.
  Checksum checksum = Checksum::kNone;  ///< What is computed while it is copied.
};

struct ExportPlan {
  std::vector<ExportFile> files;
  std::uint64_t bytes = 0;
  std::uint64_t unchecked = 0;  ///< Files of which nothing is expected.
  std::uint64_t elsewhere = 0;  ///< Entries that are URLs.
};

/// Whether this library keeps its own affairs in a file of that path.
bool IsOurs(std::string_view path);

/// Plans the export of a session, its directory named `label` in a bag, or of what `part`, the URI
/// of something in it, names. A file that is there packed only, as PATH.gz, is exported as it is.
/// In a bag every file's MD5 is expected or computed.
///
/// kNotFound "uri.not-found" when there is no such part; kInvalidArgument "export.bag-of-part".
/// kCorruption, with the path of the catalog or file: "export.catalog-missing",
/// "export.catalog-unreadable", "export.file-missing" for a file that a catalog names,
/// "export.bad-entry" for an entry that can not be a file's, or names one twice,
/// "export.digest-differs" for a size that is not the catalog's where there is no digest.
/// kUnsupported "export.irregular-file": a bag can not hold links and devices;
/// "export.no-catalog": a resource lies outside the session, or has no catalog of its files.
Result<ExportPlan> PlanExport(const ArchivedSession& session, const std::string& label,
                              ExportForm form, const ParsedUri& part);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_EXPORT_PLAN_HPP_
