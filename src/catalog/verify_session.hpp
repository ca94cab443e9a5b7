// verify_session.hpp - holds the files of one archived session against its catalogs.
#ifndef XNATARCHIVE_CATALOG_VERIFY_SESSION_HPP_
#define XNATARCHIVE_CATALOG_VERIFY_SESSION_HPP_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "archive/operation.hpp"
#include "archive/uri.hpp"
#include "xnatarchive/verify.hpp"

namespace xnatarchive {

/// An archived session, or the resources of a project or a subject.
struct SessionToVerify {
  bool is_folder = false;  ///< It is the latter.
  std::string path;        ///< Relative to the archive.
  std::string uri;
  std::string lock_key;
  std::vector<ParsedUri> parts;  ///< What of it; empty: all.
};

struct VerifyOptions {
  double sample_percent = 100;
  std::uint64_t seed = 0;
  bool all_digests = false;
  unsigned threads = 1;
  /// Called with the bytes that were read since the last call, and the files whose digests were
  /// compared; false cancels. Calls do not overlap, but come from any of the threads.
  std::function<bool(std::uint64_t bytes, std::uint64_t files)> progress;
};

/// Whether a file is in the sample: the same answer for the same seed, wherever it is asked.
bool IsInSample(std::string_view path, double percent, std::uint64_t seed);

/// Verifies a session, and adds what was found to `report`.
///
/// Files are read without a lock, so that nobody has to wait. Only when something looks wrong is
/// the session's lock taken, for as long as reading the catalogs takes: what is still so when
/// nobody works on the session is a problem, and a file that, or whose entry, was changed since it
/// was read is read again.
///
/// Fails, adding nothing, with kNotFound "uri.not-found" when a part is not there, kCancelled
/// "verify.cancelled", and what finishing an earlier operation on the session fails with.
Status VerifySession(const Trees& trees, const SessionToVerify& session,
                     const VerifyOptions& options, const Acknowledge& acknowledge,
                     VerifyReport* report);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_VERIFY_SESSION_HPP_
