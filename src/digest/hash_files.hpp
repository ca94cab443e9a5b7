// hash_files.hpp - the digests of many files.
//
// A session is thousands of independent files, so the work is spread over threads, file by file.
// It is handed out in batches of up to 16 files of one directory: the directory is opened once for
// them, the kernel reads it while the one before is hashed, so that a cold disk has 16 reads and
// more to do, and it is the place where 8 or 16 files could be hashed side by side with SIMD, as
// MD5 gains nothing from SIMD within one file.
#ifndef XNATARCHIVE_DIGEST_HASH_FILES_HPP_
#define XNATARCHIVE_DIGEST_HASH_FILES_HPP_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "digest/digest.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {

/// What a file is and what is in it; the two belong together: it did not change in between.
struct HashedFile {
  FileInfo info;
  Digests digests;
};

/// Hashes `paths`, relative to `root`. With Checksum::kNone nothing is read, only `info` is found.
///
/// `progress`: may be empty. Called with the bytes read so far, at least once for each file and
///             for each MiB of a large one; false cancels.
/// `done`:     called once for each path, with its index, in no particular order.
/// Calls of the two never overlap, but come from any of the threads. They must not throw.
/// `threads`:  as many as there are processors.
/// Failures:   the first ends the work: kConflict "digest.file-changed" when a file changed while
///             it was read; kCancelled "digest.cancelled"; and whatever OpenRead and Read say.
Status HashFiles(const Directory& root, const std::vector<std::string>& paths, Checksum checksum,
                 unsigned threads, const std::function<bool(std::uint64_t bytes_done)>& progress,
                 const std::function<void(std::size_t index, const HashedFile& file)>& done);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DIGEST_HASH_FILES_HPP_
