// merge_match.hpp - which archived scan and resource each incoming one meets.
//
// Pure. XNAT's rules: scans are the same when ID and Series Instance UID are; a scan whose ID is
// taken by another series gets a new ID; resources of one scan are the same when their labels are.
#ifndef XNATARCHIVE_ARCHIVE_MERGE_MATCH_HPP_
#define XNATARCHIVE_ARCHIVE_MERGE_MATCH_HPP_

#include <string>
#include <string_view>
#include <vector>

#include "xnatarchive/archive_plan.hpp"
#include "xnatarchive/import_handler.hpp"
#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// Where an incoming resource goes in the archived session.
struct ResourceMatch {
  bool archived = false;     ///< The archived session has this resource, at `catalog_path`.
  std::string scan_id;       ///< The archived scan's; empty for a session resource.
  std::string label;         ///< Its label there.
  std::string directory;     ///< Relative to the archived session.
  std::string catalog_path;  ///< Relative to the archived session.
};

struct SessionMatch {
  std::vector<PlannedScan> scans;        ///< Parallel to the incoming document's.
  std::vector<ResourceMatch> resources;  ///< Parallel to the incoming draft's.
  std::vector<std::string> impossible;   ///< Why the merge can not be worked out; empty: it can.
};

/// Matches an incoming session with an archived one.
SessionMatch MatchSession(const SessionDraft& incoming, const SessionDocument& archived);

/// What messages call a resource: "scan 3, resource DICOM" or "session resource NIFTI".
std::string ResourceName(const std::string& scan_id, const std::string& label);

/// Where a file of the incoming session that is in no resource's directory goes: what lies below a
/// renamed scan's directory follows it.
std::string PathInArchive(const SessionMatch& match, std::string_view path);

/// XNAT's new ID for a scan whose own is taken: "<ID>-<MOD><n>", n from 1, the first for which
/// `taken` is false. MOD comes from the scan's type: "MR" for xnat:mrScanData, "PT" for PET. An ID
/// that has such a suffix already keeps its stem.
template <typename Taken>
std::string NewScanId(std::string_view id, std::string_view xsi_type, const Taken& taken);

/// "1-MR2" -> "1", for modality "MR"; an ID without that suffix is its own stem.
std::string_view ScanIdStem(std::string_view id, std::string_view modality);
/// "xnat:petScanData" -> "PT".
std::string ScanModality(std::string_view xsi_type);

template <typename Taken>
std::string NewScanId(std::string_view id, std::string_view xsi_type, const Taken& taken) {
  const std::string modality = ScanModality(xsi_type);
  const std::string stem = std::string(ScanIdStem(id, modality)) + "-" + modality;
  for (std::uint64_t n = 1;; ++n) {
    std::string candidate = stem + std::to_string(n);
    if (!taken(candidate)) return candidate;
  }
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_MERGE_MATCH_HPP_
