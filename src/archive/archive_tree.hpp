// archive_tree.hpp - what the archive tree alone says about its projects, subjects and sessions.
//
//   <PROJECT>/arc001/<LABEL>/session.xml        an experiment (any directory named arc* is looked
//   into) <PROJECT>/subjects/<LABEL>/subject.xml      a subject's ID and label
//
// The database is rebuilt from this.
#ifndef XNATARCHIVE_ARCHIVE_ARCHIVE_TREE_HPP_
#define XNATARCHIVE_ARCHIVE_ARCHIVE_TREE_HPP_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fs/directory.hpp"
#include "store/rows.hpp"
#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// "PROJECT/arc001/LABEL", relative to the archive: where new sessions are put.
std::string SessionDirectory(const std::string& project, const std::string& label);

/// The bytes of the document of the session in that directory. Failures of ReadFile.
Result<std::string> ReadSessionXml(const Directory& archive, const std::string& session_directory);

/// The document of the session in that directory, as it is on disk. Failures of ReadFile and
/// ParseSession, with its path.
Result<SessionDocument> ReadSessionDocument(const Directory& archive,
                                            const std::string& session_directory);

/// A subject's document, in its directory.
inline constexpr std::string_view kSubjectDocument = "subject.xml";
/// "PROJECT/subjects/LABEL/subject.xml".
std::string SubjectDocumentPath(const std::string& project, const std::string& label);
/// The bytes of the document there. Failures of ReadFile.
Result<std::string> ReadSubjectXml(const Directory& archive, const std::string& project,
                                   const std::string& label);
/// The document there: XNAT's subject element with ID, project and label.
std::string WriteSubjectDocument(const SubjectRow& subject);

/// Sets the numbers of scans, files and bytes from a session document.
void SetTotals(const SessionDocument& document, ExperimentRow* row);

struct ArchiveTree {
  std::vector<std::string> projects;
  std::vector<SubjectRow> subjects;
  std::vector<ExperimentRow> experiments;  ///< Status active: quarantine is not in the tree.
  std::vector<std::pair<std::string, Status>> unreadable;  ///< Path of a document, and why.
};

/// Reads the whole tree's documents (not its files). Names that begin with '.' are no projects. A
/// subject that experiments name but that has no document gets its ID as label.
Result<ArchiveTree> ScanArchive(const Directory& archive);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_ARCHIVE_TREE_HPP_
