// What holds for every session whatsoever: no file is lost, none is named twice, moves can be done
// in any order, and a second build changes nothing.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "build_fixture.hpp"
#include "prearchive/build.hpp"
#include "prearchive/header_note.hpp"
#include "xml/catalog_xml.hpp"
#include "xml/session_values.hpp"
#include "xml/session_xml.hpp"

namespace xnatarchive {
namespace {

class RandomSession : public BuildFixture {
 public:
  /// With `any_values`, every element may have any value.
  explicit RandomSession(std::uint32_t seed, bool any_values = false)
      : random_(seed), kind_(seed), any_values_(any_values) {
    const std::size_t headers = 1 + random_() % 12;
    std::vector<const DicomHeader*> all;
    for (std::size_t i = 0; i < headers; ++i) all.push_back(RandomHeader());
    const std::size_t files = 1 + random_() % 60;
    for (std::size_t i = 0; i < files; ++i) AddRandom(all[random_() % headers]);
    input.separate_secondary = random_() % 4 != 0;
  }

 private:
  std::string Pick(const std::vector<std::string>& values) {
    return values[random_() % values.size()];
  }

  // Any value for any tag, as scanners and anonymizers leave them.
  Elements RandomValues() {
    Elements values;
    for (const KeptTag& kept : KeptTags()) {
      if (random_() % 3 != 0) continue;
      values.emplace_back(
          kept.tag, Pick({"garbage", "20240231", "20240229", "00000000", "235960", "2460",
                          "20240318094160", "1e400", "-1", "0.5", "nan", "inf", "7", "1.5", "3\\4",
                          "99999999999999999999", "DYNAMIC\\IMAGE", "CCW", ""}));
    }
    return values;
  }

  const DicomHeader* RandomHeader() {
    Elements values = any_values_ ? RandomValues() : Elements();
    const Elements own = any_values_ ? IdentityOfOneSeries() : RandomIdentity();
    const auto is_own = [&](const auto& value) {
      return std::any_of(own.begin(), own.end(),
                         [&](const auto& one) { return one.first == value.first; });
    };
    values.erase(std::remove_if(values.begin(), values.end(), is_own), values.end());
    return Header(own, values);
  }

  // Of a session of one modality; PET in time frames.
  Elements IdentityOfOneSeries() {
    static const std::vector<std::pair<const char*, const char*>> kinds = {
        {"MR", kMrImage}, {"CT", kCtImage}, {"PT", kPetImage}};
    const auto& [modality, sop_class] = kinds[kind_ % kinds.size()];
    Elements own = {{kTagStudyInstanceUID, "1.2"},
                    {kTagSOPClassUID, sop_class},
                    {kTagSeriesInstanceUID, Pick({"1.1", "1.1", "1.2"})},
                    {kTagSeriesNumber, "1"},
                    {kTagModality, modality}};
    own.emplace_back(kTagRadiopharmaceuticalStartDateTime,
                     kind_ % 5 == 0 ? "20240231101112" : "20240318094160.5");
    if (kind_ % 2 != 0 || modality != std::string("PT")) return own;
    own.emplace_back(kTagSeriesType, "DYNAMIC\\IMAGE");
    own.emplace_back(kTagFrameReferenceTime, Pick({"0", "1000.5", "1e400"}));
    own.emplace_back(kTagAcquisitionTime, Pick({"101112.5", "235960"}));
    own.emplace_back(kTagActualFrameDuration, Pick({"1000", "-0.5"}));
    own.emplace_back(kTagNumberOfTimeSlices, "");
    return own;
  }

  Elements RandomIdentity() {
    return Elements({{kTagStudyInstanceUID, "1.2"},
                     {kTagSOPClassUID,
                      Pick({kMrImage, kMrImage, kCtImage, kSecondaryCapture, kRawData, "1.9"})},
                     {kTagSeriesInstanceUID, Pick({"1.1", "1.2", "1.3", "1.4", ""})},
                     {kTagSeriesNumber, Pick({"1", "2", "1-MR1", "+1", "", "x/y", "1-MR2"})},
                     {kTagModality, Pick({"MR", "CT", "", "SC", "M/R"})},
                     {kTagRows, Pick({"64", "64", "128", "none"})},
                     {kTagColumns, "64"},
                     {kTagSeriesTime, Pick({"101112", "", "noon"})},
                     {kTagStationName, Pick({"A", "B", ""})}});
  }

