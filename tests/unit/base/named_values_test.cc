#include "base/named_values.hpp"

#include <doctest/doctest.h>

namespace xnatarchive {

TEST_SUITE("base.named_values") {
  TEST_CASE("any text comes back as it was") {
    const NamedValues values = {{"AA", "true"},
                                {"xnat:mrSessionData/note", "a=b\nc%\t\x01 d"},
                                {"odd\n=name", ""},
                                {"caf\xC3\xA9", "\xE2\x82\xAC"}};
    const std::string text = WriteNamedValues(values);
    CHECK(ParseNamedValues(text) == values);
    CHECK(ParseNamedValues("") == NamedValues());
    CHECK(ParseNamedValueLines("a=1\na=2\n")->size() == 2);
  }

  TEST_CASE("what was not written like this is refused as a whole") {
    for (const char* text : {"a", "a=1", "=1\n", "a=1\nb\n", "\n", "a=%\n", "a%zz=1\n"}) {
      CAPTURE(text);
      CHECK_FALSE(ParseNamedValues(text).has_value());
    }
  }
}

}  // namespace xnatarchive
