#include "digest/hash_lanes.hpp"

#include <algorithm>
#include <cstring>
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

/// What a lane is given: an open file, or bytes.
struct LaneInput {
  std::size_t number = 0;  // by which the caller knows it
  std::uint64_t size = 0;
  const FileToHash* file = nullptr;
  const char* bytes = nullptr;  // of what is no file
};

}  // namespace

/// What is being hashed, one in each lane.
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

  Status Run(const std::vector<LaneInput>& inputs, HashProgress& progress, const Done& done) {
    auto next = inputs.begin();
    for (Lane& lane : lanes_) lane.busy = false;  // a failure may have left some busy
    for (;;) {
      std::size_t blocks = 0;
      const unsigned char* data[kMd5LanesMax] = {};
      const unsigned char* any = nullptr;
      for (std::size_t i = 0; i < lanes_.size(); ++i) {
        Lane& lane = lanes_[i];
        while (lane.busy ? lane.blocks == 0 : next != inputs.end()) {
          if (!lane.busy) {
            Begin(i, *next++);
          } else if (lane.padded) {
            XNA_RETURN_IF_ERROR(Finish(i, done));
            continue;
          }
          if (lane.input.file == nullptr) {
            Point(&lane);
          } else {
            XNA_RETURN_IF_ERROR(Fill(&lane, progress));
          }
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
    LaneInput input;
    std::uint64_t left = 0;  // not given yet
    unsigned char* buffer = nullptr;
    const unsigned char* bytes = nullptr;  // not hashed yet
    std::size_t blocks = 0;
    Xxh3State xxh3;
    unsigned char xxh3_digest[kXxh3Bytes];
  };

  void Begin(std::size_t i, const LaneInput& input) {
    Lane& lane = lanes_[i];
    lane.busy = true;
    lane.padded = false;
    lane.input = input;
    lane.left = input.size;
    lane.blocks = 0;
    BeginMd5(&states_, i);
    if (!has_xxh3_) return;
    if (input.file == nullptr) {
      xxh3_.hash(input.bytes, static_cast<std::size_t>(input.size), lane.xxh3_digest);
    } else {
      xxh3_.reset(&lane.xxh3);
    }
  }

  /// Gives the lane all whole blocks of bytes in memory, then the rest.
  static void Point(Lane* lane) {
    const auto left = static_cast<std::size_t>(lane->left);
    const char* const bytes = lane->input.bytes + (lane->input.size - lane->left);
    lane->blocks = left / kMd5BlockBytes;
    lane->bytes = reinterpret_cast<const unsigned char*>(bytes);
    lane->left = left % kMd5BlockBytes;
    if (lane->blocks > 0) return;
    lane->padded = true;
    if (left > 0) std::memcpy(lane->buffer, bytes, left);
    lane->bytes = lane->buffer;
    lane->blocks = PadMd5(lane->buffer, left, lane->input.size);
  }

  /// Reads the next piece of a file into the lane.
  Status Fill(Lane* lane, HashProgress& progress) const {
    const std::uint64_t total = lane->input.size;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(lane->left, kPieceBytes));
    char* const text = reinterpret_cast<char*>(lane->buffer);
    XNA_RETURN_IF_ERROR(ReadPiece(*lane->input.file->file, text, size));
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

  Status Finish(std::size_t i, const Done& done) {
    Lane& lane = lanes_[i];
    lane.busy = false;
    const FileToHash* const file = lane.input.file;
    if (file != nullptr) XNA_RETURN_IF_ERROR(CheckUnchanged(*file->file, file->before));
    unsigned char md5[kMd5Bytes];
    FinishMd5(states_, i, md5);
    Digests digests{Hex(md5, sizeof md5), ""};
    if (has_xxh3_) digests.xxh3 = Hex(lane.xxh3_digest, sizeof lane.xxh3_digest);
    return done(lane.input.number, digests);
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

namespace {

LaneHasher& LanesOf(HashWorker& worker) {
  if (!worker.lanes) worker.lanes = std::make_unique<LaneHasher>(*BestMd5Lanes(), worker.checksum);
  return *worker.lanes;
}

}  // namespace

Status HashOpenFiles(const std::vector<FileToHash>& files, HashWorker& worker,
                     HashProgress& progress,
                     const std::function<Status(std::size_t, const Digests&)>& done) {
  std::vector<LaneInput> in_lanes;
  std::vector<std::size_t> alone;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::uint64_t size = files[i].before.size;
    if (size <= kFileBytesMax && BuffersAtOnce(worker.checksum) > 1) {
      in_lanes.push_back({i, size, &files[i], nullptr});
    } else {
      alone.push_back(i);
    }
  }
  if (in_lanes.size() == 1) {
    alone.push_back(in_lanes.front().number);
  } else if (!in_lanes.empty()) {
    XNA_RETURN_IF_ERROR(LanesOf(worker).Run(in_lanes, progress, done));
  }
  for (const std::size_t i : alone) {
    XNA_ASSIGN_OR_RETURN(const Digests digests,
                         HashOpenFile(*files[i].file, files[i].before, worker, progress, nullptr));
    XNA_RETURN_IF_ERROR(done(i, digests));
  }
  return Status();
}

std::size_t BuffersAtOnce(Checksum checksum) noexcept {
  const Md5Lanes* const md5 = HasMd5(checksum) ? BestMd5Lanes() : nullptr;
  return md5 == nullptr ? 1 : md5->lanes;
}

std::vector<Digests> HashBuffers(const std::vector<std::string_view>& buffers, HashWorker& worker) {
  std::vector<Digests> digests(buffers.size());
  if (buffers.size() > 1 && BuffersAtOnce(worker.checksum) > 1) {
    std::vector<LaneInput> inputs;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      inputs.push_back({i, buffers[i].size(), nullptr, buffers[i].data()});
    }
    HashProgress unwatched({});
    IgnoreError(LanesOf(worker).Run(inputs, unwatched,
                                    [&](std::size_t i, const Digests& of_one) {
                                      digests[i] = of_one;
                                      return Status();
                                    }),
                "bytes in memory are always there to be read");
    return digests;
  }
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    digests[i] = worker.hasher.Hash(buffers[i].data(), buffers[i].size());
  }
  return digests;
}

}  // namespace xnatarchive
