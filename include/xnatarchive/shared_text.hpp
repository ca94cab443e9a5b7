// shared_text.hpp - text that is small to hold many times.
//
// A session of 100,000 files is 100,000 catalog entries of up to sixteen texts each, most of them
// absent, and many the same in every entry (format, user, time) or twice in one (URI and ID). As
// std::string they took 600 bytes per entry before the first character; the promise is 200 MB for
// the whole session.
#ifndef XNATARCHIVE_SHARED_TEXT_HPP_
#define XNATARCHIVE_SHARED_TEXT_HPP_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace xnatarchive {

/// Immutable text in the size of one pointer. Copies share the characters; empty text has none.
/// Converts from and to the standard types, so it reads like a std::string; change it by assigning
/// a new one. Not NUL-terminated.
///
/// Threads: a value type; different objects are independent, also when they share characters.
class SharedText {
 public:
  SharedText() noexcept = default;
  /// @{ Copies the characters, or with another SharedText shares them.
  SharedText(std::string_view text) : block_(Make(text)) {}               // NOLINT: implicit
  SharedText(const std::string& text) : block_(Make(text)) {}             // NOLINT: implicit
  SharedText(const char* text) : block_(Make(std::string_view(text))) {}  // NOLINT: implicit
  SharedText(const SharedText& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) block_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  SharedText(SharedText&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedText& operator=(SharedText other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  /// @}
  ~SharedText() {
    if (block_ == nullptr) return;
    if (block_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      block_->~Block();
      ::operator delete(block_);
    }
  }

  /// Valid while this object, or a copy of it, holds the text.
  std::string_view view() const noexcept {
    if (block_ == nullptr) return {};
    return {reinterpret_cast<const char*>(block_ + 1), block_->size};
  }
  /// @{ As std::string has it.
  operator std::string_view() const noexcept { return view(); }  // NOLINT: implicit
  operator std::string() const { return std::string(view()); }   // NOLINT: implicit
  bool empty() const noexcept { return block_ == nullptr; }
  std::size_t size() const noexcept { return view().size(); }

  friend bool operator==(const SharedText& a, const SharedText& b) noexcept {
    return a.block_ == b.block_ || a.view() == b.view();
  }
  friend bool operator!=(const SharedText& a, const SharedText& b) noexcept { return !(a == b); }
  friend bool operator<(const SharedText& a, const SharedText& b) noexcept {
    return a.view() < b.view();
  }
  template <typename T, typename = std::enable_if_t<!std::is_same_v<T, SharedText>>>
  friend bool operator==(const SharedText& a, const T& b) {
    return a.view() == std::string_view(b);
  }
  template <typename T, typename = std::enable_if_t<!std::is_same_v<T, SharedText>>>
  friend bool operator!=(const SharedText& a, const T& b) {
    return a.view() != std::string_view(b);
  }
  template <typename T, typename = std::enable_if_t<!std::is_same_v<T, SharedText>>>
  friend bool operator==(const T& a, const SharedText& b) {
    return std::string_view(a) == b.view();
  }
  template <typename T, typename = std::enable_if_t<!std::is_same_v<T, SharedText>>>
  friend bool operator!=(const T& a, const SharedText& b) {
    return std::string_view(a) != b.view();
  }
  /// @}

 private:
  /// The characters follow it.
  struct Block {
    std::atomic<std::uint32_t> owners;
    std::uint32_t size;
  };

  static Block* Make(std::string_view text) {
    if (text.empty()) return nullptr;
    if (text.size() > UINT32_MAX) throw std::bad_alloc();
    void* memory = ::operator new(sizeof(Block) + text.size());
    auto* block = new (memory) Block{{1}, static_cast<std::uint32_t>(text.size())};
    std::memcpy(static_cast<char*>(memory) + sizeof(Block), text.data(), text.size());
    return block;
  }

  Block* block_ = nullptr;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_SHARED_TEXT_HPP_
