// Merges on real directories: sessions made at random against the model, and what the model does
// not have.
#include "archive/merge_session.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

#include "base/text.hpp"
#include "unit/archive/merge_check.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

/// One merge: everything follows from its seed.
struct Round {
  TestSession archived;
  TestSession incoming;
  ModelPolicy policy;
  MergeOptions options;
  bool known_digests = false;
};

class RoundMaker {
 public:
  explicit RoundMaker(std::uint64_t seed) : random_(seed) {}

  Round Make() {
    Round round;
    round.archived = MakeSession(true);
    round.incoming = MakeSession(false);
    round.policy.overwrite = OneOf({Overwrite::kAppend, Overwrite::kDelete, Overwrite::kAppend,
                                    Overwrite::kDelete, Overwrite::kNone});
    round.policy.by_uid = Below(4) > 0;
    round.policy.identical_is_conflict = Below(5) == 0;
    round.known_digests = Below(2) == 0;
    MergePolicy& merge = round.options.policy.merge;
    merge.overwrite = round.policy.overwrite;
    merge.identity =
        round.policy.by_uid ? ObjectIdentity::kSopInstanceUid : ObjectIdentity::kFileName;
    merge.conflict_on_identical = round.policy.identical_is_conflict;
    round.options.one_file_system = Below(2) == 0;
    round.options.threads = Below(3) + 1;
    return round;
  }

 private:
  unsigned Below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  template <typename T>
  T OneOf(std::initializer_list<T> values) {
    return *(values.begin() + Below(static_cast<unsigned>(values.size())));
  }

  TestSession MakeSession(bool archived) {
    TestSession session;
    const unsigned scans = Below(3);
    const std::string first = OneOf({"1", "2"});
    for (unsigned i = 0; i < scans; ++i) {
      const std::string id = i == 0 ? first : first == "1" ? "2" : "1";
      session.scans.push_back({id, OneOf({"", "A", "B", id == "1" ? "A" : "B"})});
      for (const char* label : {"DICOM", "NIFTI"}) {
        if (Below(5) < 3) session.resources.push_back(MakeResource(id, label, archived));
      }
    }
    // A session has to have something.
    if (scans == 0 || Below(3) == 0) {
      session.resources.push_back(MakeResource("", "NOTES", archived));
    }
    for (const char* path : {"logs/1.log", "logs/2.log"}) {
      if (Below(4) == 0) session.others.push_back({path, "", OneOf({"log", "gol"})});
    }
    return session;
  }

  TestResource MakeResource(const std::string& scan, const std::string& label, bool archived) {
    TestResource resource{scan, label, {}};
    for (const char* path : {"a", "b", "sub/c"}) {
      if (Below(3) == 0) continue;
      TestFile file{path, "", OneOf({"xxxx", "yyyy", "zz"})};
      if (label == "DICOM") file.uid = OneOf({"2.25.1", "2.25.2", "2.25.3", "", path});
      file.listed = Below(8) > 0;
      if (!file.listed) file.uid.clear();
      file.on_disk = !archived || !file.listed || Below(8) > 0;
      resource.files.push_back(file);
    }
    return resource;
  }

  std::mt19937_64 random_;
};

std::string CheckCounts(const FileCounts& counts, const ModelSession& model) {
  if (counts.added == model.added && counts.identical == model.kept &&
      counts.replaced == model.replaced && counts.conflicting == model.conflicting) {
    return "";
  }
  return "counts " + std::to_string(counts.added) + " " + std::to_string(counts.identical) + " " +
         std::to_string(counts.replaced) + " " + std::to_string(counts.conflicting) + "; ";
}

std::string Tell(const TestSession& session) {
  std::string text;
  for (const TestScan& scan : session.scans) text += "scan " + scan.id + "(" + scan.uid + ") ";
  const auto add = [&](const std::string& name, const std::vector<TestFile>& files) {
    text += "\n  " + name + ": ";
    for (const TestFile& file : files) {
      text += file.path + "(" + file.uid + ", " + (file.on_disk ? file.bytes : "lost") +
              (file.listed ? ") " : ", unlisted) ");
    }
  };
  for (const TestResource& resource : session.resources) {
    add(DirectoryOf(resource), resource.files);
  }
  add("others", session.others);
  return text;
}

