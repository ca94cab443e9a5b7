#include "fs/lexical_path.hpp"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "fs/directory.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kNameBytesMax = 255;

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

Status UnsafePath(std::string_view path, const char* message) {
  return Status(Code::kInvalidArgument, "fs.unsafe-path", message).WithPath(PrintablePath(path));
}

}  // namespace

std::string AbsolutePath(const std::string& path) {
  boost::system::error_code error;
  const boost::filesystem::path complete = boost::filesystem::system_complete(path, error);
  if (error) return path;
  boost::filesystem::path result;
  for (const boost::filesystem::path& part : complete) {
    if (!part.empty() && part != ".") result /= part;
  }
  return result.string();
}

std::string PrintablePath(std::string_view path) {
  if (IsValidUtf8(path) && std::none_of(path.begin(), path.end(), IsControl)) {
    return std::string(path);
  }
  std::string high;
  for (int byte = 0x80; byte <= 0xFF; ++byte) high += static_cast<char>(byte);
  return EncodePercent(path, high);
}

Status CheckSafePath(std::string_view path) {
  if (path.empty()) return UnsafePath(path, "the path is empty");
  if (path.front() == '/') return UnsafePath(path, "the path is absolute, expected a relative one");
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view name = path.substr(begin, end - begin);
    if (name.empty()) return UnsafePath(path, "the path has an empty component");
    if (name == "." || name == "..") return UnsafePath(path, "the path has a dot component");
    if (name.size() > kNameBytesMax) return UnsafePath(path, "a name is over 255 bytes");
    begin = end + 1;
  }
  if (path.find('\0') != std::string_view::npos) return UnsafePath(path, "the path holds NUL");
  return Status();
}

Status CheckRelativePath(std::string_view path) {
  XNA_RETURN_IF_ERROR(CheckSafePath(path));
  if (std::any_of(path.begin(), path.end(), IsControl)) {
    return UnsafePath(path, "the path holds a control character");
  }
  if (!IsValidUtf8(path)) return UnsafePath(path, "the path is not valid UTF-8");
  for (const char* not_in_xml : {"\uFFFE", "\uFFFF"}) {  // no catalog could name it
    if (path.find(not_in_xml) != std::string_view::npos) {
      return UnsafePath(path, "the path holds a character that XML has not");
    }
  }
  return Status();
}

std::string_view ParentPath(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string JoinPath(std::string_view a, std::string_view b) {
  std::string path;
  path.reserve(a.size() + b.size() + 1);
  path += a;
  if (!a.empty() && !b.empty() && a.back() != '/') path += '/';
  path += b;
  return path;
}

}  // namespace xnatarchive
