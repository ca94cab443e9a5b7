// resolve_path.hpp - the real place of a path a person gave.
#ifndef XNATARCHIVE_FS_RESOLVE_PATH_HPP_
#define XNATARCHIVE_FS_RESOLVE_PATH_HPP_

#include <string>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Makes `path` absolute and follows every link in it. For inputs named by their owner only: what
/// lies inside a tree is never looked up this way. kNotFound and the like with reason "fs.resolve".
Result<std::string> ResolvePath(const std::string& path);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FS_RESOLVE_PATH_HPP_
