#include "fs/resolve_path.hpp"

#include <boost/filesystem/operations.hpp>

#include "fs/directory.hpp"

namespace xnatarchive {

Result<std::string> ResolvePath(const std::string& path) {
  boost::system::error_code error;
  const boost::filesystem::path resolved = boost::filesystem::canonical(path, error);
  if (error) return ErrnoStatus(-error.value(), "resolve", path);
  return resolved.string();
}

}  // namespace xnatarchive
