// session_parameters.hpp - what archiving, importing and committing are told about a session, by
// XNAT's several names for it.
#ifndef XNATARCHIVE_REST_SESSION_PARAMETERS_HPP_
#define XNATARCHIVE_REST_SESSION_PARAMETERS_HPP_

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "rest/parameters.hpp"

namespace xnatarchive {

/// "xnat:mrSessionData/note": a prefix, then a path. What has not this form (XNAT_CSRF, format) is
/// about the request.
bool IsFieldPath(std::string_view name);

/// Sets "project", "subject" and "session" to what the request calls them (PROJECT_ID, SUBJECT_ID,
/// EXPT_LABEL, label), those that it names. kInvalidArgument "rest.contradiction" when two names of
/// one thing have different values.
Status ReadNames(const Parameters& parameters, std::map<std::string, std::string>* names);

/// `overwrite`, in any case; nullopt when it is not given. kInvalidArgument "rest.bad-value" for
/// any other word, which XNAT takes for "none" or, in an import, for "append": a typing error would
/// decide what becomes of files. "rest.contradiction" when `overwrite_files` forbids what it says.
Result<std::optional<Overwrite>> OverwriteOf(const Parameters& parameters);

/// Sets overwrite, quarantine and whether pipelines run, those that are given. As OverwriteOf.
Status ReadPolicy(const Parameters& parameters, ArchiveRequest* request);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_SESSION_PARAMETERS_HPP_
