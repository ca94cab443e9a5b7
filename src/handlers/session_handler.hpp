// session_handler.hpp - "SI": a session that is described already, by its XML and its catalogs.
#ifndef XNATARCHIVE_HANDLERS_SESSION_HANDLER_HPP_
#define XNATARCHIVE_HANDLERS_SESSION_HANDLER_HPP_

#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

/// Carries standard imaging sessions: from the prearchive into the archive, and from a folder or
/// container laid out like one (of another XNAT, say) into the prearchive.
///
/// Layouts understood: NAME.xml beside NAME/SCANS/<scan>/<label>/..., and session.xml inside the
/// session directory, as an archived session has it. Catalog entries keep everything they say; a
/// file no catalog names becomes an entry of its own when it lies in a resource's directory.
///
/// kCorruption "session.no-document" when files of a session have no document; the failures of
/// ParseSession and ParseCatalog with the file's path.
class SessionHandler : public ImportHandler {
 public:
  std::string_view Name() const noexcept override { return "SI"; }
  /// Prearchive sessions only: what an upload holds cannot be told from its name.
  bool Accepts(const ImportSource& source) const override;
  Status Describe(ImportSource& source, SessionDrafts& drafts) override;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_HANDLERS_SESSION_HANDLER_HPP_
