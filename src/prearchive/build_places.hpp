// build_places.hpp - final places for the files of a build, none of them twice.
#ifndef XNATARCHIVE_PREARCHIVE_BUILD_PLACES_HPP_
#define XNATARCHIVE_PREARCHIVE_BUILD_PLACES_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "prearchive/build.hpp"

namespace xnatarchive {

/// Decides where files end up. A file that is already below its directory stays; any other moves
/// there under its own name, or, where that is taken, under the template's name, then a number.
///
/// No file is moved to a path that any file of the session has at present, even one that will move
/// away: so the moves can be done in any order, and again after a crash.
class FilePlaces {
 public:
  /// `files` must outlive this.
  explicit FilePlaces(const std::vector<BuildFile>& files);

  /// Returns the file's path below `directory`. Once for each file.
  std::string Place(const BuildFile& file, std::string_view directory);

  std::vector<std::pair<std::string, std::string>> TakeMoves() { return std::move(moves_); }

 private:
  std::string FreePath(const BuildFile& file, std::string_view directory);
  bool Take(const std::string& path);

  std::unordered_set<std::string_view> present_;  // paths of files, and the directories above them
  std::unordered_set<std::string> targets_;
  std::unordered_map<std::string, std::uint64_t> numbers_;  // last used, by first choice of path
  std::vector<std::pair<std::string, std::string>> moves_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_BUILD_PLACES_HPP_
