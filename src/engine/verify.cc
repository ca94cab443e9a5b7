#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "archive/operation_home.hpp"
#include "archive/stage_session.hpp"
#include "base/status_macros.hpp"
#include "catalog/export_target.hpp"
#include "catalog/verify_session.hpp"
#include "catalog/verify_state.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"

namespace xnatarchive {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kStateBytesMax = 1u << 30;
constexpr auto kStateInterval = std::chrono::seconds(1);
constexpr auto kSleep = std::chrono::milliseconds(50);

Status CheckRequest(const VerifyRequest& request) {
  if (request.sample_percent > 0 && request.sample_percent <= 100) return Status();
  return Status(Code::kInvalidArgument, "verify.bad-sample",
                "a sample is more than 0 and at most 100 percent");
}

/// How far the call is, and how fast it may be.
class Meter {
 public:
  Meter(ProgressReporter& reporter, std::uint64_t bytes_per_second_max)
      : report_([&reporter](const Progress& progress) { return reporter.Report(progress); }),
        caller_(report_),
        bytes_per_second_max_(bytes_per_second_max) {}

  void Expect(std::uint64_t files, std::uint64_t bytes) {
    progress_.files_total = files;
    progress_.bytes_total = bytes;
  }

  /// False when the caller asked to stop. Waits as long as reading was too fast: then there is one
  /// thread, the caller's.
  bool Went(std::uint64_t bytes, std::uint64_t files) {
    progress_.bytes_done += bytes;
    progress_.files_done += files;
    bytes_ += bytes;
    while (caller_.GoOn(progress_)) {
      if (bytes_per_second_max_ == 0) return true;
      const std::chrono::duration<double> due(static_cast<double>(bytes_) /
                                              static_cast<double>(bytes_per_second_max_));
      const std::chrono::duration<double> ahead = due - (Clock::now() - begin_);
      if (ahead.count() <= 0) return true;
      std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(ahead, kSleep));
    }
    return false;
  }

 private:
  const std::function<bool(const Progress&)> report_;
  CallerProgress caller_;
  const std::uint64_t bytes_per_second_max_;
  const Clock::time_point begin_ = Clock::now();
  Progress progress_{"verify", 0, 0, 0, 0};
  std::uint64_t bytes_ = 0;
};

/// The file that keeps how far verifying is; without a path it keeps nothing.
class StateFile {
 public:
  explicit StateFile(const VerifyRequest& request) : request_(request) {}

  /// What is in it, or nothing yet.
  Result<VerifyState> Open(FileSystem& fs, const Trees& trees) {
    if (request_.resume_path.empty()) return VerifyState();
    XNA_ASSIGN_OR_RETURN(place_, FindOutside("verify", fs, request_.resume_path, trees));
    const Result<std::string> bytes = place_->parent.ReadFile(place_->name, kStateBytesMax);
    if (bytes.status().code() == Code::kNotFound) return VerifyState();
    XNA_RETURN_IF_ERROR(bytes.status());
    Result<VerifyState> state = ParseVerifyState(*bytes, request_);
    if (!state.ok()) return std::move(state).status().WithPath(request_.resume_path);
    return state;
  }

  Status Keep(const VerifyState& state) {
    if (!place_) return Status();
    written_ = Clock::now();
    return place_->parent.WriteAtomic(place_->name, WriteVerifyState(request_, state));
  }
  Status KeepNowAndThen(const VerifyState& state) {
    return Clock::now() - written_ < kStateInterval ? Status() : Keep(state);
  }
  Status Remove() {
    if (!place_) return Status();
    Status removed = place_->parent.RemoveFile(place_->name);
    return removed.code() == Code::kNotFound ? Status() : removed;
  }

 private:
  const VerifyRequest& request_;
  std::optional<OutsidePlace> place_;
  Clock::time_point written_{};
};

}  // namespace

