#include "xnatarchive/shared_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace xnatarchive {

TEST_SUITE("public.shared-text") {
  TEST_CASE("reads like a string: made from, compared with and turned into the standard types") {
    SharedText text = "one";
    CHECK(text == "one");
    CHECK("one" == text);
    CHECK(text == std::string("one"));
    CHECK(text == std::string_view("one"));
    CHECK(text != "two");
    CHECK("two" != text);
    CHECK(text.size() == 3);
    CHECK_FALSE(text.empty());
    const std::string copy = text;
    CHECK(copy == "one");
    text = std::string("two");
    CHECK(text.view() == "two");
    text = std::string_view("a\0b", 3);
    CHECK(text.size() == 3);
    CHECK(SharedText("a") < SharedText("b"));
    CHECK(sizeof(SharedText) == sizeof(void*));
  }

  TEST_CASE("empty text holds nothing") {
    SharedText text;
    CHECK(text.empty());
    CHECK(text == "");
    CHECK(text == SharedText(std::string()));
    CHECK(text.view().data() == nullptr);
    text = "x";
    text = {};
    CHECK(text.empty());
  }

  TEST_CASE("copies share the characters and outlive each other") {
    SharedText first = "shared by two";
    SharedText second = first;
    CHECK(second.view().data() == first.view().data());
    first = "another";
    CHECK(second == "shared by two");
    SharedText third = std::move(second);
    CHECK(third == "shared by two");
    const SharedText& self = third;
    third = self;
    CHECK(third == "shared by two");
  }

  TEST_CASE("copies may be made and dropped by several threads") {
    const SharedText text = "counted";
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&text] {
        for (int i = 0; i < 20'000; ++i) {
          SharedText copy = text;
          SharedText other = copy;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(text == "counted");
  }
}

}  // namespace xnatarchive
