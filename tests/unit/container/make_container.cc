#include "unit/container/make_container.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace xnatarchive {
namespace {

void Require(archive* writer, int result) {
  if (result != ARCHIVE_OK) {
    const char* text = archive_error_string(writer);
    throw std::runtime_error(text == nullptr ? "libarchive failed" : text);
  }
}

la_ssize_t Append(archive*, void* bytes, const void* data, std::size_t size) {
  static_cast<std::string*>(bytes)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

bool Contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

void SetFormat(archive* writer, const Recipe& recipe) {
  if (recipe.extension == "zip") {
    Require(writer, archive_write_set_format_zip(writer));
  } else {
    Require(writer, archive_write_set_format_by_name(writer, recipe.tar_format.c_str()));
    if (Contains(recipe.extension, "gz")) Require(writer, archive_write_add_filter_gzip(writer));
    if (Contains(recipe.extension, "bz")) Require(writer, archive_write_add_filter_bzip2(writer));
    if (Contains(recipe.extension, "xz")) Require(writer, archive_write_add_filter_xz(writer));
  }
  if (!recipe.options.empty()) {
    Require(writer, archive_write_set_options(writer, recipe.options.c_str()));
  }
  if (!recipe.passphrase.empty()) {
    Require(writer, archive_write_set_passphrase(writer, recipe.passphrase.c_str()));
  }
  Require(writer, archive_write_set_bytes_per_block(writer, 0));
}

void WriteItem(archive* writer, archive_entry* entry, const Item& item) {
  archive_entry_clear(entry);
  archive_entry_copy_pathname(entry, item.name.c_str());
  archive_entry_set_filetype(entry, item.type);
  archive_entry_set_perm(entry, 0644);
  archive_entry_set_mtime(entry, item.mtime, 0);
  if (!item.link_target.empty()) {
    if (item.hard_link) {
      archive_entry_set_hardlink(entry, item.link_target.c_str());
    } else {
      archive_entry_set_symlink(entry, item.link_target.c_str());
    }
  }
  const auto data_bytes = static_cast<la_int64_t>(item.data.size());
  if (item.size_known) {
    archive_entry_set_size(entry, data_bytes + static_cast<la_int64_t>(item.hole_bytes));
  }
  if (item.hole_bytes > 0) archive_entry_sparse_add_entry(entry, 0, data_bytes);
  if (archive_write_header(writer, entry) < ARCHIVE_WARN) Require(writer, ARCHIVE_FATAL);
  if (archive_write_data(writer, item.data.data(), item.data.size()) != data_bytes) {
    Require(writer, ARCHIVE_FATAL);
  }
  Require(writer, archive_write_finish_entry(writer));
}

}  // namespace

std::string MakeContainer(const std::vector<Item>& items, const Recipe& recipe) {
  std::string bytes;
  archive* writer = archive_write_new();
  archive_entry* entry = archive_entry_new();
  SetFormat(writer, recipe);
  Require(writer, archive_write_open(writer, &bytes, nullptr, &Append, nullptr));
  for (const Item& item : items) WriteItem(writer, entry, item);
  archive_entry_free(entry);
  Require(writer, archive_write_close(writer));
  archive_write_free(writer);
  return bytes;
}

Result<std::size_t> MemorySource::Read(void* buffer, std::size_t size) {
  const std::size_t count = std::min({size, chunk_, bytes_.size() - position_});
  std::memcpy(buffer, bytes_.data() + position_, count);
  position_ += count;
  return count;
}

std::optional<std::uint64_t> MemorySource::SeekableSize() const {
  if (!seekable_) return std::nullopt;
  return bytes_.size();
}

Status MemorySource::Seek(std::uint64_t offset) {
  position_ = std::min(bytes_.size(), static_cast<std::size_t>(offset));
  return Status();
}

std::string Walk(ByteSource& source, std::string_view name, const ContainerLimits& limits) {
  std::string seen;
  const Status status = ForEachEntry(source, name, limits, [&](ContainerEntry& entry) {
    seen += entry.path() + "=";
    char buffer[1000];
    for (;;) {
      Result<std::size_t> count = entry.Read(buffer, sizeof buffer);
      if (!count.ok() || *count == 0) {
        seen += '\n';
        return count.ok() ? Status() : std::move(count).status();
      }
      seen.append(buffer, *count);
    }
  });
  if (status.ok()) return seen + "ok";
  return seen + std::string(CodeName(status.code())) + "/" + std::string(status.reason()) + " " +
         std::string(status.path());
}

std::string WalkFile(const std::string& bytes, std::string_view name,
                     const ContainerLimits& limits) {
  MemorySource source(bytes);
  return Walk(source, name, limits);
}

std::string WalkStream(const std::string& bytes, std::string_view name,
                       const ContainerLimits& limits) {
  MemorySource source(bytes, 700);
  return Walk(source, name, limits);
}

std::string LastLine(const std::string& text) { return text.substr(text.rfind('\n') + 1); }

}  // namespace xnatarchive
