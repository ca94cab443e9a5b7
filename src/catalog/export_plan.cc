#include "catalog/export_plan.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "catalog/expected_digests.hpp"
#include "container/bag_text.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {
namespace {

/// An ID, type or label as one component of a path.
std::string SafeName(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       std::string_view("._-").find(c) != std::string_view::npos;
    name += plain ? c : '_';
  }
  return name.empty() || name.front() == '.' ? "_" + name : name;
}

/// `name`, or when it is taken, the first of name-2, name-3, ... that is not.
std::string Unique(const std::string& name, std::set<std::string>* taken) {
  std::string unique = name;
  for (int n = 2; !taken->insert(unique).second; ++n) unique = name + "-" + std::to_string(n);
  return unique;
}

Status Damaged(std::string_view reason, std::string message, std::string_view path) {
  return Status(Code::kCorruption, reason, std::move(message)).WithPath(PrintablePath(path));
}

Status CheckFacts(const ResourceDraft& resource, const ResourceFacts& facts) {
  if (facts.catalog_missing) {
    return Damaged("export.catalog-missing", "the resource has no catalog", resource.catalog_path);
  }
  if (!facts.unreadable.empty()) {
    return Damaged("export.catalog-unreadable", "the catalog can not be read: " + facts.unreadable,
                   resource.catalog_path);
  }
  return Status();
}

/// Whether this library keeps its own affairs in a file of that path.
bool IsOurs(std::string_view path) {
  return StartsWith(path, ".xa") || path.find("/.xa") != std::string_view::npos;
}

class Planner {
 public:
  Planner(const DescribedSession& session, const std::string& label, ExportForm form)
      : session_(session), bag_(form == ExportForm::kBag), label_(label) {}

  Result<ExportPlan> Run() {
    const auto& resources = session_.draft.resources;
    for (std::size_t i = 0; i < resources.size(); ++i) {
      XNA_RETURN_IF_ERROR(CheckFacts(resources[i], session_.facts[i]));
      directories_.push_back(bag_ ? resources[i].directory : DownloadDirectory(resources[i]));
      XNA_RETURN_IF_ERROR(AddEntries(i));
    }
    if (bag_) {
      if (!session_.inventory.irregular.empty()) {
        return Status(Code::kUnsupported, "export.irregular-file",
                      "a bag holds regular files only, no links or devices")
            .WithPath(PrintablePath(session_.inventory.irregular.front()));
      }
      for (const SessionFile& file : session_.inventory.others) AddUncatalogued(file.path, file);
    }
    std::sort(plan_.files.begin(), plan_.files.end(),
              [](const ExportFile& a, const ExportFile& b) { return a.name < b.name; });
    return std::move(plan_);
  }

 private:
  /// Where XNAT's downloads have the files of a resource.
  std::string DownloadDirectory(const ResourceDraft& resource) {
    std::string owner;
    if (!resource.scan_id.empty()) {
      std::string& scan = scans_[resource.scan_id];
      if (scan.empty()) {
        const Scan* const described = session_.draft.document.FindScan(resource.scan_id);
        const std::string type = described == nullptr ? "" : described->type;
        scan = Unique(SafeName(resource.scan_id) + (type.empty() ? "" : "-" + SafeName(type)),
                      &scan_names_);
      }
      owner = "scans/" + scan + "/";
    }
    return Unique(owner + "resources/" + SafeName(resource.label), &resource_names_) + "/files";
  }

  /// The files of one resource that its catalog names, and in a bag the others, too.
  Status AddEntries(std::size_t index) {
    const ResourceDraft& resource = session_.draft.resources[index];
    const std::vector<SessionFile>& files = session_.inventory.resources[index];
    std::vector<bool> named(files.size(), false);
    std::size_t next = 0;
    Status failure;
    ForEachEntry(resource.catalog, [&](const CatalogEntry& entry) {
      const std::uint32_t at = session_.facts[index].file_of_entry[next++];
      if (failure.ok()) failure = AddEntry(index, entry, at, &named);
    });
    if (!failure.ok() || !bag_) return failure;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!named[i]) AddUncatalogued(JoinPath(resource.directory, files[i].path), files[i]);
    }
    return Status();
  }

  Status AddEntry(std::size_t index, const CatalogEntry& entry, std::uint32_t at,
                  std::vector<bool>* named) {
    const std::string& directory = session_.draft.resources[index].directory;
    const std::string source = JoinPath(directory, entry.RelativePath());
    if (at == ResourceFacts::kRemote) {
      if (entry.uri.find("://") == std::string_view::npos) {
        return Damaged("export.file-missing", "a file that its catalog names is not there", source);
      }
      ++plan_.elsewhere;
      return Status();
    }
    if ((*named)[at] || !CanBeEntry(source)) {
      return Damaged("export.bad-entry",
                     "the catalog's entry can not be a file's, or names it a second time", source);
    }
    (*named)[at] = true;
    const SessionFile& file = session_.inventory.resources[index][at];
    ExportFile planned;
    planned.source = source;
    planned.name = JoinPath(directories_[index], file.path);
    planned.size = file.size;
    planned.expected = ExpectedDigests(entry, file);
    const auto size = ParseInt(entry.Meta("SIZE"));
    if (planned.expected == Digests() && size && *size != static_cast<std::int64_t>(file.size)) {
      return Damaged("export.digest-differs",
                     "the file has " + std::to_string(file.size) + " bytes, its catalog says " +
                         std::to_string(*size),
                     source);
    }
    Add(std::move(planned));
    return Status();
  }

  void AddUncatalogued(const std::string& path, const SessionFile& file) {
    if (IsOurs(path)) return;
    ExportFile planned;
    planned.source = planned.name = path;
    planned.size = file.size;
    Add(std::move(planned));
  }

  void Add(ExportFile file) {
    file.checksum = CheapestCheck(file.expected);
    if (file.checksum == Checksum::kNone) ++plan_.unchecked;
    if (bag_) {
      file.name = std::string(kBagPayload) + label_ + "/" + file.name;
      if (file.expected.md5.empty()) {
        file.checksum =
            file.checksum == Checksum::kXxh3 ? Checksum::kMd5AndXxh3 : Checksum::kMd5;
      }
    }
    plan_.bytes += file.size;
    plan_.files.push_back(std::move(file));
  }

  const DescribedSession& session_;
  const bool bag_;
  const std::string& label_;
  ExportPlan plan_;
  std::vector<std::string> directories_;      // of the export, by resource
  std::map<std::string, std::string> scans_;  // directory by ID
  std::set<std::string> scan_names_;
  std::set<std::string> resource_names_;
};

}  // namespace

Result<ExportPlan> PlanExport(const DescribedSession& session, const std::string& label,
                              ExportForm form) {
  return Planner(session, label, form).Run();
}

}  // namespace xnatarchive
