#include "container/zip_writer.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "base/status_macros.hpp"
#include "container/entry_name.hpp"
#include "container/utf8_names.hpp"

namespace xnatarchive {
namespace {

constexpr int kBlockBytes = 256 << 10;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr unsigned kFileMode = 0644;

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

Status NoMemory() { return Status(Code::kNoMemory, "container.no-memory", "memory ran out"); }

}  // namespace

ZipWriter::~ZipWriter() {
  abandoned_ = true;  // freeing it writes the directory
  if (archive_ != nullptr) archive_write_free(archive_);
  IgnoreError(failure_, "Failure has returned it");
}

Status ZipWriter::Open() {
  archive_ = archive_write_new();
  if (archive_ == nullptr) return NoMemory();
  const Utf8Names names;
  const bool open =
      archive_write_set_format_zip(archive_) == ARCHIVE_OK &&
      archive_write_set_options(archive_,
                                "zip:compression=deflate,zip:compression-level=1,"
                                "zip:hdrcharset=UTF-8") == ARCHIVE_OK &&
      archive_write_set_bytes_per_block(archive_, kBlockBytes) == ARCHIVE_OK &&
      archive_write_set_bytes_in_last_block(archive_, 1) == ARCHIVE_OK &&
      archive_write_open(archive_, this, nullptr, &ZipWriter::WriteBlock, nullptr) == ARCHIVE_OK;
  return Outcome(open);
}

Status ZipWriter::Begin(const std::string& name, std::uint64_t size, std::int64_t mtime_ns) {
  if (archive_ == nullptr) XNA_RETURN_IF_ERROR(Open());
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  if (entry == nullptr) return NoMemory();
  archive_entry_copy_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), kFileMode);
  archive_entry_set_size(entry.get(), static_cast<std::int64_t>(size));
  archive_entry_set_mtime(entry.get(), static_cast<time_t>(mtime_ns / kNsPerSecond), 0);
  const Utf8Names names;
  return Outcome(archive_write_header(archive_, entry.get()) == ARCHIVE_OK);
}

Status ZipWriter::Write(const char* data, std::size_t size) {
  while (size > 0) {
    const la_ssize_t written = archive_write_data(archive_, data, size);
    XNA_RETURN_IF_ERROR(Outcome(written > 0));
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return Status();
}

Status ZipWriter::Finish() {
  if (archive_ == nullptr) XNA_RETURN_IF_ERROR(Open());
  return Outcome(archive_write_close(archive_) == ARCHIVE_OK);
}

Status ZipWriter::Outcome(bool done) {
  if (exception_ != nullptr) std::rethrow_exception(exception_);
  if (!failure_.ok() || done) return failure_;
  if (archive_errno(archive_) == ENOMEM) return NoMemory();
  const char* text = archive_error_string(archive_);
  return Status(Code::kIo, "container.not-written",
                "the zip can not be written: " +
                    (text == nullptr ? std::string("no reason given") : EscapeBytes(text)));
}

/// libarchive is never told of a failure: it would leak what an entry in progress holds.
ssize_t ZipWriter::WriteBlock(archive* /*writer*/, void* self, const void* block,
                              std::size_t size) {
  auto& me = *static_cast<ZipWriter*>(self);
  const bool over = me.abandoned_ || !me.failure_.ok() || me.exception_ != nullptr;
  if (over) return static_cast<ssize_t>(size);
  try {
    me.failure_ = me.sink_(static_cast<const char*>(block), size);
  } catch (...) {
    me.exception_ = std::current_exception();  // must not unwind through C
  }
  return static_cast<ssize_t>(size);
}

}  // namespace xnatarchive
