#include <immintrin.h>
#include <stdint.h>

namespace xnatarchive {
namespace {

typedef uint32_t Words __attribute__((vector_size(32), may_alias));

/// Eight words of eight streams: rows become columns.
void LoadHalf(const unsigned char* const* data, size_t at, Words* words) {
  __m256i pairs[8], fours[8];
  for (int i = 0; i < 8; i += 2) {
    const __m256i even = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data[i] + at));
    const __m256i odd = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data[i + 1] + at));
    pairs[i] = _mm256_unpacklo_epi32(even, odd);
    pairs[i + 1] = _mm256_unpackhi_epi32(even, odd);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int k = 0; k < 2; ++k) {
      fours[i + 2 * k] = _mm256_unpacklo_epi64(pairs[i + k], pairs[i + k + 2]);
      fours[i + 2 * k + 1] = _mm256_unpackhi_epi64(pairs[i + k], pairs[i + k + 2]);
    }
  }
  for (int i = 0; i < 4; ++i) {
    words[i] = (Words)_mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20);
    words[i + 4] = (Words)_mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31);
  }
}

void LoadBlock(const unsigned char* const* data, size_t at, Words* words) {
  LoadHalf(data, at, words);
  LoadHalf(data, at + 32, words + 8);
}

}  // namespace
}  // namespace xnatarchive

#define XNATARCHIVE_MD5_LANES 8
#define XNATARCHIVE_MD5_TABLE kMd5LanesAvx2
#include "digest/md5_lanes_variant.hpp"
