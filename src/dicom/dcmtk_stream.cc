#include "dicom/dcmtk_stream.hpp"

#include <dcmtk/dcmdata/dcerror.h>
#include <time.h>

#include <algorithm>
#include <cstring>

namespace xnatarchive {
namespace {

/// Most headers, with the private elements that stand before the pixels, fit in one block.
constexpr std::size_t kBlockBytes = 64 * 1024;

// The bounds of one header. DCMTK reads an element in about four calls, so the budget admits some
// two million elements: 20,000 frames of 100 elements each. It recurses for every level of nesting,
// on a stack that may be a host's small one; real objects nest less than ten deep, a level takes
// about 1 KiB. And it sorts the elements of an item with effort quadratic in those out of order,
// which only the clock can bound.
constexpr std::uint64_t kBudget = 256u << 20;
constexpr std::uint64_t kCallCost = 32;
constexpr std::ptrdiff_t kStackBytesMax = 192 * 1024;
constexpr std::int64_t kCpuMaxNs = 5'000'000'000;
constexpr std::uint64_t kCallsPerClock = 4096;

const char* StackPointer() { return static_cast<const char*>(__builtin_frame_address(0)); }

std::int64_t ThreadCpuNs() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

class NoStreamFactory : public DcmInputStreamFactory {
 public:
  DcmInputStream* create() const override { return nullptr; }
  DcmInputStreamFactory* clone() const override { return new NoStreamFactory(); }
  DcmInputStreamFactoryType ident() const override { return DFT_DcmInputFileStreamFactory; }
};

}  // namespace

std::size_t HeaderSource::CopyFromWindow(std::uint64_t offset, char* buffer,
                                         std::size_t count) const {
  if (offset < window_begin_ || offset - window_begin_ >= window_.size()) return 0;
  return window_.copy(buffer, count, static_cast<std::size_t>(offset - window_begin_));
}

bool HeaderSource::LoadBlock(std::uint64_t offset) {
  if (file_ == nullptr || offset >= size_ || !status_.ok()) return false;
  if (block_ == nullptr) block_.reset(new char[kBlockBytes]);  // not zeroed, unlike make_unique
  Result<std::size_t> got = file_->ReadAt(block_.get(), kBlockBytes, offset);
  if (!got.ok()) {
    status_ = std::move(got).status();
    return false;
  }
  window_begin_ = offset;
  window_ = std::string_view(block_.get(), *got);
  return *got > 0;
}

std::string_view HeaderSource::FirstBlock() {
  if (window_.empty() || window_begin_ != 0) LoadBlock(0);
  return window_begin_ == 0 ? window_ : std::string_view();
}

std::size_t HeaderSource::ReadAt(std::uint64_t offset, void* buffer, std::size_t count) {
  auto* out = static_cast<char*>(buffer);
  std::size_t done = 0;
  while (done < count) {
    const std::size_t copied = CopyFromWindow(offset + done, out + done, count - done);
    if (copied == 0 && !LoadBlock(offset + done)) break;
    done += copied;
  }
  return done;
}

std::size_t HeaderSource::PeekAt(std::uint64_t offset, void* buffer, std::size_t count) {
  auto* out = static_cast<char*>(buffer);
  const std::size_t copied = CopyFromWindow(offset, out, count);
  if (copied == count || file_ == nullptr || offset + copied >= size_) return copied;
  Result<std::size_t> got = file_->ReadAt(out + copied, count - copied, offset + copied);
  if (!got.ok()) {
    if (status_.ok()) status_ = std::move(got).status();
    return copied;
  }
  return copied + *got;
}

OFCondition SourceProducer::status() const { return EC_Normal; }

offile_off_t SourceProducer::avail() {
  return eos() ? 0 : static_cast<offile_off_t>(source_.size() - position_);
}

offile_off_t SourceProducer::read(void* buffer, offile_off_t size) {
  const auto wanted = static_cast<std::size_t>(size);
  const std::size_t got = source_.ReadAt(position_, buffer, wanted);
  // DCMTK does not always look at the count.
  if (got < wanted) std::memset(static_cast<char*>(buffer) + got, 0, wanted - got);
  position_ += got;
  return static_cast<offile_off_t>(got);
}

offile_off_t SourceProducer::skip(offile_off_t size) {
  const offile_off_t skipped = std::min(size, avail());
  position_ += static_cast<std::uint64_t>(skipped);
  return skipped;
}

void SourceProducer::putback(offile_off_t size) {
  position_ -= std::min(position_, static_cast<std::uint64_t>(size));
}

HeaderStream::HeaderStream(HeaderSource& source)
    : DcmInputStream(&producer_),
      producer_(source),
      stack_base_(StackPointer()),
      cpu_start_ns_(ThreadCpuNs()) {}

bool HeaderStream::Charge(std::uint64_t cost) {
  if (gave_up_) return false;
  spent_ += cost;
  const std::ptrdiff_t depth = stack_base_ - StackPointer();
  gave_up_ = spent_ > kBudget || depth > kStackBytesMax || depth < -kStackBytesMax ||
             (++calls_ % kCallsPerClock == 0 && ThreadCpuNs() - cpu_start_ns_ > kCpuMaxNs);
  return !gave_up_;
}

OFBool HeaderStream::good() const { return !gave_up_ && DcmInputStream::good(); }

OFCondition HeaderStream::status() const {
  return gave_up_ ? OFCondition(EC_InvalidStream) : DcmInputStream::status();
}

OFBool HeaderStream::eos() { return gave_up_ || DcmInputStream::eos(); }

offile_off_t HeaderStream::avail() { return gave_up_ ? 0 : DcmInputStream::avail(); }

offile_off_t HeaderStream::read(void* buffer, offile_off_t size) {
  if (!Charge(kCallCost + static_cast<std::uint64_t>(size))) {
    std::memset(buffer, 0, static_cast<std::size_t>(size));
    return 0;
  }
  return DcmInputStream::read(buffer, size);
}

offile_off_t HeaderStream::skip(offile_off_t size) {
  // What is deflated has to be inflated to be skipped.
  const std::uint64_t cost = deflated_ ? static_cast<std::uint64_t>(size) : 0;
  return Charge(kCallCost + cost) ? DcmInputStream::skip(size) : 0;
}

OFCondition HeaderStream::installCompressionFilter(E_StreamCompression type) {
  deflated_ = true;
  return DcmInputStream::installCompressionFilter(type);
}

DcmInputStreamFactory* HeaderStream::newFactory() const { return new NoStreamFactory(); }

}  // namespace xnatarchive
