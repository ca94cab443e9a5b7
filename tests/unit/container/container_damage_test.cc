#include <doctest/doctest.h>

#include "unit/container/make_container.hpp"

namespace xnatarchive {
namespace {

const std::vector<Item> kFiles = {
    {"a.dcm", "first"}, {"b.dcm", std::string(700, 'b') + "end"}, {"c.dcm", "third"}};
const std::string kSeen = "a.dcm=first\nb.dcm=" + std::string(700, 'b') + "end\nc.dcm=third\nok";

struct Kind {
  Recipe recipe;
  const char* name;
};
const std::vector<Kind> kKinds = {{{"zip"}, "in.zip"}, {{"zip", "zip:compression=store"}, "in.zip"},
                                  {{"tar"}, "in.tar"}, {{"gz"}, "in.tgz"},
                                  {{"bz"}, "in.tbz2"}, {{"xz"}, "in.txz"}};

/// Fails when the source has given `bytes_max` bytes.
class FailingSource : public ByteSource {
 public:
  FailingSource(std::string bytes, std::size_t bytes_max, bool throws)
      : source_(std::move(bytes), 100), left_(bytes_max), throws_(throws) {}
  Result<std::size_t> Read(void* buffer, std::size_t size) override {
    if (left_ == 0 && throws_) throw std::bad_alloc();
    if (left_ == 0) return Status(Code::kIo, "fs.read", "broken").WithErrno(5);
    Result<std::size_t> count = source_.Read(buffer, std::min(size, left_));
    if (count.ok()) left_ -= *count;
    return count;
  }

 private:
  MemorySource source_;
  std::size_t left_;
  bool throws_;
};

}  // namespace

TEST_SUITE("container.damage") {
  TEST_CASE("a container cut off anywhere is reported, never taken for a smaller one") {
    for (const Kind& kind : kKinds) {
      const std::string whole = MakeContainer(kFiles, kind.recipe);
      CHECK(WalkFile(whole, kind.name) == kSeen);
      for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string cut = whole.substr(0, size);
        for (const std::string& seen : {WalkFile(cut, kind.name), WalkStream(cut, kind.name)}) {
          const std::string last = LastLine(seen);
          const bool reported = last.find("corruption/container.corrupt in.") == 0 ||
                                last.find("invalid_argument/container.unknown-format in.") == 0;
          if (!reported && seen != kSeen) {
            FAIL_CHECK(std::string(kind.name)
                       << " cut to " << size << " of " << whole.size() << ": " << seen);
          }
        }
      }
    }
  }

  TEST_CASE("cutting the data of an entry names it") {
    const std::string zip = MakeContainer(kFiles, {"zip", "zip:compression=store"});
    CHECK(LastLine(WalkStream(zip.substr(0, 300), "in.zip")) ==
          "corruption/container.corrupt in.zip/b.dcm");
    const std::string tar = MakeContainer(kFiles, {"tar", "", "", "ustar"});
    CHECK(LastLine(WalkFile(tar.substr(0, 1600), "in.tar")) ==
          "corruption/container.corrupt in.tar/b.dcm");
    CHECK(LastLine(WalkFile(MakeContainer({{"d/in.tar", tar.substr(0, 1600)}}), "out.zip")) ==
          "corruption/container.corrupt out.zip/d/in.tar/b.dcm");
  }

  TEST_CASE("one wrong byte is reported, or did not matter to the data") {
    for (const Kind& kind : kKinds) {
      if (kind.recipe.extension == "tar") continue;  // a plain tar has no checksum of its data
      const std::string whole = MakeContainer(kFiles, kind.recipe);
      for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(~flipped[at]);
        for (const std::string& seen :
             {WalkFile(flipped, kind.name), WalkStream(flipped, kind.name)}) {
          if (LastLine(seen) != "ok") continue;
          const bool data_intact = seen.find("=first\n") != std::string::npos &&
                                   seen.find("=" + kFiles[1].data + "\n") != std::string::npos &&
                                   seen.find("=third\n") != std::string::npos;
          if (!data_intact) {
            FAIL_CHECK(std::string(kind.name)
                       << " byte " << at << " of " << whole.size() << ": " << seen);
          }
        }
      }
    }
  }

  TEST_CASE("what is no container is refused") {
    const std::string zip = MakeContainer(kFiles);
    const std::string tar = MakeContainer(kFiles, {"tar"});
    const std::string dicom = std::string(128, '\0') + "DICM" + std::string(1000, 'd');
    const auto refused = [](const std::string& shown) {
      return "invalid_argument/container.unknown-format" + std::string(" ") + shown;
    };
    for (const std::string& bytes :
         {std::string(), std::string("x"), dicom, std::string(5000, 'g')}) {
      CHECK(WalkFile(bytes, "in.zip") == refused("in.zip"));
      CHECK(WalkFile(bytes, "in.tar") == refused("in.tar"));
      CHECK(WalkStream(bytes, "-") == refused(""));
    }
    // The name goes before the content.
    CHECK(WalkFile(tar, "in.zip") == refused("in.zip"));
    CHECK(WalkFile(zip, "in.tar") == refused("in.tar"));
    CHECK(WalkFile(MakeContainer({{"a", "1"}, {"in.tar", "no tar"}}), "out.zip") ==
          "a=1\n" + refused("out.zip/in.tar"));
  }

  TEST_CASE("a source that fails at any point passes its own failure on") {
    const std::string inner = MakeContainer(kFiles, {"tar"});
    const std::string outer =
        MakeContainer({{"a", "1"}, {"in.tar", inner}}, {"zip", "zip:compression=store"});
    for (std::size_t size = 0; size < outer.size(); size += 50) {
      CAPTURE(size);
      FailingSource source(outer, size, false);
      const Status status = ForEachEntry(source, "-", {}, [](ContainerEntry&) { return Status(); });
      CHECK(status.reason() == "fs.read");
      CHECK(status.os_errno() == 5);
    }
  }

  TEST_CASE("a source that throws does so through the walk") {
    const std::string bytes = MakeContainer(kFiles);
    for (const std::size_t size : {std::size_t{0}, std::size_t{100}}) {
      FailingSource source(bytes, size, true);
      const auto walk = [&] {
        IgnoreError(ForEachEntry(source, "-", {}, [](ContainerEntry&) { return Status(); }),
                    "it throws");
      };
      CHECK_THROWS_AS(walk(), std::bad_alloc);
    }
  }
}

}  // namespace xnatarchive