  void AddRandom(const DicomHeader* header) {
    const std::string path =
        Pick({"SCANS/1/DICOM/", "SCANS/2/DICOM/", "SCANS/1-MR1/DICOM/", "SCANS/1-MR2/DICOM/",
              "SCANS/_1/secondary/", "SCANS/1/DICOM/sub/", "RAW/", ""}) +
        Pick({"a", "b", "c.dcm", "scan_1_catalog.xml", "sub", ".xa1", "1.2-1-1-x.dcm"});
    if (!paths_.insert(path).second || IsDirectory(path)) return;
    IndexedFile& file = Add(path, header, Pick({"1.5", "1.6", "1.7"}), Pick({"1", "2", "", "x"}));
    file.size = paths_.size();  // tells files apart
  }

  // A name cannot be that of a file and of a directory at once.
  bool IsDirectory(const std::string& path) const {
    return std::any_of(paths_.begin(), paths_.end(), [&](const std::string& other) {
      return other.compare(0, path.size() + 1, path + "/") == 0 ||
             path.compare(0, other.size() + 1, other + "/") == 0;
    });
  }

  std::mt19937 random_;
  const std::uint32_t kind_;
  const bool any_values_;
  std::set<std::string> paths_;
};

// Every catalog entry by its place in the session, with the size that tells which file it is.
std::map<std::string, std::string> Entries(const BuiltSession& built) {
  std::map<std::string, std::string> entries;
  for (const ResourceDraft& resource : built.draft.resources) {
    for (const CatalogEntry& entry : resource.catalog.entries) {
      const bool added =
          entries.emplace(resource.directory + "/" + std::string(entry.uri), entry.Meta("SIZE"))
              .second;
      CHECK(added);
    }
  }
  return entries;
}

// Where every file is after the moves, done in reverse; each must find its place free.
std::map<std::string, std::string> PlacesAfter(const BuildInput& input, const BuiltSession& built) {
  std::map<std::string, std::string> places;
  for (const BuildFile& file : input.files) {
    places.emplace(file.file->path, std::to_string(file.file->size));
  }
  for (auto move = built.moves.rbegin(); move != built.moves.rend(); ++move) {
    const auto from = places.find(move->first);
    REQUIRE(from != places.end());
    const std::string size = from->second;
    places.erase(from);
    CHECK(places.emplace(move->second, size).second);
  }
  return places;
}

std::string Everything(const BuiltSession& built) {
  std::string text = WriteSession(built.draft.document);
  for (const ResourceDraft& resource : built.draft.resources) {
    text +=
        "\n" + resource.catalog_path + "\n" + WriteCatalog(resource.catalog, CatalogStyle::kPretty);
  }
  return text;
}

void CheckScans(const BuiltSession& built) {
  std::set<std::string> ids;
  std::set<std::string> catalogs;
  std::size_t listed = 0;
  for (const Scan& scan : built.draft.document.scans) {
    CHECK(ids.insert(scan.id).second);
    CHECK(scan.id.find('/') == std::string::npos);
    CHECK_FALSE(scan.resources.empty());
    listed += scan.resources.size();
  }
  for (const ResourceDraft& resource : built.draft.resources) {
    CHECK(ids.count(resource.scan_id) == 1);
    CHECK(catalogs.insert(resource.catalog_path).second);
    CHECK_FALSE(resource.catalog.entries.empty());
  }
  CHECK(listed == built.draft.resources.size());
}

// The session as it is once it has been built.
void MoveFiles(const BuiltSession& built, BuildInput& input, std::deque<IndexedFile>& moved) {
  const std::map<std::string, std::string> targets(built.moves.begin(), built.moves.end());
  for (BuildFile& file : input.files) {
    IndexedFile& copy = moved.emplace_back(*file.file);
    const auto target = targets.find(copy.path);
    if (target != targets.end()) copy.path = target->second;
    file.file = &copy;
  }
}

}  // namespace

TEST_SUITE("prearchive.build_property") {
  TEST_CASE("every file is in exactly one catalog, at a place of its own, and stays there") {
    int built_sessions = 0;
    for (std::uint32_t seed = 0; seed < 400; ++seed) {
      CAPTURE(seed);
      RandomSession session(seed);
      const Result<BuiltSession> built = BuildSession(session.input);
      if (!built.ok()) {
        CHECK(built.status().reason() == "build.no-type");
        continue;
      }
      ++built_sessions;
      CHECK(Entries(*built) == PlacesAfter(session.input, *built));
      CHECK(Entries(*built).size() == session.input.files.size());
      CheckScans(*built);

      std::deque<IndexedFile> moved;
      MoveFiles(*built, session.input, moved);
      const Result<BuiltSession> again = BuildSession(session.input);
      REQUIRE(again.ok());
      CHECK(again->moves.empty());
      CHECK(Everything(*again) == Everything(*built));
    }
    CHECK(built_sessions > 300);
  }

  TEST_CASE("whatever headers hold, a built document has values of their types") {
    std::map<std::string, int> found;
    for (std::uint32_t seed = 0; seed < 400; ++seed) {
      CAPTURE(seed);
      RandomSession session(seed, true);
      const Result<BuiltSession> built = BuildSession(session.input);
      if (!built.ok()) {
        CHECK(built.status().reason() == "build.no-type");
        continue;
      }
      const SessionDocument& document = built->draft.document;
      CHECK(FindBadValues(document) == std::vector<std::string>());
      if (!document.Get("date").empty()) ++found["date"];
      if (!document.Get("tracer/@startTime").empty()) ++found["tracer"];
      for (const Scan& scan : document.scans) {
        CHECK(FindBadValues(scan) == std::vector<std::string>());
        if (!scan.Get("parameters/tr").empty()) ++found["tr"];
        if (!scan.Get("parameters/kvp").empty()) ++found["kvp"];
        if (!scan.Get("parameters/frames/frame/@units").empty()) ++found["frame"];
      }
    }
    for (const char* field : {"date", "tracer", "tr", "kvp", "frame"}) {
      CAPTURE(std::string(field));
      CHECK(found[field] > 5);
    }
  }

  TEST_CASE("a build from notes is the build from headers") {
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
      CAPTURE(seed);
      RandomSession session(seed);
      const Result<BuiltSession> built = BuildSession(session.input);
      std::map<const DicomHeader*, DicomHeader> notes;
      for (BuildFile& file : session.input.files) {
        Result<DicomHeader> note = ParseHeaderNote(WriteHeaderNote(*file.header));
        REQUIRE(note.ok());
        file.header = &notes.emplace(file.header, std::move(note).value()).first->second;
      }
      const Result<BuiltSession> noted = BuildSession(session.input);
      REQUIRE(noted.ok() == built.ok());
      if (!built.ok()) continue;
      CHECK(Everything(*noted) == Everything(*built));
      CHECK(noted->moves == built->moves);
      CHECK(noted->log == built->log);
    }
  }

