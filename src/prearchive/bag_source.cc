#include "prearchive/bag_source.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "archive/archive_tree.hpp"
#include "archive/describe_session.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "container/bag_text.hpp"
#include "container/entry_name.hpp"
#include "digest/message_digest.hpp"
#include "prearchive/import_source.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kTagBytesMax = 512u << 20;  // of all tag files together
constexpr std::size_t kBufferBytes = 256u << 10;
constexpr const char* kManifest = "manifest-";
constexpr const char* kTagManifest = "tagmanifest-";

struct Algorithm {
  const char* name;
  DigestAlgorithm digest;
};
constexpr std::array<Algorithm, 4> kAlgorithms = {{{"md5", DigestAlgorithm::kMd5},
                                                   {"sha1", DigestAlgorithm::kSha1},
                                                   {"sha256", DigestAlgorithm::kSha256},
                                                   {"sha512", DigestAlgorithm::kSha512}}};

bool IsSupported(std::string_view name) {
  return std::any_of(kAlgorithms.begin(), kAlgorithms.end(),
                     [&](const Algorithm& algorithm) { return name == algorithm.name; });
}

Status Invalid(std::string_view reason, std::string message, const std::string& path) {
  return Status(Code::kCorruption, reason, std::move(message)).WithPath(path);
}

Status AmongOthers(const std::string& path) {
  return Status(Code::kInvalidArgument, "bag.among-others",
                "the input holds a bag and other files; import the bag by itself")
      .WithPath(path);
}

/// Lower-case hex by algorithm.
using Found = std::map<std::string, std::string>;

/// All digests of one file that are wanted.
class Digester {
 public:
  explicit Digester(const std::set<std::string>& algorithms) {
    for (const Algorithm& algorithm : kAlgorithms) {
      if (algorithms.count(algorithm.name) > 0) {
        streams_.emplace_back(algorithm.name, MessageDigest(algorithm.digest));
      }
    }
  }
  void Update(const void* data, std::size_t size) {
    for (auto& [name, stream] : streams_) stream.Update(data, size);
  }
  Found Finish() {
    Found found;
    for (auto& [name, stream] : streams_) found[name] = stream.Finish();
    return found;
  }

 private:
  std::vector<std::pair<std::string, MessageDigest>> streams_;
};

/// A payload file, digested while it is read.
class PayloadFile : public InputFile {
 public:
  PayloadFile(SourceFile& file, InputFile& input, std::string path, Digester& digester)
      : file_(file), input_(input), path_(std::move(path)), digester_(digester) {}

  const std::string& path() const override { return path_; }
  std::optional<std::uint64_t> size() const override { return file_.size(); }
  std::int64_t mtime_ns() const override { return file_.mtime_ns(); }
  Result<std::size_t> Read(void* buffer, std::size_t size) override {
    XNA_ASSIGN_OR_RETURN(const std::size_t count, input_.Read(buffer, size));
    digester_.Update(buffer, count);
    return count;
  }

 private:
  SourceFile& file_;
  InputFile& input_;
  const std::string path_;
  Digester& digester_;
};

/// Holds the files that were received against the manifests, whichever of the two comes first.
class ManifestCheck {
 public:
  bool empty() const { return manifests_.empty(); }
  bool Has(const std::string& algorithm) const { return manifests_.count(algorithm) > 0; }

  Status AddManifest(const std::string& algorithm, BagManifest manifest) {
    std::unordered_map<std::string, State>& lines = manifests_[algorithm];
    for (auto& [path, digest] : manifest) lines[EscapeBytes(path)] = {std::move(digest), false};
    const auto waiting = waiting_.find(algorithm);
    if (waiting == waiting_.end()) return Status();
    for (const auto& [path, digest] : waiting->second) {
      XNA_RETURN_IF_ERROR(Compare(path, digest, &lines));
    }
    waiting_.erase(waiting);
    return Status();
  }

