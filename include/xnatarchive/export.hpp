// export.hpp - a copy of an archived or waiting session for the world outside: files as XNAT's
// downloads have them, or a BagIt bag.
//
// What leaves the archive is what its catalogs say: every file's bytes are checked against its
// digest while they are copied, so that damage is found here and not by whoever gets the copy. A
// waiting session has no catalogs of everything yet; its files are checked against the digests that
// were computed when they were received.
#ifndef XNATARCHIVE_EXPORT_HPP_
#define XNATARCHIVE_EXPORT_HPP_

#include <cstdint>
#include <string>

#include "xnatarchive/byte_stream.hpp"

namespace xnatarchive {

/// How the copy is laid out. Values are part of the C ABI and never change.
enum class ExportForm : std::int32_t {
  /// Of an archived session the files the catalogs name, placed as in XNAT's zip downloads:
  /// "scans/ID-TYPE/resources/LABEL/files/..." and "resources/LABEL/files/...". Of a waiting one
  /// all its files as they lie, "FOLDER/...", and its document, once it is built, as "FOLDER.xml".
  kFiles = 0,
  /// A bag of BagIt 1.0 (RFC 8493): the session's directory, whole, as "data/LABEL/...", beside it
  /// "data/subject.xml", and an MD5 manifest. Import takes it back as it was. Its bag-info.txt
  /// tells
  /// the experiment's ID and the site's, and nothing of the patient.
  kBag = 1,
};

/// What ArchiveEngine::Export writes, and where to.
struct ExportRequest {
  /// Of an archived experiment; or, as kFiles, of something in it: all its scans (".../scans"), a
  /// scan, a reconstruction, an assessor, or one resource. Files are then placed as in the whole.
  /// As kFiles also of a session of the prearchive, or of its scans, a scan or a resource of it.
  std::string uri;
  /// What is made; its parent exists, and lies in neither of the root's trees. A name that ends in
  /// ".zip" (any case): a zip, in which everything of an archived session is below one directory,
  /// its label.
  /// Any other: a directory. Ignored when one of the next two is given.
  std::string path;
  /// Writable descriptor, such as 1 for standard output, that a zip is streamed to; not closed.
  int output_fd = -1;
  OutputStream output;  ///< The same; goes before `output_fd`.
  ExportForm form = ExportForm::kFiles;
};

/// What was exported.
struct ExportReport {
  std::uint64_t files = 0;  ///< Of the session; without a bag's own.
  std::uint64_t bytes = 0;
  /// Of these files, the ones the catalogs have no digest of (or do not name: documents, and in a
  /// bag whatever lies beside them), so that there was nothing to compare with. Of a waiting
  /// session its catalogs and logs, and files that were changed or put there by hand.
  std::uint64_t files_unchecked = 0;
  std::uint64_t files_elsewhere = 0;  ///< Catalog entries that are URLs; not exported.
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_EXPORT_HPP_
