#include "container/zip_end.hpp"

#include <doctest/doctest.h>

#include <string>

namespace xnatarchive {
namespace {

std::string LittleEndian(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

std::string End(std::uint64_t entries, const std::string& comment = "") {
  return "PK\x05\x06" + std::string(4, '\0') + LittleEndian(entries, 2) + LittleEndian(entries, 2) +
         std::string(8, '\0') + LittleEndian(comment.size(), 2) + comment;
}

std::string LargeEnd(std::uint64_t entries) {
  return "PK\x06\x06" + std::string(20, '\0') + LittleEndian(entries, 8) +
         LittleEndian(entries, 8) + std::string(16, '\0') + "PK\x06\x07" + std::string(16, '\0');
}

}  // namespace

TEST_SUITE("container.zip_end") {
  TEST_CASE("the number in the end record is compared, behind data and before a comment") {
    for (const std::string& before :
         {std::string(), std::string("PK\x05\x06"), std::string(9, 'x')}) {
      CHECK(ZipEndMatches(before + End(3), 3));
      CHECK(ZipEndMatches(before + End(3, "a comment"), 3));
      CHECK_FALSE(ZipEndMatches(before + End(3), 2));
      CHECK_FALSE(ZipEndMatches(before + End(3), 4));
    }
    CHECK(ZipEndMatches(End(0), 0));
    CHECK(ZipEndMatches(End(3, "with PK\x05\x06 and more than a record's length of text"), 3));
    CHECK(ZipEndMatches(End(3) + "garbage", 3));
  }

  TEST_CASE("without a whole end record nothing matches") {
    CHECK_FALSE(ZipEndMatches("", 0));
    CHECK_FALSE(ZipEndMatches("PK\x05\x06", 0));
    const std::string end = End(3);
    for (std::size_t size = 0; size < end.size(); ++size) {
      CHECK_FALSE(ZipEndMatches(end.substr(0, size), 3));
    }
  }

  TEST_CASE("more than 65,534 entries are counted by the large record, or modulo 65,536") {
    CHECK(ZipEndMatches(LargeEnd(100'000) + End(0xFFFF), 100'000));
    CHECK_FALSE(ZipEndMatches(LargeEnd(100'000) + End(0xFFFF), 100'000 - 65'536));
    CHECK(ZipEndMatches(End(0xFFFF), 0xFFFF));
    CHECK(ZipEndMatches(End(100'000 & 0xFFFF), 100'000));
    CHECK_FALSE(ZipEndMatches(End(100'000 & 0xFFFF), 100'001));
  }
}

}  // namespace xnatarchive
