# debian.cmake - `cpack` in a build tree makes three Debian packages of the components of install.cmake.
#
# The build tree has to be made for the place where Debian installs (-D CMAKE_INSTALL_PREFIX=/usr);
# debian_test.sh shows how.
set(debian_dir ${CMAKE_CURRENT_LIST_DIR}/debian)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME xnatarchive)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
# Who makes packages for others puts their own address here.
set(CPACK_PACKAGE_CONTACT "xnatarchive maintainers <maintainers@xnatarchive.example>"
  CACHE STRING "Maintainer of the packages, with address")
set(CPACK_COMPONENTS_ALL Runtime Development Tools)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# Each description below has its own first line.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")

set(about "xnatarchive receives imaging sessions (DICOM) into a prearchive and archives
them as XNAT does: crash-safe, with the tree, the catalogs and the documents
that XNAT has.")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libxnatarchive1)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "XNAT's archive services as an embeddable library
${about}
.
This package has the library that programs load.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${debian_dir}/triggers)
# A program that uses a function of a newer library needs that library.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")

set(package_version ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libxnatarchive-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libxnatarchive1 (= ${package_version})")
# Needed with the static C++ library, and by nobody who uses the C library.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "libarchive-dev, libboost-filesystem-dev, \
libdcmtk-dev, libsoci-dev, libsqlite3-dev, libssl-dev, libtinyxml2-dev, libxxhash-dev, zlib1g-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "XNAT's archive services as an embeddable library (development)
${about}
.
This package has the header of the C library, and headers and a static library
for C++. The packages it recommends are needed with the latter.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME xnatarchive-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION science)
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "XNAT's archive services at the command line
${about}
.
This package has the command xnatarchive, and xnatarchive-server, which serves
an archive over HTTP.")

string(TIMESTAMP package_date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # or SOURCE_DATE_EPOCH
configure_file(${debian_dir}/prepare.cmake.in ${PROJECT_BINARY_DIR}/packaging/prepare.cmake @ONLY)
configure_file(${debian_dir}/changelog.in ${PROJECT_BINARY_DIR}/packaging/changelog @ONLY)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_BINARY_DIR}/packaging/prepare.cmake)
include(CPack)
