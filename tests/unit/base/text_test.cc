#include "base/text.hpp"

#include <doctest/doctest.h>

namespace xnatarchive {

TEST_SUITE("base.text") {
  TEST_CASE("labels: each forbidden character becomes one underscore, also a multi-byte one") {
    CHECK(SanitiseLabel("Doe^John") == "Doe_John");
    CHECK(SanitiseLabel("A.B") == "A_B");
    CHECK(SanitiseLabel("O'Brien^Zo\xC3\xAB") == "O_Brien_Zo_");
    CHECK(SanitiseLabel("\xFF\xFE") == "__");
  }

  TEST_CASE("labels: only forbidden characters, nothing, or too long is not a label") {
    CHECK(IsValidLabel("A-1_b"));
    CHECK_FALSE(IsValidLabel(""));
    CHECK_FALSE(IsValidLabel("___"));
    CHECK_FALSE(IsValidLabel("a b"));
    CHECK(IsValidLabel(std::string(kLabelBytesMax, 'x')));
    CHECK_FALSE(IsValidLabel(std::string(kLabelBytesMax + 1, 'x')));
  }

  TEST_CASE("utf-8: overlong forms, surrogates and cut sequences are refused") {
    CHECK(IsValidUtf8("Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x98\x80"));
    CHECK_FALSE(IsValidUtf8("\xC0\xAF"));
    CHECK_FALSE(IsValidUtf8("\xED\xA0\x80"));
    CHECK_FALSE(IsValidUtf8("\xF4\x90\x80\x80"));
    CHECK_FALSE(IsValidUtf8("\xE2\x82"));
  }

  TEST_CASE("utf-8 for a database: bad bytes and NUL are replaced, no character is cut in half") {
    CHECK(CleanUtf8("a\xC3\xA9"
                    "b",
                    99) ==
          "a\xC3\xA9"
          "b");
    CHECK(CleanUtf8("a\xC3\xA9"
                    "b",
                    3) == "a\xC3\xA9");
    CHECK(CleanUtf8("a\xC3\xA9"
                    "b",
                    2) == "a");
    CHECK(CleanUtf8(std::string_view("a\0b\xFF\xC3", 5), 99) == "a?b??");
    CHECK(CleanUtf8("abc", 0) == "");
  }

  TEST_CASE("natural order: digits compare as numbers and the order is total") {
    CHECK(NaturalLess("2", "10"));
    CHECK(NaturalLess("3-MR1", "3-MR10"));
    CHECK(NaturalLess("3", "3-MR1"));
    CHECK_FALSE(NaturalLess("10", "2"));
    CHECK_FALSE(NaturalLess("5", "5"));
    CHECK(NaturalLess("01", "1") != NaturalLess("1", "01"));
  }

  TEST_CASE("percent encoding comes back as it was, on one line") {
    const std::string text("a\tb\nc%d\x7F|e\0f", 13);
    const std::string encoded = EncodePercent(text, "|");
    CHECK(encoded.find_first_of("\t\n|") == std::string::npos);
    CHECK(DecodePercent(encoded) == text);
    CHECK_FALSE(DecodePercent("%4").has_value());
    CHECK_FALSE(DecodePercent("%zz").has_value());
  }

  TEST_CASE("numbers: the whole text or nothing") {
    CHECK(ParseInt("-12") == -12);
    CHECK_FALSE(ParseInt("12 ").has_value());
    CHECK_FALSE(ParseInt("").has_value());
    CHECK_FALSE(ParseInt("99999999999999999999").has_value());
    CHECK(Base36(0) == "0");
    CHECK(Base36(4294967295u) == "1z141z3");
  }
}

}  // namespace xnatarchive
