#include "archive/plan_steps.hpp"

#include <string_view>

#include "base/status_macros.hpp"

namespace xnatarchive {

Status PlanSteps::Place(TreePath from, TreePath to) {
  XNA_RETURN_IF_ERROR(AddParents(to));
  XNA_ASSIGN_OR_RETURN(const bool there, trees_[to.tree].Exists(to.path));
  Add(there ? StepKind::kReplace : StepKind::kMove, std::move(from), std::move(to));
  return Status();
}

Status PlanSteps::MoveTo(TreePath from, TreePath to) {
  XNA_RETURN_IF_ERROR(AddParents(to));
  Add(StepKind::kMove, std::move(from), std::move(to));
  return Status();
}

Status PlanSteps::LinkInto(TreePath from, TreePath to, std::vector<std::string> names) {
  XNA_RETURN_IF_ERROR(AddParents({to.tree, JoinPath(to.path, names.front())}));
  steps_.push_back({StepKind::kLink, std::move(from), std::move(to), std::move(names)});
  return Status();
}

Status PlanSteps::AddParents(const TreePath& path) {
  std::vector<TreePath> missing;
  for (std::string_view parent = ParentPath(path.path); !parent.empty();
       parent = ParentPath(parent)) {
    TreePath directory{path.tree, std::string(parent)};
    if (present_.count(directory) > 0) break;
    XNA_ASSIGN_OR_RETURN(const bool there, trees_[path.tree].Exists(parent));
    present_.insert(directory);
    if (there) break;
    missing.push_back(std::move(directory));
  }
  for (auto it = missing.rbegin(); it != missing.rend(); ++it) {
    Add(StepKind::kMakeDirectory, {}, std::move(*it));
  }
  return Status();
}

Status PlanSteps::RemoveSource(const std::string& directory,
                               const std::vector<std::string>& side_cars, StepKind remove) {
  if (remove == StepKind::kPurge) Add(remove, {Tree::kPrearchive, directory}, {});
  for (const std::string& side_car : side_cars) {
    XNA_ASSIGN_OR_RETURN(const bool there, trees_[Tree::kPrearchive].Exists(side_car));
    if (there) Add(remove, {Tree::kPrearchive, side_car}, {});
  }
  for (std::string_view parent = ParentPath(directory); !parent.empty();
       parent = ParentPath(parent)) {
    Add(StepKind::kRemoveIfEmpty, {}, {Tree::kPrearchive, std::string(parent)});
  }
  return Status();
}

}  // namespace xnatarchive
