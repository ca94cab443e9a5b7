// The smallest program that needs the whole library: makes a root and opens it.
#include <cstdio>

#include "xnatarchive/archive_engine.hpp"
#include "xnatarchive/version.hpp"

int main(int argc, char** argv) {
  xnatarchive::EngineOptions options;
  options.root = argc > 1 ? argv[1] : "xnat";
  xnatarchive::Status status = xnatarchive::ArchiveEngine::Init(options, {});
  if (status.ok()) status = xnatarchive::ArchiveEngine::Open(options).status();
  std::printf("xnatarchive %s: %s\n", xnatarchive::Version(), status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
