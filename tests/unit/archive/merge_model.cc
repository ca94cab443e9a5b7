#include "unit/archive/merge_model.hpp"

#include <algorithm>
#include <set>

namespace xnatarchive {
namespace {

bool Settles(Overwrite overwrite) { return overwrite == Overwrite::kDelete; }

/// The index of the archived file at `path`, or -1. Lost ones count: their names are still theirs.
int AtPath(const std::vector<TestFile>& archived, const std::string& path) {
  for (std::size_t i = 0; i < archived.size(); ++i) {
    if (archived[i].path == path) return static_cast<int>(i);
  }
  return -1;
}

/// The archived file that an incoming one is; -1 for none.
int ObjectOf(const TestFile& file, const std::vector<TestFile>& archived, bool by_uid) {
  const int there = AtPath(archived, file.path);
  const bool listed = there >= 0 && archived[static_cast<std::size_t>(there)].listed;
  if (!by_uid || file.uid.empty() || !file.listed) return listed ? there : -1;
  if (listed && archived[static_cast<std::size_t>(there)].uid == file.uid) return there;
  for (std::size_t i = 0; i < archived.size(); ++i) {
    if (archived[i].listed && archived[i].uid == file.uid) return static_cast<int>(i);
  }
  return -1;
}

/// Whether a UID alone does not say which archived file is meant.
bool IsAmbiguous(const TestFile& file, const TestFile& object,
                 const std::vector<TestFile>& archived) {
  return file.path != object.path &&
         std::count_if(archived.begin(), archived.end(),
                       [&](const TestFile& one) { return one.listed && one.uid == file.uid; }) > 1;
}

/// M2 to M4 for a file whose object is archived with other bytes, or lost.
Verdict ForChanged(const TestFile& file, const TestFile& object, bool unclear,
                   const ModelPolicy& policy) {
  const bool kinds_differ = policy.by_uid && file.uid.empty() != object.uid.empty();
  if (unclear || kinds_differ || !file.listed) return Verdict::kRefuse;
  const bool puts_back = !object.on_disk && (object.bytes.empty() || object.bytes == file.bytes);
  if (puts_back || Settles(policy.overwrite)) return Verdict::kReplace;
  return Verdict::kConflict;
}

ModelFate ForUncatalogued(const TestFile& file, const TestFile& stray, int there,
                          const ModelPolicy& policy) {
  if (file.bytes == stray.bytes) {
    return {file.listed ? Verdict::kRefuse : Verdict::kKeep, there};
  }
  if (policy.by_uid && file.listed && !file.uid.empty()) return {Verdict::kRefuse, there};
  return {Settles(policy.overwrite) ? Verdict::kReplace : Verdict::kConflict, there};
}

ModelFate FateOf(const TestFile& file, const std::vector<TestFile>& archived,
                 const ModelPolicy& policy) {
  const int there = AtPath(archived, file.path);
  const int object = ObjectOf(file, archived, policy.by_uid);
  const bool strict = policy.identical_is_conflict && !Settles(policy.overwrite);
  const auto keep = [&](int which) {
    return ModelFate{strict ? Verdict::kConflict : Verdict::kKeep, which};
  };
  if (object >= 0) {
    const TestFile& found = archived[static_cast<std::size_t>(object)];
    if (found.on_disk && found.bytes == file.bytes) return keep(object);
    const bool path_is_anothers = there >= 0 && there != object;
    const bool unclear = path_is_anothers || IsAmbiguous(file, found, archived);
    return {ForChanged(file, found, unclear, policy), object};
  }
  if (there < 0) return {Verdict::kAdd, -1};
  const TestFile& holder = archived[static_cast<std::size_t>(there)];
  if (!holder.listed) return ForUncatalogued(file, holder, there, policy);
  const bool same = holder.on_disk && holder.bytes == file.bytes;
  return same && holder.uid.empty() ? keep(there) : ModelFate{Verdict::kRefuse, there};
}

std::string NewId(const TestScan& scan, const std::set<std::string>& taken) {
  for (int n = 1;; ++n) {
    std::string id =
        scan.id + "-MR" + std::to_string(n);  // the model's scans are all MR, plain IDs
    if (taken.count(id) == 0) return id;
  }
}

/// One ModelMerge call.
class Merging {
 public:
  Merging(const TestSession& archived, const TestSession& incoming, const ModelPolicy& policy)
      : archived_(archived), incoming_(incoming), policy_(policy) {}

