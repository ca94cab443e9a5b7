#include "archive/apply_plan.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <unordered_set>
#include <utility>

#include "archive/operation_home.hpp"
#include "base/parallel.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "fs/near_directory.hpp"

namespace xnatarchive {
namespace {

constexpr int kAttemptsMax = 3;

TreePath Parent(const TreePath& path) {
  return TreePath{path.tree, std::string(ParentPath(path.path))};
}

/// Moves (or, without `to`, drops) every directory of `directories` that is `from` or below it.
void CarryAlong(std::set<TreePath>* directories, const TreePath& from, const TreePath* to) {
  const std::string below = from.path + "/";
  std::vector<TreePath> carried;
  for (auto it = directories->lower_bound(from);
       it != directories->end() && it->tree == from.tree && StartsWith(it->path, from.path);) {
    if (it->path != from.path && !StartsWith(it->path, below)) {
      ++it;  // "a-b" sorts between "a" and "a/b"
      continue;
    }
    if (to != nullptr) carried.push_back({to->tree, to->path + it->path.substr(from.path.size())});
    it = directories->erase(it);
  }
  for (TreePath& path : carried) directories->insert(std::move(path));
}

Status TargetExists(const std::string& path) {
  return Status(Code::kConflict, "operation.target-exists",
                "somebody made what was to be moved here")
      .WithPath(path);
}

/// Whether a file may have no second name, but may yet be renamed: it belongs to somebody else
/// (fs.protected_hardlinks), has very many names, or lies on a file system without hard links.
bool RefusesLink(int error) {
  return error == EPERM || error == EMLINK || error == EOPNOTSUPP || error == ENOSYS;
}

/// Applies the steps of one plan.
class Applier {
 public:
  Applier(const Trees& trees, Tree home, std::string_view id, const OperationPlan& plan,
          unsigned threads)
      : trees_(trees), home_(home), id_(id), steps_(plan.steps), threads_(threads) {
    for (const Step& step : steps_) {
      if (!step.from.path.empty() && step.kind != StepKind::kLink) vacated_.insert(Key(step.from));
    }
  }

  /// Applies all of them. Before a purge and a swap everything before it is made durable: redone, a
  /// swap relies on the mark that was put into the directory it took away.
  Status Run() {
    std::size_t synced = 0;
    for (std::size_t i = 0, end = 0; i < steps_.size(); i = end) {
      end = EndOfLinks(i);
      const bool waits = steps_[i].kind == StepKind::kPurge || steps_[i].kind == StepKind::kSwap;
      if (waits && synced < i && steps_[i - 1].kind != steps_[i].kind) {
        XNA_RETURN_IF_ERROR(Sync(synced, i));
        synced = i;
      }
      Status status = Apply(i, end);
      if (status.code() == Code::kNoSpace && FreeBallast()) status = Apply(i, end);
      if (!status.ok()) return status;
    }
    return Sync(synced, steps_.size());
  }

 private:
  const Directory& In(const TreePath& path) const { return trees_[path.tree]; }
  const Directory& Home() const { return trees_[home_]; }
  static std::string Key(const TreePath& path) { return static_cast<char>(path.tree) + path.path; }

  /// Where the links that begin at step `i` end; any other step stands alone.
  std::size_t EndOfLinks(std::size_t i) const {
    std::size_t end = i;
    while (end < steps_.size() && steps_[end].kind == StepKind::kLink) ++end;
    return std::max(end, i + 1);
  }

  Status Apply(std::size_t i, std::size_t end) {
    const Step& step = steps_[i];
    Approach(step);
    switch (step.kind) {
      case StepKind::kMakeDirectory:
        return AcceptCode(In(step.to).MakeDirectory(step.to.path), Code::kAlreadyExists);
      case StepKind::kMove:
        return Move(step);
      case StepKind::kReplace:
      case StepKind::kOverwrite:
        return Replace(i);
      case StepKind::kTrash:
        return Trash(i);
      case StepKind::kSwap:
        return Swap(step);
      case StepKind::kRemoveIfEmpty:
        return AcceptCode(
            AcceptCode(In(step.to).RemoveDirectory(step.to.path), Code::kAlreadyExists),
            Code::kNotFound);
      case StepKind::kPurge:
        return Purge(i);
      case StepKind::kLink:
        return ParallelFor(end - i, threads_, [&](std::size_t k) { return Link(steps_[i + k]); });
    }
    return Status(Code::kInternal, "plan.unknown-step", "a step of no known kind");
  }

  /// Steps between the same two directories keep them open. Any other may move one of them.
  void Approach(const Step& step) {
    const std::string from(ParentPath(step.from.path));
    const std::string to(ParentPath(step.to.path));
    if (from == from_parent_ && to == to_parent_) return;
    from_parent_ = from;
    to_parent_ = to;
    near_from_.Forget();
    near_to_.Forget();
  }

  static Status AcceptCode(Status status, Code accepted) {
    return status.code() == accepted ? Status() : status;
  }

