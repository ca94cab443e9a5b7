#define XNATARCHIVE_XXH3_TABLE kXxh3Plain
#include "digest/xxh3_variant.hpp"
