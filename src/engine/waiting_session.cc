// waiting_session.cc - what is done to one session of the prearchive, other than archiving it.
#include <utility>

#include "base/status_macros.hpp"
#include "engine/auto_archive.hpp"
#include "engine/core.hpp"
#include "engine/hooks.hpp"
#include "prearchive/build_session.hpp"
#include "prearchive/move_session.hpp"

namespace xnatarchive {

Status ArchiveEngine::Core::Build(std::string_view src,
                                  const std::map<std::string, std::string>& fields, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const PrearchiveSession row, FindRow(src, Permission::kEdit, hooks));
  XNA_RETURN_IF_ERROR(CheckKept(fields));
  for (const auto& field : fields) {
    if (IsXmlPath(field.first)) continue;
    return Status(Code::kInvalidArgument, "build.bad-field",
                  "expected XML paths, such as xnat:mrSessionData/note");
  }
  ProgressReporter reporter(hooks.call());
  BuildRequest request{row.Id(), ActorOf(hooks.call()), reporter.BuildProgress()};
  request.fields = fields;
  const Result<PrearchiveSession> built =
      BuildPrearchiveSession(trees, store, std::move(request), Acknowledger(hooks));
  return built.ok() ? Status() : built.status();
}

Status ArchiveEngine::Core::Delete(std::string_view src, Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const PrearchiveSession row, FindRow(src, Permission::kDelete, hooks));
  store.MakeRoom();  // I7
  return xnatarchive::DeletePrearchiveSession(trees, store, row.Id(), ActorOf(hooks.call()),
                                              Acknowledger(hooks));
}

Result<std::string> ArchiveEngine::Core::Move(std::string_view src, const std::string& project,
                                              Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const std::string target, RequireProject(project, Permission::kEdit, hooks));
  XNA_ASSIGN_OR_RETURN(const PrearchiveSession row, FindRow(src, Permission::kDelete, hooks));
  if (row.project == target) return PrearchiveUri(row);
  XNA_ASSIGN_OR_RETURN(
      const PrearchiveSession moved,
      MoveSession(trees, store, row.Id(), target, ActorOf(hooks.call()), Acknowledger(hooks)));
  return PrearchiveUri(moved);
}

Result<PrearchiveSession> ArchiveEngine::Core::SetState(std::string_view src,
                                                        std::optional<PrearchiveState> wanted,
                                                        Hooks& hooks) {
  XNA_ASSIGN_OR_RETURN(const PrearchiveSession row, FindRow(src, Permission::kEdit, hooks));
  return SetSessionState(trees, store, row.Id(), wanted, ActorOf(hooks.call()),
                         Acknowledger(hooks));
}

}  // namespace xnatarchive
