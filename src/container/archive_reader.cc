#include "container/archive_reader.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "container/entry_name.hpp"
#include "container/utf8_names.hpp"
#include "container/zip_end.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kBlockBytes = 256 << 10;

// What libarchive may take in before it has an entry or data to show for it. It holds whole what it
// takes in that way, in several times the size: the directory of a zip that it can seek in, or the
// map of a sparse file.
constexpr std::uint64_t kStepBytesMax = 32 << 20;

const char* UnknownFormat(ReaderFormat format) {
  switch (format) {
    case ReaderFormat::kZip:
      return "this is not a zip";
    case ReaderFormat::kTar:
      return "this is not a tar";
    case ReaderFormat::kZipOrTar:
    case ReaderFormat::kPackedFile:
      break;
  }
  return "this is neither a zip nor a tar";
}

}  // namespace

ArchiveReader::ArchiveReader(ByteSource& source, ReaderFormat format,
                             const std::function<bool()>& cancelled)
    : source_(source),
      format_(format),
      cancelled_(cancelled),
      block_(kBlockBytes),
      seekable_(source.SeekableSize().has_value()) {}

ArchiveReader::~ArchiveReader() {
  Close();
  IgnoreError(failure_, "Failure has returned it, or nobody asked for the rest");
}

void ArchiveReader::Close() {
  if (archive_ != nullptr) archive_read_free(archive_);
  archive_ = nullptr;
}

Status ArchiveReader::Open() {
  archive_ = archive_read_new();
  if (archive_ == nullptr) return Status(Code::kNoMemory, "container.no-memory", "memory ran out");
  if (format_ == ReaderFormat::kZip || format_ == ReaderFormat::kZipOrTar) {
    archive_read_support_format_zip_streamable(archive_);
    if (seekable_) archive_read_support_format_zip_seekable(archive_);
  }
  if (format_ == ReaderFormat::kTar || format_ == ReaderFormat::kZipOrTar) {
    archive_read_support_format_tar(archive_);
  }
  if (format_ == ReaderFormat::kPackedFile) {
    archive_read_support_format_raw(archive_);
    archive_read_support_filter_bzip2(archive_);
    archive_read_support_filter_xz(archive_);
  }
  // Resource forks are entries like others, also where libarchive would attach them to files.
  archive_read_set_format_option(archive_, nullptr, "mac-ext", nullptr);
  archive_read_set_callback_data(archive_, this);
  archive_read_set_read_callback(archive_, &ArchiveReader::ReadBlock);
  if (seekable_) archive_read_set_seek_callback(archive_, &ArchiveReader::SeekTo);
  const Utf8Names names;
  if (archive_read_open1(archive_) == ARCHIVE_OK) return Status();
  return Failure();
}

Result<archive_entry*> ArchiveReader::Next() {
  step_bytes_ = 0;
  XNA_ASSIGN_OR_RETURN(archive_entry * entry, archive_ == nullptr ? FirstHeader() : NextHeader());
  if (entry == nullptr) {
    XNA_RETURN_IF_ERROR(CheckEnd());
  } else {
    ++entries_;
  }
  return entry;
}

Result<archive_entry*> ArchiveReader::FirstHeader() {
  Status opened = Open();
  Result<archive_entry*> first = opened.ok() ? NextHeader() : Result<archive_entry*>(opened);
  if (first.ok() || !seekable_ || step_bytes_ <= kStepBytesMax) return first;
  // The directory of a zip is too large to be held; a stream is read without it.
  Close();
  seekable_ = false;
  failure_ = Status();
  step_bytes_ = 0;
  XNA_RETURN_IF_ERROR(source_.Seek(0));
  XNA_RETURN_IF_ERROR(Open());
  return NextHeader();
}

Result<archive_entry*> ArchiveReader::NextHeader() {
  const Utf8Names names;
  archive_entry* entry = nullptr;
  const int result = archive_read_next_header(archive_, &entry);
  // A warning is about a name or an attribute; names are looked at by CleanEntryName.
  if (result == ARCHIVE_OK || result == ARCHIVE_WARN) return entry;
  if (result != ARCHIVE_EOF) return Failure();
  return nullptr;
}

Status ArchiveReader::CheckEnd() {
  switch (archive_format(archive_) & ARCHIVE_FORMAT_BASE_MASK) {
    case ARCHIVE_FORMAT_ZIP:
      return CheckZipEnd();
    case ARCHIVE_FORMAT_TAR:
      // At the end of the data rather than at an end mark: cut off between two entries.
      if (archive_filter_bytes(archive_, 0) > archive_read_header_position(archive_)) break;
      return Status(Code::kCorruption, "container.corrupt", "the tar ends without its end mark");
    default:
      break;
  }
  return Status();
}

