#include "container/container.hpp"

#include <doctest/doctest.h>
#include <locale.h>
#include <unistd.h>

#include <thread>

#include "support/temp_tree.hpp"
#include "unit/container/make_container.hpp"

namespace xnatarchive {
namespace {

const std::vector<Item> kFiles = {{"dir/", "", S_IFDIR},
                                  {"dir/a.dcm", "first"},
                                  {"dir/sub/b.dcm", std::string(3000, 'b')},
                                  {"empty.dcm", ""},
                                  {"note.txt", "text"}};
const std::string kSeen =
    "dir/a.dcm=first\ndir/sub/b.dcm=" + std::string(3000, 'b') + "\nempty.dcm=\nnote.txt=text\nok";

/// The extension a recipe needs for each one that is understood.
const std::vector<std::pair<std::string, std::string>> kExtensions = {
    {"zip", "zip"}, {"zar", "zip"},    {"tar", "tar"}, {"xar", "tar"},   {"tar.gz", "gz"},
    {"tgz", "gz"},  {"tar.bz2", "bz"}, {"tbz2", "bz"}, {"tar.xz", "xz"}, {"txz", "xz"}};

}  // namespace

TEST_SUITE("container.unit") {
  TEST_CASE("every kind of container gives its files in order, as a file and as a stream") {
    for (const auto& [extension, recipe] : kExtensions) {
      CAPTURE(extension);
      const std::string bytes = MakeContainer(kFiles, {recipe});
      std::string upper = extension;
      for (char& c : upper) c = static_cast<char>(toupper(c));
      for (const std::string& name : {"in." + extension, "IN." + upper}) {
        CHECK(WalkFile(bytes, name) == kSeen);
        CHECK(WalkStream(bytes, name) == kSeen);
      }
      // Standard input: only the content says what it is.
      CHECK(WalkFile(bytes, "-") == kSeen);
      CHECK(WalkStream(bytes, "-") == kSeen);
    }
  }

  TEST_CASE("the older tar formats are read too") {
    for (const char* format : {"ustar", "gnutar", "v7tar"}) {
      CAPTURE(format);
      CHECK(WalkFile(MakeContainer(kFiles, {"tar", "", "", format}), "in.tar") == kSeen);
    }
  }

  TEST_CASE("zips made on a pipe are read: sizes known only after the data, packed or not") {
    std::vector<Item> items = kFiles;
    for (Item& item : items) item.size_known = item.type == S_IFDIR;
    // Data that looks like the mark behind the data must not end it.
    items[2].data = "xPK\x07\x08" + std::string(40, 'y') + "PK\x03\x04" + std::string(100, 'x');
    for (const char* compression : {"zip:compression=store", "zip:compression=deflate"}) {
      CAPTURE(compression);
      const std::string bytes = MakeContainer(items, {"zip", compression});
      const std::string seen =
          "dir/a.dcm=first\ndir/sub/b.dcm=" + items[2].data + "\nempty.dcm=\nnote.txt=text\nok";
      CHECK(WalkFile(bytes, "in.zip") == seen);
      CHECK(WalkStream(bytes, "in.zip") == seen);
    }
  }

  TEST_CASE("containers within containers are opened; the path leads through them") {
    const std::string inner = MakeContainer({{"x.dcm", "deep"}}, {"gz"});
    const std::string middle = MakeContainer({{"d/inner.TAR.GZ", inner}, {"y.dcm", "y"}}, {"tar"});
    const std::string seen =
        "z1.dcm=1\np/middle.tar/d/inner.TAR.GZ/x.dcm=deep\np/middle.tar/y.dcm=y\nz2.dcm=2\nok";
    for (const char* compression : {"zip:compression=store", "zip:compression=deflate"}) {
      const std::string outer = MakeContainer(
          {{"z1.dcm", "1"}, {"p/middle.tar", middle}, {"z2.dcm", "2"}}, {"zip", compression});
      CHECK(WalkFile(outer, "outer.zip") == seen);
      CHECK(WalkStream(outer, "-") == seen);
      const std::string crate = MakeContainer({{"outer.zip", outer}}, {"xz"});
      CHECK(
          WalkStream(crate, "crate.txz").find("outer.zip/p/middle.tar/d/inner.TAR.GZ/x.dcm=deep") !=
          std::string::npos);
    }
  }

  TEST_CASE("a container without files is sound and gives none") {
    for (const char* recipe : {"zip", "tar", "gz", "bz", "xz"}) {
      CAPTURE(recipe);
      const std::string name = std::string(recipe) == "zip" ? "in.zip" : "in.tar";
      const std::string bytes = MakeContainer({}, {recipe});
      CHECK(WalkFile(bytes, name) == "ok");
      CHECK(WalkStream(bytes, name) == "ok");
      CHECK(WalkFile(MakeContainer({{"./", "", S_IFDIR}, {"d/", "", S_IFDIR}}, {recipe}), name) ==
            "ok");
    }
  }

  TEST_CASE("what macOS adds comes as ordinary files, also the fork of a container") {
    const std::vector<Item> items = {{"._x.dcm", "fork"},
                                     {"x.dcm", "data"},
                                     {"__MACOSX/._inner.zip", "fork"},
                                     {".DS_Store", "store"}};
    const std::string seen =
        "._x.dcm=fork\nx.dcm=data\n__MACOSX/._inner.zip=fork\n.DS_Store=store\nok";
    CHECK(WalkFile(MakeContainer(items), "in.zip") == seen);
    CHECK(WalkStream(MakeContainer(items), "in.zip") == seen);
    CHECK(WalkFile(MakeContainer(items, {"tar"}), "in.tar") == seen);
  }

  TEST_CASE("a name that occurs twice is passed on twice") {
    const std::vector<Item> items = {{"x.dcm", "1"}, {"x.dcm", "2"}};
    CHECK(WalkFile(MakeContainer(items), "in.zip") == "x.dcm=1\nx.dcm=2\nok");
    CHECK(WalkFile(MakeContainer(items, {"tar"}), "in.tar") == "x.dcm=1\nx.dcm=2\nok");
  }

  TEST_CASE("names in UTF-8 stay; other bytes are shown as hex; the host's locale is not touched") {
    const locale_t before = uselocale(nullptr);
    const std::vector<Item> utf8 = {{"Zo\xC3\xAB/\xE6\x97\xA5.dcm", "1"}};
    const std::vector<Item> bytes = {{"M\xFCller\x01.dcm", "1"}};
    for (const auto& [recipe, name] : {std::pair{"zip", "in.zip"}, std::pair{"tar", "in.tar"}}) {
      CAPTURE(recipe);
      Recipe plain = {recipe};
      plain.tar_format = "gnutar";
      CHECK(WalkFile(MakeContainer(utf8, plain), name) == "Zo\xC3\xAB/\xE6\x97\xA5.dcm=1\nok");
      CHECK(WalkFile(MakeContainer(bytes, plain), name) == "M%fcller%01.dcm=1\nok");
      CHECK(WalkStream(MakeContainer(bytes, plain), name) == "M%fcller%01.dcm=1\nok");
    }
    // A zip that says its names are UTF-8, which makes libarchive convert them to the locale.
    std::string flagged = MakeContainer(utf8, {"zip", "zip:compression=store"});
    for (std::size_t at = 0; (at = flagged.find("PK", at)) != std::string::npos; at += 2) {
      if (flagged.compare(at, 4, "PK\x03\x04") == 0) flagged[at + 7] |= 8;
      if (flagged.compare(at, 4, "PK\x01\x02") == 0) flagged[at + 9] |= 8;
    }
    CHECK(WalkFile(flagged, "in.zip") == "Zo\xC3\xAB/\xE6\x97\xA5.dcm=1\nok");
    CHECK(WalkStream(flagged, "in.zip") == "Zo\xC3\xAB/\xE6\x97\xA5.dcm=1\nok");
    CHECK(WalkFile(MakeContainer(utf8, {"tar", "hdrcharset=BINARY"}), "in.tar") ==
          "Zo\xC3\xAB/\xE6\x97\xA5.dcm=1\nok");
    CHECK(uselocale(nullptr) == before);
  }

  TEST_CASE("an entry tells its size where the container does, and its time") {
    const auto describe = [](const std::string& bytes, bool seekable) {
      std::string seen;
      MemorySource file(bytes);
      MemorySource stream(bytes, 100);
      const Status status =
          ForEachEntry(seekable ? file : stream, "-", {}, [&](ContainerEntry& entry) {
            seen += entry.path() + " " +
                    (entry.size().has_value() ? std::to_string(*entry.size()) : "?") + " " +
                    std::to_string(entry.mtime_ns() / 1'000'000'000) + "\n";
            return Status();
          });
      return status.ok() ? seen : status.ToString();
    };
    const Item known = {"x.dcm", "12345"};
    Item unknown = known;
    unknown.size_known = false;
    CHECK(describe(MakeContainer({known}, {"tar"}), false) == "x.dcm 5 1166101926\n");
    CHECK(describe(MakeContainer({unknown}), true) == "x.dcm 5 1166101926\n");
    CHECK(describe(MakeContainer({unknown}), false) == "x.dcm ? 1166101926\n");
    for (const std::int64_t seconds : {std::int64_t{10'000'000'000}, -(std::int64_t{1} << 40)}) {
      Item far = known;
      far.mtime = seconds;
      CHECK(describe(MakeContainer({far}, {"tar"}), false) == "x.dcm 5 0\n");
    }
  }

  TEST_CASE("what a visit leaves unread is skipped, and still checked") {
    const std::string half = MakeContainer(
        {{"a.dcm", std::string(100'000, 'a')}, {"b.dcm", std::string(100'000, 'b')}, {"c", "c"}});
    std::string bad = MakeContainer({{"a.dcm", std::string(100'000, 'a')}, {"c", "c"}},
                                    {"zip", "zip:compression=store"});
    bad[50'000] = 'x';
    const auto peek = [](const std::string& bytes) {
      std::string seen;
      MemorySource source(bytes, 5000);
      const Status status = ForEachEntry(source, "in.zip", {}, [&](ContainerEntry& entry) {
        char first = 0;
        const Result<std::size_t> count = entry.Read(&first, 1);
        if (count.ok() && *count == 1) seen += first;
        return Status();
      });
      return seen + " " + std::string(status.ok() ? "ok" : status.reason());
    };
    CHECK(peek(half) == "abc ok");
    CHECK(peek(bad) == "a container.corrupt");
  }

  TEST_CASE("a failing visit ends the walk with its failure, which gets the entry's path") {
    const std::string inner = MakeContainer({{"x.dcm", "1"}}, {"tar"});
    MemorySource source(MakeContainer({{"a", "1"}, {"d/in.tar", inner}, {"b", "2"}}));
    int visits = 0;
    const Status status =
        ForEachEntry(source, "/some/where/outer.zip", {}, [&](ContainerEntry& entry) {
          ++visits;
          if (entry.path() == "a") return Status();
          return Status(Code::kCorruption, "dicom.not-dicom", "no DICOM header");
        });
    CHECK(visits == 2);
    CHECK(status.ToString() ==
          "corruption/dicom.not-dicom: no DICOM header (outer.zip/d/in.tar/x.dcm)");
  }

  TEST_CASE("a visit that throws ends the walk; the exception passes") {
    MemorySource source(MakeContainer({{"in.tar", MakeContainer({{"a", "1"}}, {"tar"})}}));
    const auto walk = [&] {
      IgnoreError(ForEachEntry(source, "in.zip", {},
                               [](ContainerEntry&) -> Status { throw std::bad_alloc(); }),
                  "it throws");
    };
    CHECK_THROWS_AS(walk(), std::bad_alloc);
  }

  TEST_CASE("the caller can stop it between entries and within one") {
    const std::string big(1 << 20, 'x');
    const std::string bytes = MakeContainer({{"a", big}, {"b", big}, {"c", big}}, {"tar"});
    for (int allowed = 0; allowed < 12; ++allowed) {
      CAPTURE(allowed);
      MemorySource source(bytes, 1 << 16);
      int asked = 0;
      const Status status = ForEachEntry(
          source, "in.tar", {}, [](ContainerEntry&) { return Status(); },
          [&] { return ++asked > allowed; });
      CHECK(status.code() == Code::kCancelled);
      CHECK(asked == allowed + 1);
    }
  }

  TEST_CASE("files and pipes are read through the file system's table; nothing is written") {
    TempTree tree;
    tree.Write("in.zip", MakeContainer(kFiles));
    tree.Write("in.tgz", MakeContainer(kFiles, {"gz"}));
    const std::string before = tree.Dump();
    for (const char* name : {"in.zip", "in.tgz"}) {
      Result<File> file = tree.dir().OpenRead(name);
      REQUIRE(file.ok());
      Result<FileSource> source = FileSource::Make(*file);
      REQUIRE(source.ok());
      CHECK(source->SeekableSize() == tree.Read(name).size());
      CHECK(Walk(*source, name) == kSeen);
    }
    CHECK(tree.Dump() == before);

    int pipe_fds[2];
    REQUIRE(pipe(pipe_fds) == 0);
    const std::string bytes = MakeContainer(kFiles, {"tar"}) + std::string(200'000, '\0');
    bool written = false;
    std::thread writer([&] {
      std::size_t done = 0;
      while (done < bytes.size()) {
        const ssize_t count = write(pipe_fds[1], bytes.data() + done, bytes.size() - done);
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
      }
      written = done == bytes.size();
      close(pipe_fds[1]);
    });
    DescriptorSource source(PosixFileSystem(), pipe_fds[0]);
    CHECK(Walk(source, "-") == kSeen);
    writer.join();
    CHECK(written);
    close(pipe_fds[0]);
  }
}

}  // namespace xnatarchive
