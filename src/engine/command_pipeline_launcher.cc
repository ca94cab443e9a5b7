#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "xnatarchive/pipeline_launcher.hpp"

extern char** environ;

namespace xnatarchive {
namespace {

constexpr std::size_t kOutputBytesMax = 64u << 10;
constexpr int kMomentMs = 50;  // between looks at the clock and the caller

std::vector<std::string> Environment(const PipelineRequest& request) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!StartsWith(*variable, "XNAT_")) variables.emplace_back(*variable);
  }
  variables.push_back("XNAT_PROJECT=" + request.project);
  variables.push_back("XNAT_SUBJECT=" + request.subject_label);
  variables.push_back("XNAT_SESSION=" + request.session_label);
  variables.push_back("XNAT_EXPERIMENT_ID=" + request.experiment_id);
  variables.push_back("XNAT_URI=" + request.uri);
  variables.push_back("XNAT_SESSION_DIR=" + request.directory);
  variables.push_back("XNAT_USER=" + request.user);
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Starts the shell in a process group of its own, its outputs on `output_fd`. Returns its pid, or
/// a negative errno. posix_spawn rather than fork: the host may have many threads and much memory.
int Spawn(const PipelineRequest& request, int output_fd) {
  std::vector<std::string> environment = Environment(request);
  // The directory is a positional argument, never part of the shell's text.
  std::vector<std::string> arguments = {
      "/bin/sh",         "-c",           "cd -- \"$1\" && eval \"$2\"", "pipeline",
      request.directory, request.command};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output_fd, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGINT);
  sigaddset(&defaults, SIGCHLD);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, Pointers(arguments).data(),
                                Pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error != 0 ? -error : pid;
}

enum class Ending { kExited, kUnknown, kTimeout, kCancelled };

/// How long to wait for the command.
struct Patience {
  std::chrono::steady_clock::time_point deadline;
  const Cancelled& cancelled;

  /// Why not to wait any longer, or nothing.
  std::optional<Ending> End() const {
    if (cancelled && cancelled()) return Ending::kCancelled;
    if (std::chrono::steady_clock::now() >= deadline) return Ending::kTimeout;
    return std::nullopt;
  }
};

/// The running command. Whatever happens, its process group does not outlive this.
class Child {
 public:
  Child(int pid, int output_fd) : pid_(pid), output_fd_(output_fd) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    close(output_fd_);
    if (ended_) return;
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  /// Keeps the first kOutputBytesMax bytes of what is printed, and waits for the end.
  Ending Wait(const Patience& patience, std::string* output, int* status) {
    for (;;) {
      if (const std::optional<Ending> end = patience.End()) return *end;
      if (!Read(output)) break;
    }
    for (;;) {
      const int waited = waitpid(pid_, status, WNOHANG);
      ended_ = waited == pid_ || (waited < 0 && errno != EINTR);
      // Not known when the host ignores SIGCHLD.
      if (ended_) return waited == pid_ ? Ending::kExited : Ending::kUnknown;
      if (const std::optional<Ending> end = patience.End()) return *end;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

 private:
  /// Reads what comes within a moment. False at end of file.
  bool Read(std::string* output) const {
    char buffer[4096];
    pollfd poller{output_fd_, POLLIN, 0};
    const int ready = poll(&poller, 1, kMomentMs);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return true;
    if (ready < 0) return false;
    const ssize_t read_bytes = read(output_fd_, buffer, sizeof buffer);
    if (read_bytes < 0 && errno == EINTR) return true;
    if (read_bytes <= 0) return false;
    const std::size_t room = kOutputBytesMax - output->size();
    output->append(buffer, std::min(room, static_cast<std::size_t>(read_bytes)));
    return true;
  }

  const int pid_;
  const int output_fd_;
  bool ended_ = false;
};

/// What became of the command.
Status Outcome(Ending ending, int status, int timeout_ms) {
  switch (ending) {
    case Ending::kTimeout:
      return Status(Code::kHandlerFailed, "pipeline.timeout",
                    "the AutoRun command did not end within " + std::to_string(timeout_ms) +
                        " ms and was killed");
    case Ending::kCancelled:
      return Status(Code::kCancelled, "pipeline.cancelled",
                    "the call was cancelled, and the AutoRun command was killed");
    case Ending::kUnknown:
      return Status(Code::kHandlerFailed, "pipeline.unknown-exit",
                    "the AutoRun command ended, with what status is not known: the process "
                    "ignores the ends of its children (SIGCHLD)");
    case Ending::kExited:
      break;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return Status();
  const std::string how = WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status))
                                            : "signal " + std::to_string(WTERMSIG(status));
  return Status(Code::kHandlerFailed, "pipeline.failed", "the AutoRun command ended with " + how);
}

PipelineResult CannotStart(int error) {
  return {Status(Code::kHandlerFailed, "pipeline.not-started",
                 std::string("the AutoRun command cannot be started: ") + std::strerror(error))
              .WithErrno(error),
          ""};
}

class CommandLauncher : public PipelineLauncher {
 public:
  explicit CommandLauncher(int timeout_ms) : timeout_ms_(timeout_ms) {}

  PipelineResult Launch(const PipelineRequest& request, const Cancelled& cancelled) override {
    const int timeout_ms = request.timeout_ms > 0 ? request.timeout_ms : timeout_ms_;
    const auto now = std::chrono::steady_clock::now();
    const Patience patience{now + std::chrono::milliseconds(timeout_ms), cancelled};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return CannotStart(errno);
    const int pid = Spawn(request, ends[1]);
    close(ends[1]);
    if (pid < 0) {
      close(ends[0]);
      return CannotStart(-pid);
    }
    PipelineResult result;
    Child child(pid, ends[0]);
    int status = 0;
    const Ending ending = child.Wait(patience, &result.output, &status);
    result.status = Outcome(ending, status, timeout_ms);
    return result;
  }

 private:
  const int timeout_ms_;
};

}  // namespace

std::shared_ptr<PipelineLauncher> CommandPipelineLauncher(int timeout_ms) {
  return std::make_shared<CommandLauncher>(timeout_ms);
}

}  // namespace xnatarchive
