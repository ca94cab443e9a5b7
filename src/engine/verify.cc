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
#include "catalog/folder_places.hpp"
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

/// Finds all that a request names, by path: sessions, the resources of projects and subjects.
class SessionFinder {
 public:
  SessionFinder(const ArchiveEngine::Core& core, Hooks& hooks) : core_(core), hooks_(hooks) {}

  Status Find(const std::vector<std::string>& texts) {
    if (texts.empty()) return FindOne(ParsedUri());
    for (const std::string& text : texts) {
      XNA_ASSIGN_OR_RETURN(const ParsedUri uri, ParseUri(text));
      XNA_RETURN_IF_ERROR(FindOne(uri));
    }
    return Status();
  }

  const std::map<std::string, SessionToVerify>& sessions() const { return sessions_; }
  /// As the index has them; 0 when something is named that the index does not count.
  std::uint64_t files() const { return countable_ ? files_ : 0; }
  std::uint64_t bytes() const { return countable_ ? bytes_ : 0; }

 private:
  Status FindOne(const ParsedUri& uri) {
    if (uri.kind == UriKind::kFile) {
      return Status(Code::kInvalidArgument, "uri.is-a-file", "a file is not verified by itself");
    }
    if (!uri.experiment.empty() || uri.kind < UriKind::kArchive) {
      return AddExperiments(uri, uri.kind <= UriKind::kExperiment);
    }
    if (uri.kind != UriKind::kResource) XNA_RETURN_IF_ERROR(AddExperiments(uri, true));
    return AddFolders(uri);
  }

  Status AddExperiments(const ParsedUri& uri, bool whole) {
    XNA_ASSIGN_OR_RETURN(const std::vector<ExperimentRow> rows,
                         core_.FindExperiments(uri, Permission::kRead, hooks_));
    for (const ExperimentRow& row : rows) {
      SessionToVerify session;
      session.path = row.path;
      session.lock_key = ArchiveLockKey(row.project, row.label);
      XNA_ASSIGN_OR_RETURN(const auto subject,
                           core_.store.FindSubject(row.project, row.subject_id));
      session.uri =
          ExperimentUri(row.project, subject ? subject->label : row.subject_id, row.label);
      if (!Add(std::move(session), uri, whole)) continue;
      files_ += static_cast<std::uint64_t>(row.file_count);
      bytes_ += static_cast<std::uint64_t>(row.bytes);
    }
    return Status();
  }

  /// The resources of a project and its subjects, of a subject, or of all.
  Status AddFolders(const ParsedUri& uri) {
    if (!uri.subject.empty()) {
      XNA_ASSIGN_OR_RETURN(const SubjectRow subject,
                           core_.FindSubject(uri, Permission::kRead, hooks_));
      return AddFolder(subject.project, subject.label, uri);
    }
    std::vector<std::string> projects;
    if (uri.kind == UriKind::kArchive) {
      XNA_ASSIGN_OR_RETURN(std::vector<ProjectRow> rows, core_.store.ListProjects());
      XNA_RETURN_IF_ERROR(hooks_.KeepReadable(&rows, &ProjectRow::id));
      for (const ProjectRow& row : rows) projects.push_back(row.id);
    } else {
      XNA_ASSIGN_OR_RETURN(projects.emplace_back(),
                           core_.RequireProject(uri.project, Permission::kRead, hooks_));
    }
    for (const std::string& project : projects) {
      XNA_RETURN_IF_ERROR(AddFolder(project, "", uri));
      if (uri.kind == UriKind::kResource) continue;
      XNA_ASSIGN_OR_RETURN(const std::vector<SubjectRow> subjects,
                           core_.store.ListSubjects(project));
      for (const SubjectRow& subject : subjects) {
        XNA_RETURN_IF_ERROR(AddFolder(project, subject.label, uri));
      }
    }
    return Status();
  }

  Status AddFolder(const std::string& project, const std::string& subject, const ParsedUri& uri) {
    SessionToVerify folder;
    folder.is_folder = true;
    folder.path = ResourceFolder(project, subject);
    folder.lock_key = ArchiveLockKey(project, FolderLockLabel(subject));
    folder.uri = "/data/archive/projects/" + project;
    if (!subject.empty()) folder.uri += "/subjects/" + subject;
    XNA_ASSIGN_OR_RETURN(const bool there, core_.trees.archive.Exists(folder.path));
    if (!there && uri.kind == UriKind::kResource) return NoSuch("resource");
    if (there) Add(std::move(folder), uri, uri.kind != UriKind::kResource);
    return Status();
  }

  /// False when it is there already. `uri` names the whole of it, or a part.
  bool Add(SessionToVerify session, const ParsedUri& uri, bool whole) {
    std::string path = session.path;
    const auto [at, is_new] = sessions_.emplace(std::move(path), std::move(session));
    std::vector<ParsedUri>& parts = at->second.parts;
    if (whole) parts.clear();
    if (!whole && (is_new || !parts.empty())) parts.push_back(uri);
    countable_ = countable_ && whole;
    return is_new;
  }

  const ArchiveEngine::Core& core_;
  Hooks& hooks_;
  std::map<std::string, SessionToVerify> sessions_;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
  bool countable_ = true;
};

}  // namespace

Result<VerifyReport> ArchiveEngine::Core::Verify(const VerifyRequest& request, Hooks& hooks) {
  XNA_RETURN_IF_ERROR(CheckRequest(request));
  SessionFinder finder(*this, hooks);
  XNA_RETURN_IF_ERROR(finder.Find(request.uris));
  StateFile state_file(request);
  XNA_ASSIGN_OR_RETURN(VerifyState state, state_file.Open(*options.file_system, trees));
  if (state.report.seed == 0) {
    state.report.seed = request.seed != 0 ? request.seed : std::random_device()() | 1u;
  }
  ProgressReporter reporter(hooks.call());
  Meter meter(reporter, request.bytes_per_second_max);
  if (request.sample_percent >= 100 && state.last_path.empty()) {
    meter.Expect(finder.files(), finder.bytes());
  }
  VerifyOptions verify;
  verify.sample_percent = request.sample_percent;
  verify.seed = state.report.seed;
  verify.all_digests = request.all_digests;
  verify.threads = request.bytes_per_second_max == 0 ? threads : 1;
  verify.progress = [&](std::uint64_t more_bytes, std::uint64_t more_files) {
    return meter.Went(more_bytes, more_files);
  };
  for (const auto& [path, session] : finder.sessions()) {
    if (!state.last_path.empty() && path <= state.last_path) continue;
    Status verified =
        meter.Went(0, 0) ? VerifySession(trees, session, verify, Acknowledger(hooks), &state.report)
                         : Status(Code::kCancelled, "verify.cancelled", "the caller asked to stop");
    if (!verified.ok()) {
      IgnoreError(state_file.Keep(state), "what stopped the call is what to report");
      return verified;
    }
    state.last_path = path;
    XNA_RETURN_IF_ERROR(state_file.KeepNowAndThen(state));
  }
  XNA_RETURN_IF_ERROR(state_file.Remove());
  return std::move(state.report);
}

}  // namespace xnatarchive
