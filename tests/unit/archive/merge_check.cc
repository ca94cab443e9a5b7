#include "unit/archive/merge_check.hpp"

#include <set>
#include <stdexcept>

#include "archive/history.hpp"
#include "base/text.hpp"
#include "digest/digest.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

using Files = std::map<std::string, std::string>;

template <typename T>
T Require(Result<T> result) {
  if (!result.ok()) throw std::runtime_error("merge check: " + result.status().ToString());
  return std::move(result).value();
}

std::string InArchive(const std::string& path) {
  return "archive/" + DestinationOf("S1") + "/" + path;
}

SessionDocument DocumentOf(const TestTrees& disk) {
  return Require(ParseSession(disk.disk.Read(InArchive("session.xml"))));
}

/// Calls `f(resource)` for every resource of a document.
template <typename F>
void ForEachResource(const SessionDocument& document, const F& f) {
  for (const Resource& resource : document.resources) f(resource);
  for (const Scan& scan : document.scans) {
    for (const Resource& resource : scan.resources) f(resource);
  }
}

/// Every regular file below a directory of the disk.
Files FilesBelow(const TestTrees& disk, const std::string& directory) {
  Files files;
  if (!disk.disk.Exists(directory)) return files;
  for (const std::string& line : Split(disk.disk.Dump(directory), '\n')) {
    if (line.empty() || line.back() == '/') continue;
    const std::string path = line.substr(0, line.rfind(' ', line.rfind(' ') - 1));
    files[path] = disk.disk.Read(directory + "/" + path);
  }
  return files;
}

std::string Compare(const std::string& what, const Files& found, const Files& expected) {
  std::string wrong;
  for (const auto& [path, bytes] : expected) {
    const auto at = found.find(path);
    if (at == found.end()) {
      wrong += what + " lacks " + path + "; ";
    } else if (at->second != bytes) {
      wrong += what + " has other bytes in " + path + "; ";
    }
  }
  for (const auto& [path, bytes] : found) {
    if (expected.count(path) == 0) wrong += what + " has a file too many, " + path + "; ";
  }
  return wrong;
}

/// An entry against the file it names, if that is there.
std::string CheckEntry(const CatalogEntry& entry, const Files& files, const std::string& path) {
  const auto file = files.find(path);
  if (file == files.end()) return std::string();  // lost before; the model says which may be
  const Digests digests =
      Hasher(Checksum::kMd5AndXxh3).Hash(file->second.data(), file->second.size());
  std::string wrong;
  if (entry.digest != digests.md5) wrong += "MD5 of " + path + "; ";
  if (entry.Meta("XXH3") != digests.xxh3) wrong += "XXH3 of " + path + "; ";
  if (entry.Meta("SIZE") != std::to_string(file->second.size())) wrong += "SIZE of " + path + "; ";
  if (entry.id != entry.uri) wrong += "ID of " + path + "; ";
  if (entry.created.event_id.empty()) wrong += "no creation of " + path + "; ";
  return wrong;
}

std::string CheckCatalog(const TestTrees& disk, const Resource& resource, const Files& files,
                         const Files& expected) {
  const std::string directory(ParentPath(resource.uri));
  const Catalog catalog = Require(ParseCatalog(disk.disk.Read(InArchive(resource.uri))));
  Files named;
  std::string wrong;
  std::int64_t bytes = 0;
  for (const CatalogEntry& entry : catalog.entries) {
    if (!named.emplace(entry.uri, entry.uid).second) wrong += "named twice; ";
    wrong += CheckEntry(entry, files, directory + "/" + std::string(entry.uri));
    bytes += ParseInt(entry.Meta("SIZE")).value_or(0);
    if (entry.dicom == entry.uid.empty()) wrong += "DICOM without UID or the reverse; ";
  }
  wrong += Compare("catalog of " + directory, named, expected);
  const auto count = static_cast<std::int64_t>(named.size());
  if (resource.file_count != count) wrong += "file_count of " + directory + "; ";
  if (resource.file_size != bytes) wrong += "file_size of " + directory + "; ";
  const bool counts_slices = catalog.dimensions && catalog.dimensions->z;
  if (counts_slices && catalog.dimensions->z != count) wrong += "slices of " + directory + "; ";
  return wrong;
}

/// The record of what was replaced: its files, and the entries as they were.
std::string CheckHistory(const TestTrees& disk, const Files& expected) {
  std::vector<std::string> unreadable;
  const auto records = Require(ListHistory(disk.trees.archive, &unreadable));
  if (!unreadable.empty()) return "unreadable history " + unreadable[0] + "; ";
  if (records.empty()) {
    const bool left = disk.disk.Exists("archive/" + std::string(kHistoryDirectory));
    return (expected.empty() ? "" : "no history; ") + std::string(left ? "an empty history; " : "");
  }
  if (records.size() != 1) return "more than one record; ";
  const std::string record = std::string(kHistoryDirectory) + "/" + records[0].id;
  Files kept = FilesBelow(disk, "archive/" + record);
  if (kept.erase("session.xml") + kept.erase(std::string(kHistoryCatalog)) != 2) {
    return "an incomplete record; ";
  }
  std::string wrong = Compare("history", kept, expected);
  std::set<std::string> named;
  const HistoryDetail detail = Require(ReadHistory(disk.trees.archive, records[0].id));
  for (const CatalogEntry& entry : detail.catalog.entries) {
    named.insert(entry.uri);
    if (entry.digest.empty()) continue;  // it had no entry
    const std::string& bytes = kept[entry.uri];
    if (entry.digest != Hasher(Checksum::kMd5).Hash(bytes.data(), bytes.size()).md5) {
      wrong += "MD5 of " + std::string(entry.uri) + " in the history; ";
    }
  }
  if (named.size() != expected.size()) wrong += "the history's catalog; ";
  return wrong;
}

}  // namespace

std::map<std::string, std::string> ArchivedFiles(const TestTrees& disk) {
  Files files = FilesBelow(disk, "archive/" + DestinationOf("S1"));
  files.erase("session.xml");
  ForEachResource(DocumentOf(disk), [&](const Resource& resource) { files.erase(resource.uri); });
  return files;
}

std::string CheckArchived(const TestTrees& disk, const ModelSession& model) {
  const SessionDocument document = DocumentOf(disk);
  const Files files = ArchivedFiles(disk);
  std::string wrong = Compare("archive", files, model.files);
  std::vector<std::string> scans;
  for (const Scan& scan : document.scans) scans.push_back(scan.id);
  if (scans != model.scans) wrong += "scans " + Join(scans, " ") + "; ";
  std::size_t resources = 0;
  ForEachResource(document, [&](const Resource& resource) {
    ++resources;
    const auto expected = model.catalogs.find(std::string(ParentPath(resource.uri)));
    if (expected == model.catalogs.end()) {
      wrong += "a resource too many, " + resource.uri + "; ";
    } else {
      wrong += CheckCatalog(disk, resource, files, expected->second);
    }
  });
  if (resources != model.catalogs.size()) wrong += "the number of resources; ";
  return wrong + CheckHistory(disk, model.history);
}

std::string CheckClean(const TestTrees& disk) {
  std::string left = disk.Leftovers();
  const std::string visible = disk.Visible();
  return left + visible.substr(visible.find("prearchive:\n") + sizeof("prearchive:\n") - 1);
}

}  // namespace xnatarchive
