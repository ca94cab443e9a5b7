#include "xnatarchive/job.hpp"

#include <array>

namespace xnatarchive {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"queued", "running", "done", "failed",
                                                    "cancelled"};

}  // namespace

std::string_view JobStateName(JobState state) noexcept {
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<JobState> ParseJobState(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<JobState>(i);
  }
  return std::nullopt;
}

bool HasEnded(JobState state) noexcept {
  return state != JobState::kQueued && state != JobState::kRunning;
}

}  // namespace xnatarchive
