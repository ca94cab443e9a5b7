// wording.hpp - what the page says in words: states, findings, sizes, ages.
#ifndef XNATARCHIVE_EXAMPLES_SERVER_PAGE_WORDING_HPP_
#define XNATARCHIVE_EXAMPLES_SERVER_PAGE_WORDING_HPP_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace page {

/// What a state of the prearchive means to a person.
struct StateWords {
  std::string_view
      kind;              ///< "ready", "receiving", "conflict", "error" or "busy"; a CSS class, too.
  std::string word;      ///< "Ready"
  std::string sentence;  ///< What it means, and what can be done.
};

/// `state` is XNAT's name, such as "READY" or "_ARCHIVING"; an unknown one is named as it is.
StateWords WordsOfState(std::string_view state);

/// The kinds of state, in the order a filter lists them, each with its word.
struct StateKind {
  std::string_view kind;
  std::string_view word;
};
const std::vector<StateKind>& StateKinds();

/// One sentence on a finding of validate-archive: what is the matter, and what helps. `type` is
/// "FAIL", "CONFLICT" or "WARN". Empty for a finding that is not in XNAT's table: its own message
/// is all there is.
std::string_view SentenceOfFinding(std::int64_t code, std::string_view type);

/// "1.4 GB": three figures at most, thousands as disks are sold.
std::string Size(std::uint64_t bytes);
/// "1 file", "12 files".
std::string Count(std::uint64_t count, std::string_view one, std::string_view many);

/// Milliseconds since the epoch of a time of a table, "2024-05-01 12:30:00.5", which is UTC.
/// nullopt for anything else.
std::optional<std::int64_t> ParseTableTime(std::string_view text);
/// "just now", "5 minutes ago", "3 days ago".
std::string Age(std::int64_t then_ms, std::int64_t now_ms);

}  // namespace page

#endif  // XNATARCHIVE_EXAMPLES_SERVER_PAGE_WORDING_HPP_
