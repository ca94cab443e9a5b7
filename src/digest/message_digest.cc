#include "digest/message_digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <new>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

/// An algorithm as libcrypto's built-in provider has it, looked up once: the look-up costs more
/// than a small file. A new library context reads no configuration; the objects live as long as the
/// process, as OpenSSL's own do. Null only when memory ran out.
const EVP_MD* Fetch(DigestAlgorithm algorithm) {
  static OSSL_LIB_CTX* const kContext = OSSL_LIB_CTX_new();
  static const std::array<const EVP_MD*, 4> kAlgorithms = {
      EVP_MD_fetch(kContext, "MD5", nullptr), EVP_MD_fetch(kContext, "SHA1", nullptr),
      EVP_MD_fetch(kContext, "SHA256", nullptr), EVP_MD_fetch(kContext, "SHA512", nullptr)};
  return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

/// OpenSSL fails here only when memory ran out.
void Require(bool ok) {
  if (!ok) throw std::bad_alloc();
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

struct MessageDigest::State {
  const EVP_MD* algorithm;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context;
};

MessageDigest::MessageDigest(DigestAlgorithm algorithm)
    : state_(std::make_unique<State>(
          State{Fetch(algorithm), std::unique_ptr<EVP_MD_CTX, FreeContext>(EVP_MD_CTX_new())})) {
  Require(state_->context != nullptr);
  Reset();
}
MessageDigest::MessageDigest(MessageDigest&& other) noexcept = default;
MessageDigest& MessageDigest::operator=(MessageDigest&& other) noexcept = default;
MessageDigest::~MessageDigest() = default;

void MessageDigest::Update(const void* data, std::size_t size) {
  Require(EVP_DigestUpdate(state_->context.get(), data, size) == 1);
}

std::string MessageDigest::Finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  Require(EVP_DigestFinal_ex(state_->context.get(), digest, &size) == 1);
  Reset();
  return Hex(digest, size);
}

void MessageDigest::Reset() {
  Require(EVP_DigestInit_ex2(state_->context.get(), state_->algorithm, nullptr) == 1);
}

}  // namespace xnatarchive
