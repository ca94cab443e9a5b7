#include "container/bag_text.hpp"

#include <doctest/doctest.h>

namespace xnatarchive {
namespace {

std::string Reason(const Status& status) { return std::string(status.reason()); }

}  // namespace

TEST_SUITE("container.bag_text") {
  TEST_CASE("a declaration is read back; other versions and encodings are refused") {
    CHECK(ParseBagDeclaration(WriteBagDeclaration()).value() == "1.0");
    CHECK(ParseBagDeclaration("BagIt-Version: 0.97\r\nTag-File-Character-Encoding: utf-8\r\n")
              .value() == "0.97");
    CHECK(Reason(ParseBagDeclaration("BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n")
                     .status()) == "bag.unsupported-version");
    CHECK(Reason(ParseBagDeclaration("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n")
                     .status()) == "bag.unsupported-encoding");
    for (const char* text : {"", "BagIt-Version: 1.0\n",
                             "\xEF\xBB\xBF"
                             "BagIt-Version: 1.0\n",
                             "Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n"}) {
      CAPTURE(text);
      CHECK(Reason(ParseBagDeclaration(text).status()) == "bag.bad-declaration");
    }
  }

  TEST_CASE("a manifest's lines are read back, whatever the path holds") {
    const std::vector<std::string> paths = {"data/a",          "data/a b", "data/50%",
                                            "data/line\nfeed", "data/\r",  "data/%0A",
                                            "data/ leading"};
    std::string text;
    for (const std::string& path : paths) text += BagManifestLine("0a", path);
    CHECK(BagManifestLine("0a", "data/\n%\r") == "0a  data/%0A%25%0D\n");
    const BagManifest manifest = ParseBagManifest(text).value();
    CHECK(manifest.size() == paths.size());
    for (const std::string& path : paths) {
      CAPTURE(path);
      CHECK(manifest.count(path) == 1);
    }
  }

  TEST_CASE("what other programs write is understood") {
    const BagManifest manifest =
        ParseBagManifest("AB *data/binary\r\ncd\tdata/tab\r\r\nef data/100%.txt\n01 ./data/dot")
            .value();
    CHECK(manifest.size() == 4);
    CHECK(manifest.at("data/binary") == "ab");
    CHECK(manifest.at("data/tab") == "cd");
    CHECK(manifest.at("data/100%.txt") == "ef");
    CHECK(manifest.at("data/dot") == "01");
  }

  TEST_CASE("a line that is none, a path that leads out, and two digests of one file are errors") {
    for (const char* text : {"nonsense", "ab", "ab ", "xy data/a", "ab /data/a", "ab data/../../a",
                             "ab data//a", "ab data/a\ncd data/a"}) {
      CAPTURE(text);
      const Status status = ParseBagManifest(text).status();
      CHECK(Reason(status) == "bag.bad-manifest");
    }
    CHECK(std::string(ParseBagManifest("ab data/a\nxy data/b").status().message()).find("line 2") !=
          std::string::npos);
  }

  TEST_CASE("manifests are told by their names") {
    CHECK(BagManifestAlgorithm("manifest-md5.txt", "manifest-") == "md5");
    CHECK(BagManifestAlgorithm("manifest-SHA512.txt", "manifest-") == "sha512");
    CHECK(BagManifestAlgorithm("tagmanifest-md5.txt", "manifest-").empty());
    CHECK(BagManifestAlgorithm("manifest-.txt", "manifest-").empty());
    CHECK(BagManifestAlgorithm("manifest-md5", "manifest-").empty());
  }
}

}  // namespace xnatarchive
