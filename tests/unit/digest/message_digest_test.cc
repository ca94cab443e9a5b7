#include "digest/message_digest.hpp"

#include <doctest/doctest.h>

#include <string>

namespace xnatarchive {

TEST_SUITE("digest.message_digest") {
  TEST_CASE("the digests of \"abc\" are those of the standards, in one piece and in several") {
    const struct {
      DigestAlgorithm algorithm;
      std::string digest;
    } cases[] = {
        {DigestAlgorithm::kMd5, "900150983cd24fb0d6963f7d28e17f72"},
        {DigestAlgorithm::kSha1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {DigestAlgorithm::kSha256,
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {DigestAlgorithm::kSha512,
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    for (const auto& expected : cases) {
      MessageDigest digest(expected.algorithm);
      digest.Update("abc", 3);
      CHECK(digest.Finish() == expected.digest);
      digest.Update("forgotten", 9);
      digest.Reset();
      digest.Update("a", 1);
      digest.Update("", 0);
      digest.Update("bc", 2);
      CHECK(digest.Finish() == expected.digest);
    }
  }
}

}  // namespace xnatarchive