  Status AddFile(const std::string& path, const Found& found) {
    for (const auto& [algorithm, digest] : found) {
      const auto manifest = manifests_.find(algorithm);
      if (manifest != manifests_.end()) {
        XNA_RETURN_IF_ERROR(Compare(path, digest, &manifest->second));
      } else if (!waiting_[algorithm].emplace(path, digest).second) {
        return Twice(path);
      }
    }
    return Status();
  }

  /// Every line has met its file.
  Status Finish() const {
    for (const auto& [algorithm, lines] : manifests_) {
      for (const auto& [path, state] : lines) {
        if (!state.seen)
          return Invalid("bag.file-missing", "a manifest lists a file that is not there", path);
      }
    }
    return Status();
  }

 private:
  struct State {
    std::string digest;
    bool seen = false;
  };

  static Status Twice(const std::string& path) {
    return Invalid("bag.file-twice", "the file is in the bag twice", path);
  }

  static Status Compare(const std::string& path, const std::string& digest,
                        std::unordered_map<std::string, State>* lines) {
    const auto line = lines->find(path);
    if (line == lines->end()) {
      return Invalid("bag.file-not-listed", "a manifest does not list the file", path);
    }
    if (std::exchange(line->second.seen, true)) return Twice(path);
    if (line->second.digest == digest) return Status();
    return Invalid("bag.digest-differs",
                   "the file's digest is " + digest + ", its manifest says " + line->second.digest,
                   path);
  }

  std::map<std::string, std::unordered_map<std::string, State>> manifests_;      // by algorithm
  std::map<std::string, std::unordered_map<std::string, std::string>> waiting_;  // for manifests
};

/// One visit of all files of a bag.
class BagReader {
 public:
  BagReader(const FoundBag& bag, const std::function<Status(SourceFile&)>& visit)
      : bag_(bag), visit_(visit), algorithms_(bag.algorithms), buffer_(kBufferBytes) {}

  Status Visit(SourceFile& file) {
    const std::string prefix = bag_.root.empty() ? "" : bag_.root + "/";
    if (!StartsWith(file.path(), prefix)) {
      return AmongOthers(file.path());
    }
    auto* const input = dynamic_cast<InputFile*>(&file);
    if (input == nullptr) return Status(Code::kInternal, "bag.foreign-file", "not an input's file");
    const std::string path = file.path().substr(prefix.size());
    Status visited = StartsWith(path, kBagPayload) ? VisitPayload(file, *input, path)
                                                   : ReadTagFile(*input, path);
    return std::move(visited).WithPath(path);
  }

  Status Finish() {
    if (!declared_) {
      return Invalid("bag.bad-declaration", "the bag has no declaration",
                     std::string(kBagDeclaration));
    }
    if (payload_.empty()) {
      return Invalid("bag.no-manifest", "the bag has no manifest of MD5, SHA-1, SHA-256 or SHA-512",
                     "");
    }
    XNA_RETURN_IF_ERROR(payload_.Finish());
    for (auto& [path, found] : tag_files_) {
      const bool of_tags = StartsWith(path, kTagManifest);
      for (auto& [algorithm, lines] : tag_manifests_) {
        const auto line = lines.find(path);
        if (line == lines.end() || of_tags) continue;
        if (line->second != found[algorithm]) {
          return Invalid("bag.digest-differs", "the tag file is not what its manifest says", path);
        }
      }
    }
    for (const auto& [algorithm, lines] : tag_manifests_) {
      for (const auto& [path, digest] : lines) {
        if (tag_files_.count(path) > 0) continue;
        return Invalid("bag.file-missing", "a manifest lists a file that is not there", path);
      }
    }
    return Status();
  }

 private:
  Status VisitPayload(SourceFile& file, InputFile& input, const std::string& path) {
    if (algorithms_.empty()) {  // manifests come behind: any of them may
      for (const Algorithm& algorithm : kAlgorithms) algorithms_.insert(algorithm.name);
    }
    payload_begun_ = true;
    Digester digester(algorithms_);
    PayloadFile payload(file, input, path.substr(kBagPayload.size()), digester);
    XNA_RETURN_IF_ERROR(visit_(payload));
    for (std::size_t count = 1; count > 0;) {
      XNA_ASSIGN_OR_RETURN(count, payload.Read(buffer_.data(), buffer_.size()));
    }
    return payload_.AddFile(EscapeBytes(path), digester.Finish());
  }

