// zip_writer.hpp - a zip, written from its beginning to its end into any sink.
#ifndef XNATARCHIVE_CONTAINER_ZIP_WRITER_HPP_
#define XNATARCHIVE_CONTAINER_ZIP_WRITER_HPP_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>

#include "xnatarchive/status.hpp"

struct archive;

namespace xnatarchive {

/// Writes one entry after another. What is in memory at once is a block, and the names.
///
/// Entries are deflated at the fastest level: their checksums stand behind them, as nobody has read
/// them yet, and readers that can not seek accept that of deflated entries only. Names are UTF-8.
/// Entries and zips of more than 4 GiB, and of more than 65,535 entries, are written as zip64.
class ZipWriter {
 public:
  /// Gets the bytes of the zip in order. Its failures are returned as they are.
  using Sink = std::function<Status(const char* data, std::size_t size)>;

  /// kNoMemory "container.no-memory".
  explicit ZipWriter(Sink sink) : sink_(std::move(sink)) {}
  /// A zip that was not finished has no directory, and no reader takes it for a whole one.
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  /// Begins an entry of exactly `size` bytes. `name` is a relative path in UTF-8.
  Status Begin(const std::string& name, std::uint64_t size, std::int64_t mtime_ns);
  /// Adds to the entry.
  Status Write(const char* data, std::size_t size);
  /// Ends the zip. Nothing may be added then.
  Status Finish();

 private:
  static ssize_t WriteBlock(archive*, void* self, const void* block, std::size_t size);

  Status Open();
  /// OK when libarchive has done what it was asked for and the sink took all; else why not.
  Status Outcome(bool done);

  const Sink sink_;
  archive* archive_ = nullptr;
  Status failure_;                ///< What the sink could not tell libarchive.
  std::exception_ptr exception_;  ///< The same for what it threw.
  bool abandoned_ = false;        ///< Nothing goes to the sink any more.
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CONTAINER_ZIP_WRITER_HPP_
