// plan_steps.hpp - collects the steps of a plan.
#ifndef XNATARCHIVE_ARCHIVE_PLAN_STEPS_HPP_
#define XNATARCHIVE_ARCHIVE_PLAN_STEPS_HPP_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "archive/operation.hpp"

namespace xnatarchive {

class PlanSteps {
 public:
  explicit PlanSteps(const Trees& trees) : trees_(trees) {}

  void Add(StepKind kind, TreePath from, TreePath to) {
    steps_.push_back({kind, std::move(from), std::move(to)});
  }

  /// A move to a new name, or a replacement of what is there now.
  Status Place(TreePath from, TreePath to);

  /// A move to a name that is known to be free.
  Status MoveTo(TreePath from, TreePath to);

  /// A second name in `to` for each file of `from` that `names` lists; all of them are free there.
  /// The source has to be purged, or to be in the stage.
  Status LinkInto(TreePath from, TreePath to, std::vector<std::string> names);

  /// Makes the directories above `path` that are missing.
  Status AddParents(const TreePath& path);

  /// Removes what is left of a prearchive session: its directory unless it was moved away, the
  /// files beside it, and the directories above that are empty then. A purge waits until everything
  /// before it is durable.
  Status RemoveSource(const std::string& directory, const std::vector<std::string>& side_cars,
                      StepKind remove);

  std::vector<Step> Take() { return std::move(steps_); }

 private:
  const Trees& trees_;
  std::vector<Step> steps_;
  std::set<TreePath> present_;  // there now, or made by a step
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ARCHIVE_PLAN_STEPS_HPP_
