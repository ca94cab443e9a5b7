#include "handles.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <unordered_map>

namespace xnatarchive::capi {
namespace {

constexpr std::size_t kShards = 16;
constexpr unsigned kTagBits = 5;
// Far above the numbers a mistaken program passes, and no address of the first pages.
constexpr std::uintptr_t kFirstNumber = std::uintptr_t{1} << (sizeof(void*) == 8 ? 32 : 16);

struct Shard {
  std::mutex mutex;
  std::unordered_map<std::uintptr_t, std::shared_ptr<void>> objects;
};

/// Never destroyed: handles may be freed while the process ends.
Shard& ShardOf(std::uintptr_t handle) {
  static auto& shards = *new std::array<Shard, kShards>;
  return shards[(handle >> kTagBits) % kShards];
}

bool HasTag(std::uintptr_t handle, std::uintptr_t tag) {
  return (handle & ((std::uintptr_t{1} << kTagBits) - 1)) == tag;
}

}  // namespace

std::uintptr_t AddHandle(std::uintptr_t tag, std::shared_ptr<void> object) {
  static std::atomic<std::uintptr_t> next{kFirstNumber};
  const std::uintptr_t handle = (next.fetch_add(1, std::memory_order_relaxed) << kTagBits) | tag;
  Shard& shard = ShardOf(handle);
  const std::lock_guard<std::mutex> lock(shard.mutex);
  shard.objects.emplace(handle, std::move(object));
  return handle;
}

std::shared_ptr<void> FindHandle(std::uintptr_t tag, std::uintptr_t handle) noexcept {
  if (!HasTag(handle, tag)) return nullptr;
  Shard& shard = ShardOf(handle);
  const std::lock_guard<std::mutex> lock(shard.mutex);
  const auto at = shard.objects.find(handle);
  return at == shard.objects.end() ? nullptr : at->second;
}

std::shared_ptr<void> TakeHandle(std::uintptr_t tag, std::uintptr_t handle) noexcept {
  if (!HasTag(handle, tag)) return nullptr;
  Shard& shard = ShardOf(handle);
  std::shared_ptr<void> object;  // destroyed when the shard is unlocked
  const std::lock_guard<std::mutex> lock(shard.mutex);
  const auto at = shard.objects.find(handle);
  if (at == shard.objects.end()) return nullptr;
  object = std::move(at->second);
  shard.objects.erase(at);
  return object;
}

}  // namespace xnatarchive::capi
