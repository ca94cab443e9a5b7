#include "prearchive/received_drafts.hpp"

#include <algorithm>
#include <unordered_set>

#include "archive/describe_session.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "prearchive/import_source.hpp"
#include "prearchive/series_filter.hpp"

namespace xnatarchive {
namespace {

/// Files up to this size are read whole and written behind the reader's back.
constexpr std::size_t kBufferedFileMax = 8u << 20;

/// Names in the path of a file below its resource: walking a session ends at 64 levels.
constexpr std::size_t kEntryDepthMax = 48;

/// A scan ID or resource label becomes one directory name that no reader ignores.
Status CheckDirectoryName(std::string_view name, const char* what) {
  if (CheckRelativePath(name).ok() && name.find('/') == std::string_view::npos &&
      !StartsWith(name, ".xa")) {
    return Status();
  }
  return Status(Code::kInvalidArgument, "import.bad-name",
                std::string(what) + " cannot be a directory name");
}

/// Whether two digests, both known, are of different bytes.
bool Differ(std::string_view a, std::string_view b) {
  return !a.empty() && !b.empty() && !EqualsIgnoreCase(a, b);
}

/// A path inside a resource that every reader will take for a file of it.
Status CheckEntryPath(const std::string& uri) {
  XNA_RETURN_IF_ERROR(CheckRelativePath(uri));
  const std::vector<std::string> parts = Split(uri, '/');
  if (parts.size() > kEntryDepthMax) {
    return Status(Code::kInvalidArgument, "import.too-deep",
                  "the path has more than " + std::to_string(kEntryDepthMax) + " names")
        .WithPath(uri);
  }
  const bool reserved = std::any_of(
      parts.begin(), parts.end(), [](const std::string& part) { return StartsWith(part, ".xa"); });
  if (!reserved && CanBeEntry(uri)) return Status();
  return Status(Code::kInvalidArgument, "import.bad-name",
                "the name is one that catalogs or this library's own files have")
      .WithPath(uri);
}

void RemoveEntry(Catalog* catalog, const std::string& uri) {
  auto& entries = catalog->entries;
  const auto at = std::find_if(entries.begin(), entries.end(),
                               [&](const CatalogEntry& entry) { return entry.uri == uri; });
  if (at != entries.end()) entries.erase(at);
}

/// False when no checksum is computed: then nobody can tell.
bool SameBytes(const StagedFile& a, const StagedFile& b) {
  const bool known = !a.md5.view().empty() || !a.xxh3.view().empty();
  return known && a.size == b.size && a.md5.view() == b.md5.view() &&
         a.xxh3.view() == b.xxh3.view();
}

/// Copies the rest of a file too large to buffer, hashing on the way.
Status StreamFile(InputFile& input, const Directory& tree, const std::string& path,
                  Checksum checksum, StagedFile* result) {
  XNA_ASSIGN_OR_RETURN(File output, tree.Create(path));
  Hasher hasher(checksum);
  std::string buffer = input.TakeHead();
  std::size_t filled = buffer.size();
  buffer.resize(std::max<std::size_t>(filled, 1u << 20));
  while (filled > 0) {
    hasher.Update(buffer.data(), filled);
    XNA_RETURN_IF_ERROR(output.Write(buffer.data(), filled));
    XNA_ASSIGN_OR_RETURN(filled, input.Read(buffer.data(), buffer.size()));
  }
  XNA_ASSIGN_OR_RETURN(const FileInfo info, output.Info());
  XNA_RETURN_IF_ERROR(output.Close());
  result->size = info.size;
  result->mtime_ns = info.mtime_ns;
  result->SetDigests(hasher.Finish());
  return Status();
}

}  // namespace

std::string ResourceDirectory(std::string_view scan_id, std::string_view label) {
  if (scan_id.empty()) return JoinPath("RESOURCES", label);
  return JoinPath(JoinPath("SCANS", scan_id), label);
}

std::string CatalogFileName(std::string_view scan_id, std::string_view label) {
  if (scan_id.empty()) return std::string(label) + "_catalog.xml";
  const std::string stem = "scan_" + std::string(scan_id);
  return (label == "DICOM" ? stem : stem + "_" + std::string(label)) + "_catalog.xml";
}

ReceivedDrafts::ReceivedDrafts(Options options)
    : options_(std::move(options)), writer_(*options_.tree, options_.checksum, options_.threads) {}

const std::map<std::string, std::string>& ReceivedDrafts::Parameters() const {
  return *options_.parameters;
}

std::optional<std::string> ReceivedDrafts::FindProject(
    const std::vector<std::string>& candidates) const {
  return options_.find_project(candidates);
}

SessionDraft& ReceivedDrafts::Add() {
  ReceivedSession& session = sessions_.emplace_back();
  session.stage = JoinPath(options_.stage, std::to_string(sessions_.size() - 1));
  states_[&session.draft].session = &session;
  return session.draft;
}

Status ReceivedDrafts::Keep(SourceFile& file, SessionDraft& draft, std::string_view scan_id,
                            std::string_view resource_label, CatalogEntry entry, std::string note) {
  const auto state_found = states_.find(&draft);
  if (state_found == states_.end()) {
    return Status(Code::kHandlerFailed, "import.foreign-draft",
                  "a handler kept a file in a session it did not add");
  }
  SessionState& state = state_found->second;
  ReceivedSession& session = *state.session;
  if (!scan_id.empty()) XNA_RETURN_IF_ERROR(CheckDirectoryName(scan_id, "a scan ID"));
  XNA_RETURN_IF_ERROR(CheckDirectoryName(resource_label, "a resource label"));
  XNA_RETURN_IF_ERROR(CheckEntryPath(entry.uri));

  ResourceDraft& resource = draft.GetResource(scan_id, resource_label);
  if (resource.directory.empty()) resource.directory = ResourceDirectory(scan_id, resource_label);
  std::string path = JoinPath(resource.directory, entry.uri);
  const auto [note_at, new_note] =
      state.notes.emplace(std::move(note), static_cast<std::uint32_t>(session.notes.size()));
  if (new_note) session.notes.push_back(note_at->first);

  std::string staged_path = JoinPath(session.stage, path);
  const auto earlier = state.by_path.find(path);
  const bool is_new = earlier == state.by_path.end();
  if (is_new) {
    const std::string directory(ParentPath(staged_path));
    if (state.directories.insert(directory).second) {
      XNA_RETURN_IF_ERROR(options_.tree->MakeDirectories(directory));
    }
    ReceivedFile& added = session.files.emplace_back();
    added.path = std::move(path);
    state.by_path.emplace(added.path, &added);
  } else {  // a re-send: kept aside until Finish, because the first may still be being written
    XNA_RETURN_IF_ERROR(writer_.Finish());
    staged_path = options_.stage + "/again" + std::to_string(files_kept_);
    state.resends.push_back({earlier->second, staged_path, earlier->second->staged});
    RemoveEntry(&resource.catalog, entry.uri);
  }
  ReceivedFile& received = is_new ? session.files.back() : *earlier->second;
  received.note = note_at->second;
  received.sop_instance_uid = entry.uid;
  if (entry.instance_number) received.instance_number = std::to_string(*entry.instance_number);
  resource.catalog.entries.push_back(std::move(entry));
  ++files_kept_;
  return Store(file, staged_path, &received.staged);
}

Status ReceivedDrafts::Store(SourceFile& file, const std::string& path, StagedFile* result) {
  auto* input = dynamic_cast<InputFile*>(&file);
  if (input == nullptr) {
    return Status(Code::kHandlerFailed, "import.foreign-file",
                  "a handler kept a file that is not of its input");
  }
  XNA_ASSIGN_OR_RETURN(const std::string_view head, input->Head(kBufferedFileMax + 1));
  bytes_kept_ += head.size();
  if (head.size() <= kBufferedFileMax) {
    XNA_RETURN_IF_ERROR(writer_.Write(path, input->TakeHead(), result));
  } else {
    // Behind queued writes of the same result (a re-send), so wait for those.
    XNA_RETURN_IF_ERROR(writer_.Finish());
    XNA_RETURN_IF_ERROR(StreamFile(*input, *options_.tree, path, options_.checksum, result));
    bytes_kept_ += result->size - head.size();
  }
  if (!options_.progress(files_kept_, bytes_kept_)) cancelled_ = true;
  return Status();
}

/// Asks the caller, too: a handler may be at work for long without keeping anything.
bool ReceivedDrafts::Cancelled() const {
  cancelled_ = cancelled_ || !options_.progress(files_kept_, bytes_kept_);
  return cancelled_;
}

void ReceivedDrafts::Skip(const SourceFile& file, Status why) {
  ++files_skipped_;
  if (why.reason() == kFilteredSeries) ++files_filtered_;
  IgnoreError(why, "a skipped file is reported, not an error");
  if (skipped_.size() < kSkippedMax) skipped_.emplace_back(file.path(), std::move(why));
}

Status ReceivedDrafts::ApplyResends(SessionState& state) {
  ReceivedSession& session = *state.session;
  for (const Resend& resend : state.resends) {
    const ReceivedFile& file = *resend.file;
    XNA_RETURN_IF_ERROR(options_.tree->Rename(
        resend.staged, *options_.tree, JoinPath(session.stage, file.path), RenameMode::kReplace));
    if (SameBytes(resend.earlier, file.staged)) ++files_identical_;
  }
  return Status();
}

/// Drops later copies of a DICOM object that came under several names. Objects that share a UID but
/// differ in their bytes are all kept: which one is right is not ours to say.
Status ReceivedDrafts::DropDuplicates(ReceivedSession& session) {
  if (options_.checksum == Checksum::kNone) return Status();
  std::unordered_set<std::string> seen;
  std::unordered_set<std::string> dropped;
  for (const ReceivedFile& file : session.files) {
    if (file.sop_instance_uid.empty()) continue;
    std::string object = file.sop_instance_uid + " ";
    object.append(file.staged.md5.view()).append(" ").append(file.staged.xxh3.view());
    if (seen.insert(std::move(object)).second) continue;
    ++files_identical_;
    dropped.insert(file.path);
    XNA_RETURN_IF_ERROR(options_.tree->RemoveFile(JoinPath(session.stage, file.path)));
  }
  if (dropped.empty()) return Status();
  const auto is_dropped = [&](const std::string& path) { return dropped.count(path) != 0; };
  std::deque<ReceivedFile> files;
  for (ReceivedFile& file : session.files) {
    if (!is_dropped(file.path)) files.push_back(std::move(file));
  }
  session.files = std::move(files);
  for (ResourceDraft& resource : session.draft.resources) {
    auto& entries = resource.catalog.entries;
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [&](const CatalogEntry& entry) {
                                   return is_dropped(JoinPath(resource.directory, entry.uri));
                                 }),
                  entries.end());
  }
  return Status();
}

