// census.hpp - where every received file is, and whether trees and store agree about it.
#ifndef XNATARCHIVE_TESTS_CRASH_CENSUS_HPP_
#define XNATARCHIVE_TESTS_CRASH_CENSUS_HPP_

#include <map>
#include <string>
#include <vector>

#include "support/engine_fixture.hpp"

namespace xnatarchive {

/// The DICOM files of a root by what is in them, wherever and under whatever name they lie. The
/// contents of the files below "in" must all be different.
class Census {
 public:
  explicit Census(const EngineFixture& fixture);

  /// How many files of in/`folder` are there; every copy counts.
  int Waiting(const std::string& folder) const { return Count(folder, waiting_); }
  int Archived(const std::string& folder) const { return Count(folder, archived_); }
  int total() const { return total_; }  ///< In both trees, whatever they are.

 private:
  using Contents = std::map<std::string, int>;  // size and hash: how often
  static Contents Read(const TempTree& tree, const std::string& path);
  int Count(const std::string& folder, const Contents& contents) const;

  const TempTree& tree_;
  Contents waiting_;
  Contents archived_;
  int total_ = 0;
};

/// Opens the root, recovers it, and says what is wrong with it that is wrong after any operation:
/// something is left over, a row without session or a session without row, a catalog that names
/// what is not there or tells a wrong digest, an archived file in no catalog. Empty when all is
/// well. Closes the engine. `summary`, when given, receives what recovery did.
std::string WhatIsWrong(EngineFixture& fixture, RecoverySummary* summary = nullptr);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_CRASH_CENSUS_HPP_
