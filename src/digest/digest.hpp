// digest.hpp - the checksums of bytes.
#ifndef XNATARCHIVE_DIGEST_DIGEST_HPP_
#define XNATARCHIVE_DIGEST_DIGEST_HPP_

#include <cstddef>
#include <memory>
#include <string>

#include "xnatarchive/checksum.hpp"

namespace xnatarchive {

/// Lower-case hex; empty when it was not asked for.
struct Digests {
  std::string md5;   ///< 32 digits.
  std::string xxh3;  ///< XXH3-128, 32 digits, as `xxhsum -H2` prints it.
};

bool operator==(const Digests& a, const Digests& b);
inline bool operator!=(const Digests& a, const Digests& b) { return !(a == b); }

/// Computes the digests of one stream of bytes after another. Movable. One thread at a time. Only
/// std::bad_alloc is thrown.
class Hasher {
 public:
  explicit Hasher(Checksum checksum);
  Hasher(Hasher&& other) noexcept;
  Hasher& operator=(Hasher&& other) noexcept;
  ~Hasher();

  void Update(const void* data, std::size_t size);
  /// The digests of everything since the construction, the last Finish, or the last Reset.
  Digests Finish();
  /// Forgets what was given so far.
  void Reset();
  /// The digests of one whole buffer: faster than Update and Finish for a file that fits into it.
  /// Requires that nothing was given since the last Finish or Reset.
  Digests Hash(const void* data, std::size_t size);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DIGEST_DIGEST_HPP_