  ModelSession Run() {
    result_.blocked = policy_.overwrite == Overwrite::kNone;
    TakeArchived();
    scans_ = MatchModelScans(incoming_.scans, archived_.scans);
    if (!scans_.possible) result_.blocked = true;
    for (const PlannedScan& scan : scans_.scans) {
      const bool moves = scan.fate == ScanFate::kMove;
      if (moves && !MayMove(scan)) result_.blocked = true;
      const auto& ids = result_.scans;
      if (std::find(ids.begin(), ids.end(), scan.target_id) == ids.end()) {
        result_.scans.push_back(scan.target_id);
      }
    }
    if (!scans_.possible) return result_;
    for (const TestResource& resource : incoming_.resources) TakeResource(resource);
    Place("", NumberedLogs(), Uncatalogued(archived_.others));
    if (result_.conflicting > 0) result_.blocked = true;
    return result_;
  }

 private:
  void TakeArchived() {
    for (const TestScan& scan : archived_.scans) result_.scans.push_back(scan.id);
    for (const TestResource& resource : archived_.resources) {
      const std::string directory = DirectoryOf(resource);
      result_.catalogs[directory];
      for (const TestFile& file : resource.files) {
        if (file.on_disk) result_.files[directory + "/" + file.path] = file.bytes;
        if (file.listed) result_.catalogs[directory][file.path] = file.uid;
      }
    }
    for (const TestFile& file : archived_.others) result_.files[file.path] = file.bytes;
  }

  std::string Target(const std::string& scan_id) const {
    for (const PlannedScan& scan : scans_.scans) {
      if (scan.id == scan_id) return scan.target_id;
    }
    return scan_id;
  }

  static std::vector<TestFile> Uncatalogued(std::vector<TestFile> files) {
    for (TestFile& file : files) file.listed = false;
    return files;
  }

  /// M7
  std::vector<TestFile> NumberedLogs() const {
    std::vector<TestFile> files = Uncatalogued(incoming_.others);
    for (TestFile& file : files) {
      if (file.path.compare(0, 5, "logs/") != 0) continue;
      const std::string stem = file.path.substr(0, file.path.rfind('.'));
      for (int number = 2;; ++number) {
        const int there = AtPath(archived_.others, file.path);
        if (there < 0 || archived_.others[static_cast<std::size_t>(there)].bytes == file.bytes) {
          break;
        }
        file.path = stem + "-" + std::to_string(number) + ".log";
      }
    }
    return files;
  }

  /// M8
  bool MayMove(const PlannedScan& scan) const {
    if (Settles(policy_.overwrite)) return true;
    for (const TestResource& resource : incoming_.resources) {
      if (resource.scan_id != scan.id) continue;
      const auto there = std::find_if(
          archived_.resources.begin(), archived_.resources.end(), [&](const TestResource& one) {
            return one.scan_id == scan.target_id && one.label == resource.label;
          });
      if (there == archived_.resources.end()) return false;
      for (const ModelFate& fate : ModelFiles(resource.files, there->files, policy_)) {
        if (fate.verdict != Verdict::kKeep) return false;
      }
    }
    return true;
  }

  void TakeResource(const TestResource& resource) {
    TestResource target = resource;
    target.scan_id = Target(resource.scan_id);
    const std::string directory = DirectoryOf(target);
    for (const TestResource& one : archived_.resources) {
      if (DirectoryOf(one) != directory) continue;
      Place(directory, resource.files, one.files);
      return;
    }
    for (const TestFile& file : resource.files) {
      result_.files[directory + "/" + file.path] = file.bytes;
      if (file.listed) ++result_.added;
    }
    Enter(directory, resource.files);
  }

  void Enter(const std::string& directory, const std::vector<TestFile>& files) {
    auto& entries = result_.catalogs[directory];
    for (const TestFile& file : files) {
      if (file.listed) entries[file.path] = file.uid;
    }
  }

