#include <doctest/doctest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>

#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {
namespace {

// For each state, every state it may become. Written out by hand, state by state: the code derives
// the same from rules, and neither is made from the other.
const char* const kAllowed =
    "READY: READY RECEIVING CONFLICT ERROR QUEUED_ARCHIVING QUEUED_BUILDING QUEUED_DELETING"
    " QUEUED_MOVING QUEUED_SEPARATING ARCHIVING BUILDING DELETING MOVING SEPARATING\n"
    "ERROR: READY RECEIVING CONFLICT ERROR QUEUED_ARCHIVING QUEUED_BUILDING QUEUED_DELETING"
    " QUEUED_MOVING QUEUED_SEPARATING ARCHIVING BUILDING DELETING MOVING SEPARATING\n"
    "CONFLICT: READY RECEIVING CONFLICT ERROR QUEUED_ARCHIVING QUEUED_BUILDING QUEUED_DELETING"
    " QUEUED_MOVING QUEUED_SEPARATING ARCHIVING BUILDING DELETING MOVING SEPARATING _CONFLICT\n"
    "RECEIVING: READY RECEIVING CONFLICT ERROR QUEUED_BUILDING QUEUED_DELETING QUEUED_MOVING"
    " BUILDING DELETING MOVING _RECEIVING\n"
    "RECEIVING_INTERRUPT: RECEIVING_INTERRUPT RECEIVING ERROR _RECEIVING_INTERRUPT\n"
    "QUEUED_ARCHIVING: READY RECEIVING CONFLICT ERROR ARCHIVING QUEUED_MOVING QUEUED_DELETING"
    " MOVING DELETING\n"
    "QUEUED_BUILDING: READY RECEIVING CONFLICT ERROR BUILDING QUEUED_MOVING QUEUED_DELETING"
    " MOVING DELETING\n"
    "QUEUED_DELETING: READY RECEIVING CONFLICT ERROR DELETING QUEUED_MOVING MOVING\n"
    "QUEUED_MOVING: READY RECEIVING CONFLICT ERROR MOVING QUEUED_DELETING DELETING\n"
    "QUEUED_SEPARATING: READY RECEIVING CONFLICT ERROR SEPARATING QUEUED_MOVING QUEUED_DELETING"
    " MOVING DELETING\n"
    "ARCHIVING: READY RECEIVING CONFLICT ERROR _ARCHIVING\n"
    "BUILDING: READY RECEIVING CONFLICT ERROR _BUILDING RECEIVING_INTERRUPT QUEUED_SEPARATING"
    " SEPARATING\n"
    "DELETING: READY RECEIVING CONFLICT ERROR _DELETING\n"
    "MOVING: READY RECEIVING CONFLICT ERROR _MOVING\n"
    "SEPARATING: READY RECEIVING CONFLICT ERROR _SEPARATING\n"
    "_ARCHIVING: READY RECEIVING CONFLICT ERROR\n"
    "_BUILDING: READY RECEIVING CONFLICT ERROR RECEIVING_INTERRUPT\n"
    "_CONFLICT: READY RECEIVING CONFLICT ERROR\n"
    "_DELETING: READY RECEIVING CONFLICT ERROR\n"
    "_MOVING: READY RECEIVING CONFLICT ERROR\n"
    "_RECEIVING: READY RECEIVING CONFLICT ERROR\n"
    "_RECEIVING_INTERRUPT: RECEIVING_INTERRUPT RECEIVING ERROR\n"
    "_SEPARATING: READY RECEIVING CONFLICT ERROR\n";

std::map<std::string, std::set<std::string>> AllowedByHand() {
  std::map<std::string, std::set<std::string>> allowed;
  std::istringstream lines(kAllowed);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string from;
    words >> from;
    from.pop_back();
    for (std::string to; words >> to;) allowed[from].insert(to);
  }
  return allowed;
}

PrearchiveState At(std::size_t i) { return static_cast<PrearchiveState>(i); }

}  // namespace

