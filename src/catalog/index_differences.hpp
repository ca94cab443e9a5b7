// index_differences.hpp - in what two states of the store's index differ.
#ifndef XNATARCHIVE_CATALOG_INDEX_DIFFERENCES_HPP_
#define XNATARCHIVE_CATALOG_INDEX_DIFFERENCES_HPP_

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "store/store.hpp"
#include "xnatarchive/reindex.hpp"

namespace xnatarchive {

/// A row's kind, what identifies it, and its fields by name.
using IndexKey = std::tuple<IndexRowKind, std::string>;
struct IndexFields {
  std::string project;
  std::string id;
  std::map<std::string, std::string> values;
};
using IndexSnapshot = std::map<IndexKey, IndexFields>;

/// Everything the index says of projects, subjects, experiments and prearchive sessions, but times
/// and what only the store knows (settings).
Result<IndexSnapshot> TakeIndexSnapshot(Store& store);

/// Pure; sorted by kind, project, ID and field.
std::vector<IndexDifference> FindDifferences(const IndexSnapshot& before,
                                             const IndexSnapshot& after);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_INDEX_DIFFERENCES_HPP_
