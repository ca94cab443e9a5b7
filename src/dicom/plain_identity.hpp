// plain_identity.hpp - the identity of the objects that nearly all files are. Internal to this
// layer.
//
// DCMTK makes an object of every element it passes and takes locks of the process for each; this
// looks at tags and lengths only, and gives up on whatever is not as it usually is.
#ifndef XNATARCHIVE_DICOM_PLAIN_IDENTITY_HPP_
#define XNATARCHIVE_DICOM_PLAIN_IDENTITY_HPP_

#include <optional>
#include <string_view>

#include "dicom/header.hpp"

namespace xnatarchive {

/// Finds the identity in the first bytes of a file with preamble and meta header, in little endian,
/// whose elements stand in order up to the instance number. nullopt says nothing about the file:
/// DCMTK has to read it.
///
/// Work is bounded by the number of bytes, nesting by a small constant.
std::optional<DicomIdentity> FindPlainIdentity(std::string_view first_bytes);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DICOM_PLAIN_IDENTITY_HPP_
