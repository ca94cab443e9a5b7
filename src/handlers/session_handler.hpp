// session_handler.hpp - "SI": a session that is described already, by its XML and its catalogs.
#ifndef XNATARCHIVE_HANDLERS_SESSION_HANDLER_HPP_
#define XNATARCHIVE_HANDLERS_SESSION_HANDLER_HPP_

#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

/// Carries standard imaging sessions: from the prearchive into the archive, and from a folder or
/// container laid out like one (of another XNAT, say) into the prearchive.
///
/// Layouts understood: NAME.xml beside NAME/SCANS/<scan>/<label>/..., and session.xml inside the
/// session directory, as an archived session has it. A subject.xml beside the session's directory
/// says which label the subject has that its document names by ID. Catalog entries keep everything
/// they say; a file no catalog names becomes an entry of its own when it lies in the directory of a
/// resource of the document, and travels along uncatalogued in another resource's. Files that lie
/// in no resource at all (ASSESSORS, stray files) end the import, or are skipped and counted with
/// "Ignore-Unparsable" = "true"; logs and XML that is no session document always are.
///
/// kCorruption "session.no-document" when files of a session have no document,
/// "session.shared-directory" when two of its resources have one directory; kInvalidArgument
/// "session.no-files" for a document without files, "session.too-large"; the failures of
/// ParseSession and ParseCatalog with the file's path.
class SessionHandler : public ImportHandler {
 public:
  std::string_view Name() const noexcept override { return "SI"; }
  /// Prearchive sessions, and bags that hold a session: what another upload holds cannot be told
  /// from its name.
  bool Accepts(const ImportSource& source) const override;
  Status Describe(ImportSource& source, SessionDrafts& drafts) override;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_HANDLERS_SESSION_HANDLER_HPP_
