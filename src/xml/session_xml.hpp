// session_xml.hpp - session documents: bytes to SessionDocument and back.
//
// XNAT has two writers of these documents and readers that depend on little. We read what either
// wrote, in any order, and write as the one that builds sessions does, so that a document which did
// not change does not differ.
#ifndef XNATARCHIVE_XML_SESSION_XML_HPP_
#define XNATARCHIVE_XML_SESSION_XML_HPP_

#include <string>
#include <string_view>

#include "xnatarchive/session_document.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Reads a document. Its root is the element of an XNAT session type, or of another namespace's
/// type whose name ends in "Session" or "SessionData". Elements are put in the order of the schema,
/// unknown ones behind the known one they follow. xsi:schemaLocation and comments
/// (<!--hidden_fields...-->) are dropped. A prearchivePath that was escaped twice, as XNAT writes
/// it, is unescaped twice. What xnat:scans or xnat:resources hold beside scans and resources stays
/// in `elements`, in an element of that name.
///
/// Returns kCorruption "session.empty" for no bytes at all, "session.bad-xml" for what CheckXml
///         refuses, a document beyond 64 MiB, or text in the root, a scan or a resource (a tag is
///         damaged there), "session.not-a-session" for another root element.
Result<SessionDocument> ParseSession(std::string_view bytes);

/// Whether what WriteSession makes of a host's document can be read again: the failures of
/// ParseSession.
Status CheckReadable(const SessionDocument& session);

/// Writes the document, XML declaration first, no newline at the end. `session.xsi_type` is not
/// empty: the root element follows from it. Characters XML does not allow are dropped as by
/// AppendEscaped. Names of kept attributes and elements must be valid and
/// use prefixes of the core set or of `namespaces`.
std::string WriteSession(const SessionDocument& session);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_SESSION_XML_HPP_
