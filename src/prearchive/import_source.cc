#include "prearchive/import_source.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "container/bag_text.hpp"
#include "container/byte_source.hpp"
#include "container/container.hpp"
#include "dicom/header.hpp"
#include "fs/resolve_path.hpp"
#include "prearchive/bag_source.hpp"

namespace xnatarchive {
namespace {

/// Files up to this size are read into one allocation.
constexpr std::uint64_t kReservedMax = 8u << 20;
/// Of a container or stream, looked at for the declaration of a bag.
constexpr std::size_t kHeadBytes = 16u << 10;

/// A file of a directory tree, opened when it is first read.
class TreeFile : public InputFile {
 public:
  TreeFile(const Directory& tree, const std::string& tree_path, std::string path,
           const FileInfo& info)
      : tree_(tree), tree_path_(tree_path), path_(std::move(path)), info_(info) {}

  const std::string& path() const override { return path_; }
  std::optional<std::uint64_t> size() const override { return info_.size; }
  std::int64_t mtime_ns() const override { return info_.mtime_ns; }
  Result<std::size_t> Read(void* buffer, std::size_t size) override {
    if (!file_.is_open()) {
      XNA_ASSIGN_OR_RETURN(file_, tree_.OpenRead(tree_path_));
    }
    return file_.Read(buffer, size);
  }

 private:
  const Directory& tree_;
  const std::string& tree_path_;
  const std::string path_;
  const FileInfo info_;
  File file_;
};

Status CheckRegular(const WalkEntry& entry, const std::string& path) {
  if (entry.info.kind == FileKind::kRegular || entry.info.kind == FileKind::kDirectory) {
    return Status();
  }
  return Status(Code::kInvalidArgument, "import.unsafe-entry",
                "only regular files and folders can be imported, no links or devices")
      .WithPath(path);
}

class FolderSource : public ImportSource {
 public:
  FolderSource(Directory tree, std::string name) : tree_(std::move(tree)), name_(std::move(name)) {}

  const std::string& Name() const override { return name_; }
  SourceKind Kind() const override { return SourceKind::kFolder; }
  Status ForEachFile(const std::function<Status(SourceFile&)>& visit) override {
    return tree_.Walk("", [&](const WalkEntry& entry) -> Status {
      XNA_RETURN_IF_ERROR(CheckRegular(entry, entry.path));
      if (entry.info.kind == FileKind::kDirectory) return Status();
      TreeFile file(tree_, entry.path, entry.path, entry.info);
      return visit(file);
    });
  }

 private:
  Directory tree_;
  std::string name_;
};

/// A single file that is not a container.
class SingleFileSource : public ImportSource {
 public:
  SingleFileSource(Directory parent, std::string name)
      : parent_(std::move(parent)), name_(std::move(name)) {}

  const std::string& Name() const override { return name_; }
  SourceKind Kind() const override { return SourceKind::kFile; }
  Status ForEachFile(const std::function<Status(SourceFile&)>& visit) override {
    XNA_ASSIGN_OR_RETURN(const FileInfo info, parent_.Stat(name_));
    TreeFile file(parent_, name_, name_, info);
    return visit(file);
  }

 private:
  Directory parent_;
  std::string name_;
};

/// An entry of a container, read from the stream it stands in.
class EntryFile : public InputFile {
 public:
  explicit EntryFile(ContainerEntry& entry) : entry_(entry) {}

  const std::string& path() const override { return entry_.path(); }
  std::optional<std::uint64_t> size() const override { return entry_.size(); }
  std::int64_t mtime_ns() const override { return entry_.mtime_ns(); }
  Result<std::size_t> Read(void* buffer, std::size_t size) override {
    return entry_.Read(buffer, size);
  }

