#include "fs/near_directory.hpp"

#include "base/status_macros.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {
namespace {

/// What a failed rename or link is about.
std::string_view Culprit(const Status& status, std::string_view from, std::string_view to) {
  return status.code() == Code::kAlreadyExists ? to : from;
}

/// Messages name the whole path, not the last part that was worked with.
Status WithWholePath(const Status& status, std::string_view path) {
  if (status.ok()) return status;
  return Status(status.code(), status.reason(), std::string(status.message()))
      .WithErrno(status.os_errno())
      .WithPath(PrintablePath(path));
}

}  // namespace

Result<const Directory*> NearDirectory::Above(const Directory& tree, std::string_view path) {
  XNA_RETURN_IF_ERROR(CheckSafePath(path));
  const std::string_view parent = ParentPath(path);
  if (parent.empty()) return &tree;
  if (tree_ != &tree || parent_ != parent) {
    tree_ = nullptr;
    Result<Directory> opened = tree.OpenSubdirectory(parent);
    if (!opened.ok()) return WithWholePath(opened.status(), path);
    open_ = std::move(opened).value();
    parent_ = parent;
    tree_ = &tree;
  }
  return &open_;
}

Result<FileInfo> NearDirectory::Stat(const Directory& tree, std::string_view path) {
  XNA_ASSIGN_OR_RETURN(const Directory* above, Above(tree, path));
  Result<FileInfo> info = above->Stat(BaseName(path));
  if (!info.ok()) return WithWholePath(info.status(), path);
  return info;
}

Result<std::optional<FileInfo>> NearDirectory::Find(const Directory& tree, std::string_view path) {
  XNA_ASSIGN_OR_RETURN(const Directory* above, Above(tree, path));
  Result<std::optional<FileInfo>> found = above->Find(BaseName(path));
  if (!found.ok()) return WithWholePath(found.status(), path);
  return found;
}

Result<bool> NearDirectory::Exists(const Directory& tree, std::string_view path) {
  const Result<std::optional<FileInfo>> found = Find(tree, path);
  if (found.ok()) return found->has_value();
  if (found.status().code() == Code::kNotFound) return false;
  return found.status();
}

Status NearDirectory::RemoveFile(const Directory& tree, std::string_view path) {
  XNA_ASSIGN_OR_RETURN(const Directory* above, Above(tree, path));
  return WithWholePath(above->RemoveFile(BaseName(path)), path);
}

Status NearDirectory::Rename(const Directory& tree, std::string_view from, NearDirectory& to_near,
                             const Directory& to_tree, std::string_view to, RenameMode mode) {
  XNA_ASSIGN_OR_RETURN(const Directory* source, Above(tree, from));
  XNA_ASSIGN_OR_RETURN(const Directory* target, to_near.Above(to_tree, to));
  const Status renamed = source->Rename(BaseName(from), *target, BaseName(to), mode);
  const std::string_view culprit = Culprit(renamed, from, to);
  return WithWholePath(renamed, culprit);
}

Status NearDirectory::Link(const Directory& tree, std::string_view from, NearDirectory& to_near,
                           const Directory& to_tree, std::string_view to) {
  XNA_ASSIGN_OR_RETURN(const Directory* source, Above(tree, from));
  XNA_ASSIGN_OR_RETURN(const Directory* target, to_near.Above(to_tree, to));
  const Status linked = source->Link(BaseName(from), *target, BaseName(to));
  const std::string_view culprit = Culprit(linked, from, to);
  return WithWholePath(linked, culprit);
}

}  // namespace xnatarchive
