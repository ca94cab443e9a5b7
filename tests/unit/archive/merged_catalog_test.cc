#include "archive/merged_catalog.hpp"

#include <doctest/doctest.h>

#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

CatalogEntry Entry(const std::string& path, const std::string& uid, const std::string& digest) {
  CatalogEntry entry;
  entry.uri = entry.id = path;
  entry.dicom = !uid.empty();
  entry.uid = uid;
  entry.digest = digest;
  entry.created = {"alice", "2024-03-18T15:02:12.847", "42"};
  entry.SetMeta("SIZE", std::to_string(digest.size()));
  return entry;
}

/// `files` entries named after `prefix`, of `frames` slices together when not 0.
Catalog Series(const std::string& prefix, int files, std::int64_t frames) {
  Catalog catalog;
  catalog.dicom = true;
  for (int i = 1; i <= files; ++i) {
    const std::string name = prefix + std::to_string(i);
    catalog.entries.push_back(Entry(name, "2.25." + name, "digest of " + name));
  }
  catalog.dimensions = CatalogDimensions{};
  if (frames > 0) catalog.dimensions->z = frames;
  return catalog;
}

/// One merge: what each incoming file does, and to which archived entry.
struct Merge {
  Catalog archived;
  Catalog incoming;
  std::vector<FileMeeting> meetings;
  std::vector<FileDecision> decisions;

  void Add(std::uint32_t entry, FileAction action, std::uint32_t object = FileMeeting::kNone) {
    FileMeeting meeting;
    meeting.file = meeting.entry = entry;
    meeting.object = object;
    meetings.push_back(meeting);
    decisions.push_back({action, {}});
  }
  Catalog Run() const {
    return MergeCatalogs(ArchiveStamp({"bob", "43", 1'718'910'200'000}, "DEMO"), archived, incoming,
                         meetings, decisions);
  }
  std::int64_t Slices() const { return Run().dimensions->z.value_or(-1); }
};

/// `archived` and `incoming` files of so many frames together; the first `added` are new, the
/// others are kept.
Merge MergeOf(int archived, std::int64_t frames, int incoming, std::int64_t new_frames, int added) {
  Merge merge{Series("a", archived, frames), Series("b", incoming, new_frames), {}, {}};
  for (int i = 0; i < incoming; ++i) {
    if (i < added) {
      merge.Add(static_cast<std::uint32_t>(i), FileAction::kAdd);
    } else {
      merge.Add(static_cast<std::uint32_t>(i), FileAction::kKeep, 0);
    }
  }
  return merge;
}

/// The first `replaced` of the incoming files take the places of archived ones, the others are
/// kept.
Merge Replacing(int archived, std::int64_t frames, int incoming, std::int64_t new_frames,
                int replaced) {
  Merge merge = MergeOf(archived, frames, incoming, new_frames, 0);
  for (std::size_t i = 0; i < static_cast<std::size_t>(replaced); ++i) {
    merge.decisions[i].action = FileAction::kReplace;
    merge.meetings[i].object = static_cast<std::uint32_t>(i);
  }
  return merge;
}

std::string Names(const Catalog& catalog) {
  std::string names;
  for (const CatalogEntry* entry : EntriesOf(catalog)) names += std::string(entry->uri) + " ";
  return names;
}

}  // namespace

