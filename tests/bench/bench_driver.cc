// bench_driver.cc - imports and archives one input after the other with one open engine, as a host
// does: a process per session would measure how long a process takes to start.
//
// usage: bench_driver ROOT PROJECT PATH...      prints the seconds of each PATH, one per line
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive {
namespace {

Status ImportAndArchive(ArchiveEngine& engine, const std::string& project,
                        const std::string& path) {
  ImportRequest request;
  request.path = path;
  request.parameters["project"] = project;
  const Result<ImportReport> imported = engine.Import(request);
  if (!imported.ok()) return imported.status();
  for (const std::string& uri : imported->uris) {
    ArchiveRequest archive;
    archive.src = uri;
    const Result<ArchiveReport> archived = engine.Archive(archive);
    if (!archived.ok()) return archived.status();
  }
  return Status();
}

Status Run(const std::string& root, const std::string& project,
           const std::vector<std::string>& paths) {
  EngineOptions options;
  options.root = root;
  const Result<std::unique_ptr<ArchiveEngine>> engine = ArchiveEngine::Open(options);
  if (!engine.ok()) return engine.status();
  for (const std::string& path : paths) {
    const auto begin = std::chrono::steady_clock::now();
    Status status = ImportAndArchive(**engine, project, path);
    if (!status.ok()) return status;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::printf("%.6f\n", seconds.count());
  }
  return Status();
}

}  // namespace
}  // namespace xnatarchive

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: bench_driver ROOT PROJECT PATH...\n", stderr);
    return 2;
  }
  const xnatarchive::Status status =
      xnatarchive::Run(argv[1], argv[2], std::vector<std::string>(argv + 3, argv + argc));
  if (status.ok()) return 0;
  std::fprintf(stderr, "bench_driver: %s\n", status.ToString().c_str());
  return 1;
}
