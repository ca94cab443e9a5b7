#include "container/container.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <utility>
#include <vector>

#include "base/status_macros.hpp"
#include "container/archive_reader.hpp"
#include "container/entry_name.hpp"
#include "container/unpacked_source.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kDrainBytes = 64 << 10;

/// Where bytes that nobody wanted are counted: an EntrySource does so itself.
enum class Counting { kBySource, kHere };

/// The data of an entry that is a container itself.
class EntrySource : public ByteSource {
 public:
  explicit EntrySource(ContainerEntry& entry) : entry_(entry) {}
  Result<std::size_t> Read(void* buffer, std::size_t size) override {
    return entry_.Read(buffer, size);
  }

 private:
  ContainerEntry& entry_;
};

Status Refused(std::string_view reason, std::string message) {
  return Status(Code::kInvalidArgument, reason, std::move(message));
}

std::string FoundAndAllowed(std::uint64_t found, std::uint64_t allowed, const char* what) {
  return std::to_string(found) + " " + what + ", at most " + std::to_string(allowed) +
         " are allowed";
}

std::int64_t MTimeNs(archive_entry* entry) {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const std::int64_t seconds = archive_entry_mtime(entry);
  const bool fits = seconds > INT64_MIN / kNsPerSecond && seconds < INT64_MAX / kNsPerSecond;
  if (archive_entry_mtime_is_set(entry) == 0 || !fits) return 0;
  return seconds * kNsPerSecond + archive_entry_mtime_nsec(entry);
}

/// Directories are skipped, regular files visited; everything else could lead out of the tree or
/// stand for no data of its own.
Status CheckKind(archive_entry* entry) {
  const char* kind = nullptr;
  if (archive_entry_hardlink(entry) != nullptr) {
    kind = "a hard link";
  } else {
    switch (archive_entry_filetype(entry)) {
      case AE_IFREG:
      case AE_IFDIR:
      case 0:  // a zip made on a system without file types
        return Status();
      case AE_IFLNK:
        kind = "a symbolic link";
        break;
      default:
        kind = "a device, pipe or socket";
    }
  }
  return Refused("container.unsafe-entry",
                 std::string("the entry is ") + kind + ", only files and directories are allowed");
}

}  // namespace

/// One call of ForEachEntry: what is common to all nested containers.
class ContainerWalk {
 public:
  ContainerWalk(std::string_view name, const ContainerLimits& limits,
                const std::function<Status(ContainerEntry&)>& visit,
                const std::function<bool()>& cancelled, Nested nested)
      : shown_name_(name == "-" ? "" : EscapeBytes(BaseName(name))),
        limits_(limits),
        visit_(visit),
        cancelled_(cancelled),
        nested_(nested),
        drain_(kDrainBytes) {}

  /// Visits the entries of one container. `path` is its own path in the outermost one, empty for
  /// that; `depth` the number of containers around it.
  Status Visit(ByteSource& source, std::string_view name, const std::string& path, int depth);
  /// Counts `count` more bytes of an entry that has given `entry_bytes` so far.
  Status CountBytes(std::uint64_t entry_bytes, std::uint64_t count);

 private:
  Status VisitEntries(ArchiveReader& reader, const std::string& path, int depth);
  Status VisitEntry(ArchiveReader& reader, archive_entry* raw, const std::string& path, int depth,
                    std::string& entry_path);
  /// Reads a source to its end.
  Status Drain(ByteSource& source, Counting counting);
  Status CheckCancelled() const;
  Status CountEntry();
  Status CheckEntrySize(std::uint64_t size) const;
  /// Adds the path that messages show.
  Status At(Status status, const std::string& path) const {
    return std::move(status).WithPath(JoinPath(shown_name_, path));
  }

