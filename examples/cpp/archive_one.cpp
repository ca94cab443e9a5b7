// archive_one.cpp - the whole round: receive a study, archive it while progress is shown (merge it
// if its session is archived already), list the archive.
//
//   archive_one ROOT PROJECT PATH        PATH: a DICOM file, a folder, a zip or a tar
#include <iostream>

#include "xnatarchive/archive_engine.hpp"

using namespace xnatarchive;

// Tells of a failure. What exists already is fine here.
static bool Failed(const Status& status) {
  if (status.ok() || status.code() == Code::kAlreadyExists) return false;
  std::cerr << "archive_one: " << status.ToString() << '\n';
  return true;
}

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: archive_one ROOT PROJECT PATH\n";
    return 2;
  }
  EngineOptions options;
  options.root = argv[1];
  options.threads = 0;  // One per core.
  if (Failed(ArchiveEngine::Init(options, InitOptions{}))) return 1;
  auto engine = ArchiveEngine::Open(options);
  if (Failed(engine.status())) return 1;
  Project project;
  project.id = argv[2];
  if (Failed((*engine)->AddProject(project))) return 1;

  ImportRequest import;
  import.path = argv[3];
  import.parameters["project"] = project.id;
  const auto received = (*engine)->Import(import);
  if (Failed(received.status())) return 1;

  CallOptions call;
  call.progress = [](const Progress& progress) {
    std::cerr << progress.phase << ": " << progress.files_done << " files\n";
    return true;  // Go on.
  };
  for (const auto& uri : received->uris) {
    ArchiveRequest request;
    request.src = uri;
    auto archived = (*engine)->Archive(request, call);
    if (archived.status().code() == Code::kConflict) {
      std::cerr << "conflict: " << archived.status().reason() << '\n';
      request.overwrite = Overwrite::kAppend;
      archived = (*engine)->Archive(request, call);
    }
    if (Failed(archived.status())) return 1;
    std::cout << archived->uri << "  " << archived->files << " files\n";
  }
  const auto table = (*engine)->List("/projects/" + project.id + "/experiments");
  if (Failed(table.status())) return 1;
  for (const auto& row : table->rows) std::cout << row.front() << "  " << row.back() << '\n';
}
