// processes.hpp - child processes of a test, and what they tell their parent before they die.
#ifndef XNATARCHIVE_TESTS_SUPPORT_PROCESSES_HPP_
#define XNATARCHIVE_TESTS_SUPPORT_PROCESSES_HPP_

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <random>
#include <set>
#include <string>

namespace xnatarchive {

/// Lines from child processes to their parent. A line is written whole or not at all, and survives
/// its writer.
class Pipe {
 public:
  Pipe() { REQUIRE(pipe(ends_) == 0); }
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool Tell(std::string line) const {
    line += '\n';
    return write(ends_[1], line.data(), line.size()) == static_cast<ssize_t>(line.size());
  }

  /// Every line so far; all writers must have ended, and nobody can write any more.
  std::set<std::string> Lines() {
    close(ends_[1]);
    ends_[1] = -1;
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = read(ends_[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(n));
    }
    std::set<std::string> lines;
    for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      lines.insert(text.substr(begin, end - begin));
    }
    return lines;
  }

 private:
  int ends_[2];
};

/// Runs `work` in a child process. The child must not return into the test framework, and does not
/// outlive it.
template <typename Work>
pid_t Fork(const Work& work) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int code = 99;
    try {
      code = work();
    } catch (const std::exception& error) {
      dprintf(STDERR_FILENO, "%s\n", error.what());
    }
    _exit(code);
  }
  return child;
}

/// The exit status, or minus the signal.
inline int Wait(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

inline unsigned Seed() {
  const char* given = std::getenv("XNATARCHIVE_TEST_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                         : std::random_device()();
  MESSAGE("repeat with XNATARCHIVE_TEST_SEED=" << seed);
  return seed;
}

/// How often to try: the first number in a normal run, the second in tests/run.sh --full.
inline int Times(int normal, int full) {
  const char* given = std::getenv("XNATARCHIVE_TEST_FULL");
  return given != nullptr && *given == '1' ? full : normal;
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_SUPPORT_PROCESSES_HPP_
