// xxh3_variant.hpp - defines the table XNATARCHIVE_XXH3_TABLE from the xxHash header, with the
// instruction set of the one file that includes it: the three xxh3_*.cc differ in their compiler
// flags only.
#ifndef XNATARCHIVE_DIGEST_XXH3_VARIANT_HPP_
#define XNATARCHIVE_DIGEST_XXH3_VARIANT_HPP_

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "digest/xxh3.hpp"

namespace xnatarchive {
namespace {

static_assert(sizeof(XXH3_state_t) <= sizeof(Xxh3State), "Xxh3State is too small");
static_assert(alignof(XXH3_state_t) <= alignof(Xxh3State), "Xxh3State is not aligned");

void Store(XXH128_hash_t hash, unsigned char* digest) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  for (size_t i = 0; i < sizeof canonical.digest; ++i) digest[i] = canonical.digest[i];
}

void Reset(Xxh3State* state) {
  // xxHash reads one field of the old state.
  auto* const own = reinterpret_cast<XXH3_state_t*>(state->bytes);
  XXH3_INITSTATE(own);
  (void)XXH3_128bits_reset(own);
}

void Update(Xxh3State* state, const void* data, size_t size) {
  (void)XXH3_128bits_update(reinterpret_cast<XXH3_state_t*>(state->bytes), data, size);
}

void Finish(const Xxh3State* state, unsigned char* digest) {
  Store(XXH3_128bits_digest(reinterpret_cast<const XXH3_state_t*>(state->bytes)), digest);
}

void Hash(const void* data, size_t size, unsigned char* digest) {
  Store(XXH3_128bits(data, size), digest);
}

}  // namespace

extern const Xxh3 XNATARCHIVE_XXH3_TABLE;
const Xxh3 XNATARCHIVE_XXH3_TABLE = {Reset, Update, Finish, Hash};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DIGEST_XXH3_VARIANT_HPP_
