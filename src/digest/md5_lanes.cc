#include "digest/md5_lanes.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace xnatarchive {
namespace {

constexpr std::uint32_t kBegin[4] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};

void StoreLittleEndian(std::uint64_t value, std::size_t size, unsigned char* bytes) {
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
}

}  // namespace

const Md5Lanes* FindMd5Lanes(InstructionSet set) noexcept {
#if defined(__x86_64__)
  if (set == InstructionSet::kAvx512) {
    return __builtin_cpu_supports("avx512f") ? &kMd5LanesAvx512 : nullptr;
  }
  if (set == InstructionSet::kAvx2) {
    return __builtin_cpu_supports("avx2") ? &kMd5LanesAvx2 : nullptr;
  }
#endif
  (void)set;
  return nullptr;
}

const Md5Lanes* BestMd5Lanes() noexcept {
  static const Md5Lanes* const best = FindMd5Lanes(InstructionSet::kAvx512) != nullptr
                                          ? FindMd5Lanes(InstructionSet::kAvx512)
                                          : FindMd5Lanes(InstructionSet::kAvx2);
  return best;
}

void BeginMd5(Md5LaneStates* states, std::size_t lane) noexcept {
  for (std::size_t i = 0; i < 4; ++i) states->words[i][lane] = kBegin[i];
}

std::size_t PadMd5(unsigned char* bytes, std::size_t size, std::uint64_t total) noexcept {
  const std::size_t blocks = (size + 1 + sizeof total + kMd5BlockBytes - 1) / kMd5BlockBytes;
  bytes[size] = 0x80;
  std::memset(bytes + size + 1, 0, blocks * kMd5BlockBytes - size - 1);
  StoreLittleEndian(total * 8, sizeof total, bytes + blocks * kMd5BlockBytes - sizeof total);
  return blocks;
}

void FinishMd5(const Md5LaneStates& states, std::size_t lane, unsigned char* digest) noexcept {
  for (std::size_t i = 0; i < 4; ++i) StoreLittleEndian(states.words[i][lane], 4, digest + 4 * i);
}

}  // namespace xnatarchive
