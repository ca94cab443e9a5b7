// verify.hpp - holding archived files against their catalogs: what is asked for, and what was
// found.
//
// A disk loses bits without a word. Verifying reads files again and compares them with the digests
// their catalogs were given when they came; it changes nothing, whatever it finds.
#ifndef XNATARCHIVE_VERIFY_HPP_
#define XNATARCHIVE_VERIFY_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xnatarchive {

/// What ArchiveEngine::Verify reads, and how.
struct VerifyRequest {
  /// Archive URIs of projects, subjects, experiments, of scans, reconstructions and assessors, and
  /// of resources of any of them. A project stands for its subjects and experiments, too, a subject
  /// for its experiments. Empty: everything the caller may read.
  std::vector<std::string> uris;
  /// Share of the files that are read, above 0 and up to 100. Whether the others are there and have
  /// their size is seen, too.
  double sample_percent = 100;
  std::uint64_t seed =
      0;  ///< Chooses the sample; 0: one of its own for this run, told in the report.
  /// Bytes read in a second, on one thread; 0: as fast as the disk and `threads` allow.
  std::uint64_t bytes_per_second_max = 0;
  /// False: one digest is enough, XXH3 where it is known, as it costs a tenth of MD5. True: all
  /// that are known.
  bool all_digests = false;
  /// A file, outside of both trees, that keeps how far verifying is; empty: none. It is replaced
  /// atomically about once a second. When it is there already, it must be of the same request
  /// (`bytes_per_second_max` may differ), and verifying goes on behind the last session it has,
  /// with its findings. It is removed when everything is verified, and stays after a cancel, a
  /// failure, or a kill.
  std::string resume_path;
};

/// What is wrong. Values are part of the C ABI and never change.
enum class VerifyProblemKind : std::int32_t {
  kMissing = 0,     ///< The catalog names a file that is not there.
  kChanged = 1,     ///< The file's bytes are not those of its digest.
  kWrongSize = 2,   ///< The file's size is not the catalog's.
  kUnlisted = 3,    ///< No catalog names the file (.nfs*, .~lock-* and .xa* are nobody's).
  kUnreadable = 4,  ///< The file can not be read.
  /// The entry can not be a file's (its catalog, .~lock-*, .xa*), or names one a second time.
  kBadEntry = 5,
  kCatalogMissing = 6,     ///< The session's document names a catalog that is not there.
  kCatalogUnreadable = 7,  ///< The catalog is damaged.
  kSessionUnreadable = 8,  ///< The session, or its document, can not be read.
};

/// "missing", "changed", "wrong-size", "unlisted", "unreadable", "bad-entry", "catalog-missing",
/// "catalog-unreadable", "session-unreadable".
std::string_view VerifyProblemName(VerifyProblemKind kind) noexcept;

/// One thing that is wrong.
struct VerifyProblem {
  VerifyProblemKind kind = VerifyProblemKind::kMissing;
  std::string uri;      ///< Of the resource, or of the session.
  std::string path;     ///< Of the file, catalog or document, relative to the archive.
  std::string message;  ///< One line: what was expected and found.
};

/// What ArchiveEngine::Verify read and found.
struct VerifyReport {
  /// Verified, the ones before a resume included, as in all of these.
  std::uint64_t sessions = 0;
  std::uint64_t catalogs = 0;
  std::uint64_t files = 0;  ///< That catalogs name and that are there.
  std::uint64_t bytes = 0;
  std::uint64_t files_read = 0;  ///< Of these, those whose digests were compared.
  std::uint64_t bytes_read = 0;
  std::uint64_t files_without_digest = 0;  ///< There is nothing to compare their bytes with.
  /// Entries that are URLs, or whose file is there packed, as PATH.gz; not looked at.
  std::uint64_t files_elsewhere = 0;
  std::uint64_t seed = 0;               ///< Of the sample.
  std::vector<VerifyProblem> problems;  ///< By session.
  /// URIs of sessions (projects, subjects) that others worked on whenever they were looked at, or
  /// that wait for recovery: nothing is known of them.
  std::vector<std::string> busy;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_VERIFY_HPP_
