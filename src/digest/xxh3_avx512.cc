#define XNATARCHIVE_XXH3_TABLE kXxh3Avx512
#include "digest/xxh3_variant.hpp"
