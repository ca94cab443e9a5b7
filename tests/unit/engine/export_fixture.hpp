// export_fixture.hpp - an archived session to export, and ways to damage it.
#ifndef XNATARCHIVE_TESTS_UNIT_ENGINE_EXPORT_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_UNIT_ENGINE_EXPORT_FIXTURE_HPP_

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "container/container.hpp"
#include "container/zip_writer.hpp"
#include "support/engine_fixture.hpp"

namespace xnatarchive {

inline constexpr const char* kArchivedSession = "root/archive/DEMO/arc001/S1";

/// "path size fnv" of every file in a zip, sorted, by reading it with this library.
inline std::vector<std::string> FilesInZip(TempTree& tree, const std::string& zip) {
  TempTree unpacked;
  File file = Must(tree.dir().OpenRead(zip));
  FileSource source = Must(FileSource::Make(file));
  Must(ForEachEntry(source, "x.zip", {}, [&](ContainerEntry& entry) -> Status {
    std::string bytes(1 << 20, '\0');
    std::size_t size = 0;
    for (std::size_t n = 1; n > 0; size += n)
      n = Must(entry.Read(&bytes[size], bytes.size() - size));
    unpacked.Write(entry.path(), bytes.substr(0, size));
    return Status();
  }));
  std::vector<std::string> files;
  std::istringstream lines(unpacked.Dump());
  for (std::string line; std::getline(lines, line);) {
    if (line.back() != '/') files.push_back(line);
  }
  return files;
}

/// A zip of files: path and bytes, in order.
inline std::string MakeZip(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string bytes;
  ZipWriter zip([&](const char* data, std::size_t size) {
    bytes.append(data, size);
    return Status();
  });
  for (const auto& [path, content] : files) {
    Must(zip.Begin(path, content.size(), 0));
    Must(zip.Write(content.data(), content.size()));
  }
  Must(zip.Finish());
  return bytes;
}

/// Session S1 of DEMO: two scans of three files.
struct ExportFixture : EngineFixture {
  explicit ExportFixture(FileSystem* fs = nullptr) : EngineFixture(fs) {
    WriteStudy("a", 1);
    Must(Archive(Import("a").uris[0]));
  }

  ExportRequest Request(const std::string& target, ExportForm form = ExportForm::kFiles) const {
    ExportRequest request;
    request.uri = "/experiments/XNAT_E00001";
    request.path = tree.path() + "/" + target;
    request.form = form;
    return request;
  }
  ExportReport Export(const std::string& target, ExportForm form = ExportForm::kFiles) {
    return Must(engine->Export(Request(target, form)));
  }

  /// The lines of tree.Dump below `path`, for files alone.
  std::vector<std::string> Files(const std::string& path) const {
    std::vector<std::string> files;
    std::istringstream lines(tree.Dump(path));
    for (std::string line; std::getline(lines, line);) {
      if (line.back() != '/') files.push_back(line);
    }
    return files;
  }

  /// The first DICOM file of a scan, relative to the tree.
  std::string FirstFile(const std::string& scan = "1") const {
    const std::string directory = std::string(kArchivedSession) + "/SCANS/" + scan + "/DICOM";
    std::istringstream lines(tree.Dump(directory));
    for (std::string line; std::getline(lines, line);) {
      const std::string name = line.substr(0, line.find(' '));
      if (name.size() > 4 && name.substr(name.size() - 4) == ".dcm") return directory + "/" + name;
    }
    throw std::runtime_error("no DICOM file in " + directory);
  }
  std::string Catalog(const std::string& scan = "1") const {
    return std::string(kArchivedSession) + "/SCANS/" + scan + "/DICOM/scan_" + scan +
           "_catalog.xml";
  }

  /// Changes one byte and neither size nor modification time: what a disk does.
  void Rot(const std::string& path) {
    const FileInfo info = Must(tree.dir().Stat(path));
    std::string bytes = tree.Read(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    tree.Remove(path);
    {
      File file = Must(tree.dir().Create(path));
      Must(file.Write(bytes.data(), bytes.size()));
      Must(file.SetModificationTime(info.mtime_ns));
    }
  }

  void Replace(const std::string& path, const std::string& what, const std::string& with) {
    std::string text = tree.Read(path);
    const std::size_t at = text.find(what);
    if (at == std::string::npos) throw std::runtime_error("not in " + path + ": " + what);
    tree.Write(path, text.replace(at, what.size(), with));
  }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ENGINE_EXPORT_FIXTURE_HPP_
