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

/// The numbers of the resources that the URI names.
Result<std::set<std::size_t>> NumbersOf(const ArchivedSession& session, const ParsedUri& part) {
  std::vector<ResourcePlace> places = session.places;
  places.insert(places.end(), session.others.begin(), session.others.end());
  XNA_ASSIGN_OR_RETURN(
      places, PlacesNamed(session.described.draft.document, places, part, Cascade::kEverything));
  std::set<std::size_t> numbers;
  for (const ResourcePlace& place : places) {
    const bool asked = part.collection != "scans" || place.owner == ResourceOwner::kScan;
    if (asked) numbers.insert(place.number);
  }
  return numbers;
}

class Planner {
 public:
  Planner(const ArchivedSession& session, const std::string& label, ExportForm form,
          std::set<std::size_t> wanted)
      : session_(session.described),
        places_(session.places),
        bag_(form == ExportForm::kBag),
        label_(label),
        wanted_(std::move(wanted)) {}

  Result<ExportPlan> Run(const std::vector<ResourcePlace>& uncatalogued) {
    for (const ResourcePlace& place : uncatalogued) {
      if (wanted_.count(place.number) == 0) continue;
      if (bag_ && !place.catalog_path.empty()) continue;  // its files lie below the session
      return Status(Code::kUnsupported, "export.no-catalog",
                    "a resource lies outside the session, or has no catalog of its files")
          .WithPath(PlaceUri("", place));
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (wanted_.count(places_[i].number) == 0) continue;
      const ResourceDraft& resource = session_.draft.resources[i];
      XNA_RETURN_IF_ERROR(CheckFacts(resource, session_.facts[i]));
      XNA_RETURN_IF_ERROR(AddEntries(i, bag_ ? resource.directory : DownloadDirectory(places_[i])));
    }
    if (bag_) XNA_RETURN_IF_ERROR(AddUncatalogued());
    std::sort(plan_.files.begin(), plan_.files.end(),
              [](const ExportFile& a, const ExportFile& b) { return a.name < b.name; });
    return std::move(plan_);
  }

 private:
  /// Where XNAT's downloads have the files of a resource.
  std::string DownloadDirectory(const ResourcePlace& place) {
    std::string parent;
    switch (place.owner) {
      case ResourceOwner::kSession:
        break;
      case ResourceOwner::kScan:
        parent = "scans/" + ScanDirectory(place.owner_id) + "/";
        break;
      case ResourceOwner::kReconstruction:
        parent = "reconstructions/" + SafeName(place.owner_id) + "/";
        break;
      case ResourceOwner::kAssessor:
        parent = "assessors/" + SafeName(place.owner_id) + "/";
        break;
    }
    if (!place.direction.empty()) parent += SafeName(place.direction) + "/";
    return Unique(parent + "resources/" + SafeName(place.label), &resource_names_) + "/files";
  }

  const std::string& ScanDirectory(const std::string& id) {
    std::string& directory = scans_[id];
    if (!directory.empty()) return directory;
    const Scan* const scan = session_.draft.document.FindScan(id);
    const std::string type = scan == nullptr ? "" : scan->type;
    directory = Unique(SafeName(id) + (type.empty() ? "" : "-" + SafeName(type)), &scan_names_);
    return directory;
  }

  /// The files of one resource that its catalog names.
  Status AddEntries(std::size_t index, const std::string& target) {
    std::vector<bool> named(session_.inventory.resources[index].size(), false);
    std::size_t next = 0;
    Status failure;
    ForEachEntry(session_.draft.resources[index].catalog, [&](const CatalogEntry& entry) {
      const std::uint32_t at = session_.facts[index].file_of_entry[next++];
      const bool packed = session_.facts[index].packed_of_entry.count(next - 1) > 0;
      if (failure.ok() && !packed) failure = AddEntry(index, entry, at, target, &named);
    });
    XNA_RETURN_IF_ERROR(std::move(failure));
    AddPacked(index, target, &named);
    return Status();
  }

