// check_catalogs.hpp - holds an archived session's catalogs and document against its files.
#ifndef XNATARCHIVE_TESTS_UNIT_ENGINE_CHECK_CATALOGS_HPP_
#define XNATARCHIVE_TESTS_UNIT_ENGINE_CHECK_CATALOGS_HPP_

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "digest/digest.hpp"
#include "support/engine_fixture.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {

/// The index says what the trees say.
inline void CheckIndex(const EngineFixture& fixture) {
  for (const IndexDifference& one : Must(fixture.engine->Reindex()).differences) {
    FAIL_CHECK(one.project << "/" << one.id << " " << one.field << ": the index says " << one.before
                           << ", the trees " << one.after);
  }
}

/// Every file the catalogs of an archived session name, checked against its size and checksums, and
/// the index against the trees.
inline void CheckCatalogs(const EngineFixture& fixture, const std::string& session,
                          std::size_t expected_files) {
  std::size_t files = 0;
  const SessionDocument document = Must(fixture.engine->Document("/experiments/" + session));
  std::set<std::string> named;
  const std::string base = "root/archive/DEMO/arc001/" + document.label + "/";
  for (const Scan& scan : document.scans) {
    for (const Resource& resource : scan.resources) {
      const std::string directory = base + resource.uri.substr(0, resource.uri.rfind('/') + 1);
      const Catalog catalog = Must(ParseCatalog(fixture.tree.Read(base + resource.uri)));
      CHECK(resource.file_count == static_cast<std::int64_t>(catalog.entries.size()));
      std::int64_t bytes = 0;
      for (const CatalogEntry& entry : catalog.entries) {
        const std::string content = fixture.tree.Read(directory + std::string(entry.uri));
        Hasher hasher(Checksum::kMd5AndXxh3);
        hasher.Update(content.data(), content.size());
        const Digests digests = hasher.Finish();
        CHECK(entry.digest == digests.md5);
        CHECK(entry.Meta("XXH3") == digests.xxh3);
        CHECK(entry.Meta("SIZE") == std::to_string(content.size()));
        bytes += static_cast<std::int64_t>(content.size());
        named.insert(directory + std::string(entry.uri));
        ++files;
      }
      CHECK(resource.file_size == bytes);
    }
  }
  CHECK(files == expected_files);
  CHECK(named.size() == files);
  CheckIndex(fixture);
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ENGINE_CHECK_CATALOGS_HPP_