Status ArchiveReader::CheckZipEnd() {
  if (seekable_) {
    const std::uint64_t size = source_.SeekableSize().value_or(0);
    XNA_RETURN_IF_ERROR(source_.Seek(size - std::min<std::uint64_t>(size, kZipEndBytesMax)));
    tail_.clear();
  }
  for (std::size_t count = 1; count > 0;) {
    step_bytes_ = 0;
    XNA_ASSIGN_OR_RETURN(count, Fill());
  }
  if (ZipEndMatches(tail_, entries_)) return Status();
  return Status(Code::kCorruption, "container.corrupt",
                "the end of the zip is missing, or names other than the " +
                    std::to_string(entries_) + " entries found");
}

std::string ArchiveReader::RawName(archive_entry* entry) {
  const Utf8Names names;
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  return name == nullptr ? std::string() : std::string(name);
}

Result<std::size_t> ArchiveReader::Read(void* buffer, std::size_t size) {
  step_bytes_ = 0;
  const la_ssize_t count = archive_read_data(archive_, buffer, size);
  if (count < 0) return Failure();
  return static_cast<std::size_t>(count);
}

Status ArchiveReader::Failure() {
  if (exception_ != nullptr) std::rethrow_exception(exception_);
  if (!failure_.ok()) return failure_;
  if (archive_errno(archive_) == ENOMEM) {
    return Status(Code::kNoMemory, "container.no-memory", "memory ran out");
  }
  const char* text = archive_error_string(archive_);
  const std::string message = text == nullptr ? "unreadable" : EscapeBytes(text);
  if (StartsWith(message, "Unrecognized archive format")) {
    return Status(Code::kInvalidArgument, "container.unknown-format", UnknownFormat(format_));
  }
  if (StartsWith(message, "Unsupported")) {
    return Status(Code::kUnsupported, "container.unsupported", message);
  }
  return Status(Code::kCorruption, "container.corrupt", "it can not be read: " + message);
}

Result<std::size_t> ArchiveReader::Fill() {
  if (cancelled_ && cancelled_()) {
    return Status(Code::kCancelled, "cancelled", "the caller asked to stop");
  }
  if (step_bytes_ > kStepBytesMax) {
    return Status(Code::kCorruption, "container.corrupt",
                  std::to_string(step_bytes_) + " bytes hold neither an entry nor data, at most " +
                      std::to_string(kStepBytesMax) + " are allowed");
  }
  XNA_ASSIGN_OR_RETURN(const std::size_t count, source_.Read(block_.data(), block_.size()));
  position_ += count;
  step_bytes_ += count;
  if (format_ == ReaderFormat::kZip || format_ == ReaderFormat::kZipOrTar) {
    const std::size_t kept = std::min(count, kZipEndBytesMax);
    const std::size_t room = kZipEndBytesMax - kept;
    if (tail_.size() > room) tail_.erase(0, tail_.size() - room);
    tail_.append(block_.data() + count - kept, kept);
  }
  return count;
}

ssize_t ArchiveReader::ReadBlock(archive* reader, void* self, const void** block) {
  auto& me = *static_cast<ArchiveReader*>(self);
  try {
    Result<std::size_t> count = me.Fill();
    if (count.ok()) {
      *block = me.block_.data();
      return static_cast<ssize_t>(*count);
    }
    me.failure_ = std::move(count).status();
  } catch (...) {
    me.exception_ = std::current_exception();  // must not unwind through C
  }
  archive_set_error(reader, EIO, "the source failed");
  return ARCHIVE_FATAL;
}

std::int64_t ArchiveReader::SeekTo(archive* reader, void* self, std::int64_t offset, int whence) {
  auto& me = *static_cast<ArchiveReader*>(self);
  const auto size = static_cast<std::int64_t>(me.source_.SeekableSize().value_or(0));
  std::int64_t target = offset;
  if (whence == SEEK_CUR) target += static_cast<std::int64_t>(me.position_);
  if (whence == SEEK_END) target += size;
  if (target < 0 || target > size) {
    archive_set_error(reader, EINVAL, "seek beyond the end");
    return ARCHIVE_FAILED;
  }
  try {
    me.failure_ = me.source_.Seek(static_cast<std::uint64_t>(target));
    me.position_ = static_cast<std::uint64_t>(target);
    if (me.failure_.ok()) return target;
  } catch (...) {
    me.exception_ = std::current_exception();
  }
  archive_set_error(reader, EIO, "the source failed");
  return ARCHIVE_FATAL;
}

}  // namespace xnatarchive
