// import_handler.hpp - the strategy that says what one input contains and where it belongs.
//
// The engine owns every path under the prearchive and the archive. A handler is never told one: it
// visits the files of an ImportSource and says which of them belong to which scan and resource of
// which session. That split is why a whole session can be published by one rename, and why
// recovery need not know which handler was running when the process died.
#ifndef XNATARCHIVE_IMPORT_HANDLER_HPP_
#define XNATARCHIVE_IMPORT_HANDLER_HPP_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xnatarchive/catalog.hpp"
#include "xnatarchive/session_document.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// What the input is. A container is a zip or tar in any of its spellings; its files are seen as if
/// it were a folder, containers inside it included.
///
/// Of a BagIt bag, a folder or a container, only the payload is seen, as it is (containers inside
/// it are files); each file is checked against the bag's manifests. kSessionBag: the payload holds
/// a session with its document, as `export --bag` makes it. Other bags are of the kind they come
/// in.
enum class SourceKind { kFile, kFolder, kContainer, kPrearchiveSession, kSessionBag };

/// One regular file of an input, valid only during the visit it was given to.
class SourceFile {
 public:
  SourceFile() = default;
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;
  virtual ~SourceFile() = default;

  /// Path inside the input: UTF-8, '/' separated, relative, no "..". Nested containers are path
  /// components, as in "outer.zip/inner.tar/a.dcm". For messages and names; never to be opened.
  virtual const std::string& path() const = 0;
  /// Bytes, where the input says so before the file is read.
  virtual std::optional<std::uint64_t> size() const = 0;
  /// When it was modified, in nanoseconds since 1970; 0 when the input does not say.
  virtual std::int64_t mtime_ns() const = 0;
  /// Returns the file's first `size_max` bytes, or all of a shorter file. May be called again with
  /// a larger size; the view is valid until then. Reading does not use the file up: `Keep` still
  /// stores it whole.
  virtual Result<std::string_view> Head(std::size_t size_max) = 0;
};

/// One input as the engine offers it to handlers. One thread at a time.
class ImportSource {
 public:
  ImportSource() = default;
  ImportSource(const ImportSource&) = delete;
  ImportSource& operator=(const ImportSource&) = delete;
  virtual ~ImportSource() = default;

  /// The name it was given: last component of a path, "-" for standard input.
  virtual const std::string& Name() const = 0;
  /// Whether it is a file, a folder, a stream, ...
  virtual SourceKind Kind() const = 0;
  /// Calls `visit` once for each regular file, in the input's order, one at a time on the calling
  /// thread. Stops at the first failure of `visit` or of the input and returns it. Containers are
  /// streamed: a second call may fail with kUnsupported when the input cannot be read twice.
  virtual Status ForEachFile(const std::function<Status(SourceFile&)>& visit) = 0;
};

/// One resource of a drafted session: a labelled set of files.
struct ResourceDraft {
  std::string scan_id;  ///< Empty for a resource of the session itself.
  std::string label;    ///< "DICOM", "secondary", "NIFTI", ...
  std::string format;
  std::string content;
  std::string description;
  /// Directory of its files and its catalog's file, relative to the session. Filled by the engine
  /// (SCANS/SCAN/LABEL or RESOURCES/LABEL) where the handler leaves them empty.
  std::string directory;
  std::string catalog_path;
  /// Its files, one entry each (`uri` relative to `directory`), in the order they were kept, and
  /// whatever else is to stand in the catalog document.
  Catalog catalog;
};

/// One session as a handler understood it.
struct SessionDraft {
  /// `xsi_type` (of a session), `label` and at least one scan or resource are needed to archive it;
  /// a document that could not be read again is kHandlerFailed "handler.bad-document". `project`,
  /// `label` and "subject_ID" may be empty or raw: the engine applies the request's parameters and
  /// XNAT's label rule. Resource lists and file counts are filled by the engine from `resources`.
  SessionDocument document;
  std::vector<ResourceDraft> resources;
  /// True when the document is only a start and the session has to be built from its DICOM headers
  /// before it can be archived; it then waits in the prearchive as RECEIVING instead of READY.
  bool needs_build = false;
  /// What the data itself says about automatic archiving, when it says something.
  std::optional<bool> auto_archive;
  /// Study date and time for the prearchive table, "yyyy-MM-dd" and "HH:mm:ss"; may be empty.
  std::string scan_date;
  std::string scan_time;
  /// Files that are there but belong to no resource (logs, say). They travel with the session.
  std::vector<std::string> other_files;

