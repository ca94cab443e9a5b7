# FindDCMTK.cmake - DCMTK's own package, with two faults mended: in 3.6.6 (Ubuntu 22.04) its targets
# have no namespace, and in Ubuntu 24.04 they name libnsl, which is not there and not needed.
# Defines DCMTK::ofstd, DCMTK::oflog and DCMTK::dcmdata.
find_package(DCMTK CONFIG QUIET)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DCMTK CONFIG_MODE)

if(DCMTK_FOUND)
  find_library(DCMTK_nsl_LIBRARY nsl)
  mark_as_advanced(DCMTK_nsl_LIBRARY)
  foreach(library IN ITEMS ofstd oflog dcmdata)
    if(NOT TARGET DCMTK::${library})
      add_library(DCMTK::${library} INTERFACE IMPORTED)
      set_target_properties(DCMTK::${library} PROPERTIES
        INTERFACE_LINK_LIBRARIES ${library}
        INTERFACE_INCLUDE_DIRECTORIES "${DCMTK_INCLUDE_DIRS}")
    endif()
    get_target_property(links DCMTK::${library} INTERFACE_LINK_LIBRARIES)
    if(NOT DCMTK_nsl_LIBRARY AND links)
      list(REMOVE_ITEM links nsl)
      set_property(TARGET DCMTK::${library} PROPERTY INTERFACE_LINK_LIBRARIES "${links}")
    endif()
  endforeach()
endif()
