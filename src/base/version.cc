#include "xnatarchive/version.hpp"

#define XNA_STRING_(x) #x
#define XNA_STRING(x) XNA_STRING_(x)

namespace xnatarchive {

const char* Version() noexcept {
  return XNA_STRING(XNATARCHIVE_VERSION_MAJOR) "." XNA_STRING(
      XNATARCHIVE_VERSION_MINOR) "." XNA_STRING(XNATARCHIVE_VERSION_PATCH);
}

}  // namespace xnatarchive
