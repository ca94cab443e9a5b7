// utf8_names.hpp - makes libarchive take names for UTF-8.
#ifndef XNATARCHIVE_CONTAINER_UTF8_NAMES_HPP_
#define XNATARCHIVE_CONTAINER_UTF8_NAMES_HPP_

#include <locale.h>

namespace xnatarchive {

/// Makes names in UTF-8 go through libarchive as UTF-8, whatever the host's locale is. Touches the
/// calling thread only, and only while libarchive works on a header.
class Utf8Names {
 public:
  Utf8Names() {
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (utf8 != nullptr) previous_ = uselocale(utf8);
  }
  ~Utf8Names() {
    if (previous_ != nullptr) uselocale(previous_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  locale_t previous_ = nullptr;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CONTAINER_UTF8_NAMES_HPP_
