// session_zip.hpp - an archived session as a zip that is sent while it is made.
#ifndef XNATARCHIVE_REST_SESSION_ZIP_HPP_
#define XNATARCHIVE_REST_SESSION_ZIP_HPP_

#include <string>
#include <string_view>

#include "rest/route.hpp"

namespace xnatarchive {

/// The session that the call's path names. It is looked up before anything is sent; damage that is
/// found while it is sent ends the stream.
Result<RestResponse> SessionZip(const RestCall& call);

/// A file name as the value of a quoted header parameter: what is not printable ASCII becomes '_'.
std::string QuotedName(std::string_view name);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_SESSION_ZIP_HPP_
