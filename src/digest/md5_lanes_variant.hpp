// md5_lanes_variant.hpp - defines the table XNATARCHIVE_MD5_TABLE with XNATARCHIVE_MD5_LANES lanes,
// in the instruction set of the one file that includes it. That file has defined
//
//   Words                      a vector of one 32 bit word for each lane
//   LoadBlock(data, at, words) word i of the block at `at` of every stream, into words[i]
//
// MD5 is that of RFC 1321; the names of its functions and tables are those in there.
#ifndef XNATARCHIVE_DIGEST_MD5_LANES_VARIANT_HPP_
#define XNATARCHIVE_DIGEST_MD5_LANES_VARIANT_HPP_

#include "digest/md5_lanes.hpp"

namespace xnatarchive {
namespace {

constexpr uint32_t kT[64] = {
    0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
    0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
    0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
    0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
    0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
    0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
    0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
    0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391};
constexpr int kShift[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

template <int kRound>
Words Mix(Words b, Words c, Words d) {
  if (kRound == 0) return d ^ (b & (c ^ d));
  if (kRound == 1) return c ^ (d & (b ^ c));
  if (kRound == 2) return b ^ c ^ d;
  return c ^ (b | ~d);
}

template <int kRound>
void Round(const Words* x, Words* state) {
  constexpr int kFirst[4] = {0, 1, 5, 0};
  constexpr int kStride[4] = {1, 5, 3, 7};
  Words a = state[0], b = state[1], c = state[2], d = state[3];
  for (int i = 0; i < 16; ++i) {
    const Words sum = a + Mix<kRound>(b, c, d) + x[(kFirst[kRound] + kStride[kRound] * i) & 15] +
                      kT[16 * kRound + i];
    const int shift = kShift[kRound][i & 3];
    a = d;
    d = c;
    c = b;
    b += (sum << shift) | (sum >> (32 - shift));
  }
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

void Update(Md5LaneStates* states, const unsigned char* const* data, size_t blocks) {
  Words state[4];
  for (int i = 0; i < 4; ++i) state[i] = *reinterpret_cast<const Words*>(states->words[i]);
  for (size_t block = 0; block < blocks; ++block) {
    Words x[16];
    LoadBlock(data, block * kMd5BlockBytes, x);
    const Words before[4] = {state[0], state[1], state[2], state[3]};
    Round<0>(x, state);
    Round<1>(x, state);
    Round<2>(x, state);
    Round<3>(x, state);
    for (int i = 0; i < 4; ++i) state[i] += before[i];
  }
  for (int i = 0; i < 4; ++i) *reinterpret_cast<Words*>(states->words[i]) = state[i];
}

}  // namespace

extern const Md5Lanes XNATARCHIVE_MD5_TABLE;
const Md5Lanes XNATARCHIVE_MD5_TABLE = {XNATARCHIVE_MD5_LANES, Update};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DIGEST_MD5_LANES_VARIANT_HPP_
