// header_note.hpp - a DICOM header as the note that stays beside the session until it is built.
//
// A session of 100,000 files has a few hundred distinct notes, because a note holds what a build
// reads and nothing else: what tells one image of a series from the next (SOP Instance UID,
// Instance Number, acquisition time, ...) is not in it. A rebuild reads notes instead of files.
#ifndef XNATARCHIVE_PREARCHIVE_HEADER_NOTE_HPP_
#define XNATARCHIVE_PREARCHIVE_HEADER_NOTE_HPP_

#include <string>
#include <string_view>

#include "dicom/header.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// The elements BuildSession reads of such an object; files of one series mostly give equal notes.
std::string WriteHeaderNote(const DicomHeader& header);
/// kCorruption "dicom.bad-note" for anything else.
Result<DicomHeader> ParseHeaderNote(std::string_view note);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_PREARCHIVE_HEADER_NOTE_HPP_
