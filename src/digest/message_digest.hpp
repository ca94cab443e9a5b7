// message_digest.hpp - MD5 and the SHA family, of one stream of bytes after another.
#ifndef XNATARCHIVE_DIGEST_MESSAGE_DIGEST_HPP_
#define XNATARCHIVE_DIGEST_MESSAGE_DIGEST_HPP_

#include <cstddef>
#include <memory>
#include <string>

namespace xnatarchive {

enum class DigestAlgorithm { kMd5, kSha1, kSha256, kSha512 };

/// Movable. One thread at a time.
///
/// The algorithms come from a library context of our own: whatever a host does to OpenSSL's default
/// one (a FIPS configuration has no MD5), digests stay what they were. Only std::bad_alloc is
/// thrown.
class MessageDigest {
 public:
  explicit MessageDigest(DigestAlgorithm algorithm);
  MessageDigest(MessageDigest&& other) noexcept;
  MessageDigest& operator=(MessageDigest&& other) noexcept;
  ~MessageDigest();

  void Update(const void* data, std::size_t size);
  /// Lower-case hex of everything since the construction, the last Finish, or the last Reset.
  std::string Finish();
  /// Forgets what was given so far.
  void Reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DIGEST_MESSAGE_DIGEST_HPP_