  void Place(const std::string& directory, const std::vector<TestFile>& files,
             const std::vector<TestFile>& archived) {
    const bool counts = !directory.empty();
    const auto full = [&](const TestFile& file) {
      return counts ? directory + "/" + file.path : file.path;
    };
    const std::vector<ModelFate> fates = ModelFiles(files, archived, policy_);
    for (std::size_t i = 0; i < files.size(); ++i) {
      const TestFile& file = files[i];
      const bool conflict =
          fates[i].verdict == Verdict::kConflict || fates[i].verdict == Verdict::kRefuse;
      if (conflict) result_.blocked = true;
      if (counts) Count(fates[i].verdict);
      if (conflict || fates[i].verdict == Verdict::kKeep) continue;
      if (fates[i].verdict == Verdict::kReplace) {
        const TestFile& old = archived[static_cast<std::size_t>(fates[i].object)];
        if (old.on_disk) result_.history[full(old)] = old.bytes;
        result_.files.erase(full(old));
        if (counts) result_.catalogs[directory].erase(old.path);
      }
      result_.files[full(file)] = file.bytes;
      if (counts && file.listed) result_.catalogs[directory][file.path] = file.uid;
    }
  }

  void Count(Verdict verdict) {
    if (verdict == Verdict::kAdd) ++result_.added;
    if (verdict == Verdict::kKeep) ++result_.kept;
    if (verdict == Verdict::kReplace) ++result_.replaced;
    if (verdict == Verdict::kConflict || verdict == Verdict::kRefuse) ++result_.conflicting;
  }

  const TestSession& archived_;
  const TestSession& incoming_;
  const ModelPolicy policy_;
  ModelScans scans_;
  ModelSession result_;
};

}  // namespace

const char* VerdictName(Verdict verdict) {
  static constexpr const char* kNames[] = {"add", "keep", "replace", "conflict", "refuse"};
  return kNames[static_cast<int>(verdict)];
}

std::vector<ModelFate> ModelFiles(const std::vector<TestFile>& incoming,
                                  const std::vector<TestFile>& archived,
                                  const ModelPolicy& policy) {
  std::vector<ModelFate> fates;
  for (const TestFile& file : incoming) fates.push_back(FateOf(file, archived, policy));
  std::map<int, int> meant;
  for (const ModelFate& fate : fates) {
    if (fate.verdict == Verdict::kKeep || fate.verdict == Verdict::kReplace) ++meant[fate.object];
  }
  for (ModelFate& fate : fates) {
    if (fate.verdict == Verdict::kReplace && meant[fate.object] > 1) {
      fate.verdict = Verdict::kRefuse;  // M4
    }
  }
  return fates;
}

ModelScans MatchModelScans(const std::vector<TestScan>& incoming,
                           const std::vector<TestScan>& archived) {
  ModelScans result;
  std::set<std::string> taken;
  for (const TestScan& scan : archived) taken.insert(scan.id);
  for (const TestScan& scan : incoming) taken.insert(scan.id);
  std::set<std::string> targets;
  for (const TestScan& scan : incoming) {
    const TestScan* same_id = nullptr;
    const TestScan* same_uid = nullptr;
    for (const TestScan& one : archived) {
      if (one.id == scan.id) same_id = &one;
      const bool is_series = !scan.uid.empty() && one.uid == scan.uid;
      if (is_series && (same_uid == nullptr || one.id == scan.id)) same_uid = &one;
    }
    PlannedScan planned{scan.id, scan.id, ScanFate::kAdd};
    if (same_uid != nullptr) {
      planned.target_id = same_uid->id;
      planned.fate = same_uid == same_id ? ScanFate::kMerge : ScanFate::kMove;
    } else if (same_id != nullptr && (scan.uid.empty() || same_id->uid.empty())) {
      planned.fate = ScanFate::kMerge;
    } else if (same_id != nullptr) {
      planned.fate = ScanFate::kRename;
      planned.target_id = NewId(scan, taken);
      taken.insert(planned.target_id);
    }
    if (!targets.insert(planned.target_id).second) result.possible = false;
    result.scans.push_back(planned);
  }
  return result;
}

ModelSession ModelMerge(const TestSession& archived, const TestSession& incoming,
                        const ModelPolicy& policy) {
  return Merging(archived, incoming, policy).Run();
}

}  // namespace xnatarchive
