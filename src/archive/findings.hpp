// findings.hpp - the table of everything that can be found wrong with a session to be archived.
#ifndef XNATARCHIVE_ARCHIVE_FINDINGS_HPP_
#define XNATARCHIVE_ARCHIVE_FINDINGS_HPP_

#include <string_view>

#include "xnatarchive/archive_plan.hpp"
#include "xnatarchive/finding.hpp"

namespace xnatarchive {

/// Makes the finding that the table has under `reason`; `detail`, when there is one, follows the
/// table's message after a colon. A reason the table does not have is a bug (code 13, FAIL).
Finding MakeFinding(std::string_view reason, std::string_view detail = {});

/// Whether the table counts what `reason` names as a finding under that policy: what only says that
/// a session exists counts when nothing may be merged, what `delete` overrides does not count
/// there.
bool CountsUnder(std::string_view reason, Overwrite overwrite);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_FINDINGS_HPP_
