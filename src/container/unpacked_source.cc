#include "container/unpacked_source.hpp"

#include <zlib.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "container/archive_reader.hpp"

namespace xnatarchive {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kGzipMagic = "\x1F\x8B"sv;
constexpr std::string_view kBzip2Magic = "BZh"sv;
constexpr std::string_view kXzMagic = "\xFD\x37zXZ\0"sv;

constexpr std::size_t kPackedBytes = 64 << 10;
constexpr int kGzipWindowBits = 16 + MAX_WBITS;

/// One or more gzip members; what follows the last is ignored, as gzip does.
class GzipSource : public ByteSource {
 public:
  explicit GzipSource(ByteSource& packed) : packed_(packed), input_(kPackedBytes) {}
  ~GzipSource() override {
    if (ready_) inflateEnd(&stream_);
  }

  Result<std::size_t> Read(void* buffer, std::size_t size) override;

 private:
  /// Gets more input unless some is left; false at the end.
  Result<bool> Fill();
  /// Makes ready for the next member; false when there is none.
  Result<bool> BeginMember();
  static Status Corrupt(const char* text) {
    return Status(Code::kCorruption, "container.corrupt",
                  std::string("it can not be unpacked: ") + text);
  }

  ByteSource& packed_;
  std::vector<unsigned char> input_;
  z_stream stream_ = {};
  bool ready_ = false;
  bool in_member_ = false;
};

Result<bool> GzipSource::Fill() {
  if (stream_.avail_in > 0) return true;
  XNA_ASSIGN_OR_RETURN(const std::size_t count, packed_.Read(input_.data(), input_.size()));
  stream_.next_in = input_.data();
  stream_.avail_in = static_cast<uInt>(count);
  return count > 0;
}

Result<bool> GzipSource::BeginMember() {
  XNA_ASSIGN_OR_RETURN(const bool more, Fill());
  if (!more || *stream_.next_in != static_cast<unsigned char>(kGzipMagic[0])) return false;
  if ((ready_ ? inflateReset(&stream_) : inflateInit2(&stream_, kGzipWindowBits)) != Z_OK) {
    return Status(Code::kNoMemory, "container.no-memory", "memory ran out");
  }
  ready_ = true;
  return true;
}

Result<std::size_t> GzipSource::Read(void* buffer, std::size_t size) {
  const std::size_t wanted = std::min<std::size_t>(size, 1 << 20);
  stream_.next_out = static_cast<Bytef*>(buffer);
  stream_.avail_out = static_cast<uInt>(wanted);
  while (stream_.avail_out == wanted) {
    if (!in_member_) {
      XNA_ASSIGN_OR_RETURN(in_member_, BeginMember());
      if (!in_member_) return std::size_t{0};
    }
    XNA_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) return Corrupt("the gzip data is cut off");
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) {
      return Status(Code::kNoMemory, "container.no-memory", "memory ran out");
    }
    if (result == Z_STREAM_END) {
      in_member_ = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      return Corrupt(stream_.msg == nullptr ? "bad gzip data" : stream_.msg);
    }
  }
  return wanted - stream_.avail_out;
}

/// bzip2 and xz, which libarchive checks when it reads to their end.
class LibarchiveSource : public ByteSource {
 public:
  LibarchiveSource(ByteSource& packed, const std::function<bool()>& cancelled)
      : reader_(packed, ReaderFormat::kPackedFile, cancelled) {}

  Result<std::size_t> Read(void* buffer, std::size_t size) override {
    if (!begun_) {
      XNA_ASSIGN_OR_RETURN(const archive_entry* content, reader_.Next());
      begun_ = content != nullptr;
      if (!begun_) return std::size_t{0};
    }
    return reader_.Read(buffer, size);
  }

 private:
  ArchiveReader reader_;
  bool begun_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> MakeUnpackedSource(PeekingSource& packed,
                                                       const std::function<bool()>& cancelled) {
  XNA_ASSIGN_OR_RETURN(const std::string_view magic, packed.Peek(kXzMagic.size()));
  std::unique_ptr<ByteSource> unpacked;
  if (StartsWith(magic, kGzipMagic)) unpacked = std::make_unique<GzipSource>(packed);
  if (StartsWith(magic, kBzip2Magic) || StartsWith(magic, kXzMagic)) {
    unpacked = std::make_unique<LibarchiveSource>(packed, cancelled);
  }
  return unpacked;
}

}  // namespace xnatarchive
