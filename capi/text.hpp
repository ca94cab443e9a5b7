// text.hpp - what stands behind xna_text.
#ifndef XNATARCHIVE_CAPI_TEXT_HPP_
#define XNATARCHIVE_CAPI_TEXT_HPP_

#include <memory>
#include <string>
#include <utility>

#include "guard.hpp"
#include "handles.hpp"

namespace xnatarchive::capi {

class Text {
 public:
  explicit Text(std::string its_bytes) : bytes(std::move(its_bytes)) {}
  const std::string bytes;
};

/// Stores a new handle of the text.
inline Status StoreText(std::string bytes, xna_text** out) {
  *out = Add<xna_text>(std::make_shared<Text>(std::move(bytes)));
  return Status();
}

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_TEXT_HPP_
