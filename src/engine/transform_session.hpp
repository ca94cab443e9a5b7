// transform_session.hpp - what the host's SessionTransform makes of a session.
#ifndef XNATARCHIVE_ENGINE_TRANSFORM_SESSION_HPP_
#define XNATARCHIVE_ENGINE_TRANSFORM_SESSION_HPP_

#include <optional>
#include <string>

#include "archive/session_edits.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"

namespace xnatarchive {

/// What became of a session by its transform.
struct Transformed {
  std::string name;    ///< Of the transform; empty: none was called.
  SessionEdits edits;  ///< Empty: the files are what they were.
  /// What the edited session was made from; absent where there are no edits.
  std::optional<OriginalSession> original;
};

/// Calls the host's transform for a session that lies at `candidate`'s place in the prearchive, and
/// makes `session` what it wants. `candidate` refers to `session`.
///
/// `directory`: of the session, relative to the prearchive. `stage`: where rewritten files are
/// written, relative to the archive; empty: nowhere, as for a dry run.
/// Fails as session_transform.hpp says; `session` is of no use then.
Result<Transformed> TransformSession(const ArchiveEngine::Core& core, Hooks& hooks,
                                     const SessionCandidate& candidate,
                                     const std::string& directory, const std::string& stage,
                                     DescribedSession* session);

/// Lays an edited session out in the stage, under the name that is returned: empty when there are
/// no edits.
Result<std::string> StageTransformed(const ArchiveEngine::Core& core,
                                     const Transformed& transformed, const std::string& stage,
                                     bool one_file_system,
                                     const std::function<bool(const Progress&)>& progress,
                                     DescribedSession* session);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_TRANSFORM_SESSION_HPP_
