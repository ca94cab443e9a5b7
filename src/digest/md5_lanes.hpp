// md5_lanes.hpp - MD5 of several streams at once, one in each lane of the processor's vectors.
//
// The steps of MD5 wait for each other, so that one stream leaves most of a processor idle: sixteen
// take hardly longer than one. This header is included by files compiled with -mavx2 and -mavx512f:
// nothing inline in here.
#ifndef XNATARCHIVE_DIGEST_MD5_LANES_HPP_
#define XNATARCHIVE_DIGEST_MD5_LANES_HPP_

#include <stddef.h>
#include <stdint.h>

#include "digest/xxh3.hpp"

namespace xnatarchive {

enum : size_t {
  kMd5LanesMax = 16,  ///< Of any instruction set.
  kMd5BlockBytes = 64,
  kMd5PaddingMax = 72,
  kMd5Bytes = 16,
};

/// The four words of the state of each stream.
struct Md5LaneStates {
  alignas(64) uint32_t words[4][kMd5LanesMax];
};

/// One instruction set's.
struct Md5Lanes {
  size_t lanes;
  /// Takes `blocks` blocks from each of data[0] to data[lanes - 1].
  void (*update)(Md5LaneStates* states, const unsigned char* const* data, size_t blocks);
};

extern const Md5Lanes kMd5LanesAvx2;  // x86-64 only, as the next
extern const Md5Lanes kMd5LanesAvx512;

/// nullptr when this processor or build does not have the instruction set; kPlain has no lanes.
const Md5Lanes* FindMd5Lanes(InstructionSet set) noexcept;

/// The most this processor has; nullptr when it has none.
const Md5Lanes* BestMd5Lanes() noexcept;

/// Begins the stream of one lane.
void BeginMd5(Md5LaneStates* states, size_t lane) noexcept;

/// Appends to the last `size` bytes of a message of `total` bytes what MD5 ends it with, at most
/// kMd5PaddingMax bytes. Returns how many blocks there are now.
size_t PadMd5(unsigned char* bytes, size_t size, uint64_t total) noexcept;

/// The digest of one lane after its last block.
void FinishMd5(const Md5LaneStates& states, size_t lane, unsigned char* digest) noexcept;

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DIGEST_MD5_LANES_HPP_
