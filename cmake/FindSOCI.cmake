# FindSOCI.cmake - Debian's SOCI installs no CMake package. Defines SOCI::soci_core and, for each
# component, SOCI::soci_<component>, the names SOCI's own package uses.
find_package(SOCI CONFIG QUIET)
if(TARGET SOCI::soci_core AND TARGET SOCI::soci_sqlite3)
  set(SOCI_FOUND TRUE)
  return()
endif()

find_path(SOCI_INCLUDE_DIR soci/soci.h)
find_library(SOCI_core_LIBRARY soci_core)
set(soci_required SOCI_INCLUDE_DIR SOCI_core_LIBRARY)
foreach(component IN LISTS SOCI_FIND_COMPONENTS)
  find_library(SOCI_${component}_LIBRARY soci_${component})
  if(SOCI_${component}_LIBRARY)
    set(SOCI_${component}_FOUND TRUE)
  endif()
  list(APPEND soci_required SOCI_${component}_LIBRARY)
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SOCI REQUIRED_VARS ${soci_required} HANDLE_COMPONENTS)

if(SOCI_FOUND)
  foreach(component IN ITEMS core ${SOCI_FIND_COMPONENTS})
    if(NOT TARGET SOCI::soci_${component})
      add_library(SOCI::soci_${component} UNKNOWN IMPORTED)
      set_target_properties(SOCI::soci_${component} PROPERTIES
        IMPORTED_LOCATION ${SOCI_${component}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${SOCI_INCLUDE_DIR})
    endif()
    if(NOT component STREQUAL core)
      set_property(TARGET SOCI::soci_${component} PROPERTY
        INTERFACE_LINK_LIBRARIES SOCI::soci_core)
    endif()
  endforeach()
endif()
mark_as_advanced(${soci_required})