TEST_SUITE("archive.merged_catalog") {
  TEST_CASE("new entries follow those there are, which stay as they are") {
    Merge merge{Series("a", 2, 0), Series("b", 3, 0), {}, {}};
    merge.archived.entries[1].description = "looked at";
    merge.archived.uid = "2.25.7";
    merge.Add(0, FileAction::kAdd);
    merge.Add(1, FileAction::kKeep, 0);
    merge.Add(2, FileAction::kAdd);
    const Catalog merged = merge.Run();
    CHECK(Names(merged) == "a1 a2 b1 b3 ");
    CHECK(merged.entries[1].description == "looked at");
    CHECK(merged.entries[1].modified.event_id.empty());
    CHECK(merged.uid == "2.25.7");
    CHECK(merged.Meta("PROJECT") == "DEMO");
  }

  TEST_CASE("a catalog of which nothing changes stays the same to the last byte") {
    Merge merge = MergeOf(3, 30, 2, 2, 0);
    merge.archived.SetMeta("PROJECT", "OLD");
    merge.archived.SetMeta("AUDIT", "42:Mon=Added:3");
    CHECK(WriteCatalog(merge.Run(), CatalogStyle::kPlain) ==
          WriteCatalog(merge.archived, CatalogStyle::kPlain));
  }

  TEST_CASE("a replaced entry tells everything of the new bytes, and who created it first") {
    Merge merge{Series("a", 1, 0), Series("b", 1, 0), {}, {}};
    CatalogEntry& old = merge.archived.entries[0];
    old.instance_number = 7;
    old.name = "a1";
    old.cache_path = "a1";
    old.description = "phantom";
    old.tags = {"qa"};
    old.attributes = {{"plugin", "x"}};
    for (const char* field : {"MTIME", "XXH3", "size_in_bytes", "NOTE"}) old.SetMeta(field, "old");
    merge.incoming.entries[0].instance_number = 8;
    merge.incoming.entries[0].SetMeta("MTIME", "2");
    merge.Add(0, FileAction::kReplace, 0);
    const Catalog merged = merge.Run();
    REQUIRE(merged.entries.size() == 1);
    const CatalogEntry& entry = merged.entries[0];
    CHECK(entry.uri == "b1");
    CHECK(entry.id == "b1");
    CHECK(entry.cache_path.empty());
    CHECK(entry.name.empty());
    CHECK(entry.uid == "2.25.b1");
    CHECK(entry.instance_number == 8);
    CHECK(entry.digest == "digest of b1");
    CHECK(entry.Meta("SIZE") == "12");
    CHECK(entry.Meta("MTIME") == "2");
    CHECK(entry.Meta("XXH3").empty());
    CHECK(entry.Meta("size_in_bytes").empty());
    CHECK(entry.Meta("NOTE") == "old");
    CHECK(entry.description == "phantom");
    CHECK(entry.tags == std::vector<std::string>{"qa"});
    CHECK(entry.attributes.size() == 1);
    CHECK(entry.created.by == "alice");
    CHECK(entry.created.event_id == "42");
    CHECK(entry.modified.by == "bob");
    CHECK(entry.modified.event_id == "43");
  }

  TEST_CASE("an entry in a set is replaced where it is") {
    Merge merge{Series("a", 2, 0), Series("b", 1, 0), {}, {}};
    merge.archived.sets.push_back(Series("set", 2, 0));
    REQUIRE(Names(merge.archived) == "set1 set2 a1 a2 ");
    merge.Add(0, FileAction::kReplace, 1);
    const Catalog merged = merge.Run();
    CHECK(Names(merged) == "set1 b1 a1 a2 ");
    CHECK(merged.sets[0].entries[1].uid == "2.25.b1");
  }

  TEST_CASE("a file that takes the place of one without an entry gets one") {
    Merge merge{Series("a", 1, 0), Series("b", 1, 0), {}, {}};
    merge.Add(0, FileAction::kReplace);
    CHECK(Names(merge.Run()) == "a1 b1 ");
  }

  TEST_CASE("the number of slices follows the files where each has one") {
    CHECK(MergeOf(3, 3, 2, 2, 2).Slices() == 5);
    CHECK(MergeOf(3, 3, 2, 2, 1).Slices() == 4);
    CHECK(Replacing(3, 3, 2, 2, 1).Slices() == 3);
    CHECK(Replacing(3, 3, 2, 2, 2).Slices() == 3);
  }

  TEST_CASE("the number of slices follows the files where all of a catalog stay, come or go") {
    CHECK(MergeOf(2, 8, 3, 30, 3).Slices() == 38);      // all come in, whatever they hold
    CHECK(MergeOf(2, 8, 3, 3, 1).Slices() == 9);        // one comes in, of one frame
    CHECK(Replacing(1, 3, 1, 5, 1).Slices() == 5);      // the only one goes
    CHECK(Replacing(3, 3, 2, 8, 2).Slices() == 1 + 8);  // two of one frame go
    CHECK(Replacing(2, 0, 2, 8, 2).Slices() == 8);
    CHECK(MergeOf(3, 30, 2, 2, 0).Slices() == 30);  // nothing changed
    CHECK(MergeOf(3, 1, 2, 2, 0).Slices() == 1);
  }

  TEST_CASE("a number of slices that can not be told is left out") {
    CHECK(MergeOf(2, 8, 2, 8, 1).Slices() == -1);  // of 3 and 5 frames, or 4 and 4
    CHECK(MergeOf(2, 20, 3, 30, 1).Slices() == -1);
    CHECK(Replacing(2, 20, 1, 1, 1).Slices() == -1);
    CHECK(Replacing(1, 1, 2, 20, 1).Slices() == -1);
    CHECK(MergeOf(2, 2, 2, 0, 1).Slices() == -1);  // nobody says
    CHECK(MergeOf(2, 0, 2, 2, 2).Slices() == -1);
    CHECK(MergeOf(3, 2, 2, 2, 2).Slices() == -1);  // less than there are files
    CHECK(MergeOf(3, 3, 2, 1, 2).Slices() == -1);
  }

  TEST_CASE("the audit gets one change set, after those there are") {
    Merge merge = MergeOf(3, 3, 4, 4, 3);
    merge.decisions[3].action = FileAction::kReplace;
    merge.archived.SetMeta("AUDIT", "42:Mon=Added:3");
    const std::string audit(merge.Run().Meta("AUDIT"));
    CHECK(audit.substr(0, 18) == "42:Mon=Added:3|43:");
    CHECK(audit.substr(audit.rfind('=')) == "=Added:3;Modified:1");
  }
}

}  // namespace xnatarchive
