// changed_objects.hpp - whether a waiting session's DICOM files are the objects that its catalogs
// say.
#ifndef XNATARCHIVE_ENGINE_CHANGED_OBJECTS_HPP_
#define XNATARCHIVE_ENGINE_CHANGED_OBJECTS_HPP_

#include "archive/describe_session.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {

/// Reads the headers of the files that were changed since the catalogs were written, on `threads`
/// threads, and counts in the facts of `described` those that are no DICOM object any more, or have
/// another SOP Instance UID than their entry, Series Instance UID than their scan or Study Instance
/// UID than the session, where these are known. No other file is opened. Failures are those of the
/// disk.
///
/// `session`: the directory that was described.
Status CheckChangedObjects(const Directory& session, unsigned threads, DescribedSession* described);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_CHANGED_OBJECTS_HPP_
