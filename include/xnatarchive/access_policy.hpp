// access_policy.hpp - the strategy that says who may do what to which project.
//
// The library has no users and no roles of its own: CallOptions::user is a name that the host has
// authenticated, and the policy is where the host's rules about it are kept. What a policy forbids
// it also hides: an answer never tells whether what one may not touch exists.
#ifndef XNATARCHIVE_ACCESS_POLICY_HPP_
#define XNATARCHIVE_ACCESS_POLICY_HPP_

#include <cstdint>
#include <string>

#include "xnatarchive/cancelled.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// What a call does to a project. Values are permanent.
enum class Permission : std::int32_t {
  /// Listings, documents, logs, prearchive rows, audit records, settings, jobs; Verify, Export,
  /// OpenFile.
  kRead = 0,
  /// Import, Build, SetPrearchiveState, Archive, Submit, Validate, Refresh; of an archive call both
  /// projects are asked for. MovePrearchiveSession: of where it goes. CancelJob, of a job that is
  /// not the caller's.
  kEdit = 1,
  /// DeletePrearchiveSession; MovePrearchiveSession, of where it comes from; Archive with
  /// Overwrite::kDelete, of its destination.
  kDelete = 2,
  /// AddProject, Recover, Reindex, RunOneJobItem, CommitIdle: of the site. SetSetting: of site or
  /// project.
  /// Activate: of the project.
  kAdmin = 3,
};

/// Decides. Without one everything is allowed, as in a program that serves one person.
///
/// What the engine makes of a "no":
/// - A call that names a project, in a URI, a `dest` or a parameter, asks before it looks anything
///   up and ends with kPermission "access.denied", the same whether or not what it names exists.
/// - A listing leaves out the rows of projects that may not be read. An experiment named by its ID
///   alone is kNotFound, as one that is not there.
/// - A project that only the data names (DICOM headers, a session document) and that may not be
///   edited is passed over like one that does not exist.
///
/// One call asks about the same permission and project at most once. ArchiveEngine::Init, Open (its
/// own recovery, too) and Register are the host's own and ask nobody.
///
/// Threads:   Allows may be called from several threads at once, always on a caller's own.
/// Ownership: shared with the engine, which calls nothing after its destruction.
class AccessPolicy {
 public:
  AccessPolicy() = default;
  AccessPolicy(const AccessPolicy&) = delete;
  AccessPolicy& operator=(const AccessPolicy&) = delete;
  virtual ~AccessPolicy() = default;

  /// Says whether `user` may do this to `project`.
  ///
  /// `user`:    CallOptions::user as it was given; empty for nobody in particular.
  /// `project`: its ID, or a name that may be no project's. Empty: Unassigned sessions of the
  ///            prearchive, and with kAdmin the site.
  /// Returns:   OK: allowed. kPermission: not allowed; the caller is not told what it says, which
  ///            might be about something hidden. Any other failure, and an exception
  ///            ("access.threw"): could not be decided; the call ends as kHandlerFailed with its
  ///            reason, and nothing is changed.
  /// May read from the engine, which asks again; must not change anything through it: the session
  /// in question may be locked by the call that is asking.
  virtual Status Allows(const std::string& user, Permission permission, const std::string& project,
                        const Cancelled& cancelled) = 0;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ACCESS_POLICY_HPP_
