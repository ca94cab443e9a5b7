#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>

#include "unit/container/make_container.hpp"

namespace xnatarchive {
namespace {

std::string RefusedFile(const std::vector<Item>& items, const Recipe& recipe = {},
                        const ContainerLimits& limits = {}) {
  const std::string name = recipe.extension == "zip" ? "in.zip" : "in.tar";
  return LastLine(WalkFile(MakeContainer(items, recipe), name, limits));
}

std::string Message(const std::string& bytes, const ContainerLimits& limits) {
  MemorySource source(bytes);
  const Status status =
      ForEachEntry(source, "in.zip", limits, [](ContainerEntry&) { return Status(); });
  return status.ok() ? "ok" : std::string(status.message());
}

}  // namespace

TEST_SUITE("container.limits") {
  TEST_CASE("names that lead out of the tree are refused, at the top and nested") {
    const std::string reason = "invalid_argument/container.unsafe-name ";
    for (const char* name : {"/etc/passwd", "../../up.dcm", "a/../../b", "..\\win.dcm", "C:\\x"}) {
      CAPTURE(name);
      const std::string shown = std::string("in.tar/") + (name[0] == '/' ? name + 1 : name);
      const std::string seen = RefusedFile({{"ok.dcm", "1"}, {name, "2"}}, {"tar"});
      CHECK(seen.substr(0, reason.size()) == reason);
      CHECK(seen.find(name) != std::string::npos);
      const std::string inner = MakeContainer({{name, "2"}}, {"tar"});
      CHECK(RefusedFile({{"d/inner.tar", inner}}).substr(0, reason.size() + 18) ==
            reason + "in.zip/d/inner.tar");
      CHECK(LastLine(WalkStream(MakeContainer({{name, "2"}}), "in.zip")).substr(0, reason.size()) ==
            reason);
    }
    CHECK(RefusedFile({{"../", "", S_IFDIR}}, {"tar"}) == reason + "in.tar/../");
  }

  TEST_CASE("links, devices and pipes are refused") {
    const std::string reason = "invalid_argument/container.unsafe-entry in.tar/x";
    CHECK(RefusedFile({{"a", "1"}, {"x", "", S_IFLNK, "/etc/passwd"}}, {"tar"}) == reason);
    CHECK(RefusedFile({{"a", "1"}, {"x", "", S_IFLNK, "a"}}, {"tar"}) == reason);
    CHECK(RefusedFile({{"a", "1"}, {"x", "", S_IFREG, "a", true}}, {"tar"}) == reason);
    for (const std::uint32_t type : {S_IFCHR, S_IFBLK, S_IFIFO}) {
      CHECK(RefusedFile({{"x", "", type}}, {"tar"}) == reason);
    }
    const std::vector<Item> link = {{"a", "1"}, {"x", "", S_IFLNK, "/etc/passwd"}};
    CHECK(RefusedFile(link) == "invalid_argument/container.unsafe-entry in.zip/x");
    // Without its directory a zip does not say that this is a link: a file with that content.
    CHECK(WalkStream(MakeContainer(link), "in.zip") == "a=1\nx=/etc/passwd\nok");
  }

  TEST_CASE("an encrypted zip is refused") {
    for (const char* kind : {"zip:encryption=zipcrypt", "zip:encryption=aes256"}) {
      CAPTURE(kind);
      const Recipe recipe = {"zip", kind, "secret"};
      CHECK(RefusedFile({{"x.dcm", "1"}}, recipe) ==
            "unsupported/container.encrypted in.zip/x.dcm");
      CHECK(WalkStream(MakeContainer({{"x.dcm", "1"}}, recipe), "-") ==
            "unsupported/container.encrypted x.dcm");
    }
  }

  TEST_CASE("entries are counted over all nested containers") {
    const std::string inner = MakeContainer({{"a", "1"}, {"b", "2"}}, {"tar"});
    const std::vector<Item> items = {{"d/", "", S_IFDIR}, {"x", "1"}, {"inner.tar", inner}};
    ContainerLimits limits;
    limits.entries_max = 5;
    CHECK(RefusedFile(items, {}, limits) == "ok");
    limits.entries_max = 4;
    CHECK(RefusedFile(items, {}, limits) ==
          "invalid_argument/container.too-many-entries in.zip/inner.tar");
    CHECK(Message(MakeContainer(items), limits) == "5 entries or more, at most 4 are allowed");
  }

  TEST_CASE("an entry that is too large is refused: by what it claims, else by what comes") {
    ContainerLimits limits;
    limits.entry_bytes_max = 100;
    const std::string reason = "invalid_argument/container.too-large in.zip/x";
    Item item = {"x", std::string(100, 'x')};
    CHECK(RefusedFile({item}, {}, limits) == "ok");
    item.data += 'x';
    CHECK(RefusedFile({item}, {}, limits) == reason);
    CHECK(Message(MakeContainer({item}), limits) ==
          "the entry has 101 bytes, at most 100 are allowed");
    item.size_known = false;
    item.data = std::string(5000, 'x');
    CHECK(LastLine(WalkStream(MakeContainer({item}), "in.zip", limits)) == reason);
  }

  TEST_CASE("the bytes of all entries together are limited, also those nobody reads") {
    ContainerLimits limits;
    limits.total_bytes_max = 250;
    const std::vector<Item> items = {
        {"a", std::string(100, 'a')}, {"b", std::string(100, 'b')}, {"c", std::string(100, 'c')}};
    CHECK(RefusedFile(items, {}, limits) == "invalid_argument/container.too-large in.zip/c");
    CHECK(Message(MakeContainer(items), limits) ==
          "the container unpacks to 300 bytes or more, at most 250 are allowed");
    limits.total_bytes_max = 300;
    CHECK(RefusedFile(items, {}, limits) == "ok");
  }

  TEST_CASE("a bomb is refused by its ratio, packed once, or again, or made of holes") {
    ContainerLimits limits;
    limits.ratio_floor_bytes = 1 << 20;
    limits.ratio_max = 100;
    const std::string zeros(8 << 20, '\0');
    const std::string reason = "invalid_argument/container.bomb ";
    CHECK(RefusedFile({{"x", zeros}}, {}, limits) == reason + "in.zip/x");
    CHECK(RefusedFile({{"x", zeros}}, {"gz"}, limits) == reason + "in.tar/x");
    CHECK(RefusedFile({{"x", zeros}}, {"xz"}, limits) == reason + "in.tar/x");
    CHECK(LastLine(WalkStream(MakeContainer({{"x", zeros}}), "-", limits)) == reason + "x");
    const std::string once = MakeContainer({{"x", zeros}});
    CHECK(RefusedFile({{"a.zip", once}}, {}, limits) == reason + "in.zip/a.zip/x");
    Item holes = {"x", "data"};
    holes.hole_bytes = std::uint64_t{1} << 30;
    CHECK(RefusedFile({holes}, {"tar"}, limits) == reason + "in.tar/x");
    holes.hole_bytes = std::uint64_t{1} << 40;
    CHECK(RefusedFile({holes}, {"tar"}, limits) == "invalid_argument/container.too-large in.tar/x");
    // A blank image below the floor is none.
    CHECK(RefusedFile({{"x", std::string(1 << 20, '\0')}}, {}, limits) == "ok");
  }

  TEST_CASE("containers may be nested only so deep") {
    std::string bytes = MakeContainer({{"x.dcm", "deep"}});
    for (int i = 0; i < 3; ++i) bytes = MakeContainer({{"n.zip", bytes}});
    CHECK(WalkFile(bytes, "in.zip") == "n.zip/n.zip/n.zip/x.dcm=deep\nok");
    const std::string deeper = MakeContainer({{"n.zip", bytes}});
    CHECK(WalkFile(deeper, "in.zip") ==
          "invalid_argument/container.too-deep in.zip/n.zip/n.zip/n.zip/n.zip");
    CHECK(Message(deeper, {}) == "the container is within 4 others, at most 3 are allowed");
    ContainerLimits none;
    none.nesting_max = 0;
    CHECK(WalkFile(MakeContainer({{"a", "1"}, {"n.zip", bytes}}), "in.zip", none) ==
          "a=1\ninvalid_argument/container.too-deep in.zip/n.zip");
  }

  TEST_CASE("a sparse file whose map is longer than memory should hold is refused") {
    const auto header = [](const std::string& name, std::size_t size, char type) {
      char block[513] = {};
      std::snprintf(block, 101, "%s", name.c_str());
      std::snprintf(block + 100, 57, "%07o%c%07o%c%07o%c%011zo%c%011o", 0644, 0, 0, 0, 0, 0, size,
                    0, 0);
      block[156] = type;
      std::snprintf(block + 257, 9, "ustar%c00", 0);
      std::fill_n(block + 148, 8, ' ');
      unsigned sum = 0;
      for (int i = 0; i < 512; ++i) sum += static_cast<unsigned char>(block[i]);
      std::snprintf(block + 148, 8, "%06o", sum);
      return std::string(block, 512);
    };
    const auto padded = [](std::string data) {
      data.resize((data.size() + 511) / 512 * 512);
      return data;
    };
    const std::string attributes =
        "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n25 GNU.sparse.name=x.dcm\n"
        "27 GNU.sparse.realsize=5\n";
    const auto sparse_tar = [&](int pairs) {
      std::string map = std::to_string(pairs) + "\n";
      for (int i = 0; i < pairs; ++i) map += "0\n0\n";
      const std::string data = padded(map) + "hello";
      return header("pax", attributes.size(), 'x') + padded(attributes) +
             header("x.dcm", data.size(), '0') + padded(data) + std::string(1024, '\0');
    };
    CHECK(WalkFile(sparse_tar(100), "in.tar").substr(0, 6) == "x.dcm=");
    CHECK(LastLine(WalkFile(sparse_tar(100), "in.tar")) == "ok");
    CHECK(WalkFile(sparse_tar(9'000'000), "in.tar") == "corruption/container.corrupt in.tar");
  }

  TEST_CASE("a zip may have more entries than its old end record can count") {
    std::vector<Item> items;
    for (int i = 0; i < 66'000; ++i) items.push_back({std::to_string(i), ""});
    const std::string bytes = MakeContainer(items);
    CHECK(LastLine(WalkFile(bytes, "in.zip")) == "ok");
    CHECK(LastLine(WalkStream(bytes, "in.zip")) == "ok");
  }

  TEST_CASE("a zip with a huge directory is read as a stream, so that memory stays bounded") {
    std::vector<Item> items;
    const std::string stem(4000, 'n');
    for (int i = 0; i < 9000; ++i) items.push_back({stem + std::to_string(i), ""});
    items.push_back({"link", "", S_IFLNK, "target"});
    const std::string bytes = MakeContainer(items);
    MemorySource source(bytes);
    int visits = 0;
    const Status status = ForEachEntry(source, "in.zip", {}, [&](ContainerEntry&) {
      ++visits;
      return Status();
    });
    CHECK(status.ok());
    CHECK(visits == 9001);  // the link too, which only the directory calls a link
  }
}

}  // namespace xnatarchive
