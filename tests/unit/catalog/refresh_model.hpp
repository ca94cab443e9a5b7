// refresh_model.hpp - a directory and its catalog in memory, planned and refreshed.
#ifndef XNATARCHIVE_TESTS_UNIT_CATALOG_REFRESH_MODEL_HPP_
#define XNATARCHIVE_TESTS_UNIT_CATALOG_REFRESH_MODEL_HPP_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "catalog/refresh_plan.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {

/// What is in a file; the planner is told when it is asked for.
struct ModelContent {
  std::string md5;
  std::optional<DicomIdentity> dicom;
};

/// A directory and its catalog.
struct RefreshModel {
  CatalogInPlace place;
  ResourceInventory found;
  std::map<std::string, ModelContent> contents;
  RefreshPolicy policy;
  std::string refused;  // reason
  RefreshPlan plan;

  RefreshModel() {
    place.directory = "P/arc001/S1/R";
    place.name = "R_catalog.xml";
    policy.checksum = Checksum::kMd5;
    AddFile("R_catalog.xml", 500);
  }

  void AddFile(const std::string& path, std::uint64_t size, std::int64_t mtime = 77,
               const std::string& md5 = "d1") {
    found.files.push_back({path, size, mtime, 1, 1});
    std::sort(found.files.begin(), found.files.end(),
              [](const SessionFile& a, const SessionFile& b) { return a.path < b.path; });
    contents[path].md5 = md5;
  }

  /// An entry as archiving leaves it.
  CatalogEntry& AddEntry(const std::string& path, std::uint64_t size, std::int64_t mtime = 77,
                         const std::string& md5 = "d1") {
    CatalogEntry& entry = place.catalog.entries.emplace_back();
    entry.uri = entry.id = path;
    entry.digest = md5;
    entry.SetMeta("SIZE", std::to_string(size));
    entry.SetMeta("MTIME", std::to_string(mtime));
    entry.created = {"alice", "2024-06-20T14:03:11.482", "42"};
    return entry;
  }

  void AddBoth(const std::string& path, std::uint64_t size = 10) {
    AddFile(path, size);
    AddEntry(path, size);
  }

  /// Plans and applies; true when the catalog's bytes changed.
  bool Refresh() {
    const std::string before = Bytes();
    const Result<RefreshPlan> planned = PlanRefresh(place, found, policy);
    refused = planned.status().reason();
    if (!planned.ok()) return false;
    plan = *planned;
    OpenedFiles opened;
    for (const std::uint32_t file : plan.to_hash) {
      opened.digests.push_back({contents[found.files[file].path].md5, ""});
    }
    for (const std::uint32_t file : plan.to_identify) {
      opened.identities.push_back(contents[found.files[file].path].dicom);
    }
    const Status checked = CheckDigests(place, found, plan, opened);
    if (!checked.ok() && !policy.force) {
      refused = checked.reason();
      return false;
    }
    if (plan.ChangesCatalog()) {
      ApplyRefresh(ArchiveStamp({"bob", "57", 1718910191482}, "P"), found, plan, opened, &place);
    }
    return Bytes() != before;
  }

  std::string Bytes() const { return WriteCatalog(place.catalog, CatalogStyle::kPlain); }

  /// "path size mtime digest" of every entry, in order; "*" when it was modified by this refresh.
  std::string Tell() const {
    std::vector<std::string> lines;
    ForEachEntry(place.catalog, [&](const CatalogEntry& entry) {
      std::string line(entry.uri);
      for (const std::string_view text :
           {entry.Meta("SIZE"), entry.Meta("MTIME"), entry.digest.view(), entry.uid.view()}) {
        line += " " + (text.empty() ? "-" : std::string(text));
      }
      if (entry.modified.by == "bob") line += " *";
      if (entry.created.by == "bob") line += " +";
      lines.push_back(line);
    });
    return Join(lines, "\n");
  }
};

inline RefreshOptions Options(const std::string& text) { return ParseRefreshOptions(text).value(); }

inline constexpr const char* kAll = "append,checksum,delete,populateStats";

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_CATALOG_REFRESH_MODEL_HPP_
