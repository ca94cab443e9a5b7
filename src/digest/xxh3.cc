#include "digest/xxh3.hpp"

namespace xnatarchive {

const Xxh3* FindXxh3(InstructionSet set) noexcept {
#if defined(__x86_64__)
  if (set == InstructionSet::kAvx512) {
    return __builtin_cpu_supports("avx512f") ? &kXxh3Avx512 : nullptr;
  }
  if (set == InstructionSet::kAvx2) return __builtin_cpu_supports("avx2") ? &kXxh3Avx2 : nullptr;
#endif
  return set == InstructionSet::kPlain ? &kXxh3Plain : nullptr;
}

const Xxh3& BestXxh3() noexcept {
  static const Xxh3& best = []() -> const Xxh3& {
    if (const Xxh3* found = FindXxh3(InstructionSet::kAvx512)) return *found;
    if (const Xxh3* found = FindXxh3(InstructionSet::kAvx2)) return *found;
    return kXxh3Plain;
  }();
  return best;
}

}  // namespace xnatarchive
