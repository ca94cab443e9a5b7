// byte_source.hpp - where the bytes of a container come from.
#ifndef XNATARCHIVE_CONTAINER_BYTE_SOURCE_HPP_
#define XNATARCHIVE_CONTAINER_BYTE_SOURCE_HPP_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fs/directory.hpp"
#include "xnatarchive/file_system.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Bytes in order. One thread at a time.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  /// Reads at least one byte and up to `size`; 0 at the end.
  virtual Result<std::size_t> Read(void* buffer, std::size_t size) = 0;
  /// Size in bytes when Seek works; nullopt for a stream.
  virtual std::optional<std::uint64_t> SeekableSize() const { return std::nullopt; }
  /// Makes the next Read begin at `offset` of a source with a SeekableSize.
  virtual Status Seek(std::uint64_t offset);
};

/// An open file; seekable when it is a regular one.
class FileSource : public ByteSource {
 public:
  /// `file` must outlive the source.
  static Result<FileSource> Make(File& file);
  FileSource(FileSource&& other) noexcept;

  Result<std::size_t> Read(void* buffer, std::size_t size) override;
  std::optional<std::uint64_t> SeekableSize() const override { return size_; }
  Status Seek(std::uint64_t offset) override;

 private:
  FileSource(File& file, std::optional<std::uint64_t> size) : file_(file), size_(size) {}
  File& file_;
  std::optional<std::uint64_t> size_;
  std::uint64_t offset_ = 0;
};

/// A descriptor such as standard input, read from where it stands and never sought. The descriptor
/// is not closed.
class DescriptorSource : public ByteSource {
 public:
  DescriptorSource(FileSystem& fs, int fd) : fs_(fs), fd_(fd) {}
  Result<std::size_t> Read(void* buffer, std::size_t size) override;

 private:
  FileSystem& fs_;
  int fd_;
};

/// Another source whose first bytes can be looked at before they are read.
class PeekingSource : public ByteSource {
 public:
  /// `source` must outlive this one.
  explicit PeekingSource(ByteSource& source) : source_(source) {}

  /// Returns the next `size` bytes, fewer at the end, valid until the next call.
  Result<std::string_view> Peek(std::size_t size);
  Result<std::size_t> Read(void* buffer, std::size_t size) override;
  std::optional<std::uint64_t> SeekableSize() const override { return source_.SeekableSize(); }
  Status Seek(std::uint64_t offset) override;

  /// Bytes taken from the source so far; what was sought and read again counts again.
  std::uint64_t bytes_taken() const { return bytes_taken_; }

 private:
  ByteSource& source_;
  std::string peeked_;
  std::uint64_t bytes_taken_ = 0;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CONTAINER_BYTE_SOURCE_HPP_
