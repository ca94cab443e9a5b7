#include "progress_bar.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iostream>

#include "output.hpp"

using xnatarchive::Progress;

namespace {

constexpr int kBarCells = 20;

// Bytes say more than files about the time left, where both totals are known.
double Fraction(const Progress& progress) {
  const bool by_bytes = progress.bytes_total > 0;
  const auto total = static_cast<double>(by_bytes ? progress.bytes_total : progress.files_total);
  const auto done = static_cast<double>(by_bytes ? progress.bytes_done : progress.files_done);
  return total > 0 ? std::min(done / total, 1.0) : -1.0;
}

std::string Bar(double fraction) {
  const int filled = static_cast<int>(fraction * kBarCells);
  char percent[16];
  std::snprintf(percent, sizeof percent, " %3d%%", static_cast<int>(fraction * 100));
  return " [" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(kBarCells - filled), '-') + "]" + percent;
}

std::string Duration(double seconds) {
  const auto total = static_cast<std::int64_t>(seconds + 0.5);
  char text[48];
  std::snprintf(text, sizeof text, "%lld:%02lld", static_cast<long long>(total / 60),
                static_cast<long long>(total % 60));
  return text;
}

std::string Rate(const Progress& progress, double seconds) {
  if (progress.bytes_done > 0) {
    return FormatBytes(static_cast<double>(progress.bytes_done) / seconds) + "/s";
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.0f files/s",
                static_cast<double>(progress.files_done) / seconds);
  return text;
}

int TerminalColumns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

bool StderrIsTerminal() { return isatty(STDERR_FILENO) == 1; }

std::string ProgressLine(const Progress& progress, double seconds, int width) {
  const double fraction = Fraction(progress);
  std::string line = Printable(progress.phase);
  if (fraction >= 0) line += Bar(fraction);
  // The one phase here that counts nothing: a shell command is at work.
  if (progress.phase == "pipeline") {
    return line.substr(0, static_cast<std::size_t>(std::max(width, 1)));
  }
  line += "  " + std::to_string(progress.files_done);
  if (progress.files_total > 0) line += "/" + std::to_string(progress.files_total);
  line += " files";
  if (fraction < 0 && progress.bytes_done > 0) {
    line += "  " + FormatBytes(static_cast<double>(progress.bytes_done));
  }
  // A rate over a few milliseconds is noise.
  if (seconds > 0.2) {
    line += "  " + Rate(progress, seconds);
    if (fraction > 0 && fraction < 1) {
      line += "  " + Duration(seconds * (1 - fraction) / fraction) + " left";
    }
  }
  return line.substr(0, static_cast<std::size_t>(std::max(width, 1)));
}

void ProgressBar::Show(const Progress& progress) {
  if (!visible_) return;
  const auto now = std::chrono::steady_clock::now();
  if (progress.phase != phase_) {
    phase_ = progress.phase;
    phase_start_ = now;
  }
  const std::chrono::duration<double> elapsed = now - phase_start_;
  std::cerr << '\r' << ProgressLine(progress, elapsed.count(), TerminalColumns() - 1) << "\x1b[K"
            << std::flush;
  drawn_ = true;
}

void ProgressBar::Clear() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}
