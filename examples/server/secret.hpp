// secret.hpp - what is secret and how it is compared: random tokens, password hashes, keyed hashes.
#ifndef XNATARCHIVE_SERVER_SECRET_HPP_
#define XNATARCHIVE_SERVER_SECRET_HPP_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xnatarchive/status.hpp"

namespace server {

/// `bytes` bytes of the operating system's randomness, as lower-case hex. kInternal
/// "secret.no-randomness" when there is none: nothing weaker takes its place.
xnatarchive::Result<std::string> RandomToken(std::size_t bytes);

/// Whether two texts are the same; how long it takes tells their lengths and nothing else.
bool SameSecret(std::string_view a, std::string_view b);

/// HMAC-SHA-256 of `text`, 32 bytes: tells nothing of it to who does not know `key`.
std::string KeyedHash(std::string_view key, std::string_view text);

/// Standard base64 with padding, as in basic authentication.
std::string EncodeBase64(std::string_view bytes);

/// The bytes of such a text. nullopt for anything else.
std::optional<std::string> DecodeBase64(std::string_view text);

/// A password as it is kept: "$scrypt$ln=15,r=8,p=3$SALT$HASH", both in base64.
class PasswordHash {
 public:
  /// Reads one. nullopt when it is malformed or its cost is out of bounds: ln 4 to 20, r 1 to 32,
  /// p 1 to 16, and at most 256 MiB.
  static std::optional<PasswordHash> Parse(std::string_view text);
  /// Hashes `password` with a new salt, at the cost that is recommended today (32 MiB, about a
  /// quarter of a second).
  static xnatarchive::Result<PasswordHash> Of(std::string_view password);

  /// Whether this is the hash of `password`. Takes as long for a wrong one as for the right one.
  bool Matches(std::string_view password) const;
  std::string Text() const;

 private:
  unsigned ln_ = 15;
  unsigned r_ = 8;
  unsigned p_ = 3;
  std::string salt_;
  std::string hash_;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_SECRET_HPP_
