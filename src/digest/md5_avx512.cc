#include <immintrin.h>
#include <stdint.h>

namespace xnatarchive {
namespace {

typedef uint32_t Words __attribute__((vector_size(64), may_alias));

/// Sixteen words of sixteen streams: rows become columns.
void LoadBlock(const unsigned char* const* data, size_t at, Words* words) {
  __m512i pairs[16], fours[16];
  for (int i = 0; i < 16; i += 2) {
    const __m512i even = _mm512_loadu_si512(data[i] + at);
    const __m512i odd = _mm512_loadu_si512(data[i + 1] + at);
    pairs[i] = _mm512_unpacklo_epi32(even, odd);
    pairs[i + 1] = _mm512_unpackhi_epi32(even, odd);
  }
  for (int i = 0; i < 16; i += 4) {
    for (int k = 0; k < 2; ++k) {
      fours[i + 2 * k] = _mm512_unpacklo_epi64(pairs[i + k], pairs[i + k + 2]);
      fours[i + 2 * k + 1] = _mm512_unpackhi_epi64(pairs[i + k], pairs[i + k + 2]);
    }
  }
  for (int i = 0; i < 4; ++i) {
    const __m512i low_ab = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0x44);
    const __m512i high_ab = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0xEE);
    const __m512i low_cd = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0x44);
    const __m512i high_cd = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0xEE);
    words[i] = (Words)_mm512_shuffle_i32x4(low_ab, low_cd, 0x88);
    words[i + 4] = (Words)_mm512_shuffle_i32x4(low_ab, low_cd, 0xDD);
    words[i + 8] = (Words)_mm512_shuffle_i32x4(high_ab, high_cd, 0x88);
    words[i + 12] = (Words)_mm512_shuffle_i32x4(high_ab, high_cd, 0xDD);
  }
}

}  // namespace
}  // namespace xnatarchive

#define XNATARCHIVE_MD5_LANES 16
#define XNATARCHIVE_MD5_TABLE kMd5LanesAvx512
#include "digest/md5_lanes_variant.hpp"