 private:
  ContainerEntry& entry_;
};

/// How the files of a container are read.
struct Reading {
  ContainerLimits limits;
  std::function<bool()> cancelled;
  Nested nested = Nested::kOpened;
};

Status VisitEntries(ByteSource& source, const std::string& name, const Reading& reading,
                    const std::function<Status(SourceFile&)>& visit) {
  return ForEachEntry(
      source, name, reading.limits,
      [&](ContainerEntry& entry) -> Status {
        EntryFile file(entry);
        return visit(file);
      },
      reading.cancelled, reading.nested);
}

/// A container that is a file of the host.
class ContainerSource : public ImportSource {
 public:
  ContainerSource(Directory parent, std::string name, Reading reading)
      : parent_(std::move(parent)), name_(std::move(name)), reading_(std::move(reading)) {}

  const std::string& Name() const override { return name_; }
  SourceKind Kind() const override { return SourceKind::kContainer; }
  Status ForEachFile(const std::function<Status(SourceFile&)>& visit) override {
    XNA_ASSIGN_OR_RETURN(File file, parent_.OpenRead(name_));
    XNA_ASSIGN_OR_RETURN(FileSource source, FileSource::Make(file));
    return VisitEntries(source, name_, reading_, visit);
  }

 private:
  Directory parent_;
  std::string name_;
  const Reading reading_;
};

/// A stream of which the first bytes have been read to see what it is.
class PeekedSource : public ByteSource {
 public:
  explicit PeekedSource(std::unique_ptr<ByteSource> rest) : rest_(std::move(rest)) {}

  /// The first `size` bytes, or all of a shorter stream.
  Result<std::string_view> Peek(std::size_t size) {
    while (head_.size() < size) {
      const std::size_t had = head_.size();
      head_.resize(size);
      const Result<std::size_t> read = rest_->Read(head_.data() + had, size - had);
      head_.resize(had + (read.ok() ? *read : 0));
      XNA_RETURN_IF_ERROR(read.status());
      if (*read == 0) break;
    }
    return std::string_view(head_);
  }

  Result<std::size_t> Read(void* buffer, std::size_t size) override {
    if (taken_ == head_.size()) return rest_->Read(buffer, size);
    const std::size_t count = std::min(size, head_.size() - taken_);
    std::memcpy(buffer, head_.data() + taken_, count);
    taken_ += count;
    return count;
  }

 private:
  std::unique_ptr<ByteSource> rest_;
  std::string head_;
  std::size_t taken_ = 0;
};

/// A descriptor such as standard input: a container, or a single file.
class StreamSource : public ImportSource {
 public:
  StreamSource(std::unique_ptr<PeekedSource> stream, bool container, Reading reading)
      : stream_(std::move(stream)), container_(container), reading_(std::move(reading)) {}

  const std::string& Name() const override { return name_; }
  SourceKind Kind() const override {
    return container_ ? SourceKind::kContainer : SourceKind::kFile;
  }
  Status ForEachFile(const std::function<Status(SourceFile&)>& visit) override {
    if (used_) {
      return Status(Code::kUnsupported, "import.stream-used", "a stream can be read only once");
    }
    used_ = true;
    if (container_) return VisitEntries(*stream_, name_, reading_, visit);
    StreamedFile file(*stream_);
    return visit(file);
  }

 private:
  class StreamedFile : public InputFile {
   public:
    explicit StreamedFile(ByteSource& stream) : stream_(stream) {}
    const std::string& path() const override { return path_; }
    std::optional<std::uint64_t> size() const override { return std::nullopt; }
    std::int64_t mtime_ns() const override { return 0; }
    Result<std::size_t> Read(void* buffer, std::size_t size) override {
      return stream_.Read(buffer, size);
    }

   private:
    ByteSource& stream_;
    const std::string path_ = "stream";
  };

  const std::string name_ = "-";
  const std::unique_ptr<PeekedSource> stream_;
  const bool container_;
  const Reading reading_;
  bool used_ = false;
};

class SessionSource : public ImportSource {
 public:
  SessionSource(const Directory& tree, std::string parent, std::string folder)
      : tree_(tree), parent_(std::move(parent)), folder_(std::move(folder)) {}

