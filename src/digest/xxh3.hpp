// xxh3.hpp - XXH3-128, compiled for each instruction set and chosen at run time.
//
// A packaged libxxhash uses SSE2 only, as it must run everywhere; AVX-512 is 1.4 times faster.
// This header is included by files compiled with -mavx2 and -mavx512f: nothing inline in here.
#ifndef XNATARCHIVE_DIGEST_XXH3_HPP_
#define XNATARCHIVE_DIGEST_XXH3_HPP_

#include <stddef.h>

namespace xnatarchive {

/// Room for xxHash's own state.
struct alignas(64) Xxh3State {
  unsigned char bytes[576];
};

/// The functions of one instruction set. All of them give the same digests: 16 bytes, big endian.
struct Xxh3 {
  void (*reset)(Xxh3State* state);
  void (*update)(Xxh3State* state, const void* data, size_t size);
  void (*finish)(const Xxh3State* state, unsigned char* digest);
  /// Of one whole buffer; faster than the three above.
  void (*hash)(const void* data, size_t size, unsigned char* digest);
};

enum class InstructionSet { kPlain, kAvx2, kAvx512 };  // kPlain: SSE2, NEON, what the target has

extern const Xxh3 kXxh3Plain;
extern const Xxh3 kXxh3Avx2;  // x86-64 only, as the next
extern const Xxh3 kXxh3Avx512;

/// nullptr when this processor or build does not have the instruction set.
const Xxh3* FindXxh3(InstructionSet set) noexcept;

/// The fastest this processor has.
const Xxh3& BestXxh3() noexcept;

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DIGEST_XXH3_HPP_
