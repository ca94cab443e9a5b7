// lexical_path.hpp - work on the text of paths.
#ifndef XNATARCHIVE_FS_LEXICAL_PATH_HPP_
#define XNATARCHIVE_FS_LEXICAL_PATH_HPP_

#include <string>
#include <string_view>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Completes `path` with the working directory and removes "." and repeated or trailing '/'. A
/// ".." is kept: with links on the way only the kernel knows what it means.
std::string AbsolutePath(const std::string& path);

/// What every method of Directory asks of a path, less strict than CheckRelativePath: names of
/// any bytes may already be on a disk, and must be readable, movable and removable.
Status CheckSafePath(std::string_view path);

/// `path` for a message: percent-encoded when it is not printable UTF-8.
std::string PrintablePath(std::string_view path);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FS_LEXICAL_PATH_HPP_
