// bench_driver.cc - imports and archives one input after the other with one open engine, as a host
// does: a process per session would measure how long a process takes to start.
//
// usage: bench_driver ROOT PROJECT PATH...      prints the seconds of each PATH, one per line
//        bench_driver --archive none|append|delete ROOT SRC...    those of archiving each SRC
//        bench_driver --validate none|append|delete ROOT SRC...   those of validating each SRC
//        bench_driver --rewrite DIRECTORY CATALOG    that of reading a catalog and writing it again
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "archive/catalog_content.hpp"
#include "archive/read_catalog.hpp"
#include "fs/directory.hpp"
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

Status ArchiveOne(ArchiveEngine& engine, const std::string& how, Overwrite overwrite,
                  const std::string& src) {
  ArchiveRequest request;
  request.src = src;
  request.overwrite = overwrite;
  return how == "--validate" ? engine.Validate(request).status() : engine.Archive(request).status();
}

Status Rewrite(const std::string& directory, const std::string& name) {
  const auto begin = std::chrono::steady_clock::now();
  const Result<Directory> tree = Directory::Open(PosixFileSystem(), directory);
  if (!tree.ok()) return tree.status();
  {
    const Result<Catalog> catalog = ReadCatalog(*tree, name);
    if (!catalog.ok()) return catalog.status();
    const Status written = tree->WriteAtomic(name, CatalogContent(*catalog, CatalogStyle::kPlain));
    if (!written.ok()) return written;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("%.6f\n", seconds.count());
  return Status();
}

template <typename Work>
Status MeasureEach(const std::string& root, const std::vector<std::string>& inputs,
                   const Work& work) {
  EngineOptions options;
  options.root = root;
  options.threads = 0;
  const Result<std::unique_ptr<ArchiveEngine>> engine = ArchiveEngine::Open(options);
  if (!engine.ok()) return engine.status();
  for (const std::string& input : inputs) {
    const auto begin = std::chrono::steady_clock::now();
    Status status = work(**engine, input);
    if (!status.ok()) return status;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::printf("%.6f\n", seconds.count());
  }
  return Status();
}

Status Run(const std::vector<std::string>& arguments) {
  if (arguments[0].rfind("--", 0) != 0) {
    return MeasureEach(arguments[0], {arguments.begin() + 2, arguments.end()},
                       [&](ArchiveEngine& engine, const std::string& path) {
                         return ImportAndArchive(engine, arguments[1], path);
                       });
  }
  if (arguments[0] == "--rewrite") return Rewrite(arguments[1], arguments[2]);
  const Overwrite overwrite = arguments[1] == "append"   ? Overwrite::kAppend
                              : arguments[1] == "delete" ? Overwrite::kDelete
                                                         : Overwrite::kNone;
  return MeasureEach(arguments[2], {arguments.begin() + 3, arguments.end()},
                     [&](ArchiveEngine& engine, const std::string& src) {
                       return ArchiveOne(engine, arguments[0], overwrite, src);
                     });
}

}  // namespace
}  // namespace xnatarchive

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: bench_driver ROOT PROJECT PATH...\n", stderr);
    return 2;
  }
  const xnatarchive::Status status =
      xnatarchive::Run(std::vector<std::string>(argv + 1, argv + argc));
  if (status.ok()) return 0;
  std::fprintf(stderr, "bench_driver: %s\n", status.ToString().c_str());
  return 1;
}
