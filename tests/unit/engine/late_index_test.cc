#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "base/text.hpp"
#include "prearchive/join_session.hpp"
#include "unit/engine/gradual_request.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

/// One session that objects are sent to, one by one.
struct LateFixture : EngineFixture {
  std::string uri;

  static DicomSpec Object(int instance, const std::string& comment = "") {
    DicomSpec spec = Spec(1);
    spec.instance = instance;
    spec.values[0x00204000] = comment;  // Image Comments
    return spec;
  }
  ImportReport Send(const DicomSpec& spec) {
    ImportReport report = Must(engine->Import(GradualRequest(spec)));
    uri = report.uris.at(0);
    return report;
  }
  ImportReport Send(int instance) { return Send(Object(instance)); }

  PrearchiveSession Row() const { return Must(engine->FindPrearchiveSession(uri)); }
  SessionPaths Paths() const { return SessionPaths(Row().Id()); }
  std::string InPrearchive(const std::string& path) const { return "root/prearchive/" + path; }
  std::string Index() const { return InPrearchive(Paths().index); }
  std::string Late() const { return InPrearchive(Paths().late_index); }
  /// How many files an index knows of; 0 without one.
  std::size_t Known(const std::string& index) const {
    return tree.Exists(index) ? Must(ParseFileIndex(tree.Read(index))).files.size() : 0;
  }
  /// The bytes of every image, sorted.
  std::multiset<std::string> Images() const {
    std::multiset<std::string> images;
    const std::string directory = InPrearchive(Paths().directory);
    for (const std::string& line : Split(tree.Dump(directory), '\n')) {
      const std::string path = line.substr(0, line.find(' '));
      if (EndsWith(path, ".dcm")) images.insert(tree.Read(directory + "/" + path));
    }
    return images;
  }
  /// Builds; the catalogs must name as many entries.
  void Build(std::size_t entries) {
    Must(engine->Build(uri));
    CHECK_FALSE(tree.Exists(Late()));
    CHECK(Known(Index()) == entries);
    std::size_t found = 0;
    const std::string directory = InPrearchive(Paths().directory);
    for (const std::string& line : Split(tree.Dump(directory), '\n')) {
      const std::string path = line.substr(0, line.find(' '));
      if (!EndsWith(path, "_catalog.xml")) continue;
      found += Must(ParseCatalog(tree.Read(directory + "/" + path))).entries.size();
    }
    CHECK(found == entries);
  }
};

}  // namespace

