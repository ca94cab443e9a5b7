#include "digest/md5_lanes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "digest/message_digest.hpp"

namespace xnatarchive {
namespace {

constexpr InstructionSet kSets[] = {InstructionSet::kAvx2, InstructionSet::kAvx512};

std::string ByOpenSsl(const std::string& message) {
  MessageDigest md5(DigestAlgorithm::kMd5);
  md5.Update(message.data(), message.size());
  return md5.Finish();
}

/// One message on its way through a lane.
struct Stream {
  std::vector<unsigned char> padded;
  std::size_t blocks = 0;
  std::size_t used = 0;
};

Stream Padded(const std::string& message) {
  Stream stream;
  stream.padded.assign(message.begin(), message.end());
  stream.padded.resize(message.size() + kMd5PaddingMax, 0xEE);
  const std::size_t whole = message.size() / kMd5BlockBytes * kMd5BlockBytes;
  stream.blocks = whole / kMd5BlockBytes +
                  PadMd5(stream.padded.data() + whole, message.size() - whole, message.size());
  return stream;
}

/// The digests of all messages; a lane whose message has ended takes the next one, while the others
/// are in the middle of theirs.
std::vector<std::string> InLanes(const Md5Lanes& md5, const std::vector<std::string>& messages) {
  std::vector<std::string> digests(messages.size());
  std::vector<std::size_t> of_lane(md5.lanes, messages.size());
  std::vector<Stream> streams(md5.lanes);
  Md5LaneStates states;
  std::size_t next = 0;
  for (;;) {
    const unsigned char* data[kMd5LanesMax];
    std::size_t blocks = SIZE_MAX;
    static const std::vector<unsigned char> kIdle(1 << 20, 0xAA);
    for (std::size_t lane = 0; lane < md5.lanes; ++lane) {
      if (streams[lane].used == streams[lane].blocks && next < messages.size()) {
        of_lane[lane] = next;
        streams[lane] = Padded(messages[next++]);
        BeginMd5(&states, lane);
      }
      const Stream& stream = streams[lane];
      const bool idle = stream.used == stream.blocks;
      data[lane] = idle ? kIdle.data() : stream.padded.data() + stream.used * kMd5BlockBytes;
      if (!idle) blocks = std::min(blocks, stream.blocks - stream.used);
    }
    if (blocks == SIZE_MAX) return digests;
    md5.update(&states, data, blocks);
    for (std::size_t lane = 0; lane < md5.lanes; ++lane) {
      Stream& stream = streams[lane];
      if (stream.used == stream.blocks) continue;
      stream.used += blocks;
      if (stream.used < stream.blocks) continue;
      unsigned char digest[kMd5Bytes];
      FinishMd5(states, lane, digest);
      digests[of_lane[lane]] = Hex(digest, sizeof digest);
    }
  }
}

}  // namespace

TEST_SUITE("digest.md5_lanes") {
  TEST_CASE("every length around the ends of blocks, in every lane, has OpenSSL's digest") {
    std::vector<std::string> messages;
    std::vector<std::string> expected;
    for (std::size_t size = 0; size < 400; ++size) {
      std::string message;
      for (std::size_t i = 0; i < size; ++i) message += static_cast<char>(size * 31 + i * 7);
      expected.push_back(ByOpenSsl(message));
      messages.push_back(std::move(message));
    }
    for (const InstructionSet set : kSets) {
      const Md5Lanes* const md5 = FindMd5Lanes(set);
      if (md5 == nullptr) continue;
      CAPTURE(md5->lanes);
      for (std::size_t shift = 0; shift < md5->lanes; ++shift) {
        CHECK(InLanes(*md5, messages) == expected);
        std::rotate(messages.begin(), messages.begin() + 1, messages.end());
        std::rotate(expected.begin(), expected.begin() + 1, expected.end());
      }
    }
  }

  TEST_CASE("messages of random lengths and bytes have OpenSSL's digests, however many there are") {
    std::mt19937 random(20240318);
    for (const std::size_t count : {1, 2, 7, 8, 9, 16, 17, 100}) {
      std::vector<std::string> messages;
      std::vector<std::string> expected;
      for (std::size_t i = 0; i < count; ++i) {
        std::string message(random() % (i % 5 == 0 ? 100'000 : 1000), '\0');
        for (char& c : message) c = static_cast<char>(random());
        expected.push_back(ByOpenSsl(message));
        messages.push_back(std::move(message));
      }
      for (const InstructionSet set : kSets) {
        const Md5Lanes* const md5 = FindMd5Lanes(set);
        if (md5 != nullptr) CHECK(InLanes(*md5, messages) == expected);
      }
    }
  }

  TEST_CASE("the padding of a message tells its length in bits, also of more than 32 bits") {
    unsigned char bytes[2 * kMd5BlockBytes] = {'a', 'b', 'c'};
    CHECK(PadMd5(bytes, 3, (std::uint64_t{1} << 40) + 3) == 1);
    CHECK(Hex(bytes, kMd5BlockBytes) == "61626380" + std::string(104, '0') + "1800000000080000");
    CHECK(PadMd5(bytes, 55, 55) == 1);
    CHECK(PadMd5(bytes, 56, 56) == 2);
    CHECK(PadMd5(bytes, 0, 64) == 1);
  }

  TEST_CASE("the best ones are the most this processor has") {
    const Md5Lanes* const best = BestMd5Lanes();
    const Md5Lanes* const avx512 = FindMd5Lanes(InstructionSet::kAvx512);
    CHECK(best == (avx512 != nullptr ? avx512 : FindMd5Lanes(InstructionSet::kAvx2)));
    CHECK(FindMd5Lanes(InstructionSet::kPlain) == nullptr);
  }
}

}  // namespace xnatarchive
