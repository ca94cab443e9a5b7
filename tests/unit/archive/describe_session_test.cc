#include "archive/describe_session.hpp"

#include <doctest/doctest.h>

#include "unit/archive/archive_fixture.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

DescribedSession Describe(TestTrees& disk, Checksum checksum = Checksum::kMd5AndXxh3,
                          unsigned threads = 1) {
  Result<Directory> session = disk.trees.prearchive.OpenSubdirectory(SourceOf("S1"));
  REQUIRE(session.ok());
  SessionDraft draft;
  draft.document = TestDocument();
  Result<DescribedSession> described =
      DescribeSession(*session, SourceOf("S1"), std::move(draft), checksum, threads);
  INFO(described.status().ToString());
  REQUIRE(described.ok());
  return std::move(*described);
}

std::string InSession(const std::string& path) {
  return "prearchive/" + SourceOf("S1") + "/" + path;
}

std::vector<std::string> Paths(const std::vector<SessionFile>& files) {
  std::vector<std::string> paths;
  for (const SessionFile& file : files) paths.push_back(file.path);
  return paths;
}

using Strings = std::vector<std::string>;

constexpr std::size_t kNotes = 0;  // resources of the session come first
constexpr std::size_t kDicom = 1;
constexpr std::size_t kNifti = 2;

CatalogEntry Entry(const std::string& uri) {
  CatalogEntry entry;
  entry.uri = uri;
  return entry;
}

}  // namespace

