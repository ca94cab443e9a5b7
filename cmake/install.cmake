# install.cmake - what `cmake --install` puts where, as three components: Runtime, the C library that
# programs load; Development, what a compiler needs; Tools, the command and the server. Included when there is a
# target xnatarchive.
include(CMakePackageConfigHelpers)

set(xnatarchive_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/xnatarchive)

# Each library has an export file of its own: who takes the C library needs nothing that the C++
# library is linked with, not even a C++ compiler.
install(TARGETS xnatarchive EXPORT xnatarchiveCxx
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Development
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    COMPONENT Runtime NAMELINK_COMPONENT Development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT xnatarchiveCxx FILE xnatarchiveCxxTargets.cmake NAMESPACE xnatarchive::
  DESTINATION ${xnatarchive_cmake_dir} COMPONENT Development)
install(DIRECTORY include/xnatarchive DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT Development FILES_MATCHING PATTERN "*.hpp")
if(TARGET xnatarchive_capi)
  install(TARGETS xnatarchive_capi EXPORT xnatarchiveCapi
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
      COMPONENT Runtime NAMELINK_COMPONENT Development)
  install(EXPORT xnatarchiveCapi FILE xnatarchiveCapiTargets.cmake NAMESPACE xnatarchive::
    DESTINATION ${xnatarchive_cmake_dir} COMPONENT Development)
  install(FILES capi/xnatarchive.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT Development)
endif()
if(TARGET xnatarchive_cli)
  install(TARGETS xnatarchive_cli
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT Tools)
endif()
if(TARGET xnatarchive_server)
  install(TARGETS xnatarchive_server
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT Tools)
endif()
if(TARGET xnatarchive_documentation)
  set(XNATARCHIVE_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
    CACHE STRING "Where zsh looks for completions; Debian: share/zsh/vendor-completions")
  set(pages_dir ${PROJECT_BINARY_DIR}/examples)
  install(FILES ${pages_dir}/xnatarchive.1
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT Tools)
  install(FILES ${pages_dir}/xnatarchive.bash RENAME xnatarchive
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT Tools)
  install(FILES ${pages_dir}/_xnatarchive DESTINATION ${XNATARCHIVE_ZSH_DIR} COMPONENT Tools)
  install(FILES ${pages_dir}/xnatarchive.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT Tools)
endif()
install(FILES LICENSE README.md CHANGELOG.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT Documentation)

# Until 1.0 a minor release may change the C++ interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/xnatarchiveConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
configure_package_config_file(cmake/xnatarchiveConfig.cmake.in
  ${PROJECT_BINARY_DIR}/xnatarchiveConfig.cmake INSTALL_DESTINATION ${xnatarchive_cmake_dir})
install(FILES
  ${PROJECT_BINARY_DIR}/xnatarchiveConfig.cmake
  ${PROJECT_BINARY_DIR}/xnatarchiveConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindDCMTK.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindSOCI.cmake
  ${CMAKE_CURRENT_LIST_DIR}/Findtinyxml2.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindxxHash.cmake
  DESTINATION ${xnatarchive_cmake_dir} COMPONENT Development)

# xa_pkg_config(<name> LIBRARY <library> DESCRIPTION <text> [REQUIRES <text>] [LIBS <text>])
#
# Installs <name>.pc. REQUIRES and LIBS are what a static library is linked with; a program that uses
# a shared one does not see them.
function(xa_pkg_config name)
  cmake_parse_arguments(PARSE_ARGV 1 pc "" "LIBRARY;DESCRIPTION;REQUIRES;LIBS" "")
  set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  # The prefix as seen from the file itself, so that an installed tree may be moved.
  file(RELATIVE_PATH pc_to_prefix ${CMAKE_INSTALL_PREFIX}/${pc_dir} ${CMAKE_INSTALL_PREFIX})
  string(REGEX REPLACE "/$" "" pc_to_prefix ${pc_to_prefix})
  configure_file(cmake/xnatarchive.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${pc_dir} COMPONENT Development)
endfunction()

set(cxx_needs REQUIRES "tinyxml2 libcrypto libarchive zlib sqlite3"
  LIBS "-ldcmdata -loflog -lofstd -lsoci_sqlite3 -lsoci_core -lboost_filesystem -pthread")
get_target_property(xnatarchive_type xnatarchive TYPE)
if(NOT xnatarchive_type STREQUAL STATIC_LIBRARY)
  set(cxx_needs)
endif()
xa_pkg_config(xnatarchive-cxx LIBRARY xnatarchive_cxx
  DESCRIPTION "${PROJECT_DESCRIPTION}, in C++" ${cxx_needs})
if(TARGET xnatarchive_capi)
  xa_pkg_config(xnatarchive LIBRARY xnatarchive DESCRIPTION "${PROJECT_DESCRIPTION}")
endif()
