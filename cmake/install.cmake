# install.cmake - what `cmake --install` puts where: the library, its public headers, the command, and
# what find_package and pkg-config need. Included when there is a target xnatarchive.
include(CMakePackageConfigHelpers)

set(xnatarchive_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/xnatarchive)

install(TARGETS xnatarchive EXPORT xnatarchiveTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/xnatarchive DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp")
if(TARGET xnatarchive_cli)
  install(TARGETS xnatarchive_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Until 1.0 a minor release may change the C++ interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/xnatarchiveConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
configure_package_config_file(cmake/xnatarchiveConfig.cmake.in
  ${PROJECT_BINARY_DIR}/xnatarchiveConfig.cmake INSTALL_DESTINATION ${xnatarchive_cmake_dir})
install(EXPORT xnatarchiveTargets NAMESPACE xnatarchive:: DESTINATION ${xnatarchive_cmake_dir})
install(FILES
  ${PROJECT_BINARY_DIR}/xnatarchiveConfig.cmake
  ${PROJECT_BINARY_DIR}/xnatarchiveConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindDCMTK.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindSOCI.cmake
  ${CMAKE_CURRENT_LIST_DIR}/Findtinyxml2.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindxxHash.cmake
  DESTINATION ${xnatarchive_cmake_dir})

# pkg-config. A static library's dependencies are the program's to link, so there they are public:
# then `pkg-config --libs xnatarchive` is right for both kinds of library.
set(pc_requires "tinyxml2 libcrypto libarchive zlib sqlite3")
set(pc_libs "-ldcmdata -loflog -lofstd -lsoci_sqlite3 -lsoci_core -lboost_filesystem -pthread")
get_target_property(xnatarchive_type xnatarchive TYPE)
if(xnatarchive_type STREQUAL STATIC_LIBRARY)
  set(pc_public_requires ${pc_requires})
  set(pc_public_libs ${pc_libs})
else()
  set(pc_private_requires ${pc_requires})
  set(pc_private_libs ${pc_libs})
endif()
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
# The prefix as seen from the file itself, so that an installed tree may be moved.
file(RELATIVE_PATH pc_to_prefix ${CMAKE_INSTALL_PREFIX}/${pc_dir} ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pc_to_prefix ${pc_to_prefix})
configure_file(cmake/xnatarchive.pc.in ${PROJECT_BINARY_DIR}/xnatarchive.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/xnatarchive.pc DESTINATION ${pc_dir})
