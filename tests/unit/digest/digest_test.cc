#include "digest/digest.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <vector>

#include "base/text.hpp"
#include "digest/xxh3.hpp"

namespace xnatarchive {
namespace {

std::string RandomBytes(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size) + 1);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

Digests HashText(Checksum checksum, const std::string& text) {
  return Hasher(checksum).Hash(text.data(), text.size());
}

std::string Xxh3Whole(const Xxh3& xxh3, const std::string& text) {
  unsigned char digest[16];
  xxh3.hash(text.data(), text.size(), digest);
  return Hex(digest, sizeof digest);
}

std::string Xxh3Streamed(const Xxh3& xxh3, const std::string& text, std::size_t piece) {
  Xxh3State state;
  std::memset(&state, 0xA5, sizeof state);  // reset must not rely on what was there
  xxh3.reset(&state);
  for (std::size_t at = 0; at < text.size(); at += piece) {
    xxh3.update(&state, text.data() + at, std::min(piece, text.size() - at));
  }
  unsigned char digest[16];
  xxh3.finish(&state, digest);
  return Hex(digest, sizeof digest);
}

}  // namespace

TEST_SUITE("digest.checksum") {
  TEST_CASE("every setting has a name that reads back; anything else is refused") {
    for (const Checksum checksum :
         {Checksum::kMd5AndXxh3, Checksum::kMd5, Checksum::kXxh3, Checksum::kNone}) {
      CHECK(ParseChecksum(ChecksumName(checksum)) == checksum);
    }
    CHECK(ChecksumName(Checksum::kMd5AndXxh3) == "md5+xxh3");
    for (const char* text : {"", "MD5", "md5 ", "xxh3+md5", "sha256", "unknown"}) {
      CHECK_FALSE(ParseChecksum(text).has_value());
    }
  }
}

TEST_SUITE("digest.hasher") {
  TEST_CASE("known answers, in lower-case hex, for exactly the digests that were asked for") {
    const Digests empty = HashText(Checksum::kMd5AndXxh3, "");
    CHECK(empty.md5 == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(empty.xxh3 == "99aa06d3014798d86001c324468d497f");
    const Digests abc = HashText(Checksum::kMd5AndXxh3, "abc");
    CHECK(abc.md5 == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(abc.xxh3 == "06b05ab6733a618578af5f94892f3950");
    CHECK(HashText(Checksum::kMd5, "abc") == Digests{abc.md5, ""});
    CHECK(HashText(Checksum::kXxh3, "abc") == Digests{"", abc.xxh3});
    CHECK(HashText(Checksum::kNone, "abc") == Digests{"", ""});
  }

  TEST_CASE("pieces give the digests of the whole, one stream after another") {
    Hasher hasher(Checksum::kMd5AndXxh3);
    for (const std::size_t size : {0u, 1u, 240u, 241u, 1024u, 5000u, 1u << 20}) {
      const std::string bytes = RandomBytes(size);
      const Digests whole = hasher.Hash(bytes.data(), bytes.size());
      for (const std::size_t piece : {1u, 63u, 256u, 4096u, 300000u}) {
        if (size / piece > 10000) continue;
        CAPTURE(size);
        CAPTURE(piece);
        for (std::size_t at = 0; at < size; at += piece) {
          hasher.Update(bytes.data() + at, std::min(piece, size - at));
        }
        CHECK(hasher.Finish() == whole);
      }
    }
  }

  TEST_CASE("a reset forgets what was given") {
    Hasher hasher(Checksum::kMd5AndXxh3);
    hasher.Update("junk", 4);
    hasher.Reset();
    hasher.Update("abc", 3);
    CHECK(hasher.Finish() == HashText(Checksum::kMd5AndXxh3, "abc"));
  }

  TEST_CASE("a moved hasher goes on where it was") {
    Hasher first(Checksum::kMd5AndXxh3);
    first.Update("a", 1);
    Hasher second = std::move(first);
    second.Update("bc", 2);
    CHECK(second.Finish() == HashText(Checksum::kMd5AndXxh3, "abc"));
  }
}

TEST_SUITE("digest.xxh3") {
  TEST_CASE("every instruction set of this processor gives the digests of the plain one") {
    const Xxh3* const plain = FindXxh3(InstructionSet::kPlain);
    REQUIRE(plain != nullptr);
    for (const InstructionSet set : {InstructionSet::kAvx2, InstructionSet::kAvx512}) {
      const Xxh3* const other = FindXxh3(set);
      if (other == nullptr) {
        MESSAGE("this processor lacks instruction set ", static_cast<int>(set));
        continue;
      }
      const std::string bytes = RandomBytes(5000);
      for (std::size_t size = 0; size <= bytes.size(); size += size < 600 ? 1 : 37) {
        CAPTURE(size);
        const std::string text = bytes.substr(0, size);
        const std::string expected = Xxh3Whole(*plain, text);
        CHECK(Xxh3Whole(*other, text) == expected);
        CHECK(Xxh3Streamed(*other, text, 100) == expected);
        CHECK(Xxh3Streamed(*plain, text, 77) == expected);
      }
      const std::string large = RandomBytes(1 << 20);
      CHECK(Xxh3Whole(*other, large) == Xxh3Whole(*plain, large));
      CHECK(Xxh3Streamed(*other, large, 65537) == Xxh3Whole(*plain, large));
    }
  }

  TEST_CASE("the best one is one of those this processor has") {
    bool found = false;
    for (const InstructionSet set :
         {InstructionSet::kPlain, InstructionSet::kAvx2, InstructionSet::kAvx512}) {
      found = found || FindXxh3(set) == &BestXxh3();
    }
    CHECK(found);
  }
}

}  // namespace xnatarchive
