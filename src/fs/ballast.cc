#include "fs/ballast.hpp"

#include <cstdint>
#include <random>

namespace xnatarchive {

std::string BallastBytes(std::size_t count) {
  std::mt19937_64 random;
  std::string bytes;
  bytes.reserve(count + sizeof(std::uint64_t));
  while (bytes.size() < count) {
    const std::uint64_t word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.resize(count);
  return bytes;
}

}  // namespace xnatarchive
