// engine_fixture.hpp - a root of its own, an engine on it, and generated DICOM to import.
#ifndef XNATARCHIVE_TESTS_SUPPORT_ENGINE_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_SUPPORT_ENGINE_FIXTURE_HPP_

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/dicom_generator.hpp"
#include "support/temp_tree.hpp"
#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive {

/// The value, or an exception that names the failure.
template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return std::move(result).value();
}
inline void Must(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

/// `tree` holds "root" (made by Init, with project DEMO) and "in" (what is imported).
struct EngineFixture {
  TempTree tree;
  EngineOptions options;
  std::unique_ptr<ArchiveEngine> engine;

  explicit EngineFixture(FileSystem* fs = nullptr) {
    options.root = tree.path() + "/root";
    options.threads = 2;
    Must(ArchiveEngine::Init(options, InitOptions{}));
    Open(fs);
    Project project;
    project.id = "DEMO";
    Must(engine->AddProject(project));
  }

  /// Closes the engine and opens it again, on `fs` when given.
  void Open(FileSystem* fs = nullptr) {
    engine.reset();
    options.file_system = fs;
    engine = Must(ArchiveEngine::Open(options));
  }

  /// Writes `instances` files of each of `series` series below in/`folder`.
  void WriteStudy(const std::string& folder, int study, int series = 2, int instances = 3) {
    for (int s = 1; s <= series; ++s) {
      for (int i = 1; i <= instances; ++i) {
        DicomSpec spec = Spec(study);
        spec.series = s;
        spec.instance = i;
        tree.Write("in/" + folder + "/study" + std::to_string(study) + "/s" + std::to_string(s) +
                       "/" + std::to_string(i) + ".dcm",
                   MakeDicom(spec));
      }
    }
  }

  static DicomSpec Spec(int study) {
    DicomSpec spec;
    spec.study = study;
    spec.rows = spec.columns = 16;
    spec.values[0x00100020] = "S" + std::to_string(study);  // PatientID: the label
    return spec;
  }

  ImportRequest Request(const std::string& folder) const {
    ImportRequest request;
    request.path = tree.path() + "/in/" + folder;
    request.parameters["project"] = "DEMO";
    return request;
  }

  ImportReport Import(const std::string& folder) { return Must(engine->Import(Request(folder))); }

  Result<ArchiveReport> Archive(const std::string& src) {
    ArchiveRequest request;
    request.src = src;
    return engine->Archive(request);
  }

  /// Everything on disk but SQLite's shared-memory index, in which readers note that they read.
  std::string Dump() const {
    std::string lines = tree.Dump("root");
    const std::size_t shm = lines.find("store.sqlite3-shm");
    if (shm != std::string::npos) lines.erase(shm, lines.find('\n', shm) - shm);
    return lines;
  }

  /// Documents and catalogs of the sessions that wait, a line each, as TempTree::Dump has them.
  std::string WaitingDocuments() const {
    const std::string lines = tree.Dump("root/prearchive/DEMO");
    std::string documents;
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = lines.find('\n', at);
      const std::string line = lines.substr(at, end + 1 - at);
      if (line.find(".xml ") != std::string::npos) documents += line;
      at = end + 1;
    }
    return documents;
  }

  /// Removes the database, as if it were lost.
  void LoseStore() {
    engine.reset();
    for (const char* end : {"", "-wal", "-shm"}) {
      tree.Remove("root/store.sqlite3" + std::string(end));
    }
  }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_SUPPORT_ENGINE_FIXTURE_HPP_
