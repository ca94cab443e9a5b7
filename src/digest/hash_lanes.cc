#include "digest/hash_lanes.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "digest/md5_lanes.hpp"

namespace xnatarchive {
namespace {

constexpr std::size_t kXxh3Bytes = 16;
/// Of each lane; all lanes together fit a processor's own cache.
constexpr std::size_t kPieceBytes = std::size_t{32} << 10;
static_assert(kPieceBytes % kMd5BlockBytes == 0, "only the last piece has a part of a block");
/// A larger file than the others would be left alone in the lanes, where one takes longer than by
/// itself.
constexpr std::uint64_t kFileBytesMax = std::uint64_t{4} << 20;

bool HasMd5(Checksum checksum) {
  return checksum == Checksum::kMd5AndXxh3 || checksum == Checksum::kMd5;
}

}  // namespace

/// The files that are being hashed, one in each lane.
class LaneHasher {
 public:
  LaneHasher(const Md5Lanes& md5, Checksum checksum)
      : md5_(md5),
        has_xxh3_(checksum == Checksum::kMd5AndXxh3),
        xxh3_(BestXxh3()),
        lanes_(md5.lanes),
        memory_(new unsigned char[md5.lanes * kLaneBytes]) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) lanes_[i].buffer = &memory_[i * kLaneBytes];
  }

  using Done = std::function<Status(std::size_t, const Digests&)>;

  /// Hashes those of `files` that `chosen` names.
  Status Run(const std::vector<FileToHash>& files, const std::vector<std::size_t>& chosen,
             HashProgress& progress, const Done& done) {
    auto next = chosen.begin();
    for (Lane& lane : lanes_) lane.busy = false;  // a failure may have left some busy
    for (;;) {
      std::size_t blocks = 0;
      const unsigned char* data[kMd5LanesMax] = {};
      const unsigned char* any = nullptr;
      for (std::size_t i = 0; i < lanes_.size(); ++i) {
        Lane& lane = lanes_[i];
        while (lane.busy ? lane.blocks == 0 : next != chosen.end()) {
          if (!lane.busy) {
            Begin(i, *next++, files);
          } else if (lane.padded) {
            XNA_RETURN_IF_ERROR(Finish(i, files, done));
            continue;
          }
          XNA_RETURN_IF_ERROR(Fill(&lane, files, progress));
        }
        if (!lane.busy) continue;
        blocks = any == nullptr ? lane.blocks : std::min(blocks, lane.blocks);
        any = data[i] = lane.bytes;
      }
      if (any == nullptr) return Status();
      // A lane without a file works on another's bytes, for nobody.
      std::replace(data, data + lanes_.size(), static_cast<const unsigned char*>(nullptr), any);
      md5_.update(&states_, data, blocks);
      for (Lane& lane : lanes_) {
        if (!lane.busy) continue;
        lane.bytes += blocks * kMd5BlockBytes;
        lane.blocks -= blocks;
      }
    }
  }

 private:
  static constexpr std::size_t kLaneBytes = kPieceBytes + 2 * kMd5BlockBytes;
  static_assert(kMd5PaddingMax <= 2 * kMd5BlockBytes, "padding fits behind a piece");

  struct Lane {
    bool busy = false;
    bool padded = false;  // nothing comes after the blocks there are
    std::size_t file = 0;
    std::uint64_t left = 0;  // not read yet
    unsigned char* buffer = nullptr;
    const unsigned char* bytes = nullptr;  // not hashed yet
    std::size_t blocks = 0;
    Xxh3State xxh3;
    unsigned char xxh3_digest[kXxh3Bytes];
  };

  void Begin(std::size_t i, std::size_t file, const std::vector<FileToHash>& files) {
    Lane& lane = lanes_[i];
    lane.busy = true;
    lane.padded = false;
    lane.file = file;
    lane.left = files[file].before.size;
    lane.blocks = 0;
    BeginMd5(&states_, i);
    if (has_xxh3_) xxh3_.reset(&lane.xxh3);
  }

  Status Fill(Lane* lane, const std::vector<FileToHash>& files, HashProgress& progress) const {
    const std::uint64_t total = files[lane->file].before.size;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(lane->left, kPieceBytes));
    char* const text = reinterpret_cast<char*>(lane->buffer);
    XNA_RETURN_IF_ERROR(ReadPiece(*files[lane->file].file, text, size));
    XNA_RETURN_IF_ERROR(progress.Add(size));
    lane->left -= size;
    lane->padded = lane->left == 0;
    if (has_xxh3_ && size == total) {
      xxh3_.hash(text, size, lane->xxh3_digest);
    } else if (has_xxh3_) {
      xxh3_.update(&lane->xxh3, text, size);
      if (lane->padded) xxh3_.finish(&lane->xxh3, lane->xxh3_digest);
    }
    lane->bytes = lane->buffer;
    lane->blocks = lane->padded ? PadMd5(lane->buffer, size, total) : size / kMd5BlockBytes;
    return Status();
  }

  Status Finish(std::size_t i, const std::vector<FileToHash>& files, const Done& done) {
    Lane& lane = lanes_[i];
    lane.busy = false;
    XNA_RETURN_IF_ERROR(CheckUnchanged(*files[lane.file].file, files[lane.file].before));
    unsigned char md5[kMd5Bytes];
    FinishMd5(states_, i, md5);
    Digests digests{Hex(md5, sizeof md5), ""};
    if (has_xxh3_) digests.xxh3 = Hex(lane.xxh3_digest, sizeof lane.xxh3_digest);
    return done(lane.file, digests);
  }

  const Md5Lanes& md5_;
  const bool has_xxh3_;
  const Xxh3& xxh3_;
  Md5LaneStates states_;
  std::vector<Lane> lanes_;
  std::unique_ptr<unsigned char[]> memory_;
};

HashWorker::HashWorker(Checksum wanted)
    : checksum(wanted), hasher(wanted), buffer(new char[kBufferBytes]) {}
HashWorker::~HashWorker() = default;

Status HashOpenFiles(const std::vector<FileToHash>& files, HashWorker& worker,
                     HashProgress& progress,
                     const std::function<Status(std::size_t, const Digests&)>& done) {
  std::vector<std::size_t> in_lanes, alone;
  for (std::size_t i = 0; i < files.size(); ++i) {
    (files[i].before.size <= kFileBytesMax ? in_lanes : alone).push_back(i);
  }
  const Md5Lanes* const md5 = BestMd5Lanes();
  if (md5 == nullptr || !HasMd5(worker.checksum) || in_lanes.size() < 2) {
    alone.insert(alone.end(), in_lanes.begin(), in_lanes.end());
    in_lanes.clear();
  }
  if (!in_lanes.empty()) {
    if (!worker.lanes) worker.lanes = std::make_unique<LaneHasher>(*md5, worker.checksum);
    XNA_RETURN_IF_ERROR(worker.lanes->Run(files, in_lanes, progress, done));
  }
  for (const std::size_t i : alone) {
    XNA_ASSIGN_OR_RETURN(const Digests digests,
                         HashOpenFile(*files[i].file, files[i].before, worker, progress, nullptr));
    XNA_RETURN_IF_ERROR(done(i, digests));
  }
  return Status();
}

}  // namespace xnatarchive
