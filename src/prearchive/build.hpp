// build.hpp - from DICOM headers to a session document and its catalogs.
//
// A pure function: what came in and what comes out are values; build_session.hpp acts on them. The
// rules are those of XNAT's session builder (types, fields, scan identifiers, catalogs), with one
// difference: nothing is dropped. Every file that goes in is named by exactly one catalog entry.
#ifndef XNATARCHIVE_PREARCHIVE_BUILD_HPP_
#define XNATARCHIVE_PREARCHIVE_BUILD_HPP_

#include <string>
#include <utility>
#include <vector>

#include "dicom/header.hpp"
#include "prearchive/file_index.hpp"
#include "xnatarchive/import_handler.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// One DICOM file of the session. Both outlive the build.
struct BuildFile {
  const IndexedFile* file = nullptr;
  /// What ParseHeaderNote made of the file's note. The work of a build grows with the number of
  /// distinct headers, so files with the same note should point to the same header.
  const DicomHeader* header = nullptr;
};

struct BuildInput {
  std::vector<BuildFile> files;
  std::string project;  ///< Empty when Unassigned.
  std::string label;
  std::string subject;
  std::string visit;
  std::string protocol;
  std::string prearchive_path;  ///< Absolute session directory, for xnat:prearchivePath.
  /// Puts objects that are not primary images (reports, raw data, ...) in a resource of their own.
  bool separate_secondary = true;
};

struct BuiltSession {
  SessionDraft draft;  ///< Document, resources, catalogs; files at their final places.
  /// Files to rename inside the session directory before the catalogs are true: from, to. No target
  /// is a path that a file of the input has now, so their order does not matter and a repetition
  /// after a crash does no harm.
  std::vector<std::pair<std::string, std::string>> moves;
  /// Lines for dcmtoxnat.log: fields that were left out, because the files contradict each other or
  /// their value cannot be read. Names of fields and DICOM attributes, no patient data.
  std::vector<std::string> log;
};

/// Fails with kInvalidArgument: "build.no-dicom" (no files), "build.several-studies" (more than one
/// Study Instance UID), "build.no-type" (no session type fits).
Result<BuiltSession> BuildSession(const BuildInput& input);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_BUILD_HPP_
