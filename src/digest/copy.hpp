// copy.hpp - copying files and hashing them from the copy's own buffer, in one read.
//
// A copy is made where a rename cannot be: across file systems. Nothing is durable until the
// caller syncs, once for all of them.
#ifndef XNATARCHIVE_DIGEST_COPY_HPP_
#define XNATARCHIVE_DIGEST_COPY_HPP_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "digest/hash_files.hpp"

namespace xnatarchive {

/// Copies one file to the new name `to_path`, whose parent exists, and keeps its modification time.
///
/// Returns:    the new file and the digests of its bytes. With Checksum::kNone the kernel copies
///             (a clone, where the file system can).
/// Failures:   kAlreadyExists when the name is taken; kConflict "digest.file-changed" when the
///             source changed meanwhile; kIo "digest.short-copy" when the copy has another size.
/// On failure: the new name is gone again, unless the disk refuses that too.
Result<HashedFile> CopyFile(const Directory& from, std::string_view from_path, const Directory& to,
                            std::string_view to_path, Checksum checksum);

/// Copies many: `paths` are pairs of a source below `from` and a new name below `to`. Like
/// CopyFile for each and HashFiles for the callbacks and threads. After a failure the files that
/// were done stay.
Status CopyFiles(const Directory& from, const Directory& to,
                 const std::vector<std::pair<std::string, std::string>>& paths, Checksum checksum,
                 unsigned threads, const std::function<bool(std::uint64_t bytes_done)>& progress,
                 const std::function<void(std::size_t index, const HashedFile& file)>& done);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DIGEST_COPY_HPP_
