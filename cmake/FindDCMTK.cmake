# FindDCMTK.cmake - the targets of DCMTK's package had no namespace before 3.6.7 (Ubuntu 22.04 has
# 3.6.6). Defines DCMTK::ofstd, DCMTK::oflog and DCMTK::dcmdata, as DCMTK's package does since.
find_package(DCMTK CONFIG QUIET)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DCMTK CONFIG_MODE)

if(DCMTK_FOUND)
  foreach(library IN ITEMS ofstd oflog dcmdata)
    if(NOT TARGET DCMTK::${library})
      add_library(DCMTK::${library} INTERFACE IMPORTED)
      set_target_properties(DCMTK::${library} PROPERTIES
        INTERFACE_LINK_LIBRARIES ${library}
        INTERFACE_INCLUDE_DIRECTORIES "${DCMTK_INCLUDE_DIRS}")
    endif()
  endforeach()
endif()
