#include "archive/session_inventory.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr int kDepthMax = 64;  // as Directory::Walk

SessionFile MakeFile(std::string path, const FileInfo& info) {
  return {std::move(path), info.size, info.mtime_ns, info.ctime_ns, info.inode};
}

/// Visits what is in no resource directory. Resource directories are listed but not entered.
class OutsideWalk {
 public:
  OutsideWalk(const Directory& session, const std::set<std::string>& resource_directories,
              SessionInventory* found)
      : session_(session), resource_directories_(resource_directories), found_(found) {}

  Status Visit(const std::string& directory, int depth) {
    if (resource_directories_.count(directory) > 0) return Status();
    if (depth > kDepthMax) {
      return Status(Code::kInvalidArgument, "fs.too-deep", "directories are nested too deep");
    }
    XNA_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, session_.List(directory));
    for (const DirectoryEntry& entry : entries) {
      std::string path = JoinPath(directory, entry.name);
      XNA_ASSIGN_OR_RETURN(const FileInfo info, session_.Stat(path));
      if (info.kind == FileKind::kRegular) {
        found_->others.push_back(MakeFile(std::move(path), info));
      } else if (info.kind == FileKind::kDirectory) {
        found_->directories.push_back(path);
        XNA_RETURN_IF_ERROR(Visit(path, depth + 1));
      } else {
        found_->irregular.push_back(std::move(path));
      }
    }
    return Status();
  }

 private:
  const Directory& session_;
  const std::set<std::string>& resource_directories_;
  SessionInventory* found_;
};

void AddBelow(const std::string& directory, const std::vector<std::string>& paths,
              std::vector<std::string>* to) {
  for (const std::string& path : paths) to->push_back(JoinPath(directory, path));
}

}  // namespace

bool IsSessionLog(std::string_view path) {
  return path == "dcmtoxnat.log" || StartsWith(path, "logs/");
}

bool operator==(const SessionFile& a, const SessionFile& b) {
  return std::tie(a.path, a.size, a.mtime_ns, a.ctime_ns, a.inode) ==
         std::tie(b.path, b.size, b.mtime_ns, b.ctime_ns, b.inode);
}

bool operator==(const ResourceInventory& a, const ResourceInventory& b) {
  return a.files == b.files && a.directories == b.directories && a.irregular == b.irregular &&
         a.not_entered == b.not_entered;
}

bool operator==(const SessionInventory& a, const SessionInventory& b) {
  return a.resources == b.resources && a.others == b.others && a.directories == b.directories &&
         a.irregular == b.irregular;
}

std::vector<std::string> DirectoriesBelow(const std::set<std::string>& directories,
                                          const std::string& directory) {
  const std::string below = directory + "/";
  std::vector<std::string> nested;
  for (auto it = directories.lower_bound(below); it != directories.end() && StartsWith(*it, below);
       ++it) {
    nested.push_back(*it);
  }
  return nested;
}

Result<ResourceInventory> TakeResourceInventory(const Directory& session,
                                                const std::string& directory,
                                                const std::vector<std::string>& others) {
  ResourceInventory found;
  XNA_RETURN_IF_ERROR(session.Walk(directory, [&](const WalkEntry& entry) {
    const std::string full = JoinPath(directory, entry.path);
    for (const std::string& other : others) {
      if (StartsWith(full, other + "/")) return Status();
    }
    if (entry.info.kind == FileKind::kRegular) {
      found.files.push_back(MakeFile(entry.path, entry.info));
    } else if (entry.info.kind == FileKind::kDirectory) {
      found.directories.push_back(entry.path);
      const bool is_other = std::find(others.begin(), others.end(), full) != others.end();
      if (is_other) found.not_entered.push_back(entry.path);
    } else {
      found.irregular.push_back(entry.path);
    }
    return Status();
  }));
  const auto by_path = [](const SessionFile& a, const SessionFile& b) { return a.path < b.path; };
  std::sort(found.files.begin(), found.files.end(), by_path);
  found.files.shrink_to_fit();
  return found;
}

Result<SessionInventory> TakeInventory(const Directory& session,
                                       const std::vector<std::string>& resource_directories,
                                       unsigned threads) {
  std::set<std::string> known;
  for (const std::string& directory : resource_directories) {
    if (CheckRelativePath(directory).ok()) known.insert(directory);
  }
  SessionInventory found;
  XNA_RETURN_IF_ERROR(OutsideWalk(session, known, &found).Visit("", 0));
  std::vector<ResourceInventory> branches(resource_directories.size());
  XNA_RETURN_IF_ERROR(ParallelFor(branches.size(), threads, [&](std::size_t i) -> Status {
    const std::string& directory = resource_directories[i];
    if (known.count(directory) == 0) return Status();
    Result<ResourceInventory> branch =
        TakeResourceInventory(session, directory, DirectoriesBelow(known, directory));
    if (branch.ok()) branches[i] = std::move(branch).value();
    return branch.status().code() == Code::kNotFound ? Status() : branch.status();
  }));
  for (std::size_t i = 0; i < branches.size(); ++i) {
    found.resources.push_back(std::move(branches[i].files));
    AddBelow(resource_directories[i], branches[i].directories, &found.directories);
    AddBelow(resource_directories[i], branches[i].irregular, &found.irregular);
  }
  const auto by_path = [](const SessionFile& a, const SessionFile& b) { return a.path < b.path; };
  std::sort(found.others.begin(), found.others.end(), by_path);
  std::sort(found.directories.begin(), found.directories.end());
  std::sort(found.irregular.begin(), found.irregular.end());
  return found;
}

SessionInventory InventoryOf(std::vector<SessionFile> files,
                             const std::vector<std::string>& resource_directories) {
  SessionInventory inventory;
  inventory.resources.resize(resource_directories.size());
  std::unordered_map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < resource_directories.size(); ++i) {
    known.emplace(resource_directories[i], i);
  }
  std::sort(files.begin(), files.end(),
            [](const SessionFile& a, const SessionFile& b) { return a.path < b.path; });
  for (SessionFile& file : files) {
    std::string_view above = ParentPath(file.path);
    while (!above.empty() && known.count(above) == 0) above = ParentPath(above);
    if (above.empty()) {
      inventory.others.push_back(std::move(file));
      continue;
    }
    std::vector<SessionFile>& resource = inventory.resources[known.at(above)];
    file.path.erase(0, above.size() + 1);
    resource.push_back(std::move(file));
  }
  return inventory;
}

}  // namespace xnatarchive
