#include "container/byte_source.hpp"

#include <algorithm>

#include "base/status_macros.hpp"

namespace xnatarchive {

Status ByteSource::Seek(std::uint64_t) {
  return Status(Code::kUnsupported, "container.not-seekable", "a stream can not be sought");
}

Result<FileSource> FileSource::Make(File& file) {
  XNA_ASSIGN_OR_RETURN(const FileInfo info, file.Info());
  if (info.kind != FileKind::kRegular) return FileSource(file, std::nullopt);
  return FileSource(file, info.size);
}

FileSource::FileSource(FileSource&& other) noexcept
    : file_(other.file_), size_(other.size_), offset_(other.offset_) {}

Result<std::size_t> FileSource::Read(void* buffer, std::size_t size) {
  if (!size_.has_value()) return file_.Read(buffer, size);
  XNA_ASSIGN_OR_RETURN(const std::size_t count, file_.ReadAt(buffer, size, offset_));
  offset_ += count;
  return count;
}

Status FileSource::Seek(std::uint64_t offset) {
  if (!size_.has_value()) return ByteSource::Seek(offset);
  offset_ = offset;
  return Status();
}

Result<std::size_t> DescriptorSource::Read(void* buffer, std::size_t size) {
  const std::int64_t count = fs_.Read(fd_, buffer, size);
  if (count < 0) return ErrnoStatus(static_cast<int>(count), "read", "");
  return static_cast<std::size_t>(count);
}

Result<std::string_view> PeekingSource::Peek(std::size_t size) {
  while (peeked_.size() < size) {
    const std::size_t had = peeked_.size();
    peeked_.resize(size);
    Result<std::size_t> count = source_.Read(peeked_.data() + had, size - had);
    peeked_.resize(had + (count.ok() ? *count : 0));
    if (!count.ok()) return std::move(count).status();
    if (*count == 0) break;
    bytes_taken_ += *count;
  }
  return std::string_view(peeked_).substr(0, size);
}

Result<std::size_t> PeekingSource::Read(void* buffer, std::size_t size) {
  if (peeked_.empty()) {
    XNA_ASSIGN_OR_RETURN(const std::size_t count, source_.Read(buffer, size));
    bytes_taken_ += count;
    return count;
  }
  const std::size_t count = std::min(size, peeked_.size());
  std::copy_n(peeked_.data(), count, static_cast<char*>(buffer));
  peeked_.erase(0, count);
  return count;
}

Status PeekingSource::Seek(std::uint64_t offset) {
  XNA_RETURN_IF_ERROR(source_.Seek(offset));
  peeked_.clear();
  return Status();
}

}  // namespace xnatarchive
