// open_for_reading.hpp - one file of a tree, for whoever reads parts of it.
#ifndef XNATARCHIVE_FS_OPEN_FOR_READING_HPP_
#define XNATARCHIVE_FS_OPEN_FOR_READING_HPP_

#include <string_view>

#include "fs/directory.hpp"
#include "xnatarchive/opened_file.hpp"

namespace xnatarchive {

/// Fails as Directory::OpenRead.
Result<OpenedFile> OpenForReading(const Directory& tree, std::string_view path);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FS_OPEN_FOR_READING_HPP_
