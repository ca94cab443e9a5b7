// error.hpp - what stands behind an xna_error.
#ifndef XNATARCHIVE_CAPI_ERROR_HPP_
#define XNATARCHIVE_CAPI_ERROR_HPP_

#include <cstdint>
#include <string>

#include "xnatarchive/status.hpp"

namespace xnatarchive::capi {

/// A failure, in texts that end with NUL.
class Error {
 public:
  Error(const Status& failure, std::int32_t host_status);

  const std::int32_t status;
  const std::int32_t host_status;
  const std::string reason;
  const std::string message;
  const std::string path;
  const std::int32_t disk_state;
  const std::int32_t os_errno;
};

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_ERROR_HPP_