  /// For something whose old name is gone: it was moved earlier, and then it is at `to`, unless
  /// another step takes it (or a directory above it) further.
  Status CheckDone(const TreePath& to) const {
    for (std::string_view path = to.path; !path.empty(); path = ParentPath(path)) {
      if (vacated_.count(Key({to.tree, std::string(path)})) > 0) return Status();
    }
    XNA_ASSIGN_OR_RETURN(const bool there, In(to).Exists(to.path));
    if (there) return Status();
    return Status(Code::kNotFound, "operation.lost", "neither what is to be moved nor its target")
        .WithPath(to.path);
  }

  static bool AreOneFile(const FileInfo& a, const FileInfo& b) {
    return a.kind == FileKind::kRegular && a.inode == b.inode && a.device == b.device;
  }

  /// A rename whose new directory alone became durable leaves a file with both names: btrfs makes
  /// each directory durable by itself. Such a rename ends by removing the old name.
  Status DropOldName(const TreePath& from, const Directory& to, const std::string& name) {
    const Result<FileInfo> old_name = near_from_.Stat(In(from), from.path);
    if (!old_name.ok()) return AcceptCode(old_name.status(), Code::kNotFound);
    const Result<FileInfo> new_name = near_to_.Stat(to, name);
    if (!new_name.ok()) return AcceptCode(new_name.status(), Code::kNotFound);
    if (!AreOneFile(*old_name, *new_name)) return Status();
    return AcceptCode(near_from_.RemoveFile(In(from), from.path), Code::kNotFound);
  }

  Status Rename(const Step& step, RenameMode mode) {
    return near_from_.Rename(In(step.from), step.from.path, near_to_, In(step.to), step.to.path,
                             mode);
  }

  Status Move(const Step& step) {
    const Status moved = Rename(step, RenameMode::kNoReplace);
    const bool taken = moved.code() == Code::kAlreadyExists;
    if (!taken && moved.code() != Code::kNotFound) return moved;
    if (taken) XNA_RETURN_IF_ERROR(DropOldName(step.from, In(step.to), step.to.path));
    XNA_ASSIGN_OR_RETURN(const bool pending, near_from_.Exists(In(step.from), step.from.path));
    if (!pending) return CheckDone(step.to);
    return taken ? TargetExists(step.to.path) : moved;
  }

  /// Gives every file of a link step its second name. Redone, it finds that name taken by the same
  /// file, or the first one gone with what was purged.
  Status Link(const Step& step) const {
    const Result<Directory> from = In(step.from).OpenSubdirectory(step.from.path);
    if (!from.ok() && from.status().code() != Code::kNotFound) return from.status();
    XNA_ASSIGN_OR_RETURN(const Directory to, In(step.to).OpenSubdirectory(step.to.path));
    bool refused = false;
    for (const std::string& name : step.names) {
      Status status = from.ok() ? LinkOne(*from, to, name, &refused) : from.status();
      const TreePath path{step.to.tree, JoinPath(step.to.path, name)};
      if (status.code() == Code::kNotFound) status = CheckDone(path);
      if (status.code() == Code::kAlreadyExists) status = TargetExists(path.path);
      if (!status.ok()) return std::move(status).WithPath(path.path);
    }
    return Status();
  }

  /// kAlreadyExists when another file has the name. A file that is renamed because links are
  /// `refused` may have both names after a power cut; the first goes as that of a link does.
  static Status LinkOne(const Directory& from, const Directory& to, const std::string& name,
                        bool* refused) {
    Status status;
    if (!*refused) {
      status = from.Link(name, to, name);
      *refused = !status.ok() && RefusesLink(status.os_errno());
    }
    if (*refused) status = from.Rename(name, to, name, RenameMode::kNoReplace);
    if (status.code() != Code::kAlreadyExists) return status;
    XNA_ASSIGN_OR_RETURN(const FileInfo first, from.Stat(name));
    XNA_ASSIGN_OR_RETURN(const FileInfo second, to.Stat(name));
    return first.inode == second.inode && first.device == second.device ? Status() : status;
  }

  /// As DropOldName says, a file may have both names: renaming one to the other would do nothing.
  Status Replace(std::size_t i) {
    const Step& step = steps_[i];
    const Result<FileInfo> staged = near_from_.Stat(In(step.from), step.from.path);
    if (staged.status().code() == Code::kNotFound) return CheckDone(step.to);
    if (!staged.ok()) return staged.status();
    const Result<FileInfo> replaced = near_to_.Stat(In(step.to), step.to.path);
    if (replaced.ok() && AreOneFile(*staged, *replaced)) {
      return AcceptCode(near_from_.RemoveFile(In(step.from), step.from.path), Code::kNotFound);
    }
    if (!replaced.ok() && replaced.status().code() != Code::kNotFound) return replaced.status();
    if (step.kind == StepKind::kReplace && replaced.ok()) {
      Status kept = near_to_.Link(In(step.to), step.to.path, near_undo_, Home(), UndoName(id_, i));
      kept = AcceptCode(AcceptCode(std::move(kept), Code::kAlreadyExists), Code::kNotFound);
      XNA_RETURN_IF_ERROR(kept);
    }
    return Rename(step, RenameMode::kReplace);
  }

