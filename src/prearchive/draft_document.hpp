// draft_document.hpp - from a handler's complete draft to the documents that describe it.
#ifndef XNATARCHIVE_PREARCHIVE_DRAFT_DOCUMENT_HPP_
#define XNATARCHIVE_PREARCHIVE_DRAFT_DOCUMENT_HPP_

#include "xnatarchive/import_handler.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Fills what a handler may leave out: directories, catalog paths and IDs, and the document's list
/// of resources (relative URIs; file counts are written when the session is archived).
///
/// kHandlerFailed "import.bad-draft" when the draft can not become a session: no session type, no
/// scan or resource, a resource of a scan that the document does not have, a scan ID twice.
Status CompleteDraft(SessionDraft* draft);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_DRAFT_DOCUMENT_HPP_