TEST_SUITE("store.prearchive_state") {
  TEST_CASE("every pair of states is allowed or forbidden as the table says") {
    const auto by_hand = AllowedByHand();
    CHECK(by_hand.size() == kPrearchiveStateCount);
    std::map<std::string, std::set<std::string>> by_code;
    for (std::size_t from = 0; from < kPrearchiveStateCount; ++from) {
      for (std::size_t to = 0; to < kPrearchiveStateCount; ++to) {
        if (!MayChange(At(from), At(to))) continue;
        by_code[std::string(PrearchiveStateName(At(from)))].emplace(PrearchiveStateName(At(to)));
      }
    }
    for (const auto& [from, targets] : by_hand) {
      CAPTURE(from);
      CHECK(by_code[from] == targets);
    }
  }

  TEST_CASE("a submitted session is told as queued, and one that received a file since as that") {
    for (std::size_t state = 0; state < kPrearchiveStateCount; ++state) {
      CAPTURE(PrearchiveStateName(At(state)));
      PrearchiveSession row;
      row.state = At(state);
      row.last_modified_ms = 1000;
      const bool receiving = row.state == PrearchiveState::kReceiving;
      const bool may = MayChange(row.state, PrearchiveState::kQueuedArchiving);
      CHECK(IsToldAsQueued(row, 999) == may);
      CHECK(IsToldAsQueued(row, 1000) == (may || receiving));
      CHECK(IsToldAsQueued(row, 1001) == (may || receiving));
    }
  }

  TEST_CASE("from every state there is a way back to rest") {
    for (std::size_t i = 0; i < kPrearchiveStateCount; ++i) {
      CHECK(MayChange(At(i), PrearchiveState::kReceiving));
      CHECK(MayChange(At(i), PrearchiveState::kError));
    }
  }

  TEST_CASE("names are XNAT's, are read back, and eight of them are locked") {
    std::set<std::string> names;
    int locked = 0;
    for (std::size_t i = 0; i < kPrearchiveStateCount; ++i) {
      const std::string name(PrearchiveStateName(At(i)));
      names.insert(name);
      CHECK(ParsePrearchiveState(name) == At(i));
      CHECK(IsLocked(At(i)) == (name[0] == '_'));
      locked += IsLocked(At(i)) ? 1 : 0;
    }
    CHECK(locked == 8);
    CHECK(names == std::set<std::string>{"ARCHIVING",
                                         "BUILDING",
                                         "CONFLICT",
                                         "DELETING",
                                         "ERROR",
                                         "MOVING",
                                         "READY",
                                         "RECEIVING",
                                         "RECEIVING_INTERRUPT",
                                         "SEPARATING",
                                         "QUEUED_ARCHIVING",
                                         "QUEUED_BUILDING",
                                         "QUEUED_DELETING",
                                         "QUEUED_MOVING",
                                         "QUEUED_SEPARATING",
                                         "_ARCHIVING",
                                         "_BUILDING",
                                         "_CONFLICT",
                                         "_DELETING",
                                         "_MOVING",
                                         "_RECEIVING",
                                         "_RECEIVING_INTERRUPT",
                                         "_SEPARATING"});
    CHECK_FALSE(ParsePrearchiveState("").has_value());
    CHECK_FALSE(ParsePrearchiveState("ready").has_value());
    CHECK_FALSE(ParsePrearchiveState("_READY").has_value());
    CHECK_FALSE(ParsePrearchiveState("_ERROR").has_value());
  }

  TEST_CASE("prearchive codes are read by name and by number") {
    const auto name = [](const char* text) {
      const auto code = ParsePrearchiveCode(text);
      return code.has_value() ? std::string(PrearchiveCodeName(*code)) : "none";
    };
    CHECK(name("0") == "Manual");
    CHECK(name("4") == "AutoArchive");
    CHECK(name("5") == "AutoArchiveOverwrite");
    CHECK(name("Manual") == "Manual");
    CHECK(name("AutoArchive") == "AutoArchive");
    CHECK(name("AutoArchiveOverwrite") == "AutoArchiveOverwrite");
    for (const char* text : {"", "1", "3", "manual", "44", "-4"}) CHECK(name(text) == "none");
  }
}

}  // namespace xnatarchive
