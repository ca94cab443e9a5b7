// received_drafts.hpp - what a handler finds in an upload, staged as the sessions it will become.
#ifndef XNATARCHIVE_PREARCHIVE_RECEIVED_DRAFTS_HPP_
#define XNATARCHIVE_PREARCHIVE_RECEIVED_DRAFTS_HPP_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fs/directory.hpp"
#include "prearchive/file_index.hpp"
#include "prearchive/stage_writer.hpp"
#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

/// A file of a drafted session after it was staged.
struct ReceivedFile {
  std::string path;  ///< Relative to the session directory; also below the draft's stage directory.
  std::string sop_instance_uid;  ///< Empty when it is not DICOM.
  std::string instance_number;
  std::uint32_t note = 0;  ///< Index into ReceivedSession::notes.
  StagedFile staged;
};

/// One session of the upload. Its files lie in `stage`, laid out as the session directory.
struct ReceivedSession {
  SessionDraft draft;
  std::string stage;  ///< Relative to the tree.
  std::deque<ReceivedFile> files;
  std::vector<std::string> notes;
};

/// The engine's SessionDrafts for an upload. One thread at a time.
class ReceivedDrafts : public SessionDrafts {
 public:
  struct Options {
    const Directory* tree = nullptr;  ///< Prearchive.
    std::string stage;                ///< An existing empty directory in it.
    Checksum checksum = Checksum::kMd5AndXxh3;
    unsigned threads = 1;
    const std::map<std::string, std::string>* parameters = nullptr;
    std::function<std::optional<std::string>(const std::vector<std::string>&)> find_project;
    /// Told after every file: files and bytes so far. False cancels.
    std::function<bool(std::uint64_t, std::uint64_t)> progress;
  };

  static constexpr std::size_t kSkippedMax = 100;

  explicit ReceivedDrafts(Options options);

  const std::map<std::string, std::string>& Parameters() const override;
  std::optional<std::string> FindProject(const std::vector<std::string>& candidates) const override;
  SessionDraft& Add() override;
  Status Keep(SourceFile& file, SessionDraft& session, std::string_view scan_id,
              std::string_view resource_label, CatalogEntry entry, std::string note) override;
  void Skip(const SourceFile& file, Status why) override;
  bool Cancelled() const override;

  /// Waits until everything is written, fills sizes and checksums into the entries, and drops
  /// DICOM objects that came twice with the same bytes under different names. Catalogs of a draft
  /// that needs a build are empty afterwards: the build makes them. kCorruption
  /// "import.digest-mismatch" when an entry brought a digest that its file does not have.
  Status Finish();

  std::deque<ReceivedSession>& sessions() { return sessions_; }
  std::uint64_t files_identical() const { return files_identical_; }
  std::uint64_t files_skipped() const { return files_skipped_; }
  std::uint64_t files_filtered() const { return files_filtered_; }  ///< Of those skipped.
  std::vector<std::pair<std::string, Status>>& skipped() { return skipped_; }

 private:
  struct Resend {
    const ReceivedFile* file;
    std::string staged;  // where the later bytes are until Finish
    StagedFile earlier;
  };
  struct SessionState {
    ReceivedSession* session = nullptr;
    std::unordered_map<std::string_view, ReceivedFile*> by_path;  // of `files`, which stay in place
    std::unordered_map<std::string, std::uint32_t> notes;         // note -> notes index
    std::set<std::string> directories;                            // made so far
    std::vector<Resend> resends;
  };
  Status ApplyResends(SessionState& state);
  Status Store(SourceFile& file, const std::string& path, StagedFile* result);
  Status DropDuplicates(ReceivedSession& session);
  static Status FillEntries(ReceivedSession& session);

  Options options_;
  std::deque<ReceivedSession> sessions_;
  std::unordered_map<const SessionDraft*, SessionState> states_;
  std::vector<std::pair<std::string, Status>> skipped_;
  std::uint64_t files_identical_ = 0;
  std::uint64_t files_skipped_ = 0;
  std::uint64_t files_filtered_ = 0;
  std::uint64_t files_kept_ = 0;
  std::uint64_t bytes_kept_ = 0;
  mutable bool cancelled_ = false;
  StageWriter writer_;  // last: its threads write into sessions_, and end before those do
};

/// Where a resource's files lie, relative to the session directory: SCANS/<scan>/<label> or
/// RESOURCES/<label>; and the name of its catalog there (XNAT's names).
std::string ResourceDirectory(std::string_view scan_id, std::string_view label);
std::string CatalogFileName(std::string_view scan_id, std::string_view label);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_RECEIVED_DRAFTS_HPP_
