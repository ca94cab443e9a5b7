# Findtinyxml2.cmake - Ubuntu 22.04's tinyxml2 installs no CMake package. Defines tinyxml2::tinyxml2,
# the name tinyxml2's own package uses.
find_package(tinyxml2 CONFIG QUIET)
if(TARGET tinyxml2::tinyxml2)
  set(tinyxml2_FOUND TRUE)
  return()
endif()

find_path(tinyxml2_INCLUDE_DIR tinyxml2.h)
find_library(tinyxml2_LIBRARY tinyxml2)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(tinyxml2 REQUIRED_VARS tinyxml2_LIBRARY tinyxml2_INCLUDE_DIR)
if(tinyxml2_FOUND)
  add_library(tinyxml2::tinyxml2 UNKNOWN IMPORTED)
  set_target_properties(tinyxml2::tinyxml2 PROPERTIES
    IMPORTED_LOCATION ${tinyxml2_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${tinyxml2_INCLUDE_DIR})
endif()
mark_as_advanced(tinyxml2_INCLUDE_DIR tinyxml2_LIBRARY)
