// findings.hpp - the table of everything that can be found wrong with a session to be archived.
#ifndef XNATARCHIVE_ARCHIVE_FINDINGS_HPP_
#define XNATARCHIVE_ARCHIVE_FINDINGS_HPP_

#include <string_view>

#include "xnatarchive/archive_plan.hpp"
#include "xnatarchive/finding.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Makes the finding that the table has under `reason`; `detail`, when there is one, follows the
/// table's message after a colon. A reason the table does not have is a bug (code 13, FAIL).
Finding MakeFinding(std::string_view reason, std::string_view detail = {});

/// Whether the table counts what `reason` names as a finding under that policy: what only says that
/// a session exists counts when nothing may be merged, what `delete` overrides does not count
/// there.
bool CountsUnder(std::string_view reason, Overwrite overwrite);

/// What archiving answers when this stands in its way: kConflict for a CONFLICT, and for what would
/// make another session of the existing one, which XNAT validates as a FAIL and refuses with 409
/// all the same; else kInvalidArgument.
Code AnswerTo(const Finding& finding);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_FINDINGS_HPP_