  /// Files that are there packed, which no entry says what to expect of.
  void AddPacked(std::size_t index, const std::string& target, std::vector<bool>* named) {
    for (const auto& [entry, at] : session_.facts[index].packed_of_entry) {
      if ((*named)[at]) continue;
      (*named)[at] = true;
      const SessionFile& file = session_.inventory.resources[index][at];
      ExportFile planned;
      planned.source = JoinPath(session_.draft.resources[index].directory, file.path);
      planned.name = JoinPath(target, file.path);
      planned.size = file.size;
      if (bag_ && !sources_.insert(planned.source).second) continue;
      Add(std::move(planned));
    }
  }

  Status AddEntry(std::size_t index, const CatalogEntry& entry, std::uint32_t at,
                  const std::string& target, std::vector<bool>* named) {
    const ResourceDraft& resource = session_.draft.resources[index];
    const std::string source = JoinPath(resource.directory, entry.RelativePath());
    if (at == ResourceFacts::kRemote) {
      if (entry.uri.view().find("://") == std::string_view::npos) {
        return Damaged("export.file-missing", "a file that its catalog names is not there", source);
      }
      ++plan_.elsewhere;
      return Status();
    }
    const bool again = (*named)[at] || (bag_ && !sources_.insert(source).second);
    if (again || !CanBeOfEntry(resource, source)) {
      return Damaged("export.bad-entry",
                     "the catalog's entry can not be a file's, or names it a second time", source);
    }
    (*named)[at] = true;
    const SessionFile& file = session_.inventory.resources[index][at];
    ExportFile planned;
    planned.source = source;
    planned.name = JoinPath(target, file.path);
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

  /// The session's documents and catalogs, and whatever else lies in its directory.
  Status AddUncatalogued() {
    if (!session_.inventory.irregular.empty()) {
      return Status(Code::kUnsupported, "export.irregular-file",
                    "a bag holds regular files only, no links or devices")
          .WithPath(PrintablePath(session_.inventory.irregular.front()));
    }
    const auto add = [&](std::string path, const SessionFile& file) {
      if (IsOurs(path) || !sources_.insert(path).second) return;
      ExportFile planned;
      planned.name = path;
      planned.source = std::move(path);
      planned.size = file.size;
      Add(std::move(planned));
    };
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const std::string& directory = session_.draft.resources[i].directory;
      for (const SessionFile& file : session_.inventory.resources[i]) {
        add(JoinPath(directory, file.path), file);
      }
    }
    for (const SessionFile& file : session_.inventory.others) add(file.path, file);
    return Status();
  }

  void Add(ExportFile file) {
    file.checksum = CheapestCheck(file.expected);
    if (file.checksum == Checksum::kNone) ++plan_.unchecked;
    if (bag_) {
      file.name = std::string(kBagPayload) + label_ + "/" + file.name;
      if (file.expected.md5.empty()) {
        file.checksum = file.checksum == Checksum::kXxh3 ? Checksum::kMd5AndXxh3 : Checksum::kMd5;
      }
    }
    plan_.bytes += file.size;
    plan_.files.push_back(std::move(file));
  }

  const DescribedSession& session_;
  const std::vector<ResourcePlace>& places_;
  const bool bag_;
  const std::string& label_;
  const std::set<std::size_t> wanted_;  // resources, by number
  ExportPlan plan_;
  std::set<std::string> sources_;             // of a bag's files so far
  std::map<std::string, std::string> scans_;  // directory by ID
  std::set<std::string> scan_names_;
  std::set<std::string> resource_names_;
};

}  // namespace

bool IsOurs(std::string_view path) {
  return StartsWith(path, ".xa") || path.find("/.xa") != std::string_view::npos;
}

Result<ExportPlan> PlanExport(const ArchivedSession& session, const std::string& label,
                              ExportForm form, const ParsedUri& part) {
  const bool whole = part.kind == UriKind::kExperiment && part.collection.empty();
  if (!whole && form == ExportForm::kBag) {
    return Status(Code::kInvalidArgument, "export.bag-of-part", "a bag holds a whole session");
  }
  XNA_ASSIGN_OR_RETURN(std::set<std::size_t> wanted, NumbersOf(session, part));
  return Planner(session, label, form, std::move(wanted)).Run(session.others);
}

}  // namespace xnatarchive