/// For whoever looks into a failure.
std::string Tell(const Round& round) {
  return "\narchived " + Tell(round.archived) + "\nincoming " + Tell(round.incoming) +
         "\noverwrite " + std::to_string(static_cast<int>(round.policy.overwrite)) +
         (round.policy.by_uid ? " uid" : " name") +
         (round.policy.identical_is_conflict ? " strict" : "");
}

/// Whether two scans, or two files of one resource, have one UID.
bool RepeatsUid(const TestSession& session) {
  std::set<std::string> uids;
  const auto repeated = [&](const std::string& place, const std::string& uid) {
    return !uid.empty() && !uids.insert(place + " " + uid).second;
  };
  for (const TestScan& scan : session.scans) {
    if (repeated("", scan.uid)) return true;
  }
  for (const TestResource& resource : session.resources) {
    for (const TestFile& file : resource.files) {
      if (repeated(DirectoryOf(resource), file.uid)) return true;
    }
  }
  return false;
}

/// Runs one round. What is wrong; and whether it was merged.
std::string RunRound(const Round& round, bool* merged) {
  TestTrees disk;
  ArchiveBefore(disk.trees, round.archived);
  WriteIncoming(disk.trees, round.incoming, round.known_digests);
  const std::string before = disk.Visible();
  const ModelSession model = ModelMerge(round.archived, round.incoming, round.policy);
  ArchivePlan plan;
  const Result<ArchiveOutcome> outcome =
      MergeTestSession(disk.trees, AcknowledgeNothing, round.options, &plan);
  *merged = outcome.ok();
  if (outcome.ok() == model.blocked) {
    return model.blocked ? "merged, which should be blocked; " : outcome.status().ToString();
  }
  std::string wrong = CheckCounts(plan.counts, model);
  if (!outcome.ok()) {
    if (disk.Visible() != before) wrong += "a refused merge changed something; ";
    if (outcome.status().disk_state() != DiskState::kUnchanged) wrong += "disk state; ";
    if (disk.disk.Exists("archive/.xa/history")) wrong += "a history; ";
    return wrong + disk.Leftovers();
  }
  wrong += CheckArchived(disk, model) + CheckClean(disk);
  if (!wrong.empty()) return wrong;
  if (RepeatsUid(round.incoming)) return wrong;  // nothing tells the two apart any more
  // The same upload once more, and again: all of it is there.
  const std::string after = disk.Visible();
  MergeOptions again = round.options;
  again.policy.merge.conflict_on_identical = false;
  for (const Overwrite overwrite : {Overwrite::kAppend, Overwrite::kDelete}) {
    WriteIncoming(disk.trees, round.incoming, !round.known_digests);
    again.policy.merge.overwrite = overwrite;
    const Status resent = MergeTestSession(disk.trees, AcknowledgeNothing, again, &plan).status();
    if (!resent.ok()) return "sent again: " + resent.ToString();
    if (plan.counts.added + plan.counts.replaced > 0) wrong += "sent again, something is new; ";
    if (disk.Visible() != after) wrong += "sent again, something changed; ";
  }
  return wrong;
}

}  // namespace

TEST_SUITE("archive.merge_session") {
  TEST_CASE("sessions made at random are merged as the model says, and once more without effect") {
    constexpr std::uint64_t kFirstSeed = 1;
    constexpr std::uint64_t kRounds = 300;
    std::uint64_t merges = 0;
    std::uint64_t failures = 0;
    for (std::uint64_t seed = kFirstSeed; seed < kFirstSeed + kRounds; ++seed) {
      bool merged = false;
      const Round round = RoundMaker(seed).Make();
      const std::string wrong = RunRound(round, &merged);
      merges += merged ? 1 : 0;
      if (!wrong.empty() && ++failures <= 5) {
        FAIL_CHECK("seed " << seed << ": " << wrong << Tell(round));
      }
    }
    CHECK(failures == 0);
    CHECK(merges > kRounds / 4);
    MESSAGE("seeds " << kFirstSeed << " to " << kFirstSeed + kRounds - 1 << ", " << merges
                     << " merged");
  }
}

}  // namespace xnatarchive
