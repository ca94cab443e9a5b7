#include "archive/trees.hpp"

#include <cerrno>

#include "archive/operation_home.hpp"
#include "base/status_macros.hpp"

namespace xnatarchive {

Status PrepareTree(const Directory& tree) {
  XNA_ASSIGN_OR_RETURN(const bool has_ops, tree.Exists(kOperationsDirectory));
  XNA_ASSIGN_OR_RETURN(const bool has_trash, tree.Exists(kTrashDirectory));
  if (has_ops && has_trash) return Status();
  XNA_RETURN_IF_ERROR(tree.MakeDirectories(kOperationsDirectory));
  XNA_RETURN_IF_ERROR(tree.MakeDirectories(kTrashDirectory));
  XNA_RETURN_IF_ERROR(tree.SyncDirectory(ParentPath(kOperationsDirectory)));
  return tree.SyncDirectory("");
}

Result<bool> OnOneFileSystem(const Trees& trees) {
  XNA_RETURN_IF_ERROR(PrepareTree(trees.archive));
  XNA_RETURN_IF_ERROR(PrepareTree(trees.prearchive));
  const std::string id = NewOperationId();
  const std::string probe = TrashName(id, 0);
  XNA_ASSIGN_OR_RETURN(const FileLock unswept_here, LockOwner(trees.archive, id));
  XNA_ASSIGN_OR_RETURN(const FileLock unswept_there, LockOwner(trees.prearchive, id));
  XNA_RETURN_IF_ERROR(trees.prearchive.MakeDirectory(probe));
  const Status moved = trees.prearchive.Rename(probe, trees.archive, probe, RenameMode::kNoReplace);
  const Directory& holder = moved.ok() ? trees.archive : trees.prearchive;
  XNA_RETURN_IF_ERROR(holder.RemoveDirectory(probe));
  if (!moved.ok() && moved.os_errno() != EXDEV) return moved;
  return moved.ok();
}

}  // namespace xnatarchive
