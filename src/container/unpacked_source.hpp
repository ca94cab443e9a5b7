// unpacked_source.hpp - what a compressed stream unpacks to, its checksums checked.
//
// libarchive could unpack and read a tar in one go, but it does not compare the checksum of gzip at
// all, and with the others it stops at the end of the tar, which may be before their checksum.
#ifndef XNATARCHIVE_CONTAINER_UNPACKED_SOURCE_HPP_
#define XNATARCHIVE_CONTAINER_UNPACKED_SOURCE_HPP_

#include <cstddef>
#include <functional>
#include <memory>

#include "container/byte_source.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Looks at the first bytes of `packed`: returns a source of what gzip, bzip2 or xz data unpack to,
/// or nullptr for anything else. Its failures are those of ArchiveReader. `packed` and `cancelled`
/// must outlive it.
Result<std::unique_ptr<ByteSource>> MakeUnpackedSource(PeekingSource& packed,
                                                       const std::function<bool()>& cancelled);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CONTAINER_UNPACKED_SOURCE_HPP_
