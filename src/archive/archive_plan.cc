#include "xnatarchive/archive_plan.hpp"

namespace xnatarchive {

const char* ScanFateName(ScanFate fate) noexcept {
  switch (fate) {
    case ScanFate::kAdd:
      return "add";
    case ScanFate::kMerge:
      return "merge";
    case ScanFate::kRename:
      return "rename";
    case ScanFate::kMove:
      return "move";
  }
  return "add";
}

const char* FileActionName(FileAction action) noexcept {
  switch (action) {
    case FileAction::kAdd:
      return "add";
    case FileAction::kKeep:
      return "keep";
    case FileAction::kReplace:
      return "replace";
    case FileAction::kConflict:
      return "conflict";
  }
  return "conflict";
}

}  // namespace xnatarchive
