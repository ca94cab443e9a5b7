#include "archive/merge_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "archive/merged_catalog.hpp"
#include "unit/archive/merge_model.hpp"

namespace xnatarchive {
namespace {

TestFile Listed(std::string path, std::string uid, std::string bytes) {
  return {std::move(path), std::move(uid), std::move(bytes)};
}
TestFile Lost(std::string path, std::string uid, std::string bytes = "") {
  return {std::move(path), std::move(uid), std::move(bytes), true, false};
}
TestFile Unlisted(std::string path, std::string bytes) {
  return {std::move(path), "", std::move(bytes), false};
}

/// The two sides of one resource, and what the code says of them.
class FilesMeeting {
 public:
  FilesMeeting(const std::vector<TestFile>& incoming, const std::vector<TestFile>& archived)
      : incoming_(incoming), archived_(archived) {
    AddEntries(incoming, &incoming_catalog_);
    AddEntries(archived, &archived_catalog_);
    for (std::size_t i = 0; i < incoming.size(); ++i) {
      files_.push_back({incoming[i].path, incoming[i].bytes.size(), 1, 1, i});
      if (incoming[i].listed) file_of_entry_.push_back(static_cast<std::uint32_t>(i));
    }
  }

  /// As MeetFiles, the look at a disk that holds the archived files, and DecideFiles do.
  std::vector<FileDecision> Decide(const MergePolicy& policy) {
    const auto entries = EntriesOf(incoming_catalog_);
    const auto archived = EntriesOf(archived_catalog_);
    meetings_ = MeetFiles({entries, file_of_entry_, files_, {}}, archived, policy.identity);
    for (FileMeeting& meeting : meetings_) Look(archived, &meeting);
    decisions_ = DecideFiles(meetings_, entries, archived, policy);
    return decisions_;
  }

  /// The verdicts, parallel to the incoming files.
  std::vector<Verdict> Verdicts(const MergePolicy& policy) {
    Decide(policy);
    std::vector<Verdict> verdicts(incoming_.size(), Verdict::kAdd);
    for (std::size_t i = 0; i < decisions_.size(); ++i) {
      verdicts[meetings_[i].file] = VerdictOf(decisions_[i]);
    }
    return verdicts;
  }

  Catalog Merged() const {
    return MergeCatalogs(ArchiveStamp({"bob", "43", 0}, "DEMO"), archived_catalog_,
                         incoming_catalog_, meetings_, decisions_);
  }

 private:
  static void AddEntries(const std::vector<TestFile>& files, Catalog* catalog) {
    for (const TestFile& file : files) {
      if (!file.listed) continue;
      CatalogEntry entry;
      entry.uri = file.path;
      entry.dicom = !file.uid.empty();
      entry.uid = file.uid;
      entry.digest = file.bytes;
      catalog->entries.push_back(std::move(entry));
    }
  }

  static Verdict VerdictOf(const FileDecision& decision) {
    switch (decision.action) {
      case FileAction::kAdd:
        return Verdict::kAdd;
      case FileAction::kKeep:
        return Verdict::kKeep;
      case FileAction::kReplace:
        return Verdict::kReplace;
      case FileAction::kConflict:
        break;
    }
    const bool identical = decision.reason == "archive.identical-file";
    return identical || decision.reason == "archive.merge-conflict" ? Verdict::kConflict
                                                                    : Verdict::kRefuse;
  }

  const TestFile* OnDisk(std::string_view path) const {
    for (const TestFile& file : archived_) {
      if (file.path == path && file.on_disk) return &file;
    }
    return nullptr;
  }

  void Look(const std::vector<const CatalogEntry*>& entries, FileMeeting* meeting) const {
    const TestFile& file = incoming_[meeting->file];
    const bool has_object = meeting->object != FileMeeting::kNone;
    if (meeting->holder == FileMeeting::kNone) meeting->stray = OnDisk(file.path) != nullptr;
    const TestFile* other =
        OnDisk(has_object ? std::string_view(entries[meeting->object]->uri) : file.path);
    if (other == nullptr) {
      if (!has_object) return;
      meeting->sameness = Sameness::kArchivedIsMissing;
      const std::string_view digest = entries[meeting->object]->digest;
      meeting->differs_from_lost = !digest.empty() && digest != file.bytes;
    } else if ((has_object || meeting->stray) && other->bytes == file.bytes) {
      meeting->sameness = Sameness::kSame;
    }
  }

