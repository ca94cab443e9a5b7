#include "archive/swap_resource.hpp"

#include <algorithm>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {

bool ReplacesAll(const DescribedSession& incoming, const ExistingSession& existing,
                 std::size_t resource, const std::vector<FileDecision>& decisions) {
  const ResourceDraft& draft = incoming.draft.resources[resource];
  const std::vector<SessionFile>& files = incoming.inventory.resources[resource];
  const std::vector<FileMeeting>& meetings = existing.resources[resource].meetings;
  std::size_t replaced = 0;
  for (std::size_t i = 0; i < meetings.size(); ++i) {
    const FileMeeting& meeting = meetings[i];
    if (meeting.file == FileMeeting::kNone) return false;  // a URL
    if (decisions[i].action == FileAction::kAdd) continue;
    const bool in_place = meeting.object != FileMeeting::kNone &&
                          meeting.object == meeting.holder &&
                          meeting.sameness != Sameness::kArchivedIsMissing;
    if (!in_place || decisions[i].action != FileAction::kReplace) return false;
    ++replaced;
  }
  if (replaced == 0 || replaced != EntriesOf(existing.resources[resource].catalog).size()) {
    return false;
  }
  const std::string_view catalog = BaseName(draft.catalog_path);
  const bool flat = std::none_of(files.begin(), files.end(), [](const SessionFile& file) {
    return file.path.find('/') != std::string::npos;
  });
  const auto catalogs = static_cast<std::size_t>(std::count_if(
      files.begin(), files.end(), [&](const auto& file) { return file.path == catalog; }));
  const std::vector<std::string>& directories = incoming.inventory.directories;
  const bool has_directory =
      std::any_of(directories.begin(), directories.end(),
                  [&](const std::string& path) { return StartsWith(path, draft.directory + "/"); });
  return flat && !has_directory && files.size() == meetings.size() + catalogs;
}

Result<bool> HoldsNothingElse(const Directory& archive, const std::string& directory,
                              std::string_view catalog, std::size_t files) {
  XNA_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, archive.List(directory));
  const bool has_catalog = std::any_of(entries.begin(), entries.end(),
                                       [&](const auto& entry) { return entry.name == catalog; });
  const bool only_files = std::all_of(entries.begin(), entries.end(), [](const auto& entry) {
    return entry.kind == FileKind::kRegular;
  });
  XNA_ASSIGN_OR_RETURN(const FileInfo info, archive.Stat(directory));
  XNA_ASSIGN_OR_RETURN(const FileInfo above, archive.Stat(ParentPath(directory)));
  return has_catalog && only_files && entries.size() == files + 1 && info.device == above.device;
}

Result<bool> CanExchange(const Directory& archive, const std::string& stage) {
  const std::string one = JoinPath(stage, "exchange-1");
  const std::string other = JoinPath(stage, "exchange-2");
  XNA_RETURN_IF_ERROR(archive.MakeDirectory(one));
  XNA_RETURN_IF_ERROR(archive.MakeDirectory(other));
  return archive.Rename(one, archive, other, RenameMode::kExchange).ok();
}

}  // namespace xnatarchive
