#include "base/time.hpp"

#include <doctest/doctest.h>

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

  TEST_CASE("table times drop trailing zeros of the fraction, but keep one digit") {
    const std::string whole = FormatTableTime(1710774167000);
    const std::string parts = FormatTableTime(1710774167840);
    CHECK(whole.substr(whole.find('.')) == ".0");
    CHECK(parts.substr(parts.find('.')) == ".84");
  }
}

}  // namespace xnatarchive