TEST_SUITE("archive.describe_session") {
  TEST_CASE("a session is described with its resources, catalogs, files and directories") {
    TestTrees disk;
    WriteSession(disk);
    for (const unsigned threads : {1u, 3u}) {
      const DescribedSession session = Describe(disk, Checksum::kMd5AndXxh3, threads);
      REQUIRE(session.draft.resources.size() == 3);
      CHECK(session.draft.resources[kDicom].directory == "SCANS/1/DICOM");
      CHECK(session.draft.resources[kDicom].scan_id == "1");
      CHECK(session.draft.resources[kDicom].catalog.entries.size() == 3);
      CHECK(Paths(session.inventory.resources[kDicom]) ==
            Strings{"image1.dcm", "image2.dcm", "image3.dcm", "scan_1_catalog.xml"});
      CHECK(Paths(session.inventory.resources[kNifti]) ==
            Strings{"NIFTI_catalog.xml", "sub/brain.nii"});
      CHECK(Paths(session.inventory.others) == Strings{"logs/1710771722123.log"});
      CHECK(session.inventory.directories == Strings{"RESOURCES", "RESOURCES/NOTES", "SCANS",
                                                     "SCANS/1", "SCANS/1/DICOM", "SCANS/2",
                                                     "SCANS/2/NIFTI", "SCANS/2/NIFTI/sub", "logs"});
      CHECK(session.inventory.irregular.empty());
      CHECK(session.Files() == 5);
      CHECK(session.Bytes() == 3 * 4 + 6 * 700 + 3);
      CHECK(session.FilesToHash() == 5);
      CHECK(session.facts[kDicom].file_of_entry == std::vector<std::uint32_t>{0, 1, 2});
      CHECK(session.facts[kNotes].unlisted == 0);
    }
    CHECK(Describe(disk, Checksum::kNone).FilesToHash() == 0);
  }

  TEST_CASE("files that are missing, unlisted or not regular are found, and nothing is followed") {
    TestTrees disk;
    WriteSession(disk);
    disk.disk.Remove(InSession("SCANS/1/DICOM/image2.dcm"));
    disk.disk.Write(InSession("SCANS/1/DICOM/extra"), "x");
    disk.disk.Write(InSession("SCANS/1/DICOM/.xa-1.tmp"), "x");
    disk.disk.Write(InSession("SCANS/1/DICOM/.~lock-a"), "x");
    disk.disk.Write(InSession("SCANS/1/DICOM/other_catalog.xml"), "x");
    disk.disk.Symlink("/etc", InSession("SCANS/2/NIFTI/etc"));
    disk.disk.Symlink("image1.dcm", InSession("top"));
    const DescribedSession session = Describe(disk);
    CHECK(session.facts[kDicom].missing == 1);
    CHECK(session.facts[kDicom].first_missing == "image2.dcm");
    CHECK(session.facts[kDicom].unlisted == 1);
    CHECK(session.facts[kDicom].first_unlisted == "extra");
    CHECK(session.facts[kDicom].files == 2);
    CHECK(session.inventory.irregular == Strings{"SCANS/2/NIFTI/etc", "top"});
  }

  TEST_CASE("a missing catalog is made from the files, one that can not be read is told") {
    TestTrees disk;
    WriteSession(disk);
    disk.disk.Remove(InSession("SCANS/2/NIFTI/NIFTI_catalog.xml"));
    disk.disk.Write(InSession("SCANS/2/NIFTI/x.json"), "{}");
    disk.disk.Write(InSession("SCANS/1/DICOM/scan_1_catalog.xml"), "");
    disk.disk.Write(InSession("RESOURCES/NOTES/NOTES_catalog.xml"), std::string(1 << 20, 'g'));
    const DescribedSession session = Describe(disk);
    CHECK(session.facts[kNifti].catalog_missing);
    CHECK(session.facts[kNifti].files == 2);
    CHECK(session.facts[kNifti].unlisted == 0);
    REQUIRE(session.draft.resources[kNifti].catalog.entries.size() == 2);
    CHECK(session.draft.resources[kNifti].catalog.entries[0].uri == "sub/brain.nii");
    CHECK(session.draft.resources[kNifti].catalog.id == "NIFTI");
    CHECK(session.facts[kDicom].unreadable == "catalog.empty");
    CHECK(session.facts[kNotes].unreadable == "catalog.bad-xml");
  }

  TEST_CASE("a resource below another has its files for itself") {
    TestTrees disk;
    WriteSession(disk);
    SessionDraft draft;
    draft.document = TestDocument();
    draft.resources = ResourcesOf(draft.document);
    draft.resources.emplace_back();
    draft.resources[3].scan_id = "2";
    draft.resources[3].catalog_path = "SCANS/2/NIFTI/sub/sub_catalog.xml";
    Result<Directory> directory = disk.trees.prearchive.OpenSubdirectory(SourceOf("S1"));
    Result<DescribedSession> session =
        DescribeSession(*directory, "", std::move(draft), Checksum::kNone, 2);
    REQUIRE(session.ok());
    CHECK(Paths(session->inventory.resources[kNifti]) == Strings{"NIFTI_catalog.xml"});
    CHECK(Paths(session->inventory.resources[3]) == Strings{"brain.nii"});
    CHECK(session->inventory.directories.size() == 9);
  }

  TEST_CASE("entries: remote ones have no file, impossible and repeated ones are bad") {
    ResourceDraft resource;
    resource.format = "DICOM";
    Catalog& catalog = resource.catalog;
    catalog.sets.emplace_back();
    catalog.sets[0].entries = {Entry("a")};
    catalog.entries = {Entry("b"),    Entry("b"),          Entry("../x"),
                       Entry("gone"), Entry("http://x/y"), Entry("x_catalog.xml")};
    catalog.entries[4].cache_path = "y";
    for (CatalogEntry* entry : {&catalog.entries[0], &catalog.entries[1]}) {
      entry->dicom = true;
      entry->uid = "1.2";
    }
    const std::vector<SessionFile> files = {
        {"a", 1, 0, 0, 1}, {"b", 2, 0, 0, 2}, {"x_catalog.xml", 4, 0, 0, 3}};
    const ResourceFacts facts = CheckResource(resource, files, Checksum::kMd5);
    CHECK(facts.files == 2);
    CHECK(facts.bytes == 3);
    CHECK(facts.bad_entries == 3);
    CHECK(facts.first_bad == "b");
    CHECK(facts.missing == 1);
    CHECK(facts.first_missing == "gone");
    CHECK(facts.unlisted == 0);
    CHECK(facts.not_dicom == 5);
    CHECK(facts.repeated_uids == 1);
    constexpr std::uint32_t kNone = ResourceFacts::kRemote;
    CHECK(facts.file_of_entry == std::vector<std::uint32_t>{0, 1, 1, kNone, kNone, kNone, 2});
    CHECK(facts.to_hash == std::vector<std::uint32_t>{0, 1});
  }

  TEST_CASE("digests are known when they are there and SIZE and MTIME are those of the file") {
    const SessionFile file{"a", 10, 1'000'000'001, 5, 7};
    CatalogEntry entry = Entry("a");
    CHECK(KnowsDigests(entry, file, Checksum::kNone));
    CHECK_FALSE(KnowsDigests(entry, file, Checksum::kMd5));
    entry.digest = std::string(32, 'a');
    CHECK_FALSE(KnowsDigests(entry, file, Checksum::kMd5));  // XNAT's own digests say not of what
    entry.SetMeta("SIZE", "10");
    entry.SetMeta("MTIME", "1000000001");
    CHECK(KnowsDigests(entry, file, Checksum::kMd5));
    CHECK_FALSE(KnowsDigests(entry, file, Checksum::kMd5AndXxh3));
    CHECK_FALSE(KnowsDigests(entry, file, Checksum::kXxh3));
    entry.SetMeta("XXH3", std::string(32, 'b'));
    CHECK(KnowsDigests(entry, file, Checksum::kMd5AndXxh3));
    entry.digest = "";
    CHECK(KnowsDigests(entry, file, Checksum::kXxh3));
    for (const auto& [name, value] :
         {std::pair("SIZE", "11"), {"SIZE", ""}, {"MTIME", "1000000002"}, {"MTIME", "x"}}) {
      CatalogEntry other = entry;
      other.SetMeta(name, value);
      CHECK_FALSE(KnowsDigests(other, file, Checksum::kXxh3));
    }
  }
}

}  // namespace xnatarchive
