#include "container/zip_writer.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

#include "unit/container/make_container.hpp"

namespace xnatarchive {
namespace {

Status Add(ZipWriter& zip, const std::string& name, const std::string& data) {
  Status begun = zip.Begin(name, data.size(), 1'166'101'926'000'000'000);
  return begun.ok() ? zip.Write(data.data(), data.size()) : begun;
}

ZipWriter::Sink AppendTo(std::string* bytes) {
  return [bytes](const char* data, std::size_t size) {
    bytes->append(data, size);
    return Status();
  };
}

}  // namespace

TEST_SUITE("container.zip_writer") {
  TEST_CASE("what is written is read back, by its directory and as a stream") {
    std::string bytes;
    ZipWriter zip(AppendTo(&bytes));
    CHECK(Add(zip, "a/one.dcm", std::string(100'000, 'x')).ok());
    CHECK(Add(zip, "a/empty", "").ok());
    CHECK(Add(zip, "b/\xC3\xA9t\xC3\xA9 \xE6\x97\xA5.txt", "two").ok());
    CHECK(zip.Finish().ok());
    const std::string expected = "a/one.dcm=" + std::string(100'000, 'x') +
                                 "\na/empty=\nb/\xC3\xA9t\xC3\xA9 \xE6\x97\xA5.txt=two\nok";
    CHECK((WalkFile(bytes, "x.zip") == expected));
    CHECK((WalkStream(bytes, "-") == expected));
    CHECK(bytes.size() < 10'000);
  }

  TEST_CASE("a zip without entries is a zip") {
    std::string bytes;
    ZipWriter zip(AppendTo(&bytes));
    CHECK(zip.Finish().ok());
    CHECK(WalkFile(bytes, "x.zip") == "ok");
  }

  TEST_CASE("more than 65,535 entries make a zip64") {
    std::string bytes;
    ZipWriter zip(AppendTo(&bytes));
    for (int i = 0; i < 66'000; ++i) REQUIRE(Add(zip, std::to_string(i), "").ok());
    CHECK(zip.Finish().ok());
    const std::string walk = WalkFile(bytes, "x.zip");
    CHECK(LastLine(walk) == "ok");
    CHECK(walk.find("\n65999=\n") != std::string::npos);
  }

  TEST_CASE("one that was not finished is not taken for a whole one") {
    std::string bytes;
    {
      ZipWriter zip(AppendTo(&bytes));
      CHECK(Add(zip, "a", std::string(1 << 20, 'x')).ok());
      CHECK(Add(zip, "b", "y").ok());
    }
    CHECK(LastLine(WalkFile(bytes, "x.zip")).find("container.") != std::string::npos);
    CHECK(LastLine(WalkStream(bytes, "x.zip")).find("container.") != std::string::npos);
  }

  TEST_CASE("the sink's failure, or what it throws, is what the caller gets") {
    {
      ZipWriter zip([](const char*, std::size_t) {
        return Status(Code::kNoSpace, "test.full", "the disk is full");
      });
      Status status = Add(zip, "a", std::string(1 << 20, 'x'));
      if (status.ok()) status = zip.Finish();
      CHECK(status.code() == Code::kNoSpace);
      CHECK(status.reason() == "test.full");
    }
    ZipWriter zip([](const char*, std::size_t) -> Status { throw std::runtime_error("sink"); });
    CHECK_THROWS_AS(IgnoreError(zip.Finish(), "it throws"), std::runtime_error);
  }
}

}  // namespace xnatarchive
