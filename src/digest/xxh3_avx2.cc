#define XNATARCHIVE_XXH3_TABLE kXxh3Avx2
#include "digest/xxh3_variant.hpp"