TEST_SUITE("engine.late_index") {
  TEST_CASE("what comes one by one is noted beside the index, until a build makes one of the two") {
    LateFixture fixture;
    fixture.Send(1);
    CHECK_FALSE(fixture.tree.Exists(fixture.Late()));
    const std::string index = fixture.tree.Read(fixture.Index());
    for (int i = 2; i <= 4; ++i) {
      CHECK(fixture.Send(i).files_received == 1);
      CHECK(fixture.Known(fixture.Late()) == static_cast<std::size_t>(i - 1));
    }
    CHECK(fixture.tree.Read(fixture.Index()) == index);
    fixture.Build(4);
    fixture.Send(5);
    CHECK(fixture.Known(fixture.Index()) == 4);
    CHECK(fixture.Known(fixture.Late()) == 1);
    CHECK(fixture.Row().state == PrearchiveState::kReceiving);
    fixture.LoseStore();
    Must(ArchiveEngine::Init(fixture.options, InitOptions{}));
    fixture.Open();
    Must(fixture.engine->Reindex());
    CHECK(fixture.Row().state == PrearchiveState::kReceiving);
    CHECK(fixture.Row().source == "gradual-DICOM");
    fixture.Build(5);
  }

  TEST_CASE("so does a late index that is full, and an upload of many") {
    LateFixture fixture;
    const int many = static_cast<int>(kLateFilesMax) + 3;
    for (int i = 1; i <= many; ++i) fixture.Send(i);
    CHECK(fixture.Known(fixture.Index()) == kLateFilesMax + 2);
    CHECK(fixture.Known(fixture.Late()) == 1);
    fixture.WriteStudy("more", 1, 2, 5);  // the first series is there already, with other bytes
    CHECK(fixture.Import("more").uris.at(0) == fixture.uri);
    CHECK_FALSE(fixture.tree.Exists(fixture.Late()));
    fixture.Build(kLateFilesMax + 8);
  }

  TEST_CASE("an object is recognised wherever it is known, and replaced by other bytes of it") {
    LateFixture fixture;
    for (int i = 1; i <= 3; ++i) fixture.Send(i);
    fixture.Build(3);
    fixture.Send(4);
    fixture.Send(5);
    const auto before = fixture.Images();
    for (const int known : {2, 4}) {
      CHECK(fixture.Send(known).files_identical == 1);
      CHECK(fixture.Images() == before);
    }
    auto expected = before;
    for (const int changed : {2, 4, 5}) {
      const ImportReport report = fixture.Send(LateFixture::Object(changed, "corrected"));
      CHECK(report.files_received == 1);
      expected.erase(MakeDicom(LateFixture::Object(changed)));
      expected.insert(MakeDicom(LateFixture::Object(changed, "corrected")));
      CHECK(fixture.Images() == expected);
    }
    fixture.Build(5);
    CHECK(fixture.Images() == expected);
  }

  TEST_CASE("a name that somebody took by hand is left to what has it") {
    LateFixture fixture;
    fixture.Send(1);
    fixture.Send(2);
    const std::string directory = fixture.InPrearchive(fixture.Paths().directory);
    std::string second;
    for (const IndexedFile& file : Must(ParseFileIndex(fixture.tree.Read(fixture.Late()))).files) {
      second = directory + "/" + file.path;
    }
    fixture.tree.Remove(second);
    fixture.Send(2);  // known, but gone
    CHECK(fixture.tree.Read(second) == MakeDicom(LateFixture::Object(2)));
    fixture.Build(2);

    DicomSpec other = LateFixture::Object(1);
    other.series = 2;
    fixture.tree.Write(directory + "/SCANS/2", "no directory");
    const Status clash = fixture.engine->Import(GradualRequest(other)).status();
    CHECK(clash.reason() == "import.name-clash");
    CHECK(fixture.tree.Read(directory + "/SCANS/2") == "no directory");
    fixture.tree.Remove(directory + "/SCANS/2");
    fixture.Send(other);
    fixture.Build(3);
  }

  TEST_CASE("lost or damaged, an index costs the reading of the files and nothing else") {
    for (const bool late : {true, false}) {
      for (const bool lost : {true, false}) {
        CAPTURE(late);
        CAPTURE(lost);
        LateFixture fixture;
        for (int i = 1; i <= 4; ++i) fixture.Send(i);
        const std::string path = late ? fixture.Late() : fixture.Index();
        if (lost) {
          fixture.tree.Remove(path);
        } else {
          fixture.tree.Write(path, fixture.tree.Read(path).substr(0, 40));
        }
        if (!lost || !late) {  // an object that it named is recognised under another name, too
          fixture.tree.Write("in/again/other-name.dcm", MakeDicom(LateFixture::Object(3)));
          CHECK(fixture.Import("again").files_identical == 1);
        }
        CHECK(fixture.Send(5).files_received == 1);
        CHECK(fixture.Images().size() == 5);
        fixture.Build(5);
        CHECK(fixture.Send(3).files_identical == 1);
      }
    }
  }

  TEST_CASE("it goes where the session goes, and with it") {
    LateFixture fixture;
    Project other;
    other.id = "OTHER";
    Must(fixture.engine->AddProject(other));
    const auto send = [&] {
      for (int i = 1; i <= 3; ++i) fixture.Send(i);
      return fixture.Late();
    };
    const std::string first = send();
    fixture.uri = Must(fixture.engine->MovePrearchiveSession(fixture.uri, "OTHER"));
    CHECK_FALSE(fixture.tree.Exists(first));
    CHECK(fixture.Known(fixture.Late()) == 2);
    Must(fixture.engine->DeletePrearchiveSession(fixture.uri));
    send();
    Must(fixture.Archive(fixture.uri));
    CHECK(fixture.tree.Dump("root/prearchive").find("late") == std::string::npos);
    CHECK(fixture.tree.Dump("root/prearchive").find("index") == std::string::npos);
  }

  TEST_CASE("in any order, objects sent, sent again, corrected and built are all there once") {
    std::mt19937 random(1);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int round = 0; round < 12; ++round) {
      CAPTURE(round);
      LateFixture fixture;
      std::map<int, std::string> sent;  // instance: its bytes
      for (int step = 0; step < 30; ++step) {
        const int instance = 1 + below(12);
        const std::string comment = below(3) == 0 ? std::to_string(below(3)) : "";
        switch (sent.empty() ? 5 : below(8)) {
          case 0:
            fixture.Build(sent.size());
            break;
          case 1:
            fixture.Open();
            break;
          case 2: {  // several at once
            fixture.tree.Remove("in");
            for (int i = 1; i <= 12; i += 1 + below(4)) {
              const std::string bytes = MakeDicom(LateFixture::Object(i, comment));
              fixture.tree.Write("in/many/" + std::to_string(i) + ".dcm", bytes);
              sent[i] = bytes;
            }
            ImportRequest request = fixture.Request("many");
            request.parameters["rename"] = "true";
            Must(fixture.engine->Import(request));
            break;
          }
          default: {
            const DicomSpec object = LateFixture::Object(instance, comment);
            const std::string bytes = MakeDicom(object);
            const auto known = sent.find(instance);
            const bool same = known != sent.end() && known->second == bytes;
            const ImportReport report = fixture.Send(object);
            CHECK(report.files_identical == (same ? 1 : 0));
            CHECK(report.files_received == (same ? 0 : 1));
            sent[instance] = bytes;
          }
        }
        std::multiset<std::string> expected;
        for (const auto& [number, bytes] : sent) expected.insert(bytes);
        CHECK(fixture.Images() == expected);
      }
      fixture.Build(sent.size());
    }
  }
}

}  // namespace xnatarchive
