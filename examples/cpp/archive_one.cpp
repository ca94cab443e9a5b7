// archive_one.cpp - the whole round: receive a study, archive it, list the archive.
//
//   archive_one ROOT PROJECT PATH        PATH: a DICOM file, a folder, a zip or a tar
#include <iostream>
#include <string>

#include "xnatarchive/archive_engine.hpp"

using namespace xnatarchive;

static int Fail(const Status& status) {
  std::cerr << "archive_one: " << status.ToString() << '\n';
  return 1;
}

static bool Failed(const Status& status) {
  return !status.ok() && status.code() != Code::kAlreadyExists;
}

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: archive_one ROOT PROJECT PATH\n";
    return 2;
  }
  EngineOptions options;
  options.root = argv[1];
  options.threads = 0;  // One per core.
  Status status = ArchiveEngine::Init(options, InitOptions{});
  if (Failed(status)) return Fail(status);
  auto engine = ArchiveEngine::Open(options);
  if (!engine.ok()) return Fail(engine.status());

  Project project;
  project.id = argv[2];
  status = (*engine)->AddProject(project);
  if (Failed(status)) return Fail(status);

  ImportRequest import;
  import.path = argv[3];
  import.parameters["project"] = project.id;
  const auto received = (*engine)->Import(import);
  if (!received.ok()) return Fail(received.status());

  for (const std::string& uri : received->uris) {
    ArchiveRequest request;
    request.src = uri;
    const auto archived = (*engine)->Archive(request);
    if (!archived.ok()) return Fail(archived.status());
    std::cout << archived->uri << "  " << archived->files << " files\n";
  }

  const auto table = (*engine)->List("/projects/" + project.id + "/experiments");
  if (!table.ok()) return Fail(table.status());
  for (const auto& row : table->rows) std::cout << row.front() << "  " << row.back() << '\n';
  return 0;
}