/// Writes what is known of the staged files into their entries, unless a build makes new ones. What
/// the sender said about a file must be true of what arrived.
Status ReceivedDrafts::FillEntries(ReceivedSession& session) {
  std::unordered_map<std::string_view, const StagedFile*> staged;
  for (const ReceivedFile& file : session.files) staged.emplace(file.path, &file.staged);
  for (ResourceDraft& resource : session.draft.resources) {
    for (CatalogEntry& entry : resource.catalog.entries) {
      const std::string path = JoinPath(resource.directory, entry.uri);
      const auto at = staged.find(path);
      if (at == staged.end()) continue;
      const std::string_view md5 = at->second->md5.view();
      const std::string_view xxh3 = at->second->xxh3.view();
      if (Differ(entry.digest, md5) || Differ(entry.Meta("XXH3"), xxh3)) {
        return Status(Code::kCorruption, "import.digest-mismatch",
                      "the file is not what its catalog entry's digest says")
            .WithPath(path);
      }
      if (session.draft.needs_build) continue;
      if (!md5.empty()) entry.digest = md5;
      if (!xxh3.empty()) entry.SetMeta("XXH3", std::string(xxh3));
      entry.SetMeta("SIZE", std::to_string(at->second->size));
      entry.SetMeta("MTIME", std::to_string(at->second->mtime_ns));
    }
    if (session.draft.needs_build) resource.catalog = Catalog();
  }
  return Status();
}

Status ReceivedDrafts::Finish() {
  XNA_RETURN_IF_ERROR(writer_.Finish());
  for (ReceivedSession& session : sessions_) {
    XNA_RETURN_IF_ERROR(ApplyResends(states_[&session.draft]));
    XNA_RETURN_IF_ERROR(DropDuplicates(session));
    XNA_RETURN_IF_ERROR(FillEntries(session));
  }
  states_.clear();  // what publishing needs of memory comes on top
  return Status();
}

}  // namespace xnatarchive