  const std::string& Name() const override { return folder_; }
  SourceKind Kind() const override { return SourceKind::kPrearchiveSession; }
  Status ForEachFile(const std::function<Status(SourceFile&)>& visit) override {
    const std::string document = folder_ + ".xml";
    const std::string document_path = JoinPath(parent_, document);
    const Result<FileInfo> info = tree_.Stat(document_path);
    if (info.ok()) {
      TreeFile file(tree_, document_path, document, *info);
      XNA_RETURN_IF_ERROR(visit(file));
    } else if (info.status().code() != Code::kNotFound) {
      return info.status();
    }
    const std::string root = JoinPath(parent_, folder_);
    return tree_.Walk(root, [&](const WalkEntry& entry) -> Status {
      const std::string path = JoinPath(folder_, entry.path);
      XNA_RETURN_IF_ERROR(CheckRegular(entry, path));
      if (entry.info.kind == FileKind::kDirectory || StartsWith(BaseName(entry.path), ".xa")) {
        return Status();
      }
      const std::string tree_path = JoinPath(root, entry.path);
      TreeFile file(tree_, tree_path, path, entry.info);
      return visit(file);
    });
  }

 private:
  const Directory& tree_;
  std::string parent_;
  std::string folder_;
};

/// Bytes in memory, as a stream that ends with them.
class HeadSource : public ByteSource {
 public:
  explicit HeadSource(std::string_view head) : head_(head) {}
  Result<std::size_t> Read(void* buffer, std::size_t size) override {
    const std::size_t count = std::min(size, head_.size());
    std::memcpy(buffer, head_.data(), count);
    head_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view head_;
};

/// The bag that the first bytes of a container tell of.
std::optional<FoundBag> BagInHead(std::string_view head) {
  const bool packed = StartsWith(head, "\x1F\x8B") || StartsWith(head, "BZh") ||
                      StartsWith(head,
                                 "\xFD"
                                 "7zXZ");
  if (!packed && head.find(kBagDeclaration) == std::string_view::npos) return std::nullopt;
  HeadSource source(head);
  std::vector<std::string> names;
  const Status end = ForEachEntry(
      source, "-", {},
      [&](ContainerEntry& entry) {
        names.push_back(entry.path());
        return Status();
      },
      {}, Nested::kAsFiles);
  IgnoreError(end, "a head is cut off");
  return BagAmongNames(names, Names::kFirst);
}

/// The input as handlers see it.
std::unique_ptr<ImportSource> Wrap(std::unique_ptr<ImportSource> input,
                                   std::optional<FoundBag> bag) {
  if (bag) return MakeBagSource(std::move(input), std::move(*bag));
  return MakeUnbaggedSource(std::move(input));
}

Result<std::unique_ptr<ImportSource>> OpenStream(std::unique_ptr<ByteSource> rest,
                                                 Reading reading) {
  auto stream = std::make_unique<PeekedSource>(std::move(rest));
  XNA_ASSIGN_OR_RETURN(const std::string_view head, stream->Peek(kHeadBytes));
  const bool container = !LooksLikeDicom(head);
  auto bag = container ? BagInHead(head) : std::nullopt;
  if (bag) reading.nested = Nested::kAsFiles;
  return Wrap(std::make_unique<StreamSource>(std::move(stream), container, std::move(reading)),
              std::move(bag));
}

/// A file or folder that somebody named.
struct FoundInput {
  Directory parent;
  std::string name;
  FileKind kind;
};

Result<FoundInput> FindInput(FileSystem& fs, const std::string& path) {
  Result<std::string> resolved = ResolvePath(path);
  if (!resolved.ok()) {
    if (resolved.status().code() != Code::kNotFound) return std::move(resolved).status();
    return Status(Code::kNotFound, "import.no-input", "there is no such file or folder")
        .WithPath(path);
  }
  const std::string name(BaseName(*resolved));
  if (name.empty()) {
    return Status(Code::kInvalidArgument, "import.bad-input", "the root directory is no input");
  }
  const std::string parent_path = resolved->substr(0, resolved->size() - name.size());
  XNA_ASSIGN_OR_RETURN(Directory parent, Directory::Open(fs, parent_path));
  XNA_ASSIGN_OR_RETURN(const FileInfo info, parent.Stat(name));
  if (info.kind != FileKind::kDirectory && info.kind != FileKind::kRegular) {
    return Status(Code::kInvalidArgument, "import.bad-input",
                  "the input is neither a regular file nor a folder")
        .WithPath(path);
  }
  return FoundInput{std::move(parent), name, info.kind};
}

}  // namespace

Result<std::string_view> InputFile::Head(std::size_t size_max) {
  // The announced size may be unknown or a lie: grow to it at once, then by steps to the end.
  const std::size_t step = size() ? 4096 : 256u << 10;
  const std::uint64_t announced = size().value_or(step);
  std::size_t filled = head_.size();
  if (filled == 0) head_.reserve(std::min<std::uint64_t>(announced + step, kReservedMax));
  while (filled < size_max) {
    const std::uint64_t target = filled < announced ? announced : filled + step;
    head_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(target, size_max)));
    const Result<std::size_t> read = Read(head_.data() + filled, head_.size() - filled);
    if (!read.ok()) {
      head_.resize(filled);
      return read.status();
    }
    filled += *read;
    head_.resize(filled);
    if (*read == 0) break;
  }
  return std::string_view(head_).substr(0, size_max);
}

