#include "command.hpp"

#include <csignal>
#include <utility>

using xnatarchive::ArchiveEngine;
using xnatarchive::EngineOptions;
using xnatarchive::Progress;

namespace {

volatile std::sig_atomic_t signal_received = 0;

extern "C" void OnSignal(int /*number*/) { signal_received = 1; }

}  // namespace

Output OutputFor(const GlobalOptions& options) { return {options.format, options.quiet}; }

EngineOptions EngineOptionsFor(const GlobalOptions& options) {
  EngineOptions engine;
  engine.root = options.root;
  engine.store_url = options.store;
  engine.threads = options.threads;
  return engine;
}

ExitStatus WithEngine(const GlobalOptions& options,
                      const std::function<ExitStatus(ArchiveEngine&)>& body) {
  auto engine = ArchiveEngine::Open(EngineOptionsFor(options));
  if (!engine.ok()) return OutputFor(options).Fail(engine.status(), options.root);
  return body(**engine);
}

Call::Call(const GlobalOptions& options)
    : bar_(StderrIsTerminal() && !options.quiet ? ProgressBar::Visible::kYes
                                                : ProgressBar::Visible::kNo) {
  call_.user = options.user;
  call_.origin = "cli";
  call_.progress = [this](const Progress& progress) {
    bar_.Show(progress);
    return !Cancelled();
  };
}

void CancelOnSignals() {
  struct sigaction action {};
  action.sa_handler = OnSignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int number : {SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
}

bool Cancelled() { return signal_received != 0; }