  Status ReadTagFile(InputFile& input, const std::string& path) {
    XNA_ASSIGN_OR_RETURN(const std::string_view text, input.Head(kTagBytesMax - tag_bytes_ + 1));
    tag_bytes_ += text.size();
    if (tag_bytes_ > kTagBytesMax) {
      return Status(
          Code::kInvalidArgument, "bag.too-large",
          "the bag's tag files have more than " + std::to_string(kTagBytesMax >> 20) + " MiB");
    }
    std::set<std::string> all;
    for (const Algorithm& algorithm : kAlgorithms) all.insert(algorithm.name);
    Digester digester(all);
    digester.Update(text.data(), text.size());
    if (!tag_files_.emplace(EscapeBytes(path), digester.Finish()).second) {
      return Invalid("bag.file-twice", "the file is in the bag twice", path);
    }
    if (path == kBagDeclaration) {
      declared_ = true;
      return ParseBagDeclaration(text).status();
    }
    if (path == kBagFetch && !Trim(text).empty()) {
      return Status(Code::kUnsupported, "bag.fetch",
                    "the bag names files that are elsewhere, and that are not fetched");
    }
    const std::string algorithm = BagManifestAlgorithm(path, kManifest);
    if (IsSupported(algorithm)) return AddManifest(algorithm, text);
    const std::string of_tags = BagManifestAlgorithm(path, kTagManifest);
    if (!IsSupported(of_tags)) return Status();
    XNA_ASSIGN_OR_RETURN(const BagManifest lines, ParseBagManifest(text));
    for (const auto& [name, digest] : lines) tag_manifests_[of_tags][EscapeBytes(name)] = digest;
    return Status();
  }

  Status AddManifest(const std::string& algorithm, std::string_view text) {
    if (!payload_begun_) {
      algorithms_.insert(algorithm);
    } else if (algorithms_.count(algorithm) == 0) {
      return Status(Code::kUnsupported, "bag.manifest-late",
                    "the manifest comes behind files it lists, and another one before them; unpack "
                    "the bag and import the folder");
    }
    XNA_ASSIGN_OR_RETURN(BagManifest manifest, ParseBagManifest(text));
    return payload_.AddManifest(algorithm, std::move(manifest));
  }

  const FoundBag& bag_;
  const std::function<Status(SourceFile&)>& visit_;
  std::set<std::string> algorithms_;  // of the digests that are made of payload files
  std::vector<char> buffer_;
  ManifestCheck payload_;
  std::map<std::string, Found> tag_files_;
  std::map<std::string, BagManifest> tag_manifests_;
  std::size_t tag_bytes_ = 0;
  bool declared_ = false;
  bool payload_begun_ = false;
};

class BagSource : public ImportSource {
 public:
  BagSource(std::unique_ptr<ImportSource> bag, FoundBag found)
      : bag_(std::move(bag)), found_(std::move(found)) {}

  const std::string& Name() const override { return bag_->Name(); }
  SourceKind Kind() const override {
    return found_.holds_session ? SourceKind::kSessionBag : bag_->Kind();
  }
  Status ForEachFile(const std::function<Status(SourceFile&)>& visit) override {
    BagReader reader(found_, visit);
    XNA_RETURN_IF_ERROR(bag_->ForEachFile([&](SourceFile& file) { return reader.Visit(file); }));
    return reader.Finish();
  }

 private:
  const std::unique_ptr<ImportSource> bag_;
  const FoundBag found_;
};

/// The directory of the bag whose declaration this is; nullopt for any other file.
std::optional<std::string> RootOfDeclaration(const std::string& path) {
  const std::string root(ParentPath(path));
  if (BaseName(path) != kBagDeclaration || root.find('/') != std::string::npos) return std::nullopt;
  return root;
}

class UnbaggedSource : public ImportSource {
 public:
  explicit UnbaggedSource(std::unique_ptr<ImportSource> input) : input_(std::move(input)) {}

