#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "xnatarchive/pipeline_launcher.hpp"

extern char** environ;

namespace xnatarchive {
namespace {

constexpr std::size_t kOutputBytesMax = 64u << 10;

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

/// Reads until end of file or the deadline. Keeps the first kOutputBytesMax bytes. True at the end.
bool ReadUntil(int fd, std::chrono::steady_clock::time_point deadline, std::string* output) {
  char buffer[4096];
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd poller{fd, POLLIN, 0};
    const int ready = poll(&poller, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t read_bytes = read(fd, buffer, sizeof buffer);
    if (read_bytes < 0 && errno == EINTR) continue;
    if (read_bytes <= 0) return true;
    const std::size_t room = kOutputBytesMax - output->size();
    output->append(buffer, std::min(room, static_cast<std::size_t>(read_bytes)));
  }
}

enum class Ending { kKnown, kUnknown, kNone };

/// Waits for the command until the deadline. Its status is not known when the host ignores SIGCHLD.
Ending WaitUntil(int pid, std::chrono::steady_clock::time_point deadline, int* status) {
  for (;;) {
    const int waited = waitpid(pid, status, WNOHANG);
    if (waited == pid) return Ending::kKnown;
    if (waited < 0 && errno != EINTR) return Ending::kUnknown;
    if (std::chrono::steady_clock::now() >= deadline) return Ending::kNone;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// The result of a command that has ended, or was killed.
Result<std::string> Outcome(Ending ending, int status, int timeout_ms, std::string output) {
  if (ending == Ending::kNone) {
    return Status(Code::kHandlerFailed, "pipeline.timeout",
                  "the AutoRun command did not end within " + std::to_string(timeout_ms) +
                      " ms and was killed");
  }
  if (ending == Ending::kUnknown) {
    return Status(Code::kHandlerFailed, "pipeline.unknown-exit",
                  "the AutoRun command ended, with what status is not known: the process ignores "
                  "the ends of its children (SIGCHLD)");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  const std::string how = WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status))
                                            : "signal " + std::to_string(WTERMSIG(status));
  return Status(Code::kHandlerFailed, "pipeline.failed", "the AutoRun command ended with " + how);
}

class CommandLauncher : public PipelineLauncher {
 public:
  explicit CommandLauncher(int timeout_ms) : timeout_ms_(timeout_ms) {}

  Result<std::string> Launch(const PipelineRequest& request) override {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return CannotStart(errno);
    const int pid = Spawn(request, ends[1]);
    close(ends[1]);
    if (pid < 0) {
      close(ends[0]);
      return CannotStart(-pid);
    }
    std::string output;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms_);
    int status = 0;
    const Ending ending =
        ReadUntil(ends[0], deadline, &output) ? WaitUntil(pid, deadline, &status) : Ending::kNone;
    close(ends[0]);
    if (ending == Ending::kNone) {
      kill(-pid, SIGKILL);
      while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
      }
    }
    return Outcome(ending, status, timeout_ms_, std::move(output));
  }

 private:
  static Status CannotStart(int error) {
    return Status(Code::kHandlerFailed, "pipeline.not-started",
                  std::string("the AutoRun command cannot be started: ") + std::strerror(error))
        .WithErrno(error);
  }

  const int timeout_ms_;
};

}  // namespace

std::shared_ptr<PipelineLauncher> CommandPipelineLauncher(int timeout_ms) {
  return std::make_shared<CommandLauncher>(timeout_ms);
}

}  // namespace xnatarchive
