// archive_reader.hpp - one libarchive reader over a ByteSource.
#ifndef XNATARCHIVE_CONTAINER_ARCHIVE_READER_HPP_
#define XNATARCHIVE_CONTAINER_ARCHIVE_READER_HPP_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "container/byte_source.hpp"
#include "xnatarchive/status.hpp"

struct archive;
struct archive_entry;

namespace xnatarchive {

enum class ReaderFormat {
  kZip,
  kTar,  ///< Not compressed.
  kZipOrTar,
  kPackedFile,  ///< bzip2 or xz data, read as a container of one entry without a name.
};

/// Reads the entries of a container. A failure of the source is passed on as it is; everything else
/// that can not be read is kCorruption "container.corrupt". Where libarchive lets a cut off tar or
/// a lost entry of a zip pass, this does not.
class ArchiveReader {
 public:
  /// `source` and `cancelled` must outlive the reader; an empty `cancelled` means never.
  ArchiveReader(ByteSource& source, ReaderFormat format, const std::function<bool()>& cancelled);
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  /// Goes to the next entry, the first at the first call. Returns nullptr at the end; the entry is
  /// valid until the next call. kInvalidArgument "container.unknown-format" at the first call.
  Result<archive_entry*> Next();

  /// Reads up to `size` bytes of the entry's data; 0 at the end.
  Result<std::size_t> Read(void* buffer, std::size_t size);

  /// The name of an entry: the bytes in the container, or UTF-8 where it says what they are.
  static std::string RawName(archive_entry* entry);

 private:
  // libarchive's callbacks; `self` is the reader.
  static ssize_t ReadBlock(archive*, void* self, const void** block);
  static std::int64_t SeekTo(archive*, void* self, std::int64_t offset, int whence);

  Status Open();
  void Close();
  Result<archive_entry*> FirstHeader();
  Result<archive_entry*> NextHeader();
  /// Gets the next block of the source.
  Result<std::size_t> Fill();
  /// Makes sure that the end reached is the end of the container.
  Status CheckEnd();
  Status CheckZipEnd();
  /// Why libarchive stopped.
  Status Failure();

  ByteSource& source_;
  const ReaderFormat format_;
  const std::function<bool()>& cancelled_;
  std::vector<char> block_;
  archive* archive_ = nullptr;
  bool seekable_;
  std::uint64_t step_bytes_ = 0;  ///< Taken from the source in the present call of libarchive.
  std::uint64_t entries_ = 0;
  std::uint64_t position_ = 0;    ///< Of the source.
  std::string tail_;              ///< The last bytes of a stream that may be a zip.
  Status failure_;                ///< What a callback could not tell libarchive.
  std::exception_ptr exception_;  ///< The same for what the source threw.
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CONTAINER_ARCHIVE_READER_HPP_
