// file_index.hpp - what is known of each file of a prearchive session, so that no file is read
// twice.
//
// A text file ".xa-<FOLDER>.index" beside the session directory. It is a cache: when it is missing
// or damaged, files are read again. A line is trusted only while size and modification time match.
// What comes file by file goes into a second one, ".xa-<FOLDER>.late", which is small, so that one
// more file does not cost more the more there are; the next build, or upload of many, makes one of
// the two.
//
// Beside the files it keeps what only the upload said of the session, which a lost store is rebuilt
// from.
//
// Format: "xna-index 1", a line per fact, per note and per file (tab-separated), and a last line
// with the counts of notes and files and a checksum of everything before it. Text is
// percent-encoded, so that a line is a line whatever is in it.
#ifndef XNATARCHIVE_PREARCHIVE_FILE_INDEX_HPP_
#define XNATARCHIVE_PREARCHIVE_FILE_INDEX_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xnatarchive/shared_text.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// One file. Digests are hex or empty.
struct IndexedFile {
  std::string path;  ///< Relative to the session directory.
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  SharedText md5;  ///< Like xxh3 shared with the catalog entry that is made of the file.
  SharedText xxh3;
  std::uint32_t note = 0;        ///< Index into FileIndex::notes; every file has one.
  std::string sop_instance_uid;  ///< Empty for a file that is not DICOM.
  std::string instance_number;   ///< As the header has it; empty when it has none.
};

/// The files of one session, and the distinct notes their handler made (for DICOM: the header).
struct FileIndex {
  /// What the receive step knows of the session and no document says: "subject", "label",
  /// "study_uid", "source", "auto_archive", "scan_date", "scan_time", "visit", "protocol",
  /// "time_zone", "prevent_anon", "prevent_auto_commit", "parameters". Names are unique; values are
  /// any UTF-8.
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> notes;  ///< An empty note is a note too.
  std::vector<IndexedFile> files;

  std::string Fact(std::string_view name) const;  ///< Empty when absent.
};

/// Adds notes to those of an index, each once.
class NoteTable {
 public:
  /// `notes` must stay where it is.
  explicit NoteTable(std::vector<std::string>* notes);
  std::uint32_t Number(const std::string& note);

 private:
  std::vector<std::string>* notes_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

/// Adds what is known later: its facts, if any, are those that count, and so are its files where
/// both have the same path.
void AddIndex(const FileIndex& late, FileIndex* index);

std::string WriteFileIndex(const FileIndex& index);
/// kCorruption "index.corrupt" for anything that is not whole.
Result<FileIndex> ParseFileIndex(std::string_view bytes);

/// ".xa-<FOLDER>.index".
std::string FileIndexName(std::string_view folder);
/// ".xa-<FOLDER>.late".
std::string LateIndexName(std::string_view folder);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_FILE_INDEX_HPP_
