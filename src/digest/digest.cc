#include "digest/digest.hpp"

#include <openssl/evp.h>

#include <new>

#include "base/text.hpp"
#include "digest/xxh3.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kDigestBytes = 16;  // both kinds

/// MD5 as libcrypto's built-in provider has it, looked up once: the look-up costs more than a
/// small file. A new library context reads no configuration; the object lives as long as the
/// process, as OpenSSL's own do. Null only when memory ran out.
const EVP_MD* Md5() {
  static const EVP_MD* const kMd5 = EVP_MD_fetch(OSSL_LIB_CTX_new(), "MD5", nullptr);
  return kMd5;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// OpenSSL fails here only when memory ran out.
void Require(bool ok) {
  if (!ok) throw std::bad_alloc();
}

/// One MD5 stream; `wanted` false makes every call do nothing.
class Md5Stream {
 public:
  explicit Md5Stream(bool wanted) : context_(wanted ? EVP_MD_CTX_new() : nullptr) {
    Require(!wanted || context_ != nullptr);
    Reset();
  }
  void Reset() {
    if (context_ != nullptr) Require(EVP_DigestInit_ex2(context_.get(), Md5(), nullptr) == 1);
  }
  void Update(const void* data, std::size_t size) {
    if (context_ != nullptr) Require(EVP_DigestUpdate(context_.get(), data, size) == 1);
  }
  std::string Finish() {
    if (context_ == nullptr) return std::string();
    unsigned char digest[kDigestBytes];
    Require(EVP_DigestFinal_ex(context_.get(), digest, nullptr) == 1);
    Reset();
    return Hex(digest, sizeof digest);
  }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

struct Hasher::State {
  explicit State(Checksum checksum)
      : md5(checksum == Checksum::kMd5AndXxh3 || checksum == Checksum::kMd5),
        has_xxh3(checksum == Checksum::kMd5AndXxh3 || checksum == Checksum::kXxh3),
        xxh3(BestXxh3()) {}

  Md5Stream md5;
  const bool has_xxh3;
  const Xxh3& xxh3;
  Xxh3State xxh3_state;
};

bool operator==(const Digests& a, const Digests& b) { return a.md5 == b.md5 && a.xxh3 == b.xxh3; }

Hasher::Hasher(Checksum checksum) : state_(std::make_unique<State>(checksum)) { Reset(); }
Hasher::Hasher(Hasher&& other) noexcept = default;
Hasher& Hasher::operator=(Hasher&& other) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::Reset() {
  state_->md5.Reset();
  if (state_->has_xxh3) state_->xxh3.reset(&state_->xxh3_state);
}

void Hasher::Update(const void* data, std::size_t size) {
  state_->md5.Update(data, size);
  if (state_->has_xxh3) state_->xxh3.update(&state_->xxh3_state, data, size);
}

Digests Hasher::Finish() {
  Digests digests;
  digests.md5 = state_->md5.Finish();
  if (state_->has_xxh3) {
    unsigned char digest[kDigestBytes];
    state_->xxh3.finish(&state_->xxh3_state, digest);
    state_->xxh3.reset(&state_->xxh3_state);
    digests.xxh3 = Hex(digest, sizeof digest);
  }
  return digests;
}

Digests Hasher::Hash(const void* data, std::size_t size) {
  Digests digests;
  state_->md5.Update(data, size);
  digests.md5 = state_->md5.Finish();
  if (state_->has_xxh3) {
    unsigned char digest[kDigestBytes];
    state_->xxh3.hash(data, size, digest);
    digests.xxh3 = Hex(digest, sizeof digest);
  }
  return digests;
}

}  // namespace xnatarchive