  /// Finds the resource, or appends it.
  ResourceDraft& GetResource(std::string_view scan_id, std::string_view label);
};

/// Receives what a handler finds. Implemented by the engine. One thread at a time.
class SessionDrafts {
 public:
  SessionDrafts() = default;
  SessionDrafts(const SessionDrafts&) = delete;
  SessionDrafts& operator=(const SessionDrafts&) = delete;
  virtual ~SessionDrafts() = default;

  /// Parameters of the request by XNAT's names: "project", "subject", "session", "rename",
  /// "Ignore-Unparsable", and any the handler defines. Absent ones are not in the map.
  virtual const std::map<std::string, std::string>& Parameters() const = 0;

  /// Returns the first of `candidates` (IDs or aliases) that is a project of this archive, or
  /// nullopt.
  virtual std::optional<std::string> FindProject(
      const std::vector<std::string>& candidates) const = 0;

  /// Appends an empty draft. The reference stays valid until Describe returns.
  virtual SessionDraft& Add() = 0;

  /// Keeps `file` as part of `session`. `entry.uri` is its path inside the resource; of the rest of
  /// `entry` the handler fills what it knows (UID, instance number, format, content); sizes and
  /// checksums are the engine's business.
  ///
  /// A second file under the same resource and uri replaces the first (a re-send).
  /// `note` is what the handler learnt about the file and will want again when the session is
  /// built; it is stored beside the session, equal notes once, and never leaves the prearchive.
  ///
  /// The bytes are read before Keep returns, but may be written later on another thread; a failure
  /// to write is returned by a later Keep or ends the import.
  virtual Status Keep(SourceFile& file, SessionDraft& session, std::string_view scan_id,
                      std::string_view resource_label, CatalogEntry entry,
                      std::string note = std::string()) = 0;

  /// Leaves `file` out: counted and reported to the caller with `why`, not an error.
  virtual void Skip(const SourceFile& file, Status why) = 0;

  /// True once the caller asked to stop; return Status(Code::kCancelled, ...) soon. Asks the caller
  /// at most ten times a second, also while no file is kept.
  virtual bool Cancelled() const = 0;
};

/// Understands one kind of input: a prearchive session, a zip upload, a folder of NIfTI files.
///
/// Threads:   one instance may describe several inputs at once; keep per-import state on the stack.
/// Ownership: the engine owns the handler from ArchiveEngine::Register until it is destroyed.
class ImportHandler {
 public:
  ImportHandler() = default;
  ImportHandler(const ImportHandler&) = delete;
  ImportHandler& operator=(const ImportHandler&) = delete;
  virtual ~ImportHandler() = default;

  /// Returns the handler's permanent name, such as "SI" or "DICOM-zip".
  ///
  /// 1 to 32 characters from [A-Za-z0-9-]. The name is written to the audit trail, so a name is
  /// never given to a handler with different behaviour.
  virtual std::string_view Name() const noexcept = 0;

  /// Says whether this handler understands `source`. Looks at its name and kind only. Asked in the
  /// order of registration, the built-in handlers last, when the request names no handler.
  virtual bool Accepts(const ImportSource& source) const = 0;

  /// Describes the sessions in `source`: metadata, scans, and which file goes where.
  ///
  /// Requires:   `source` and `drafts` outlive the call.
  /// On OK:      every file that is to be stored was given to drafts.Keep. Nothing is visible yet.
  /// On failure: the engine discards the drafts; the source, the prearchive and the archive are
  ///             unchanged, so do not clean up here.
  /// Cancel:     check drafts.Cancelled() once per file and then return kCancelled.
  /// Returns:    OK; kCorruption if a file cannot be read as its type claims; otherwise the
  ///             source's own error, passed on as it is. An exception is reported as
  ///             kHandlerFailed "handler.threw".
  virtual Status Describe(ImportSource& source, SessionDrafts& drafts) = 0;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_IMPORT_HANDLER_HPP_