  const std::string shown_name_;
  const ContainerLimits& limits_;
  const std::function<Status(ContainerEntry&)>& visit_;
  const std::function<bool()>& cancelled_;
  const Nested nested_;
  std::vector<char> drain_;
  const PeekingSource* outermost_ = nullptr;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

Status ContainerWalk::Visit(ByteSource& source, std::string_view name, const std::string& path,
                            int depth) {
  PeekingSource packed(source);
  if (depth == 0) outermost_ = &packed;
  const ContainerFormat format = FormatOfName(name);
  if (format == ContainerFormat::kZip) {
    ArchiveReader reader(packed, ReaderFormat::kZip, cancelled_);
    return VisitEntries(reader, path, depth);
  }
  auto unpacked = MakeUnpackedSource(packed, cancelled_);
  if (!unpacked.ok()) return At(std::move(unpacked).status(), path);
  const bool is_packed = *unpacked != nullptr;
  const ReaderFormat reader_format = format == ContainerFormat::kUnknown && !is_packed
                                         ? ReaderFormat::kZipOrTar
                                         : ReaderFormat::kTar;
  ArchiveReader reader(is_packed ? **unpacked : packed, reader_format, cancelled_);
  XNA_RETURN_IF_ERROR(VisitEntries(reader, path, depth));
  // Behind the end mark: padding, and the checksum of all. A pipe is read to its end, so that who
  // writes into it is not cut off.
  Status rest;
  if (is_packed) rest = Drain(**unpacked, Counting::kHere);
  if (rest.ok() && !packed.SeekableSize().has_value()) rest = Drain(packed, Counting::kHere);
  if (!rest.ok()) return At(std::move(rest), path);
  return Status();
}

Status ContainerWalk::VisitEntries(ArchiveReader& reader, const std::string& path, int depth) {
  for (;;) {
    Result<archive_entry*> next = reader.Next();
    if (!next.ok()) return At(std::move(next).status(), path);
    if (*next == nullptr) return Status();
    std::string entry_path = path;
    Status status = VisitEntry(reader, *next, path, depth, entry_path);
    if (!status.ok()) return At(std::move(status), entry_path);
  }
}

Status ContainerWalk::VisitEntry(ArchiveReader& reader, archive_entry* raw, const std::string& path,
                                 int depth, std::string& entry_path) {
  XNA_RETURN_IF_ERROR(CountEntry());
  const std::string raw_name = ArchiveReader::RawName(raw);
  entry_path = JoinPath(path, EscapeBytes(raw_name));
  XNA_ASSIGN_OR_RETURN(const std::string name, CleanEntryName(raw_name));
  XNA_RETURN_IF_ERROR(CheckKind(raw));
  if (archive_entry_filetype(raw) == AE_IFDIR) return Status();
  if (name.empty()) return Refused("container.unsafe-name", "the entry's name names no file");
  if (archive_entry_is_encrypted(raw) != 0) {
    return Status(Code::kUnsupported, "container.encrypted", "the entry is encrypted");
  }
  ContainerEntry entry(*this, reader);
  entry.path_ = entry_path = JoinPath(path, name);
  entry.mtime_ns_ = MTimeNs(raw);
  if (archive_entry_size_is_set(raw) != 0) {
    entry.size_ = static_cast<std::uint64_t>(archive_entry_size(raw));
    XNA_RETURN_IF_ERROR(CheckEntrySize(*entry.size_));
  }
  EntrySource data(entry);
  if (nested_ == Nested::kAsFiles || FormatOfName(name) == ContainerFormat::kUnknown) {
    XNA_RETURN_IF_ERROR(visit_(entry));
  } else if (depth >= limits_.nesting_max) {
    return Refused("container.too-deep", "the container is within " + std::to_string(depth + 1) +
                                             " others, at most " +
                                             std::to_string(limits_.nesting_max) + " are allowed");
  } else {
    XNA_RETURN_IF_ERROR(Visit(data, name, entry.path_, depth + 1));
  }
  return Drain(data, Counting::kBySource);
}

Status ContainerWalk::CheckCancelled() const {
  if (!cancelled_ || !cancelled_()) return Status();
  return Status(Code::kCancelled, "cancelled", "the caller asked to stop");
}

Status ContainerWalk::CountEntry() {
  XNA_RETURN_IF_ERROR(CheckCancelled());
  if (++entries_ <= limits_.entries_max) return Status();
  return Refused("container.too-many-entries",
                 FoundAndAllowed(entries_, limits_.entries_max, "entries or more"));
}

Status ContainerWalk::CheckEntrySize(std::uint64_t size) const {
  if (size <= limits_.entry_bytes_max) return Status();
  return Refused("container.too-large",
                 "the entry has " + FoundAndAllowed(size, limits_.entry_bytes_max, "bytes"));
}

Status ContainerWalk::CountBytes(std::uint64_t entry_bytes, std::uint64_t count) {
  bytes_ += count;
  XNA_RETURN_IF_ERROR(CheckEntrySize(entry_bytes));
  if (bytes_ > limits_.total_bytes_max) {
    return Refused("container.too-large",
                   "the container unpacks to " +
                       FoundAndAllowed(bytes_, limits_.total_bytes_max, "bytes or more"));
  }
  const std::uint64_t packed = outermost_->bytes_taken();
  if (bytes_ > limits_.ratio_floor_bytes &&
      static_cast<double>(bytes_) > limits_.ratio_max * static_cast<double>(packed)) {
    return Refused("container.bomb",
                   std::to_string(packed) + " bytes unpack to " + std::to_string(bytes_) +
                       " or more, at most " +
                       std::to_string(static_cast<std::uint64_t>(limits_.ratio_max)) +
                       " times as many are allowed");
  }
  return Status();
}

Status ContainerWalk::Drain(ByteSource& source, Counting counting) {
  for (;;) {
    XNA_ASSIGN_OR_RETURN(const std::size_t count, source.Read(drain_.data(), drain_.size()));
    if (count == 0) return Status();
    if (counting == Counting::kHere) XNA_RETURN_IF_ERROR(CountBytes(0, count));
    XNA_RETURN_IF_ERROR(CheckCancelled());
  }
}

Result<std::size_t> ContainerEntry::Read(void* buffer, std::size_t size) {
  XNA_ASSIGN_OR_RETURN(const std::size_t count, reader_.Read(buffer, size));
  bytes_read_ += count;
  XNA_RETURN_IF_ERROR(walk_.CountBytes(bytes_read_, count));
  return count;
}

bool IsContainerName(std::string_view name) {
  return FormatOfName(name) != ContainerFormat::kUnknown;
}

Status ForEachEntry(ByteSource& source, std::string_view name, const ContainerLimits& limits,
                    const std::function<Status(ContainerEntry&)>& visit,
                    const std::function<bool()>& cancelled, Nested nested) {
  ContainerWalk walk(name, limits, visit, cancelled, nested);
  return walk.Visit(source, name, "", 0);
}

}  // namespace xnatarchive
