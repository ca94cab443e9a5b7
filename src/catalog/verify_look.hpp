// verify_look.hpp - what an archived session looks like without reading its files: which of them
// there are to read, and what is wrong already.
#ifndef XNATARCHIVE_CATALOG_VERIFY_LOOK_HPP_
#define XNATARCHIVE_CATALOG_VERIFY_LOOK_HPP_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "catalog/archived_session.hpp"
#include "catalog/verify_session.hpp"
#include "digest/digest.hpp"
#include "xnatarchive/shared_text.hpp"

namespace xnatarchive {

/// A file that has a digest.
struct ListedFile {
  SessionFile file;  ///< As it was when looked at.
  Digests expected;
  SharedText uri;  ///< Of its resource.
};

/// One look at a session.
struct SessionLook {
  std::map<std::string, ListedFile> files;  ///< By path in the session.
  VerifyReport counts;                      ///< All but what was read.
  std::vector<VerifyProblem> problems;
};

/// Failures: kNotFound "uri.not-found" for a part that is not there. All else is a problem.
Result<SessionLook> LookAtSession(const Directory& archive, const SessionToVerify& session,
                                  unsigned threads);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_VERIFY_LOOK_HPP_
