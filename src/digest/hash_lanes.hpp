// hash_lanes.hpp - hashing several files at once, open or in memory, where the processor can
// (md5_lanes.hpp).
#ifndef XNATARCHIVE_DIGEST_HASH_LANES_HPP_
#define XNATARCHIVE_DIGEST_HASH_LANES_HPP_

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "digest/hash_worker.hpp"

namespace xnatarchive {

/// A file to hash: open, and what it was then. It has to outlive the call.
struct FileToHash {
  File* file = nullptr;
  FileInfo before;
};

/// As HashOpenFile does with one: `sink` (if any) is given every piece of file `i`, in order;
/// `done` the digests of a file that has been read to its end and is still what it was. Files come
/// in any order. Returns the first failure; the files that are not done then are in no defined
/// state.
Status HashOpenFiles(const std::vector<FileToHash>& files, HashWorker& worker,
                     HashProgress& progress,
                     const std::function<Status(std::size_t i, const Digests&)>& done);

/// How many buffers HashBuffers hashes in hardly more than the time of one; 1 when it gains
/// nothing.
std::size_t BuffersAtOnce(Checksum checksum) noexcept;

/// The digests of whole buffers, in their order.
std::vector<Digests> HashBuffers(const std::vector<std::string_view>& buffers, HashWorker& worker);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DIGEST_HASH_LANES_HPP_