  const std::string& Name() const override { return input_->Name(); }
  SourceKind Kind() const override { return input_->Kind(); }
  Status ForEachFile(const std::function<Status(SourceFile&)>& visit) override {
    return input_->ForEachFile([&](SourceFile& file) -> Status {
      if (!RootOfDeclaration(file.path())) return visit(file);
      return Status(Code::kUnsupported, "bag.not-first",
                    "the input holds a bag behind or among other files, too late to check them; "
                    "import the bag's folder, by itself")
          .WithPath(file.path());
    });
  }

 private:
  const std::unique_ptr<ImportSource> input_;
};

bool IsDocument(std::string_view name) {
  return name == kSessionDocument || name == kSubjectDocument;
}

/// Notes what a path below the bag's root tells.
void Note(std::string_view path, FoundBag* bag) {
  const std::string algorithm = BagManifestAlgorithm(path, kManifest);
  if (IsSupported(algorithm)) bag->algorithms.insert(algorithm);
  const bool near_top = std::count(path.begin(), path.end(), '/') <= 2;
  if (StartsWith(path, kBagPayload) && near_top && IsDocument(BaseName(path))) {
    bag->holds_session = true;
  }
}

}  // namespace

std::optional<FoundBag> BagAmongNames(const std::vector<std::string>& names, Names which) {
  std::optional<FoundBag> bag;
  for (const std::string& name : names) {
    const auto root = RootOfDeclaration(name);
    if (!root) continue;
    bag.emplace().root = *root;
    break;
  }
  if (!bag) return bag;
  const std::string prefix = bag->root.empty() ? "" : bag->root + "/";
  for (const std::string& name : names) {
    if (StartsWith(name, prefix)) Note(name.substr(prefix.size()), &*bag);
  }
  if (which == Names::kFirst) bag->algorithms.clear();  // there may be others
  return bag;
}

Result<std::optional<FoundBag>> FindBagInFolder(const Directory& folder) {
  XNA_ASSIGN_OR_RETURN(std::vector<DirectoryEntry> entries, folder.List(""));
  std::string root;
  XNA_ASSIGN_OR_RETURN(bool found, folder.Exists(kBagDeclaration));
  for (std::size_t i = 0; !found && i < entries.size(); ++i) {
    if (entries[i].kind != FileKind::kDirectory) continue;
    const std::string declaration = JoinPath(entries[i].name, kBagDeclaration);
    XNA_ASSIGN_OR_RETURN(found, folder.Exists(declaration));
    if (found && entries.size() > 1) return AmongOthers(declaration);
    if (found) root = entries[i].name;
  }
  if (!found) return std::optional<FoundBag>();
  FoundBag bag;
  bag.root = root;
  if (!root.empty()) {
    XNA_ASSIGN_OR_RETURN(entries, folder.List(root));
  }
  for (const DirectoryEntry& entry : entries) Note(entry.name, &bag);
  const std::string payload = JoinPath(root, kBagPayload.substr(0, kBagPayload.size() - 1));
  const Result<std::vector<DirectoryEntry>> top = folder.List(payload);
  if (!top.ok() && top.status().code() != Code::kNotFound) return top.status();
  for (const DirectoryEntry& entry : top.ok() ? *top : std::vector<DirectoryEntry>()) {
    bool document = IsDocument(entry.name);
    if (!document && entry.kind == FileKind::kDirectory) {
      XNA_ASSIGN_OR_RETURN(
          document, folder.Exists(JoinPath(JoinPath(payload, entry.name), kSessionDocument)));
    }
    bag.holds_session = bag.holds_session || document;
  }
  return std::optional<FoundBag>(std::move(bag));
}

std::unique_ptr<ImportSource> MakeBagSource(std::unique_ptr<ImportSource> bag, FoundBag found) {
  return std::make_unique<BagSource>(std::move(bag), std::move(found));
}

std::unique_ptr<ImportSource> MakeUnbaggedSource(std::unique_ptr<ImportSource> input) {
  return std::make_unique<UnbaggedSource>(std::move(input));
}

}  // namespace xnatarchive
