// upload.hpp - the one file that a request sends, in whichever form it comes.
#ifndef XNATARCHIVE_REST_UPLOAD_HPP_
#define XNATARCHIVE_REST_UPLOAD_HPP_

#include <string>

#include "rest/route.hpp"

namespace xnatarchive {

/// A file that is still coming in.
struct Upload {
  InputStream input;  ///< Null when the request has no file; else it gives at least one byte.
  std::string name;   ///< As its sender calls it; empty when he does not. Not to be trusted.
};

/// The file of the body. Of multipart it is the one file part, and the fields before it become
/// parameters; a form is one only with inbody=true, which is what curl's --data-binary needs, and
/// else its fields become parameters; any other body is the file itself.
///
/// kInvalidArgument "rest.no-file" for an empty part, and a form that is none; the failures of
/// Multipart and Parameters. Reading it fails, too, with "rest.several-files" when another follows,
/// and "rest.field-after-file".
Result<Upload> UploadOf(RestCall& call);

Status NoFile();        ///< kInvalidArgument "rest.no-file".
Status SeveralFiles();  ///< kInvalidArgument "rest.several-files".

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_UPLOAD_HPP_