/// All sessions the request names, by path, with the parts of each that it names.
Result<std::vector<SessionToVerify>> ArchiveEngine::Core::FindToVerify(const VerifyRequest& request,
                                                                       Hooks& hooks,
                                                                       std::uint64_t* files,
                                                                       std::uint64_t* bytes) const {
  std::vector<ParsedUri> uris;
  for (const std::string& text : request.uris) {
    XNA_ASSIGN_OR_RETURN(uris.emplace_back(), ParseUri(text));
    const ParsedUri& uri = uris.back();
    if (uri.kind == UriKind::kFile) {
      return Status(Code::kInvalidArgument, "uri.is-a-file", "a file is not verified by itself");
    }
    if (uri.experiment.empty() && !uri.resource.empty()) {
      return Status(Code::kUnsupported, "uri.no-resources",
                    "resources of projects and subjects can not be verified");
    }
  }
  if (uris.empty()) uris.emplace_back();
  std::map<std::string, SessionToVerify> sessions;
  for (const ParsedUri& uri : uris) {
    XNA_ASSIGN_OR_RETURN(const std::vector<ExperimentRow> rows,
                         FindExperiments(uri, Permission::kRead, hooks));
    const bool whole = uri.kind <= UriKind::kExperiment;
    for (const ExperimentRow& row : rows) {
      const auto [at, is_new] = sessions.emplace(row.path, SessionToVerify());
      SessionToVerify& session = at->second;
      if (whole) session.parts.clear();
      if (!whole && (is_new || !session.parts.empty())) session.parts.push_back(uri);
      if (!is_new) continue;
      XNA_ASSIGN_OR_RETURN(const auto subject, store.FindSubject(row.project, row.subject_id));
      session.path = row.path;
      session.lock_key = ArchiveLockKey(row.project, row.label);
      session.uri =
          ExperimentUri(row.project, subject ? subject->label : row.subject_id, row.label);
      *files += static_cast<std::uint64_t>(row.file_count);
      *bytes += static_cast<std::uint64_t>(row.bytes);
    }
  }
  std::vector<SessionToVerify> sorted;
  for (auto& [path, session] : sessions) sorted.push_back(std::move(session));
  return sorted;
}

Result<VerifyReport> ArchiveEngine::Core::Verify(const VerifyRequest& request, Hooks& hooks) {
  XNA_RETURN_IF_ERROR(CheckRequest(request));
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  XNA_ASSIGN_OR_RETURN(const std::vector<SessionToVerify> sessions,
                       FindToVerify(request, hooks, &files, &bytes));
  StateFile state_file(request);
  XNA_ASSIGN_OR_RETURN(VerifyState state, state_file.Open(*options.file_system, trees));
  if (state.report.seed == 0) {
    state.report.seed = request.seed != 0 ? request.seed : std::random_device()() | 1u;
  }
  ProgressReporter reporter(hooks.call());
  Meter meter(reporter, request.bytes_per_second_max);
  const bool all = request.sample_percent >= 100 && state.last_path.empty() &&
                   std::all_of(sessions.begin(), sessions.end(),
                               [](const SessionToVerify& s) { return s.parts.empty(); });
  if (all) meter.Expect(files, bytes);
  VerifyOptions verify;
  verify.sample_percent = request.sample_percent;
  verify.seed = state.report.seed;
  verify.all_digests = request.all_digests;
  verify.threads = request.bytes_per_second_max == 0 ? threads : 1;
  verify.progress = [&](std::uint64_t more_bytes, std::uint64_t more_files) {
    return meter.Went(more_bytes, more_files);
  };
  for (const SessionToVerify& session : sessions) {
    if (!state.last_path.empty() && session.path <= state.last_path) continue;
    Status verified =
        meter.Went(0, 0) ? VerifySession(trees, session, verify, Acknowledger(hooks), &state.report)
                         : Status(Code::kCancelled, "verify.cancelled", "the caller asked to stop");
    if (!verified.ok()) {
      IgnoreError(state_file.Keep(state), "what stopped the call is what to report");
      return verified;
    }
    state.last_path = session.path;
    XNA_RETURN_IF_ERROR(state_file.KeepNowAndThen(state));
  }
  XNA_RETURN_IF_ERROR(state_file.Remove());
  return std::move(state.report);
}

}  // namespace xnatarchive
