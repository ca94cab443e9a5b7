// finding.hpp - what validation says about a session; XNAT's validate-archive table.
#ifndef XNATARCHIVE_FINDING_HPP_
#define XNATARCHIVE_FINDING_HPP_

#include <string>

namespace xnatarchive {

/// FAIL: cannot be archived. CONFLICT: cannot be archived with the present options. WARN: can.
enum class FindingType { kFail, kConflict, kWarn };

/// Returns "FAIL", "CONFLICT" or "WARN".
const char* FindingTypeName(FindingType type) noexcept;

/// One line of the table. Codes are XNAT's 1 to 22; a host's SessionValidator has 16 and 17.
struct Finding {
  int code = 0;
  FindingType type = FindingType::kFail;
  std::string reason;   ///< Stable slug, such as "archive.session-exists".
  std::string message;  ///< For people; no patient data.
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FINDING_HPP_
