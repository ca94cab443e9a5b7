// pipeline_launcher.hpp - the strategy that runs a project's AutoRun after a session was archived.
#ifndef XNATARCHIVE_PIPELINE_LAUNCHER_HPP_
#define XNATARCHIVE_PIPELINE_LAUNCHER_HPP_

#include <memory>
#include <string>

#include "xnatarchive/cancelled.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// What a launcher is told about the session. Everything is durable before it is called.
struct PipelineRequest {
  std::string command;  ///< The project's AutoRun setting; never empty.
  std::string project;
  std::string subject_label;
  std::string session_label;
  std::string experiment_id;
  std::string uri;        ///< "/data/archive/projects/P/subjects/S/experiments/L".
  std::string directory;  ///< Absolute path of the archived session directory.
  std::string user;
  int timeout_ms = 0;  ///< What the project allows; 0: the launcher's own.
};

/// How a pipeline ended.
struct PipelineResult {
  Status status;  ///< OK: it did its work.
  /// What it printed, also when it failed: that is when it is wanted. The first 64 KiB go into the
  /// audit record; bytes that are not UTF-8 become '?' there.
  std::string output;
};

/// Runs pipelines.
///
/// Threads:   Launch may be called from several threads at once.
/// Ownership: shared with the engine, which calls nothing after its destruction.
class PipelineLauncher {
 public:
  PipelineLauncher() = default;
  PipelineLauncher(const PipelineLauncher&) = delete;
  PipelineLauncher& operator=(const PipelineLauncher&) = delete;
  virtual ~PipelineLauncher() = default;

  /// Runs `request.command` and waits for its end, at most `request.timeout_ms` and until
  /// `cancelled`. Called after the session is archived and its locks are released, so it may read
  /// the session or call the engine. A failure, and an exception ("pipeline.threw"), is recorded
  /// and reported as `pipeline` of the report, and changes nothing in the archive. It is
  /// kHandlerFailed with the launcher's reason, or kCancelled.
  virtual PipelineResult Launch(const PipelineRequest& request, const Cancelled& cancelled) = 0;
};

/// The default: runs the command by /bin/sh in the session directory, with the request in the
/// environment variables XNAT_PROJECT, XNAT_SUBJECT, XNAT_SESSION, XNAT_EXPERIMENT_ID, XNAT_URI,
/// XNAT_SESSION_DIR and XNAT_USER, standard input empty, both outputs captured. A non-zero exit is
/// kHandlerFailed "pipeline.failed"; after the request's timeout, or else `timeout_ms`, its process
/// group is killed and the result is kHandlerFailed "pipeline.timeout"; once the caller cancels, it
/// is killed the same way: kCancelled "pipeline.cancelled". A process that ignores SIGCHLD never
/// learns the exit status: kHandlerFailed "pipeline.unknown-exit".
std::shared_ptr<PipelineLauncher> CommandPipelineLauncher(int timeout_ms = 600000);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PIPELINE_LAUNCHER_HPP_
