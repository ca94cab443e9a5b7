#include "catalog/verify_session.hpp"

#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/expected_digests.hpp"
#include "catalog/verify_look.hpp"
#include "digest/hash_files.hpp"

namespace xnatarchive {
namespace {

constexpr int kRoundsMax = 3;  // of reading what others changed meanwhile
constexpr int kLockTries = 3;  // each of which waits

Status Cancelled() {
  return Status(Code::kCancelled, "verify.cancelled", "the caller asked to stop");
}

Checksum ChecksumFor(const Digests& expected, bool all) {
  const bool both = all && !expected.md5.empty() && !expected.xxh3.empty();
  return both ? Checksum::kMd5AndXxh3 : CheapestCheck(expected);
}

/// What reading one file gave.
struct ReadFile {
  std::string path;
  ListedFile listed;
  SessionFile seen;  ///< As it was while it was read.
  Digests found;
  Status failure;
  bool done = false;

  bool LooksWrong() const {
    return !failure.ok() || !(seen == listed.file) || !Agree(listed.expected, found);
  }
};

/// Reads files on several threads; what one of them fails with is its own.
class Reader {
 public:
  Reader(const Directory& directory, const VerifyOptions& options)
      : directory_(directory), options_(options) {}

  /// kCancelled "verify.cancelled"; nothing else.
  Status Read(std::vector<ReadFile>* files) {
    for (const Checksum checksum : {Checksum::kXxh3, Checksum::kMd5, Checksum::kMd5AndXxh3}) {
      std::vector<ReadFile*> group;
      for (ReadFile& file : *files) {
        if (ChecksumFor(file.listed.expected, options_.all_digests) == checksum) {
          group.push_back(&file);
        }
      }
      XNA_RETURN_IF_ERROR(ReadGroup(group, checksum));
    }
    return Status();
  }

 private:
  Status ReadGroup(const std::vector<ReadFile*>& group, Checksum checksum) {
    if (Hash(group, checksum, options_.threads).ok()) return Status();
    // One can not be read, which ends the work for all: the others by themselves.
    for (ReadFile* const file : group) {
      if (file->done) continue;
      file->failure = Hash({file}, checksum, 1);
      if (file->failure.code() == Code::kCancelled) return Cancelled();
    }
    return Status();
  }

  Status Hash(const std::vector<ReadFile*>& files, Checksum checksum, unsigned threads) {
    std::vector<std::string> paths;
    for (const ReadFile* const file : files) paths.push_back(file->path);
    std::uint64_t reported = 0;
    return HashFiles(
        directory_, paths, checksum, threads,
        [&](std::uint64_t bytes) {
          return options_.progress(bytes - std::exchange(reported, bytes), 0);
        },
        [&](std::size_t i, const HashedFile& hashed) {
          ReadFile& file = *files[i];
          file.found = hashed.digests;
          file.seen = {file.listed.file.path, hashed.info.size, hashed.info.mtime_ns,
                       hashed.info.ctime_ns, hashed.info.inode};
          file.done = true;
          (void)options_.progress(0, 1);
        });
  }

  const Directory& directory_;
  const VerifyOptions& options_;
};

class Verifier {
 public:
  Verifier(const Trees& trees, const SessionToVerify& session, const VerifyOptions& options)
      : trees_(trees), session_(session), options_(options) {}

  Status Run(const Acknowledge& acknowledge, VerifyReport* report) {
    XNA_ASSIGN_OR_RETURN(SessionLook look,
                         LookAtSession(trees_.archive, session_, options_.threads));
    std::vector<ReadFile> wrong;
    for (auto& [path, listed] : look.files) {
      if (!IsInSample(JoinPath(session_.path, path), options_.sample_percent, options_.seed)) {
        continue;
      }
      wrong.push_back({path, std::move(listed), {}, {}, {}, false});
    }
    look.files.clear();
    XNA_RETURN_IF_ERROR(ReadAndKeepWrong(&wrong));
    for (int round = 0; round < kRoundsMax; ++round) {
      if (wrong.empty() && (round > 0 || look.problems.empty())) return Add(look, report);
      XNA_ASSIGN_OR_RETURN(const bool looked, LookUndisturbed(acknowledge, &look));
      if (!looked) return Busy(report);
      wrong = Judge(look, std::move(wrong));
      XNA_RETURN_IF_ERROR(ReadAndKeepWrong(&wrong));
    }
    return wrong.empty() ? Add(look, report) : Busy(report);
  }

 private:
  /// Reads the files, and keeps those that look wrong.
  Status ReadAndKeepWrong(std::vector<ReadFile>* files) {
    if (files->empty()) return Status();
    const Result<Directory> directory = trees_.archive.OpenSubdirectory(session_.path);
    if (directory.ok()) {
      XNA_RETURN_IF_ERROR(Reader(*directory, options_).Read(files));
    }
    std::vector<ReadFile> wrong;
    for (ReadFile& file : *files) {
      if (file.done && first_read_) {
        ++files_read_;
        bytes_read_ += file.seen.size;
      }
      if (file.LooksWrong()) wrong.push_back(std::move(file));
    }
    *files = std::move(wrong);
    first_read_ = false;
    return Status();
  }

