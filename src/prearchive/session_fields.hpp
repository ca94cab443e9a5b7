// session_fields.hpp - which DICOM elements make which fields of a session.
#ifndef XNATARCHIVE_PREARCHIVE_SESSION_FIELDS_HPP_
#define XNATARCHIVE_PREARCHIVE_SESSION_FIELDS_HPP_

#include <vector>

#include "prearchive/field_source.hpp"
#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// Sets what the headers of all files say about the session. `session.xsi_type` decides about the
/// field strength (MR, PET/MR) and the tracer (PET, PET/MR).
void SetSessionFields(const FieldSource& source, SessionDocument& session);

/// Every element that SetSessionFields reads for any type.
std::vector<Tag> SessionTags();

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_SESSION_FIELDS_HPP_
