// Validation of a session that is not built yet says what it says once the session is built.
#include <doctest/doctest.h>

#include "unit/engine/findings_fixture.hpp"

namespace xnatarchive {
namespace {

using Fixture = FindingsFixture;
using Change = std::function<void(Fixture&, const std::string& directory)>;

constexpr const char* kInScan = "/SCANS/1/DICOM/readme.txt";

/// All that a report says.
std::string Tell(const ValidationReport& report) {
  std::string text = report.uri + (report.blocked ? " blocked" : "") + "\n";
  const auto add = [&](std::uint64_t number) { text += std::to_string(number) + " "; };
  for (const Finding& finding : report.findings) text += finding.message + "\n";
  const FileCounts& counts = report.counts;
  for (const std::uint64_t number :
       {report.scans, report.files, report.bytes, report.files_to_hash, counts.added,
        counts.identical, counts.replaced, counts.conflicting, counts.bytes_added,
        counts.bytes_replaced}) {
    add(number);
  }
  for (const PlannedScan& scan : report.scan_plan) text += "\n" + scan.id + " " + scan.target_id;
  for (const PlannedResource& resource : report.resources) {
    text += "\n" + resource.scan_id + " " + resource.label + (resource.whole ? " whole " : " ");
    add(resource.file_count);
    add(resource.bytes);
    for (const PlannedFile& file : resource.files) {
      text += "\n  " + file.path + " " + FileActionName(file.action) + " " + file.replaces;
    }
  }
  return text + "\n";
}

/// Receives objects, under a name each, and does not build the session.
std::string ReceiveUnbuilt(Fixture& fixture, const std::vector<DicomSpec>& objects) {
  const std::string folder = "u" + std::to_string(++fixture.imports);
  for (const DicomSpec& object : objects) {
    fixture.tree.Write("in/" + folder + "/" + InstanceUid(object) + ".dcm", MakeDicom(object));
  }
  return Must(fixture.engine->Import(fixture.Request(folder))).uris.at(0);
}

/// Gives every image of the session another modification time.
void TouchImages(Fixture& fixture, const std::string& directory) {
  for (const std::string& line : Split(fixture.tree.Dump(directory), '\n')) {
    const std::string path = directory + "/" + line.substr(0, line.find(' '));
    if (!EndsWith(path, ".dcm")) continue;
    const std::string bytes = fixture.tree.Read(path);
    fixture.tree.Remove(path);
    File file = Must(fixture.tree.dir().Create(path));
    Must(file.Write(bytes.data(), bytes.size()));
    Must(file.SetModificationTime(1'000'000'000));
  }
}

Change Writes(const std::string& path, const std::string& bytes) {
  return [=](Fixture& fixture, const std::string& directory) {
    fixture.tree.Write(directory + path, bytes);
  };
}

/// Validates before and after the build, for each kind of merge; what is said of append.
std::string Validated(Fixture& fixture, const std::string& src) {
  std::vector<ValidationReport> unbuilt;
  std::vector<ArchiveRequest> requests;
  for (const Overwrite overwrite : {Overwrite::kNone, Overwrite::kAppend, Overwrite::kDelete}) {
    requests.emplace_back().src = src;
    requests.back().overwrite = overwrite;
  }
  const std::string before = fixture.Dump();
  for (const ArchiveRequest& request : requests) {
    unbuilt.push_back(Must(fixture.engine->Validate(request)));
  }
  CHECK(fixture.Dump() == before);
  Must(fixture.engine->Build(src));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    CHECK(Tell(unbuilt[i]) == Tell(Must(fixture.engine->Validate(requests[i]))));
  }
  const FileCounts& counts = unbuilt[1].counts;
  return Fixture::Tell(unbuilt[1].findings) + " +" + std::to_string(counts.added) + " =" +
         std::to_string(counts.identical) + " !" + std::to_string(counts.conflicting);
}

/// The same of one object that is archived already, and of files beside it.
std::string WithFiles(const Change& archived, const Change& received,
                      const std::string& checksum = "md5+xxh3") {
  Fixture fixture;
  Must(fixture.engine->SetSetting("checksum", checksum));
  fixture.Open();
  const std::string first = fixture.Receive();
  if (archived) archived(fixture, Fixture::DirectoryOf(first));
  Must(fixture.Archive(first));
  const std::string src = ReceiveUnbuilt(fixture, {Fixture::Object()});
  if (received) received(fixture, Fixture::DirectoryOf(src));
  return Validated(fixture, src);
}

}  // namespace

TEST_SUITE("engine.unbuilt") {
  TEST_CASE("an Unassigned session is routed by its content, also where its build will move that") {
    Fixture fixture;
    for (int series = 1; series <= 2; ++series) {
      DicomSpec object = Fixture::Object(series);
      object.values[0x00081030] = "LATER";  // StudyDescription
      object.values[0x00200011] = "1";      // SeriesNumber: the build tells the series apart
      fixture.tree.Write("in/a/" + std::to_string(series) + ".dcm", MakeDicom(object));
    }
    ImportRequest import = fixture.Request("a");
    import.parameters.clear();
    const std::string src = Must(fixture.engine->Import(import)).uris.at(0);
    REQUIRE(src.find("/Unassigned/") != std::string::npos);
    const auto in_scan_1 = [&] {
      return fixture.tree.Dump("root/prearchive").find("SCANS/1/DICOM/") != std::string::npos;
    };
    CHECK(in_scan_1());
    Project later;
    later.id = "LATER";
    Must(fixture.engine->AddProject(later));
    CHECK(Validated(fixture, src) == " +2 =0 !0");
    CHECK_FALSE(in_scan_1());
    CHECK(Must(fixture.Archive(src)).project == "LATER");
  }

  TEST_CASE("identical bytes are found, touched or not, with and without checksums") {
    for (const std::string checksum : {"md5+xxh3", "none"}) {
      CAPTURE(checksum);
      CHECK(WithFiles({}, {}, checksum) == " +0 =1 !0");
      CHECK(WithFiles({}, TouchImages, checksum) == " +0 =1 !0");
    }
  }

  TEST_CASE("files beside the images count as when they are built") {
    CHECK(WithFiles({}, Writes(kInScan, "one")) == "20W/archive.unlisted-files +1 =1 !0");
    CHECK(WithFiles(Writes(kInScan, "one"), Writes(kInScan, "one")) ==
          "20W/archive.unlisted-files +0 =2 !0");
    CHECK(WithFiles(Writes(kInScan, "one"), Writes(kInScan, "two!")) ==
          "14C/archive.merge-conflict 20W/archive.unlisted-files +0 =1 !1");
    CHECK(WithFiles(Writes("/notes.txt", "one"), Writes("/notes.txt", "one")) == " +0 =2 !0");
    CHECK(WithFiles(Writes("/notes.txt", "one"), Writes("/notes.txt", "two!")) ==
          "14C/archive.merge-conflict +0 =1 !1");
    CHECK(WithFiles(Writes("/logs/1.log", "one"), Writes("/logs/1.log", "two!")) == " +0 =1 !0");
  }

  TEST_CASE("files that the build moves are compared where they lie until then") {
    for (const Change& change : {Change(), Change(TouchImages)}) {
      Fixture fixture;
      const std::vector<DicomSpec> archived = {Fixture::Object(1, 1, "1 "),
                                               Fixture::Object(2, 1, "1 "), Fixture::Object(3, 1)};
      fixture.ArchiveNow(archived);
      std::vector<DicomSpec> objects = archived;
      objects[1].values[0x00204000] = "corrected ";  // Image Comments
      objects.push_back(Fixture::Object(2, 2, "1 "));
      const std::string src = ReceiveUnbuilt(fixture, objects);
      if (change) change(fixture, Fixture::DirectoryOf(src));
      CHECK(Validated(fixture, src) == "14C/archive.merge-conflict +1 =2 !1");
    }
  }

  TEST_CASE("what an earlier build left is taken for what the next one makes of it") {
    Fixture fixture;
    const std::string src = fixture.Receive({Fixture::Object(1, 1, "1 ")});
    const std::string directory = Fixture::DirectoryOf(src);
    fixture.ChangeDocument(directory + ".xml", [](SessionDocument& document) {
      Resource& notes = document.resources.emplace_back();
      notes.label = "NOTES";
      notes.uri = "RESOURCES/NOTES/NOTES_catalog.xml";
    });
    Catalog catalog;
    catalog.entries.emplace_back().uri = "a.txt";
    fixture.tree.Write(directory + "/RESOURCES/NOTES/NOTES_catalog.xml",
                       WriteCatalog(catalog, CatalogStyle::kPlain));
    fixture.tree.Write(directory + "/RESOURCES/NOTES/a.txt", "a");
    fixture.tree.Write(directory + "/RESOURCES/NOTES/b.txt", "b");
    CHECK(ReceiveUnbuilt(fixture, {Fixture::Object(2, 1, "1 ")}) == src);
    CHECK(Validated(fixture, src) == "20W/archive.unlisted-files +3 =0 !0");
    CHECK(Must(fixture.Archive(src)).files == 3);
  }
}

}  // namespace xnatarchive
