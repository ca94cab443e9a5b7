// progress_bar.hpp - how far a call is, on a terminal.
#ifndef XNATARCHIVE_EXAMPLES_CLI_PROGRESS_BAR_HPP_
#define XNATARCHIVE_EXAMPLES_CLI_PROGRESS_BAR_HPP_

#include <chrono>
#include <string>

#include "xnatarchive/archive_engine.hpp"

/// One line on stderr, drawn over itself: phase, bar, files, rate, time left. Destroying it clears
/// the line, so create it for one engine call and print the outcome afterwards.
///
/// Threads: one.
class ProgressBar {
 public:
  enum class Visible { kNo, kYes };

  explicit ProgressBar(Visible visible) : visible_(visible == Visible::kYes) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { Clear(); }

  void Show(const xnatarchive::Progress& progress);
  void Clear();

 private:
  bool visible_;
  bool drawn_ = false;
  std::string phase_;
  std::chrono::steady_clock::time_point phase_start_;
};

/// The line for `progress`, `seconds` after its phase began, at most `width` columns; pure.
std::string ProgressLine(const xnatarchive::Progress& progress, double seconds, int width);

/// True when stderr is a terminal, where a bar helps and does not end up in a log.
bool StderrIsTerminal();

#endif  // XNATARCHIVE_EXAMPLES_CLI_PROGRESS_BAR_HPP_
