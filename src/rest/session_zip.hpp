// session_zip.hpp - an archived session, or a part of one, as a zip that is sent while it is made.
#ifndef XNATARCHIVE_REST_SESSION_ZIP_HPP_
#define XNATARCHIVE_REST_SESSION_ZIP_HPP_

#include <string>
#include <string_view>

#include "rest/route.hpp"

namespace xnatarchive {

/// What the engine's URI names, as NAME.zip. It was looked up before: what is wrong is found when
/// a part of the zip is sent, and ends the stream.
RestResponse ZipResponse(const RestCall& call, const std::string& uri, const std::string& name);

/// A file name as the value of a quoted header parameter: what is not printable ASCII becomes '_'.
std::string QuotedName(std::string_view name);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_SESSION_ZIP_HPP_
