// session_paths.hpp - where a prearchive session's parts lie, relative to the prearchive root.
//
//   <PROJECT>/<TIMESTAMP>/<FOLDER>/…            its files
//   <PROJECT>/<TIMESTAMP>/<FOLDER>.xml          its document
//   <PROJECT>/<TIMESTAMP>/.xa-<FOLDER>.index    what is known of its files,
//   <PROJECT>/<TIMESTAMP>/.xa-<FOLDER>.late     and of those that came one by one since
//
// Sessions without a project have no first level.
#ifndef XNATARCHIVE_PREARCHIVE_SESSION_PATHS_HPP_
#define XNATARCHIVE_PREARCHIVE_SESSION_PATHS_HPP_

#include <cstdint>
#include <string>
#include <vector>

#include "fs/directory.hpp"
#include "prearchive/file_index.hpp"
#include "xnatarchive/prearchive_session.hpp"

namespace xnatarchive {

/// Of a session's document beside it.
inline constexpr std::uint64_t kDocumentBytesMax = 256u << 20;

struct SessionPaths {
  std::string timestamp_directory;
  std::string directory;
  std::string document;
  std::string index;
  std::string late_index;

  explicit SessionPaths(const PrearchiveId& id)
      : timestamp_directory(JoinPath(id.project, id.timestamp)),
        directory(JoinPath(timestamp_directory, id.folder)),
        document(directory + ".xml"),
        index(JoinPath(timestamp_directory, FileIndexName(id.folder))),
        late_index(JoinPath(timestamp_directory, LateIndexName(id.folder))) {}

  /// What lies beside its directory; any may be absent.
  std::vector<std::string> SideCars() const { return {document, index, late_index}; }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_SESSION_PATHS_HPP_