  /// The name under undo/ is the guard: without it a redo would trash what a later step of the
  /// first attempt put at `from`.
  Status Trash(std::size_t i) {
    const Step& step = steps_[i];
    XNA_ASSIGN_OR_RETURN(const bool done, Home().Exists(UndoName(id_, i)));
    if (done) return DropOldName(step.from, Home(), UndoName(id_, i));
    return AcceptCode(
        In(step.from).Rename(step.from.path, Home(), UndoName(id_, i), RenameMode::kNoReplace),
        Code::kNotFound);
  }

  Status Swap(const Step& step) {
    XNA_ASSIGN_OR_RETURN(const bool done,
                         In(step.to).Exists(JoinPath(step.to.path, SwapMark(id_))));
    if (done) return Status();
    return In(step.from).Rename(step.from.path, In(step.to), step.to.path, RenameMode::kExchange);
  }

  Status Purge(std::size_t i) {
    const TreePath& from = steps_[i].from;
    const std::string trash = TrashName(id_, i);
    XNA_ASSIGN_OR_RETURN(const bool done, In(from).Exists(trash));
    if (done) return DropOldName(from, In(from), trash);
    Status moved = In(from).Rename(from.path, In(from), trash, RenameMode::kNoReplace);
    if (!moved.ok() && moved.os_errno() == EXDEV) {
      return In(from).RemoveTree(from.path);  // a mount inside the tree
    }
    return AcceptCode(std::move(moved), Code::kNotFound);
  }

  Status Sync(std::size_t begin, std::size_t end) {
    std::set<TreePath> touched = TouchedDirectories(steps_, begin, end);
    for (std::size_t i = begin; i < end; ++i) {
      if (steps_[i].kind != StepKind::kTrash) continue;
      touched.insert({home_, std::string(ParentPath(UndoName(id_, i)))});
      break;
    }
    return SyncDirectories(trees_, touched);
  }

  /// Gives back the space reserved for this moment (I7). False when there is none left.
  bool FreeBallast() { return Home().RemoveFile(BallastName(id_)).ok(); }

  const Trees& trees_;
  const Tree home_;
  const std::string id_;
  const std::vector<Step>& steps_;
  const unsigned threads_;
  std::string from_parent_;
  std::string to_parent_;
  NearDirectory near_from_;
  NearDirectory near_to_;
  NearDirectory near_undo_;
  std::unordered_set<std::string> vacated_;
};

}  // namespace

std::set<TreePath> TouchedDirectories(const std::vector<Step>& steps, std::size_t begin,
                                      std::size_t end) {
  std::set<TreePath> touched;
  for (std::size_t i = begin; i < end; ++i) {
    const Step& step = steps[i];
    if (step.kind == StepKind::kMove) CarryAlong(&touched, step.from, &step.to);
    if (step.kind == StepKind::kTrash || step.kind == StepKind::kPurge) {
      CarryAlong(&touched, step.from, nullptr);
    }
    if (step.kind == StepKind::kLink) {  // what it is linked from goes as a whole
      touched.insert(step.to);
      continue;
    }
    if (!step.from.path.empty()) touched.insert(Parent(step.from));
    if (!step.to.path.empty()) touched.insert(Parent(step.to));
    if (step.kind == StepKind::kPurge) {
      touched.insert({step.from.tree, std::string(kTrashDirectory)});
    }
  }
  return touched;
}

Status SyncDirectories(const Trees& trees, const std::set<TreePath>& directories) {
  if (directories.size() > kSyncEachMax) {
    for (const Tree tree : kAllTrees) {
      const auto first = directories.lower_bound({tree, ""});
      if (first == directories.end() || first->tree != tree) continue;
      XNA_RETURN_IF_ERROR(trees[tree].SyncFileSystem());
    }
    return Status();
  }
  for (const TreePath& directory : directories) {
    const Status synced = trees[directory.tree].SyncDirectory(directory.path);
    if (!synced.ok() && synced.code() != Code::kNotFound) return synced;
  }
  return Status();
}

Status ApplyPlan(const Trees& trees, Tree home, std::string_view id, const OperationPlan& plan,
                 const Acknowledge& acknowledge, unsigned threads) {
  // What is not found may be a directory that another operation has removed as empty since a step
  // of ours made it, or found it: every step can be repeated.
  Status status = Applier(trees, home, id, plan, threads).Run();
  for (int attempt = 1; attempt < kAttemptsMax && status.code() == Code::kNotFound; ++attempt) {
    status = Applier(trees, home, id, plan, threads).Run();
  }
  if (status.ok()) status = acknowledge(plan);
  return std::move(status).WithDiskState(DiskState::kRecoveryPending);
}

}  // namespace xnatarchive
