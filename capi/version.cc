#include "xnatarchive/version.hpp"

#include "xnatarchive.h"
#include "xnatarchive/status.hpp"

const char* xna_version(void) { return xnatarchive::Version(); }

uint32_t xna_version_number(void) {
  return XNATARCHIVE_VERSION_MAJOR * 1000000 + XNATARCHIVE_VERSION_MINOR * 1000 +
         XNATARCHIVE_VERSION_PATCH;
}

uint32_t xna_abi_version(void) { return XNA_ABI_VERSION; }

const char* xna_status_name(xna_status status) {
  if (status < XNA_OK || status > XNA_E_INTERNAL) return "unknown";
  return xnatarchive::CodeName(static_cast<xnatarchive::Code>(status)).data();
}
