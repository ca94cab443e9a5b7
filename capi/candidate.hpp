// candidate.hpp - what stands behind xna_candidate and xna_session_files.
#ifndef XNATARCHIVE_CAPI_CANDIDATE_HPP_
#define XNATARCHIVE_CAPI_CANDIDATE_HPP_

#include <memory>
#include <utility>
#include <vector>

#include "document.hpp"
#include "scope.hpp"
#include "xnatarchive/session_transform.hpp"
#include "xnatarchive/session_validator.hpp"

namespace xnatarchive::capi {

/// A session that is about to be archived, during a callback.
class Candidate : public Scoped {
 public:
  /// `findings`: null where none can be added.
  Candidate(std::shared_ptr<Scope> scope, const SessionCandidate& its_session,
            std::vector<Finding>* its_findings)
      : Scoped(std::move(scope)),
        session(its_session),
        findings(its_findings),
        document(std::make_shared<Document>(shared_scope(), its_session.document)) {}

  const SessionCandidate& session;
  std::vector<Finding>* const findings;
  const ScopedHandle<xna_document> document;
};

/// The files a transform may change, during its callback.
class TransformedFiles : public Scoped {
 public:
  TransformedFiles(std::shared_ptr<Scope> scope, SessionFiles& its_files)
      : Scoped(std::move(scope)), files(its_files) {}
  SessionFiles& files;
};

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_CANDIDATE_HPP_
