#include "digest/digest.hpp"

#include <optional>

#include "base/text.hpp"
#include "digest/message_digest.hpp"
#include "digest/xxh3.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kXxh3Bytes = 16;

}  // namespace

struct Hasher::State {
  explicit State(Checksum checksum)
      : has_xxh3(checksum == Checksum::kMd5AndXxh3 || checksum == Checksum::kXxh3),
        xxh3(BestXxh3()) {
    const bool has_md5 = checksum == Checksum::kMd5AndXxh3 || checksum == Checksum::kMd5;
    if (has_md5) md5.emplace(DigestAlgorithm::kMd5);
  }

  std::optional<MessageDigest> md5;
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
  if (state_->md5) state_->md5->Reset();
  if (state_->has_xxh3) state_->xxh3.reset(&state_->xxh3_state);
}

void Hasher::Update(const void* data, std::size_t size) {
  if (state_->md5) state_->md5->Update(data, size);
  if (state_->has_xxh3) state_->xxh3.update(&state_->xxh3_state, data, size);
}

Digests Hasher::Finish() {
  Digests digests;
  if (state_->md5) digests.md5 = state_->md5->Finish();
  if (state_->has_xxh3) {
    unsigned char digest[kXxh3Bytes];
    state_->xxh3.finish(&state_->xxh3_state, digest);
    state_->xxh3.reset(&state_->xxh3_state);
    digests.xxh3 = Hex(digest, sizeof digest);
  }
  return digests;
}

Digests Hasher::Hash(const void* data, std::size_t size) {
  Digests digests;
  if (state_->md5) state_->md5->Update(data, size);
  if (state_->md5) digests.md5 = state_->md5->Finish();
  if (state_->has_xxh3) {
    unsigned char digest[kXxh3Bytes];
    state_->xxh3.hash(data, size, digest);
    digests.xxh3 = Hex(digest, sizeof digest);
  }
  return digests;
}

}  // namespace xnatarchive
