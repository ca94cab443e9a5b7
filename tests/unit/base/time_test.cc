#include "base/time.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <ctime>

namespace xnatarchive {

TEST_SUITE("base.time") {
  TEST_CASE("timestamps: written and read back to the millisecond") {
    const std::int64_t now = 1710774167847;
    const std::string text = FormatTimestamp(now);
    CHECK(text.size() == 18);
    CHECK(ParseTimestamp(text) == now);
    CHECK(ParseTimestamp(text.substr(0, 15)) == now - 847);
  }

  TEST_CASE("timestamps: other shapes are not timestamps") {
    for (const char* text : {"", "20240318_15021284", "20240318-150212847", "2024031x_150212847",
                             "20240318_150212847_DA", "temp-unpack"}) {
      CAPTURE(text);
      CHECK_FALSE(ParseTimestamp(text).has_value());
    }
  }

  TEST_CASE("every part has its place and its leading zeros") {
    std::tm tm{};
    tm.tm_year = 104;
    tm.tm_mon = 1;
    tm.tm_mday = 3;
    tm.tm_hour = 4;
    tm.tm_min = 5;
    tm.tm_sec = 6;
    tm.tm_isdst = -1;
    const std::int64_t ms = static_cast<std::int64_t>(std::mktime(&tm)) * 1000 + 7;
    CHECK(FormatTimestamp(ms) == "20040203_040506007");
    CHECK(FormatCatalogTime(ms) == "2004-02-03T04:05:06.007");
    CHECK(FormatTableTime(ms) == "2004-02-03 04:05:06.007");
    CHECK(ParseTimestamp("20040203_040506007") == ms);
  }

  TEST_CASE("table times drop trailing zeros of the fraction, but keep one digit") {
    const std::string whole = FormatTableTime(1710774167000);
    const std::string parts = FormatTableTime(1710774167840);
    CHECK(whole.substr(whole.find('.')) == ".0");
    CHECK(parts.substr(parts.find('.')) == ".84");
  }
}

}  // namespace xnatarchive
