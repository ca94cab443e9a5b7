#include <string>

#include "base/text.hpp"
#include "xnatarchive/refresh.hpp"

namespace xnatarchive {

Result<RefreshOptions> ParseRefreshOptions(std::string_view text) {
  RefreshOptions options;
  if (text.empty()) return options;
  for (const std::string& word : Split(text, ',')) {
    if (word == "append") {
      options.append = true;
    } else if (word == "checksum") {
      options.checksum = true;
    } else if (word == "delete") {
      options.remove = true;
    } else if (word == "populateStats") {
      options.populate_stats = true;
    } else {
      return Status(Code::kInvalidArgument, "refresh.bad-option",
                    "options are a comma list of append, checksum, delete and populateStats");
    }
  }
  return options;
}

const char* RefreshOutcomeName(RefreshOutcome outcome) noexcept {
  switch (outcome) {
    case RefreshOutcome::kUnchanged:
      return "unchanged";
    case RefreshOutcome::kUpdated:
      return "updated";
    case RefreshOutcome::kFailed:
      break;
  }
  return "failed";
}

}  // namespace xnatarchive
