// What pages are made of: markup, words, numbers.
#include <doctest/doctest.h>

#include "html.hpp"
#include "wording.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace page {

TEST_SUITE("page.html") {
  TEST_CASE("text and values are escaped wherever they are put") {
    const std::string evil = "<script>alert('x')</script>\"&\x01\x7F";
    const std::string safe =
        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;\xEF\xBF\xBD\xEF\xBF\xBD";
    CHECK(Html(evil).markup() == safe);
    CHECK(Element("p", {{"title", evil}, {"", "left out"}}, {evil, Element("b", {}, {"x"})})
              .markup() == "<p title=\"" + safe + "\">" + safe + "<b>x</b></p>");
    CHECK(Name(evil).markup() == "<bdi>" + safe + "</bdi>");
    CHECK(Element("input", {{"value", "\"><img>"}}).markup() ==
          "<input value=\"&quot;&gt;&lt;img&gt;\">");
    CHECK(Html("עברית\tü\n").markup() == "עברית\tü\n");
  }

  TEST_CASE("values in URLs can not leave their place") {
    CHECK(UrlEncode("a/b?c#d&e=f%\"<ü") == "a%2Fb%3Fc%23d%26e%3Df%25%22%3C%C3%BC");
    CHECK(Query({{"a b", "c&d"}, {"e", ""}}) == "a%20b=c%26d&e=");
  }
}

TEST_SUITE("page.wording") {
  TEST_CASE("every state has a word, a sentence, and a kind that the filter knows") {
    for (std::size_t i = 0; i < xnatarchive::kPrearchiveStateCount; ++i) {
      const auto state = static_cast<xnatarchive::PrearchiveState>(i);
      const std::string name(xnatarchive::PrearchiveStateName(state));
      CAPTURE(name);
      const StateWords words = WordsOfState(name);
      CHECK_FALSE(words.sentence.empty());
      CHECK(words.word.find('_') == std::string::npos);
      bool known = false;
      for (const StateKind& kind : StateKinds()) known = known || kind.kind == words.kind;
      CHECK(known);
    }
    CHECK(WordsOfState("_ARCHIVING").word == "Archiving");
    CHECK(WordsOfState("QUEUED_BUILDING").word == "Building, waiting");
    CHECK(WordsOfState("_CONFLICT").kind == "conflict");
    CHECK(WordsOfState("RECEIVING_INTERRUPT").kind == "receiving");
    CHECK(WordsOfState("NEW_ONE").word == "New one");
  }

  TEST_CASE("every finding of XNAT's table has its sentence, by type where that tells them apart") {
    for (int code = 1; code <= 22; ++code) {
      CAPTURE(code);
      CHECK_FALSE(SentenceOfFinding(code, "WARN").empty());
      CHECK_FALSE(SentenceOfFinding(code, "FAIL").empty());
    }
    for (const int code : {17, 19, 22}) {
      CAPTURE(code);
      CHECK(SentenceOfFinding(code, "FAIL") != SentenceOfFinding(code, "CONFLICT"));
    }
    CHECK(SentenceOfFinding(16, "WARN") != SentenceOfFinding(16, "CONFLICT"));
    CHECK(SentenceOfFinding(0, "FAIL").empty());
    CHECK(SentenceOfFinding(23, "FAIL").empty());
  }

  TEST_CASE("sizes have three figures and a unit") {
    const struct {
      std::uint64_t bytes;
      const char* text;
    } cases[] = {{0, "0 bytes"},      {1, "1 byte"},           {999, "999 bytes"},
                 {1000, "1.00 kB"},   {9994, "9.99 kB"},       {9996, "10.0 kB"},
                 {99940, "99.9 kB"},  {99960, "100 kB"},       {999499, "999 kB"},
                 {999500, "1.00 MB"}, {1400000000, "1.40 GB"}, {18446744073709551615U, "18.4 EB"}};
    for (const auto& [bytes, text] : cases) CHECK(Size(bytes) == text);
  }

  TEST_CASE("times of tables are read, and told as ages") {
    CHECK(ParseTableTime("1970-01-02 00:00:01.5") == 86401000);
    CHECK(ParseTableTime("2024-02-29 12:30:00.0") == 1709209800000);
    for (const char* bad : {"", "2024", "2024-13-01 00:00:00", "yesterday"}) {
      CAPTURE(bad);
      CHECK_FALSE(ParseTableTime(bad).has_value());
    }
    const std::int64_t now = 2'000'000'000'000;
    const struct {
      std::int64_t seconds;
      const char* text;
    } cases[] = {{-5, "just now"},
                 {59, "just now"},
                 {60, "1 minute ago"},
                 {3599, "59 minutes ago"},
                 {7200, "2 hours ago"},
                 {86400, "1 day ago"},
                 {59 * 86400, "59 days ago"},
                 {61 * 86400, "2 months ago"},
                 {800 * 86400, "2 years ago"}};
    for (const auto& [seconds, text] : cases) CHECK(Age(now - seconds * 1000, now) == text);
  }
}

}  // namespace page