  TEST_CASE("100,000 files of one name in as many directories all get names") {
    BuildFixture session;
    const DicomHeader* header = session.Header({{kTagSOPClassUID, kMrImage},
                                                {kTagStudyInstanceUID, "1.2"},
                                                {kTagSeriesInstanceUID, "1.3"},
                                                {kTagSeriesNumber, "1"}});
    for (int i = 0; i < 100000; ++i) {
      session.Add("RAW/" + std::to_string(i) + "/IM1", header, "1.4");
    }
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    CHECK(Entries(*built).size() == 100000);
    CHECK(built->moves.size() == 100000);
  }

  TEST_CASE("100,000 files with a header each are one scan") {
    BuildFixture session;
    for (int i = 0; i < 100000; ++i) {
      const std::string number = std::to_string(i);
      session.Add("SCANS/1/DICOM/" + number,
                  session.Header({{kTagSOPClassUID, kMrImage},
                                  {kTagStudyInstanceUID, "1.2"},
                                  {kTagSeriesInstanceUID, "1.3"},
                                  {kTagSeriesNumber, "1"},
                                  {kTagStationName, number},
                                  {kTagEchoNumbers, number},
                                  {kTagEchoTime, "1"}}),
                  "1.4." + number);
    }
    const Result<BuiltSession> built = BuildSession(session.input);
    REQUIRE(built.ok());
    CHECK(built->draft.document.scans.size() == 1);
    CHECK(built->draft.resources[0].catalog.entries.size() == 100000);
  }
}

}  // namespace xnatarchive
