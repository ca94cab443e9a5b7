#include "secret.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>

namespace server {
namespace {

using xnatarchive::Code;
using xnatarchive::Result;
using xnatarchive::Status;

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::uint64_t kMemoryMax = 256u << 20;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string* text) { return reinterpret_cast<unsigned char*>(text->data()); }

Status NoRandomness() {
  return Status(Code::kInternal, "secret.no-randomness", "the system gives no random bytes");
}

std::uint64_t MemoryOf(unsigned ln, unsigned r) { return (std::uint64_t{128} * r) << ln; }

/// Empty when memory ran out.
std::string Scrypt(std::string_view password, std::string_view salt, unsigned ln, unsigned r,
                   unsigned p) {
  std::string hash(kHashBytes, '\0');
  const std::uint64_t memory = 2 * MemoryOf(ln, r) + (1u << 20);
  const int done = EVP_PBE_scrypt(password.data(), password.size(), Bytes(salt), salt.size(),
                                  std::uint64_t{1} << ln, r, p, memory, Bytes(&hash), hash.size());
  return done == 1 ? hash : std::string();
}

}  // namespace

Result<std::string> RandomToken(std::size_t bytes) {
  std::string random(bytes, '\0');
  if (RAND_bytes(Bytes(&random), static_cast<int>(bytes)) != 1) return NoRandomness();
  std::string hex;
  for (const char c : random) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    hex += digits;
  }
  return hex;
}

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string KeyedHash(std::string_view key, std::string_view text) {
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(text), text.size(),
       Bytes(&hash), &size);
  hash.resize(size);
  return hash;
}

std::string EncodeBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(Bytes(&text), Bytes(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0 ||
      text.substr(0, text.size() - std::min<std::size_t>(2, text.size())).find('=') !=
          std::string_view::npos) {
    return std::nullopt;
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(Bytes(&bytes), Bytes(text), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  std::size_t padding = 0;  // which it decodes as zeros
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

std::optional<PasswordHash> PasswordHash::Parse(std::string_view text) {
  PasswordHash hash;
  const std::string line(text);
  int begin = 0;
  if (line.size() > 512 ||
      std::sscanf(line.c_str(), "$scrypt$ln=%2u,r=%2u,p=%2u$%n", &hash.ln_, &hash.r_, &hash.p_,
                  &begin) != 3 ||
      begin == 0) {
    return std::nullopt;
  }
  const std::size_t dollar = line.find('$', static_cast<std::size_t>(begin));
  if (dollar == std::string::npos) return std::nullopt;
  const auto salt = DecodeBase64(
      text.substr(static_cast<std::size_t>(begin), dollar - static_cast<std::size_t>(begin)));
  const auto bytes = DecodeBase64(text.substr(dollar + 1));
  const bool bounded = hash.ln_ >= 4 && hash.ln_ <= 20 && hash.r_ >= 1 && hash.r_ <= 32 &&
                       hash.p_ >= 1 && hash.p_ <= 16 && MemoryOf(hash.ln_, hash.r_) <= kMemoryMax;
  if (!bounded || !salt || salt->size() < 8 || !bytes || bytes->size() != kHashBytes) {
    return std::nullopt;
  }
  hash.salt_ = *salt;
  hash.hash_ = *bytes;
  return hash;
}

Result<PasswordHash> PasswordHash::Of(std::string_view password) {
  PasswordHash hash;
  hash.salt_.resize(kSaltBytes);
  if (RAND_bytes(Bytes(&hash.salt_), kSaltBytes) != 1) return NoRandomness();
  hash.hash_ = Scrypt(password, hash.salt_, hash.ln_, hash.r_, hash.p_);
  if (hash.hash_.empty()) {
    return Status(Code::kNoMemory, "secret.no-memory", "no memory to hash a password");
  }
  return hash;
}

bool PasswordHash::Matches(std::string_view password) const {
  const std::string hash = Scrypt(password, salt_, ln_, r_, p_);
  return !hash.empty() && SameSecret(hash, hash_);
}

std::string PasswordHash::Text() const {
  return "$scrypt$ln=" + std::to_string(ln_) + ",r=" + std::to_string(r_) +
         ",p=" + std::to_string(p_) + "$" + EncodeBase64(salt_) + "$" + EncodeBase64(hash_);
}

}  // namespace server
