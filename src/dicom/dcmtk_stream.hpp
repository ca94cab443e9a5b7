// dcmtk_stream.hpp - DCMTK's input stream over bytes in memory or a file of a Directory. Internal
// to this layer.
//
// DCMTK's own file stream would open the file itself and its buffer stream needs the whole file.
// This one reads blocks where DCMTK reads, passes over what DCMTK skips, and ends a parse that
// asks for more than a real header ever does.
#ifndef XNATARCHIVE_DICOM_DCMTK_STREAM_HPP_
#define XNATARCHIVE_DICOM_DCMTK_STREAM_HPP_

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrma.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "fs/directory.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// The bytes of one file at any offset.
class HeaderSource {
 public:
  explicit HeaderSource(std::string_view bytes) : size_(bytes.size()), window_(bytes) {}
  /// `file` must outlive the source.
  HeaderSource(File& file, std::uint64_t size) : file_(&file), size_(size) {}

  std::uint64_t size() const { return size_; }
  /// Copies `count` bytes; fewer at the end or after a failure (see status()).
  std::size_t ReadAt(std::uint64_t offset, void* buffer, std::size_t count);
  /// The same for a few bytes far from others: nothing around them is read.
  std::size_t PeekAt(std::uint64_t offset, void* buffer, std::size_t count);
  /// The first bytes: all of them, or of a file a block. Valid until the next read.
  std::string_view FirstBlock();
  /// The first failure to read the file.
  const Status& status() const { return status_; }

 private:
  std::size_t CopyFromWindow(std::uint64_t offset, char* buffer, std::size_t count) const;
  bool LoadBlock(std::uint64_t offset);

  File* file_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t window_begin_ = 0;
  std::string_view window_;
  std::unique_ptr<char[]> block_;
  Status status_;
};

/// First node of DCMTK's chain: a position in a HeaderSource.
class SourceProducer : public DcmProducer {
 public:
  explicit SourceProducer(HeaderSource& source) : source_(source) {}

  OFBool good() const override { return OFTrue; }
  OFCondition status() const override;
  OFBool eos() override { return position_ >= source_.size(); }
  offile_off_t avail() override;
  offile_off_t read(void* buffer, offile_off_t size) override;
  offile_off_t skip(offile_off_t size) override;
  void putback(offile_off_t size) override;

 private:
  HeaderSource& source_;
  std::uint64_t position_ = 0;
};

/// The stream a header is parsed from. Once it gave_up() it is at its end for good.
class HeaderStream : public DcmInputStream {
 public:
  explicit HeaderStream(HeaderSource& source);

  bool gave_up() const { return gave_up_; }
  bool deflated() const { return deflated_; }
  /// True when the last byte of the source has been fetched (by a filter, perhaps not used yet).
  bool read_all() { return producer_.eos(); }

  OFBool good() const override;
  OFCondition status() const override;
  OFBool eos() override;
  offile_off_t avail() override;
  offile_off_t read(void* buffer, offile_off_t size) override;
  offile_off_t skip(offile_off_t size) override;
  OFCondition installCompressionFilter(E_StreamCompression type) override;
  /// A factory of nothing: it makes DCMTK pass over long values; they are never loaded.
  DcmInputStreamFactory* newFactory() const override;

 private:
  bool Charge(std::uint64_t cost);

  SourceProducer producer_;
  const char* stack_base_;
  std::int64_t cpu_start_ns_;
  std::uint64_t spent_ = 0;
  std::uint64_t calls_ = 0;
  bool deflated_ = false;
  bool gave_up_ = false;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_DICOM_DCMTK_STREAM_HPP_