  /// Looks again when nobody works on the session; false when somebody always does.
  Result<bool> LookUndisturbed(const Acknowledge& acknowledge, SessionLook* look) {
    for (int i = 0; i < kLockTries; ++i) {
      const auto lock = LockForReading(trees_, session_.lock_key, acknowledge);
      if (lock.ok()) {
        XNA_ASSIGN_OR_RETURN(*look, LookAtSession(trees_.archive, session_, options_.threads));
        return true;
      }
      if (lock.status().code() == Code::kRecoveryRequired) return false;
      if (lock.status().code() != Code::kLocked) return lock.status();
      if (!options_.progress(0, 0)) return Cancelled();
    }
    return false;
  }

  /// What is true of the files that looked wrong, now that nobody works on them: problems, and the
  /// files that have to be read again because they, or what is expected of them, changed.
  std::vector<ReadFile> Judge(const SessionLook& look, std::vector<ReadFile> wrong) {
    std::vector<ReadFile> again;
    for (ReadFile& file : wrong) {
      const auto now = look.files.find(file.path);
      if (now == look.files.end()) continue;  // removed, or a problem of the look's own
      const bool same = now->second.file == (file.done ? file.seen : file.listed.file) &&
                        now->second.expected == file.listed.expected;
      const bool vanished =
          file.failure.code() == Code::kNotFound || file.failure.reason() == "digest.file-changed";
      const bool unread = !file.done && file.failure.ok();
      if (!same || vanished || unread) {
        again.push_back({file.path, now->second, {}, {}, {}, false});
      } else if (!file.failure.ok()) {
        AddProblem(
            VerifyProblemKind::kUnreadable, file,
            std::string(file.failure.message()) + " [" + std::string(file.failure.reason()) + "]");
      } else if (!Agree(file.listed.expected, file.found)) {
        AddProblem(VerifyProblemKind::kChanged, file, Difference(file.listed.expected, file.found));
      }
    }
    return again;
  }

  static std::string Difference(const Digests& expected, const Digests& found) {
    const bool xxh3 = !expected.xxh3.empty() && !found.xxh3.empty() &&
                      !EqualsIgnoreCase(expected.xxh3, found.xxh3);
    return xxh3 ? "its XXH3 is " + found.xxh3 + ", the catalog says " + expected.xxh3
                : "its MD5 is " + found.md5 + ", the catalog says " + expected.md5;
  }

  void AddProblem(VerifyProblemKind kind, const ReadFile& file, std::string message) {
    problems_.push_back(
        {kind, file.listed.uri, JoinPath(session_.path, file.path), std::move(message)});
  }

  Status Busy(VerifyReport* report) const {
    report->busy.push_back(session_.uri);
    return Status();
  }

  Status Add(const SessionLook& look, VerifyReport* report) const {
    if (!session_.is_folder) ++report->sessions;
    report->catalogs += look.counts.catalogs;
    report->files += look.counts.files;
    report->bytes += look.counts.bytes;
    report->files_without_digest += look.counts.files_without_digest;
    report->files_elsewhere += look.counts.files_elsewhere;
    report->files_read += files_read_;
    report->bytes_read += bytes_read_;
    auto& problems = report->problems;
    problems.insert(problems.end(), look.problems.begin(), look.problems.end());
    problems.insert(problems.end(), problems_.begin(), problems_.end());
    return Status();
  }

  const Trees& trees_;
  const SessionToVerify& session_;
  const VerifyOptions& options_;
  bool first_read_ = true;
  std::uint64_t files_read_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::vector<VerifyProblem> problems_;  // of files that were read
};

}  // namespace

std::string_view VerifyProblemName(VerifyProblemKind kind) noexcept {
  switch (kind) {
    case VerifyProblemKind::kMissing:
      return "missing";
    case VerifyProblemKind::kChanged:
      return "changed";
    case VerifyProblemKind::kWrongSize:
      return "wrong-size";
    case VerifyProblemKind::kUnlisted:
      return "unlisted";
    case VerifyProblemKind::kUnreadable:
      return "unreadable";
    case VerifyProblemKind::kBadEntry:
      return "bad-entry";
    case VerifyProblemKind::kCatalogMissing:
      return "catalog-missing";
    case VerifyProblemKind::kCatalogUnreadable:
      return "catalog-unreadable";
    case VerifyProblemKind::kSessionUnreadable:
      return "session-unreadable";
  }
  return "unknown";
}

bool IsInSample(std::string_view path, double percent, std::uint64_t seed) {
  constexpr double kParts = 1'000'000;
  if (percent >= 100) return true;
  // FNV-1a alone lets names that differ in their last character end up near each other.
  std::uint64_t x = Fnv1a(path) ^ seed;
  x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCDu;
  x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53u;
  x ^= x >> 33;
  return static_cast<double>(x % static_cast<std::uint64_t>(kParts)) < percent / 100 * kParts;
}

Status VerifySession(const Trees& trees, const SessionToVerify& session,
                     const VerifyOptions& options, const Acknowledge& acknowledge,
                     VerifyReport* report) {
  return Verifier(trees, session, options).Run(acknowledge, report);
}

}  // namespace xnatarchive
