// entry_name.hpp - what the names in a container are taken for; pure functions.
#ifndef XNATARCHIVE_CONTAINER_ENTRY_NAME_HPP_
#define XNATARCHIVE_CONTAINER_ENTRY_NAME_HPP_

#include <cstddef>
#include <string>
#include <string_view>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

inline constexpr std::size_t kEntryNameBytesMax = 4096;

enum class ContainerFormat {
  kUnknown,
  kZip,
  kTar,  ///< Compressed or not: which of the two, the content says.
};

/// Says which format a file name stands for; ASCII case does not matter. kUnknown also for
/// "._inner.zip", the resource fork that macOS puts beside inner.zip, and for a bare ".zip".
ContainerFormat FormatOfName(std::string_view name);

/// Makes a relative UTF-8 path of the bytes a container has for a name.
///
/// Empty and "." components are dropped. Bytes that are not UTF-8 (a zip in code page 437, a tar in
/// Latin-1) and control characters become "%" and two hex digits: the name stays readable and on
/// one line, and two names do not become one. The result is empty for "./". kInvalidArgument
/// "container.unsafe-name" for no name at all, an absolute one, one with a ".." component,
/// whichever of '/' and '\' separates them, or one of more than kEntryNameBytesMax bytes.
Result<std::string> CleanEntryName(std::string_view raw);

/// Shows any bytes as one line of UTF-8.
std::string EscapeBytes(std::string_view raw);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CONTAINER_ENTRY_NAME_HPP_
