// naming.hpp - where a DICOM object goes inside a session: SCANS/<scan>/DICOM/<file>.
//
// Pure functions; which name is taken when a file is already there is the receiver's decision.
#ifndef XNATARCHIVE_DICOM_NAMING_HPP_
#define XNATARCHIVE_DICOM_NAMING_HPP_

#include <string>
#include <string_view>

#include "dicom/header.hpp"

namespace xnatarchive {

/// The scan directory: Series Number when it is one word of [A-Za-z0-9_.-] (a leading '+' becomes
/// '_'), else Series Instance UID with everything but [A-Za-z0-9_-] as '_', else "NA". Always a
/// single safe path component: a Series Number that begins with a dot or has more than 64
/// characters is passed over.
std::string ScanDirectory(const DicomHeader& header);

/// XNAT's default template:
/// "<StudyInstanceUID>-<SeriesNumber>-<InstanceNumber>-<hash of SOP class and instance>.dcm".
/// A missing value is "no-value-for-<Keyword>". At most 255 bytes; the hash and the extension are
/// kept whole, so names stay distinct. Characters outside [A-Za-z0-9_.-] become '_'.
std::string FileName(const DicomHeader& header);

/// The name the client gave the file, where it can be used: characters outside [A-Za-z0-9_.-]
/// become '_', leading dots are stripped. FileName(header) when nothing is left, it is longer than
/// 255 bytes, or it would be taken for a catalog ("..._catalog.xml").
std::string SafeClientName(std::string_view client_name, const DicomHeader& header);

/// "HashSOPClassUIDWithSOPInstanceUID" of the template: the hash codes of the two strings as Java
/// computes them, combined as Java combines those of a list, unsigned, in base 36.
std::string SopHash(std::string_view sop_class_uid, std::string_view sop_instance_uid);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DICOM_NAMING_HPP_
