#include "prearchive/build_places.hpp"

#include "base/text.hpp"
#include "dicom/naming.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {
namespace {

// Names that readers of an archive take for something else than data (catalog.md 3.1).
bool IsReservedName(std::string_view name) {
  return EndsWith(AsciiLower(name), "_catalog.xml") || StartsWith(name, ".~lock-") ||
         StartsWith(name, ".xa");
}

// The header as it was in the file, for naming.
DicomHeader FullHeader(const BuildFile& file) {
  DicomHeader header = *file.header;
  header.Add(kTagSOPInstanceUID, file.file->sop_instance_uid);
  header.Add(kTagInstanceNumber, file.file->instance_number);
  return header;
}

// "name-2.dcm" of "name.dcm".
std::string Numbered(const std::string& path, std::uint64_t number) {
  constexpr std::string_view kExtension = ".dcm";
  const std::string suffix = "-" + std::to_string(number);
  if (!EndsWith(path, kExtension)) return path + suffix;
  return path.substr(0, path.size() - kExtension.size()) + suffix + std::string(kExtension);
}

}  // namespace

FilePlaces::FilePlaces(const std::vector<BuildFile>& files) {
  for (const BuildFile& file : files) {
    std::string_view path = file.file->path;
    while (!path.empty() && present_.insert(path).second) path = ParentPath(path);
  }
}

std::string FilePlaces::Place(const BuildFile& file, std::string_view directory) {
  const std::string& path = file.file->path;
  const bool inside = path.size() > directory.size() + 1 && StartsWith(path, directory) &&
                      path[directory.size()] == '/';
  if (inside && !IsReservedName(BaseName(path))) return path;
  std::string target = FreePath(file, directory);
  moves_.emplace_back(path, target);
  return target;
}

std::string FilePlaces::FreePath(const BuildFile& file, std::string_view directory) {
  const std::string_view name = BaseName(file.file->path);
  if (!IsReservedName(name)) {
    std::string path = JoinPath(directory, name);
    if (Take(path)) return path;
  }
  const std::string named = JoinPath(directory, FileName(FullHeader(file)));
  if (Take(named)) return named;
  std::uint64_t& number = numbers_.try_emplace(named, 1).first->second;
  for (;;) {
    std::string path = Numbered(named, ++number);
    if (Take(path)) return path;
  }
}

bool FilePlaces::Take(const std::string& path) {
  return present_.count(path) == 0 && targets_.insert(path).second;
}

}  // namespace xnatarchive