Result<std::unique_ptr<ImportSource>> OpenImportSource(FileSystem& fs, const std::string& path,
                                                       std::unique_ptr<ByteSource> stream,
                                                       const ContainerLimits& limits,
                                                       std::function<bool()> cancelled) {
  Reading reading{limits, std::move(cancelled)};
  if (stream != nullptr) return OpenStream(std::move(stream), std::move(reading));
  XNA_ASSIGN_OR_RETURN(FoundInput input, FindInput(fs, path));
  if (input.kind == FileKind::kDirectory) {
    XNA_ASSIGN_OR_RETURN(Directory folder, input.parent.OpenSubdirectory(input.name));
    XNA_ASSIGN_OR_RETURN(auto bag, FindBagInFolder(folder));
    return Wrap(std::make_unique<FolderSource>(std::move(folder), input.name), std::move(bag));
  }
  if (!IsContainerName(input.name)) {
    return std::unique_ptr<ImportSource>(
        std::make_unique<SingleFileSource>(std::move(input.parent), input.name));
  }
  std::string head(kHeadBytes, '\0');
  {
    XNA_ASSIGN_OR_RETURN(File file, input.parent.OpenRead(input.name));
    XNA_ASSIGN_OR_RETURN(const std::size_t size, file.Read(head.data(), head.size()));
    head.resize(size);
  }
  auto bag = BagInHead(std::move(head));
  if (bag) reading.nested = Nested::kAsFiles;
  return Wrap(
      std::make_unique<ContainerSource>(std::move(input.parent), input.name, std::move(reading)),
      std::move(bag));
}

Result<std::unique_ptr<ImportSource>> OpenBagInContainer(FileSystem& fs, const std::string& path,
                                                         const ContainerLimits& limits,
                                                         std::function<bool()> cancelled) {
  XNA_ASSIGN_OR_RETURN(FoundInput input, FindInput(fs, path));
  if (input.kind != FileKind::kRegular || !IsContainerName(input.name)) {
    return std::unique_ptr<ImportSource>();
  }
  auto container = std::make_unique<ContainerSource>(
      std::move(input.parent), input.name, Reading{limits, std::move(cancelled), Nested::kAsFiles});
  std::vector<std::string> names;
  XNA_RETURN_IF_ERROR(container->ForEachFile([&](SourceFile& file) {
    names.push_back(file.path());
    return Status();
  }));
  auto bag = BagAmongNames(names, Names::kAll);
  if (!bag) return std::unique_ptr<ImportSource>();
  return MakeBagSource(std::move(container), std::move(*bag));
}

std::unique_ptr<ImportSource> PrearchiveSource(const Directory& prearchive, std::string parent,
                                               std::string folder) {
  return std::make_unique<SessionSource>(prearchive, std::move(parent), std::move(folder));
}

}  // namespace xnatarchive
