// digits.hpp - taking dates and times apart, from their front.
#ifndef XNATARCHIVE_XML_DIGITS_HPP_
#define XNATARCHIVE_XML_DIGITS_HPP_

#include <cstddef>
#include <string_view>

namespace xnatarchive {

/// Reads `digits_min` to `digits_max` digits off the front of `text`, nine at most; -1 where there
/// are fewer.
inline int ReadDigits(std::string_view& text, std::size_t digits_min, std::size_t digits_max) {
  std::size_t size = 0;
  int value = 0;
  while (size < text.size() && size < digits_max && text[size] >= '0' && text[size] <= '9') {
    value = value * 10 + (text[size++] - '0');
  }
  text.remove_prefix(size);
  return size < digits_min ? -1 : value;
}

inline bool ReadChar(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_DIGITS_HPP_
