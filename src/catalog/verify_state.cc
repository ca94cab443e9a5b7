#include "catalog/verify_state.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kFirstLine = "xnatarchive verify 1";
constexpr std::string_view kLastLine = "end";

struct Counter {
  std::string_view name;
  std::uint64_t VerifyReport::*member;
};
constexpr std::array<Counter, 9> kCounters = {{
    {"sessions", &VerifyReport::sessions},
    {"catalogs", &VerifyReport::catalogs},
    {"files", &VerifyReport::files},
    {"bytes", &VerifyReport::bytes},
    {"files_read", &VerifyReport::files_read},
    {"bytes_read", &VerifyReport::bytes_read},
    {"files_without_digest", &VerifyReport::files_without_digest},
    {"files_elsewhere", &VerifyReport::files_elsewhere},
    {"seed", &VerifyReport::seed},
}};

std::string Encode(std::string_view text) { return EncodePercent(text, " "); }

/// What two requests have to have in common. A seed of 0 is any.
std::string RequestLine(const VerifyRequest& request) {
  std::string line =
      "request " + std::to_string(request.sample_percent) + (request.all_digests ? " all" : " one");
  for (const std::string& uri : request.uris) line += " " + Encode(uri);
  return line;
}

Status BadState() {
  return Status(Code::kCorruption, "verify.bad-state",
                "the file is not a whole one that verifying has left");
}

/// The words of a line, decoded; nullopt when one can not be.
std::optional<std::vector<std::string>> Words(std::string_view line) {
  std::vector<std::string> words;
  for (const std::string& word : Split(line, ' ')) {
    auto decoded = DecodePercent(word);
    if (!decoded) return std::nullopt;
    words.push_back(std::move(*decoded));
  }
  return words;
}

/// Takes one line into the state; false when it is none of ours.
bool TakeLine(const std::vector<std::string>& words, VerifyState* state) {
  if (words.size() == 5 && words[0] == "problem") {
    const auto kind = ParseInt(words[1]);
    if (!kind || *kind < 0 || *kind > 8) return false;
    state->report.problems.push_back(
        {static_cast<VerifyProblemKind>(*kind), words[2], words[3], words[4]});
    return true;
  }
  if (words.size() != 2) return false;
  if (words[0] == "busy") state->report.busy.push_back(words[1]);
  if (words[0] == "last") state->last_path = words[1];
  if (words[0] == "busy" || words[0] == "last") return true;
  for (const Counter& counter : kCounters) {
    if (words[0] != counter.name) continue;
    const auto value = ParseInt(words[1]);
    if (!value || *value < 0) return false;
    state->report.*counter.member = static_cast<std::uint64_t>(*value);
    return true;
  }
  return false;
}

}  // namespace

std::string WriteVerifyState(const VerifyRequest& request, const VerifyState& state) {
  std::string text = std::string(kFirstLine) + "\n" + RequestLine(request) + "\n";
  for (const Counter& counter : kCounters) {
    text += std::string(counter.name) + " " + std::to_string(state.report.*counter.member) + "\n";
  }
  for (const VerifyProblem& problem : state.report.problems) {
    text += "problem " + std::to_string(static_cast<int>(problem.kind)) + " " +
            Encode(problem.uri) + " " + Encode(problem.path) + " " + Encode(problem.message) + "\n";
  }
  for (const std::string& uri : state.report.busy) text += "busy " + Encode(uri) + "\n";
  text += "last " + Encode(state.last_path) + "\n";
  return text + std::string(kLastLine) + "\n";
}

Result<VerifyState> ParseVerifyState(std::string_view bytes, const VerifyRequest& request) {
  const std::vector<std::string> lines = Split(bytes, '\n');
  const std::size_t count = lines.size();
  if (count < 4 || lines[0] != kFirstLine || lines[count - 2] != kLastLine ||
      !lines[count - 1].empty()) {
    return BadState();
  }
  VerifyState state;
  for (std::size_t i = 2; i + 2 < count; ++i) {
    const auto words = Words(lines[i]);
    if (!words || !TakeLine(*words, &state)) return BadState();
  }
  const bool other_seed = request.seed != 0 && request.seed != state.report.seed;
  if (lines[1] != RequestLine(request) || other_seed) {
    return Status(Code::kInvalidArgument, "verify.other-request",
                  "the file is of another verification; finish that one, or remove the file");
  }
  return state;
}

}  // namespace xnatarchive
