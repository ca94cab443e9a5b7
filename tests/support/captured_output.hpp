// captured_output.hpp - what a program prints meanwhile, whoever in the process prints it.
#ifndef XNATARCHIVE_TESTS_SUPPORT_CAPTURED_OUTPUT_HPP_
#define XNATARCHIVE_TESTS_SUPPORT_CAPTURED_OUTPUT_HPP_

#include <unistd.h>

#include <array>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>

namespace xnatarchive {

/// Keeps what goes to standard output and standard error, until End().
class CapturedOutput {
 public:
  CapturedOutput() : file_(std::tmpfile()) {
    if (file_ == nullptr) throw std::runtime_error("no temporary file");
    Flush();
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
      saved_.at(static_cast<std::size_t>(fd)) = ::dup(fd);
      ::dup2(::fileno(file_), fd);
    }
  }
  ~CapturedOutput() { End(); }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  /// What was printed; from here on it goes where it went before.
  const std::string& End() {
    if (file_ == nullptr) return printed_;
    Flush();
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
      ::dup2(saved_.at(static_cast<std::size_t>(fd)), fd);
      ::close(saved_.at(static_cast<std::size_t>(fd)));
    }
    std::rewind(file_);
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
      printed_ += static_cast<char>(c);
    }
    std::fclose(file_);
    file_ = nullptr;
    return printed_;
  }

 private:
  static void Flush() {
    std::cout.flush();
    std::cerr.flush();
    std::fflush(nullptr);
  }

  std::FILE* file_;
  std::array<int, 3> saved_{};  // by their descriptors
  std::string printed_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_SUPPORT_CAPTURED_OUTPUT_HPP_