  const std::vector<TestFile>& incoming_;
  const std::vector<TestFile>& archived_;
  Catalog incoming_catalog_;
  Catalog archived_catalog_;
  std::vector<SessionFile> files_;
  std::vector<std::uint32_t> file_of_entry_;
  std::vector<FileMeeting> meetings_;
  std::vector<FileDecision> decisions_;
};

MergePolicy PolicyOf(const ModelPolicy& policy) {
  return {policy.overwrite,
          policy.by_uid ? ObjectIdentity::kSopInstanceUid : ObjectIdentity::kFileName,
          policy.identical_is_conflict};
}

/// "none append delete": what becomes of the first incoming file under the three policies.
std::string Under(const std::vector<TestFile>& incoming, const std::vector<TestFile>& archived,
                  ModelPolicy policy = {}) {
  std::string text;
  for (const Overwrite overwrite : {Overwrite::kNone, Overwrite::kAppend, Overwrite::kDelete}) {
    policy.overwrite = overwrite;
    FilesMeeting meeting(incoming, archived);
    if (!text.empty()) text += " ";
    text += VerdictName(meeting.Verdicts(PolicyOf(policy))[0]);
  }
  return text;
}

std::string Tell(const std::vector<TestFile>& files) {
  std::string text;
  for (const TestFile& file : files) {
    text += file.path + "(" + (file.listed ? "uid '" + file.uid + "'" : "unlisted") + ", " +
            (file.on_disk ? "" : "lost ") + file.bytes + ") ";
  }
  return text;
}

/// All states of one name: absent, an entry of each UID with each content, a file without entry.
std::vector<std::vector<TestFile>> States(const std::string& path, bool may_be_lost) {
  std::vector<std::vector<TestFile>> states = {{}};
  for (const char* uid : {"", "u", "v"}) {
    for (const char* bytes : {"x", "y"}) states.push_back({Listed(path, uid, bytes)});
    if (!may_be_lost) continue;
    for (const char* bytes : {"", "x"}) states.push_back({Lost(path, uid, bytes)});
  }
  for (const char* bytes : {"x", "y"}) states.push_back({Unlisted(path, bytes)});
  return states;
}

/// Every pair of a state of one name and one of another, in both orders.
std::vector<std::vector<TestFile>> Pairs(const std::string& a, const std::string& b,
                                         bool may_be_lost) {
  std::vector<std::vector<TestFile>> pairs;
  for (const auto& first : States(a, may_be_lost)) {
    for (const auto& second : States(b, may_be_lost)) {
      std::vector<TestFile> files = first;
      files.insert(files.end(), second.begin(), second.end());
      pairs.push_back(files);
      if (files.size() < 2) continue;
      std::reverse(files.begin(), files.end());
      pairs.push_back(files);
    }
  }
  return pairs;
}

/// What the merged catalog must name: path to UID and bytes.
std::map<std::string, std::string> EntriesAfter(const std::vector<TestFile>& incoming,
                                                const std::vector<TestFile>& archived,
                                                const std::vector<ModelFate>& fates) {
  std::map<std::string, std::string> entries;
  const auto enter = [&](const TestFile& file) {
    if (file.listed) entries[file.path] = file.uid + " " + file.bytes;
  };
  for (const TestFile& file : archived) enter(file);
  for (std::size_t i = 0; i < fates.size(); ++i) {
    if (fates[i].verdict == Verdict::kReplace) {
      entries.erase(archived[static_cast<std::size_t>(fates[i].object)].path);
    }
  }
  for (std::size_t i = 0; i < fates.size(); ++i) {
    if (fates[i].verdict != Verdict::kKeep) enter(incoming[i]);
  }
  return entries;
}

/// Holds one case against the model. Returns what differs, or nothing.
std::string CheckCase(const std::vector<TestFile>& incoming, const std::vector<TestFile>& archived,
                      const ModelPolicy& policy) {
  FilesMeeting meeting(incoming, archived);
  const std::vector<Verdict> verdicts = meeting.Verdicts(PolicyOf(policy));
  const std::vector<ModelFate> fates = ModelFiles(incoming, archived, policy);
  std::string wrong;
  bool blocked = false;
  for (std::size_t i = 0; i < fates.size(); ++i) {
    blocked = blocked || fates[i].verdict >= Verdict::kConflict;
    if (verdicts[i] == fates[i].verdict) continue;
    wrong += incoming[i].path + ": " + VerdictName(verdicts[i]) + ", expected " +
             VerdictName(fates[i].verdict) + "; ";
  }
  if (wrong.empty() && !blocked) {
    std::map<std::string, std::string> entries;
    std::size_t count = 0;
    for (const CatalogEntry& entry : meeting.Merged().entries) {
      entries[entry.uri] = std::string(entry.uid) + " " + std::string(entry.digest);
      ++count;
    }
    if (entries != EntriesAfter(incoming, archived, fates)) wrong += "the merged catalog; ";
    if (count != entries.size()) wrong += "a path named twice; ";
  }
  if (wrong.empty()) return wrong;
  return wrong + "archived " + Tell(archived) + "incoming " + Tell(incoming) + "overwrite " +
         std::to_string(static_cast<int>(policy.overwrite)) + (policy.by_uid ? " uid" : " name") +
         (policy.identical_is_conflict ? " strict" : "");
}

}  // namespace

TEST_SUITE("archive.merge_files") {
  TEST_CASE("a file the archived resource does not have is added") {
    CHECK(Under({Listed("a", "u", "x")}, {}) == "add add add");
    CHECK(Under({Listed("a", "u", "x")}, {Listed("b", "v", "x")}) == "add add add");
    CHECK(Under({Unlisted("a", "x")}, {Listed("b", "v", "x")}) == "add add add");
  }

  TEST_CASE("the same bytes are kept, under the same name or another one") {
    CHECK(Under({Listed("a", "u", "x")}, {Listed("a", "u", "x")}) == "keep keep keep");
    CHECK(Under({Listed("a", "u", "x")}, {Listed("b", "u", "x")}) == "keep keep keep");
    CHECK(Under({Listed("a", "", "x")}, {Listed("a", "", "x")}) == "keep keep keep");
    CHECK(Under({Unlisted("a", "x")}, {Unlisted("a", "x")}) == "keep keep keep");
  }

  TEST_CASE("where identical files are conflicts only delete keeps them") {
    ModelPolicy strict;
    strict.identical_is_conflict = true;
    CHECK(Under({Listed("a", "u", "x")}, {Listed("a", "u", "x")}, strict) ==
          "conflict conflict keep");
  }

  TEST_CASE("other bytes are replaced by delete only") {
    CHECK(Under({Listed("a", "u", "y")}, {Listed("a", "u", "x")}) == "conflict conflict replace");
    CHECK(Under({Listed("a", "u", "y")}, {Listed("b", "u", "x")}) == "conflict conflict replace");
    CHECK(Under({Listed("a", "", "y")}, {Listed("a", "", "x")}) == "conflict conflict replace");
  }

  TEST_CASE("a name that another object has is a conflict that delete does not override") {
    CHECK(Under({Listed("a", "u", "y")}, {Listed("a", "v", "x")}) == "refuse refuse refuse");
    CHECK(Under({Listed("a", "u", "y")}, {Listed("a", "", "x")}) == "refuse refuse refuse");
    CHECK(Under({Listed("a", "", "y")}, {Listed("a", "v", "x")}) == "refuse refuse refuse");
    CHECK(Under({Listed("a", "u", "y")}, {Unlisted("a", "x")}) == "refuse refuse refuse");
    CHECK(Under({Listed("a", "u", "y")}, {Listed("a", "v", "x"), Listed("b", "u", "x")}) ==
          "refuse refuse refuse");
    CHECK(Under({Listed("a", "u", "y")}, {Unlisted("a", "x"), Listed("b", "u", "x")}) ==
          "refuse refuse refuse");
    CHECK(Under({Listed("a", "u", "x")}, {Listed("a", "v", "x")}) == "refuse refuse refuse");
  }

  TEST_CASE("a file sent again is kept where the archived entry has lost its UID") {
    CHECK(Under({Listed("a", "u", "x")}, {Listed("a", "", "x")}) == "keep keep keep");
  }

  TEST_CASE("by file name neither UID nor kind matter") {
    ModelPolicy by_name;
    by_name.by_uid = false;
    CHECK(Under({Listed("a", "u", "y")}, {Listed("a", "v", "x")}, by_name) ==
          "conflict conflict replace");
    CHECK(Under({Listed("a", "u", "y")}, {Listed("b", "u", "x")}, by_name) == "add add add");
    CHECK(Under({Listed("a", "u", "y")}, {Unlisted("a", "x")}, by_name) ==
          "conflict conflict replace");
  }

  TEST_CASE("a lost archived file is put back under any policy, but other bytes by delete only") {
    CHECK(Under({Listed("a", "u", "x")}, {Lost("a", "u", "x")}) == "replace replace replace");
    CHECK(Under({Listed("b", "u", "x")}, {Lost("a", "u", "x")}) == "replace replace replace");
    CHECK(Under({Listed("a", "u", "y")}, {Lost("a", "u", "x")}) == "conflict conflict replace");
    CHECK(Under({Listed("a", "", "y")}, {Lost("a", "", "x")}) == "conflict conflict replace");
  }

  TEST_CASE("a lost archived file that nothing tells of is put back, but over nothing else") {
    CHECK(Under({Listed("a", "u", "x")}, {Lost("a", "u")}) == "replace replace replace");
    CHECK(Under({Listed("b", "u", "x")}, {Lost("a", "u")}) == "replace replace replace");
    CHECK(Under({Listed("b", "u", "x")}, {Lost("a", "u"), Unlisted("b", "y")}) ==
          "refuse refuse refuse");
    CHECK(Under({Listed("a", "u", "x")}, {Lost("a", "v")}) == "refuse refuse refuse");
    CHECK(Under({Unlisted("a", "x")}, {Lost("a", "u")}) == "refuse refuse refuse");
  }

  TEST_CASE("two incoming files never take the place of one archived file") {
    const std::vector<TestFile> archived = {Listed("a", "u", "x")};
    CHECK(Under({Listed("b", "u", "y"), Listed("c", "u", "z")}, archived) ==
          "conflict conflict refuse");
    CHECK(Under({Listed("b", "u", "y"), Listed("a", "u", "x")}, archived) ==
          "conflict conflict refuse");
    CHECK(Under({Listed("b", "u", "x"), Listed("a", "u", "x")}, archived) == "keep keep keep");
  }

  TEST_CASE("where a UID is archived twice nothing tells which one is meant, but the name") {
    const std::vector<TestFile> archived = {Listed("a", "u", "x"), Listed("b", "u", "y")};
    CHECK(Under({Listed("c", "u", "z")}, archived) == "refuse refuse refuse");
    CHECK(Under({Listed("b", "u", "z")}, archived) == "conflict conflict replace");
    CHECK(Under({Listed("b", "u", "y")}, archived) == "keep keep keep");
  }

  TEST_CASE("temporaries, lock files and the catalog itself are met with nothing") {
    const std::vector<TestFile> incoming = {Unlisted("sub/.xa-1.tmp", "x"),
                                            Unlisted(".~lock-a_catalog.xml", "x"),
                                            Unlisted("a_catalog.xml", "x"), Unlisted("b", "x")};
    std::vector<SessionFile> files;
    for (const TestFile& file : incoming) files.push_back({file.path, 1, 1, 1, 1});
    const auto meetings =
        MeetFiles({{}, {}, files, "a_catalog.xml"}, {}, ObjectIdentity::kSopInstanceUid);
    REQUIRE(meetings.size() == 1);
    CHECK(meetings[0].file == 3);
  }

  TEST_CASE("URLs are told apart by themselves: known ones are kept, others are added") {
    Catalog archived;
    for (const char* uri : {"http://host/a", "http://host/b"}) {
      archived.entries.emplace_back();
      archived.entries.back().uri = uri;
    }
    Catalog incoming = archived;
    incoming.entries.emplace_back();
    incoming.entries.back().uri = "http://host/c";
    const auto entries = EntriesOf(incoming);
    const std::vector<std::uint32_t> remote(entries.size(), ResourceFacts::kRemote);
    const auto meetings =
        MeetFiles({entries, remote, {}, {}}, EntriesOf(archived), ObjectIdentity::kSopInstanceUid);
    const auto decisions = DecideFiles(meetings, entries, EntriesOf(archived), {});
    REQUIRE(decisions.size() == 3);
    CHECK(decisions[0].action == FileAction::kKeep);
    CHECK(decisions[1].action == FileAction::kKeep);
    CHECK(decisions[2].action == FileAction::kAdd);
  }

  TEST_CASE("every small case is decided as the model says, and its catalog is true") {
    std::uint64_t cases = 0;
    std::uint64_t wrong = 0;
    std::vector<std::vector<TestFile>> sent = Pairs("a", "b", false);
    for (const auto& files : Pairs("a", "c", false)) sent.push_back(files);
    for (const auto& archived : Pairs("a", "b", true)) {
      for (const auto& incoming : sent) {
        for (int policy = 0; policy < 12; ++policy) {
          const std::string difference =
              CheckCase(incoming, archived,
                        {static_cast<Overwrite>(policy % 3), policy / 3 % 2 == 0, policy >= 6});
          ++cases;
          if (difference.empty()) continue;
          if (++wrong <= 5) FAIL_CHECK(difference);
        }
      }
    }
    CHECK(wrong == 0);
    MESSAGE(cases << " cases");
  }
}

}  // namespace xnatarchive
