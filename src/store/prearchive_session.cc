#include "xnatarchive/prearchive_session.hpp"

#include <array>

namespace xnatarchive {
namespace {

enum class Kind { kResting, kQueued, kStarted, kLocked };
enum class Operation { kNone, kArchive, kBuild, kDelete, kMove, kSeparate };

struct StateFacts {
  std::string_view name;
  Kind kind;
  Operation operation;
};

using State = PrearchiveState;

// In the order of PrearchiveState. RECEIVING_INTERRUPT counts as resting here and is treated first.
constexpr std::array<StateFacts, kPrearchiveStateCount> kStates = {{
    {"ARCHIVING", Kind::kStarted, Operation::kArchive},
    {"BUILDING", Kind::kStarted, Operation::kBuild},
    {"CONFLICT", Kind::kResting, Operation::kNone},
    {"DELETING", Kind::kStarted, Operation::kDelete},
    {"ERROR", Kind::kResting, Operation::kNone},
    {"MOVING", Kind::kStarted, Operation::kMove},
    {"READY", Kind::kResting, Operation::kNone},
    {"RECEIVING", Kind::kResting, Operation::kNone},
    {"RECEIVING_INTERRUPT", Kind::kResting, Operation::kNone},
    {"SEPARATING", Kind::kStarted, Operation::kSeparate},
    {"QUEUED_ARCHIVING", Kind::kQueued, Operation::kArchive},
    {"QUEUED_BUILDING", Kind::kQueued, Operation::kBuild},
    {"QUEUED_DELETING", Kind::kQueued, Operation::kDelete},
    {"QUEUED_MOVING", Kind::kQueued, Operation::kMove},
    {"QUEUED_SEPARATING", Kind::kQueued, Operation::kSeparate},
    {"_ARCHIVING", Kind::kLocked, Operation::kArchive},
    {"_BUILDING", Kind::kLocked, Operation::kBuild},
    {"_CONFLICT", Kind::kLocked, Operation::kNone},
    {"_DELETING", Kind::kLocked, Operation::kDelete},
    {"_MOVING", Kind::kLocked, Operation::kMove},
    {"_RECEIVING", Kind::kLocked, Operation::kNone},
    {"_RECEIVING_INTERRUPT", Kind::kLocked, Operation::kNone},
    {"_SEPARATING", Kind::kLocked, Operation::kSeparate},
}};

constexpr const StateFacts& Facts(State state) { return kStates[static_cast<std::size_t>(state)]; }

bool MayRestingChange(State from, State to, const StateFacts& target) {
  switch (target.kind) {
    case Kind::kResting:
      return true;
    case Kind::kQueued:
    case Kind::kStarted:
      return from != State::kReceiving ||
             (target.operation != Operation::kArchive && target.operation != Operation::kSeparate);
    case Kind::kLocked:
      return (from == State::kReceiving && to == State::kLockedReceiving) ||
             (from == State::kConflict && to == State::kLockedConflict);
  }
  return false;
}

bool MayQueuedChange(State from, State to, const StateFacts& target) {
  if (target.kind == Kind::kResting) return true;
  if (target.kind == Kind::kLocked || to == from) return false;
  return (target.kind == Kind::kStarted && target.operation == Facts(from).operation) ||
         target.operation == Operation::kMove || target.operation == Operation::kDelete;
}

bool MayStartedChange(State from, const StateFacts& target) {
  if (target.kind == Kind::kResting) return true;
  if (target.kind == Kind::kLocked) return target.operation == Facts(from).operation;
  return from == State::kBuilding && target.operation == Operation::kSeparate;
}

}  // namespace

std::string_view PrearchiveStateName(PrearchiveState state) noexcept { return Facts(state).name; }

std::optional<PrearchiveState> ParsePrearchiveState(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i].name == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

bool IsLocked(PrearchiveState state) noexcept { return Facts(state).kind == Kind::kLocked; }

bool MayChange(PrearchiveState from, PrearchiveState to) noexcept {
  const bool from_interrupt = from == State::kReceivingInterrupt;
  if (from_interrupt || from == State::kLockedReceivingInterrupt) {
    return to == State::kReceivingInterrupt || to == State::kReceiving || to == State::kError ||
           (from_interrupt && to == State::kLockedReceivingInterrupt);
  }
  if (to == State::kReceivingInterrupt) {
    return from == State::kBuilding || from == State::kLockedBuilding;
  }
  switch (Facts(from).kind) {
    case Kind::kResting:
      return MayRestingChange(from, to, Facts(to));
    case Kind::kQueued:
      return MayQueuedChange(from, to, Facts(to));
    case Kind::kStarted:
      return MayStartedChange(from, Facts(to));
    case Kind::kLocked:
      return Facts(to).kind == Kind::kResting;
  }
  return false;
}

std::string PrearchiveSession::Parameter(std::string_view name) const {
  const auto at = parameters.find(std::string(name));
  return at == parameters.end() ? std::string() : at->second;
}

bool IsToldAsQueued(const PrearchiveSession& row, std::int64_t submitted_ms) noexcept {
  if (row.state == State::kReceiving) return row.last_modified_ms <= submitted_ms;
  return MayChange(row.state, State::kQueuedArchiving);
}

std::string_view PrearchiveCodeName(PrearchiveCode code) noexcept {
  switch (code) {
    case PrearchiveCode::kManual:
      return "Manual";
    case PrearchiveCode::kAutoArchive:
      return "AutoArchive";
    case PrearchiveCode::kAutoArchiveOverwrite:
      return "AutoArchiveOverwrite";
  }
  return "";
}

std::optional<PrearchiveCode> ParsePrearchiveCode(std::string_view text) noexcept {
  if (text == "Manual" || text == "0") return PrearchiveCode::kManual;
  if (text == "AutoArchive" || text == "4") return PrearchiveCode::kAutoArchive;
  if (text == "AutoArchiveOverwrite" || text == "5") return PrearchiveCode::kAutoArchiveOverwrite;
  return std::nullopt;
}

}  // namespace xnatarchive
