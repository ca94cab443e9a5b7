// verify_state.hpp - how far a verification is, as a file that the next one goes on from.
//
// Sessions are verified in the order of their paths, so that the last one says which are done; the
// file grows with what was found, not with the archive.
#ifndef XNATARCHIVE_CATALOG_VERIFY_STATE_HPP_
#define XNATARCHIVE_CATALOG_VERIFY_STATE_HPP_

#include <string>
#include <string_view>

#include "xnatarchive/status.hpp"
#include "xnatarchive/verify.hpp"

namespace xnatarchive {

struct VerifyState {
  std::string last_path;  ///< Of the last session that is done; empty: none.
  VerifyReport report;    ///< Of all that are done.
};

/// Lines of text, ended by one that says so, with what identifies the request.
std::string WriteVerifyState(const VerifyRequest& request, const VerifyState& state);

/// kCorruption "verify.bad-state" for anything but a whole file of these; kInvalidArgument
/// "verify.other-request" when it is of another request.
Result<VerifyState> ParseVerifyState(std::string_view bytes, const VerifyRequest& request);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_VERIFY_STATE_HPP_
