// held_lock.hpp - a waiting session in the hands of another process.
#ifndef XNATARCHIVE_TESTS_UNIT_ENGINE_HELD_LOCK_HPP_
#define XNATARCHIVE_TESTS_UNIT_ENGINE_HELD_LOCK_HPP_

#include <string>

#include "archive/operation_home.hpp"
#include "archive/trees.hpp"
#include "support/engine_fixture.hpp"

namespace xnatarchive {

/// Holds the lock of the session at `uri` as long as it lives.
struct HeldLock {
  Trees trees;
  FileLock lock;

  HeldLock(const EngineFixture& fixture, const std::string& uri)
      : trees{Must(Directory::Open(PosixFileSystem(), fixture.options.root + "/archive")),
              Must(Directory::Open(PosixFileSystem(), fixture.options.root + "/prearchive"))},
        lock(Of(trees, Must(fixture.engine->FindPrearchiveSession(uri)))) {}

 private:
  static FileLock Of(const Trees& trees, const PrearchiveSession& row) {
    return Must(LockSession(trees, PrearchiveLockKey(row.project, row.timestamp, row.folder)));
  }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ENGINE_HELD_LOCK_HPP_
