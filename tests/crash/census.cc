#include "crash/census.hpp"

#include <set>

#include "base/text.hpp"
#include "digest/digest.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kTrees[] = {"root/archive", "root/prearchive"};

/// The paths below `path` that end so.
std::vector<std::string> Files(const TempTree& tree, const std::string& path,
                               std::string_view end) {
  std::vector<std::string> files;
  if (!tree.Exists(path)) return files;
  for (const std::string& line : Split(tree.Dump(path), '\n')) {
    const std::string name = line.substr(0, line.find(' '));
    if (EndsWith(name, end)) files.push_back(JoinPath(path, name));
  }
  return files;
}

std::string Leftovers(const TempTree& tree) {
  std::string leftovers;
  for (const std::string root : kTrees) {
    for (const char* place : {"/.xa/ops", "/.xa/trash"}) {
      if (tree.Exists(root + place)) leftovers += tree.Dump(root + place);
    }
  }
  return leftovers.empty() ? leftovers : "left over: " + leftovers;
}

/// The directories of archived sessions must be the experiments the store lists.
std::string CompareExperiments(const EngineFixture& fixture) {
  std::set<std::string> directories;
  const std::string top = "root/archive/DEMO/arc001";
  for (const std::string& path : Files(fixture.tree, top, "/session.xml")) {
    directories.insert(path.substr(top.size() + 1, path.rfind('/') - top.size() - 1));
  }
  std::set<std::string> rows;
  const Table table = Must(fixture.engine->List("/projects/DEMO/experiments"));
  for (const auto& row : table.rows) rows.insert(row.front());
  return rows == directories ? "" : "experiments and session directories differ";
}

/// The same for the prearchive. A session directory has an index beside it.
std::string ComparePrearchive(const EngineFixture& fixture) {
  std::set<std::string> directories;
  const std::string top = "root/prearchive/DEMO";
  for (const std::string& path : Files(fixture.tree, top, ".index")) {
    const std::string folder = path.substr(path.rfind("/.xa-") + 5);
    const std::string beside = path.substr(0, path.rfind('/'));
    directories.insert(beside.substr(top.size() + 1) + "/" +
                       folder.substr(0, folder.size() - std::string(".index").size()));
  }
  std::set<std::string> rows;
  for (const PrearchiveSession& row : Must(fixture.engine->PrearchiveSessions("DEMO"))) {
    rows.insert(row.timestamp + "/" + row.folder);
    if (IsLocked(row.state)) return "a row is locked by nobody";
  }
  return rows == directories ? "" : "prearchive rows and directories differ";
}

/// What a catalog names must be there, once, with its digests. Adds it to `named`.
std::string CheckCatalog(const TempTree& tree, const std::string& path,
                         std::set<std::string>* named) {
  for (const CatalogEntry& entry : Must(ParseCatalog(tree.Read(path))).entries) {
    const std::string file = path.substr(0, path.rfind('/') + 1) + std::string(entry.uri.view());
    if (!named->insert(file).second) return file + " is named twice";
    if (!tree.Exists(file)) return file + " is named, and not there";
    const std::string bytes = tree.Read(file);
    const Digests digests = Hasher(Checksum::kMd5AndXxh3).Hash(bytes.data(), bytes.size());
    const bool right =
        entry.digest.empty() || (entry.digest == digests.md5 && entry.Meta("XXH3") == digests.xxh3);
    if (!right) return file + " has another digest than its catalog says";
  }
  return "";
}

/// Archived files are named by a catalog; waiting ones may have come since the last build.
std::string CheckCatalogs(const TempTree& tree) {
  std::set<std::string> named;
  for (const char* root : kTrees) {
    for (const std::string& path : Files(tree, root, "_catalog.xml")) {
      const std::string wrong = CheckCatalog(tree, path, &named);
      if (!wrong.empty()) return wrong;
    }
  }
  for (const std::string& file : Files(tree, "root/archive", ".dcm")) {
    if (named.count(file) == 0) return file + " is in no catalog";
  }
  return "";
}

}  // namespace

Census::Census(const EngineFixture& fixture)
    : tree_(fixture.tree),
      waiting_(Read(tree_, "root/prearchive")),
      archived_(Read(tree_, "root/archive")) {
  for (const Contents* contents : {&waiting_, &archived_}) {
    for (const auto& [content, count] : *contents) total_ += count;
  }
}

Census::Contents Census::Read(const TempTree& tree, const std::string& path) {
  Contents contents;
  for (const std::string& line : Split(tree.Dump(path), '\n')) {
    const std::size_t space = line.find(' ');
    if (EndsWith(line.substr(0, space), ".dcm")) ++contents[line.substr(space)];
  }
  return contents;
}

int Census::Count(const std::string& folder, const Contents& contents) const {
  int count = 0;
  for (const auto& [content, once] : Read(tree_, "in/" + folder)) {
    const auto found = contents.find(content);
    count += found == contents.end() ? 0 : found->second;
  }
  return count;
}

std::string WhatIsWrong(EngineFixture& fixture, RecoverySummary* recovered) {
  fixture.options.recover_on_open = false;
  fixture.Open();
  const RecoverySummary summary = Must(fixture.engine->Recover());
  if (recovered != nullptr) *recovered = summary;
  if (!summary.failed.empty()) return "recovery failed: " + summary.failed[0];
  if (!summary.busy.empty()) return "busy, but nobody lives: " + summary.busy[0];
  std::string wrong = Leftovers(fixture.tree);
  if (wrong.empty()) wrong = CompareExperiments(fixture);
  if (wrong.empty()) wrong = ComparePrearchive(fixture);
  if (wrong.empty()) wrong = CheckCatalogs(fixture.tree);
  const bool indexed = Must(fixture.engine->Reindex()).differences.empty();
  if (wrong.empty() && !indexed) wrong = "the index does not say what the trees say";
  fixture.engine.reset();
  return wrong;
}

}  // namespace xnatarchive
