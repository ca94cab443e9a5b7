# XnatarchiveTargets.cmake - the three kinds of target this project has: a layer of the library, a
# program, a test program.

# What every target of ours is compiled with. Warnings are errors in our own presets only.
add_library(xa_options INTERFACE)
target_compile_features(xa_options INTERFACE cxx_std_17)
target_compile_options(xa_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wconversion>
  # GCC 12 and later see uninitialised strings and optionals that are not, once they are inlined.
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>
  $<$<BOOL:${XNATARCHIVE_WERROR}>:-Werror>)

# xa_layer(<name> SOURCES <file>... [DEPENDS <layer>...] [LIBRARIES <third party>...])
#
# One folder of src. Makes xa_<name>, a static library that unit tests link, and adds the layer's
# objects to the xnatarchive library. DEPENDS names layers above it (see src/README.md); third-party
# include folders stay private to the layer.
function(xa_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "SOURCES;DEPENDS;LIBRARIES")
  add_library(xa_${name}_objects OBJECT ${layer_SOURCES})
  set_target_properties(xa_${name}_objects PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF)
  if(NOT BUILD_SHARED_LIBS)
    # Linked into a host's shared object, none of it becomes part of that object's interface. A
    # shared library of ours exports its C++ interface; only its source is stable.
    set_target_properties(xa_${name}_objects PROPERTIES
      CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  endif()
  target_include_directories(xa_${name}_objects PUBLIC
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(xa_${name}_objects PRIVATE xa_options ${layer_LIBRARIES})
  target_compile_definitions(xa_${name}_objects PRIVATE
    $<$<BOOL:${XNATARCHIVE_CHECK_STATUS}>:XNATARCHIVE_CHECK_STATUS>)

  add_library(xa_${name} STATIC $<TARGET_OBJECTS:xa_${name}_objects>)
  set_target_properties(xa_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(xa_${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM layer_DEPENDS PREPEND xa_)
  target_link_libraries(xa_${name} PUBLIC ${layer_DEPENDS} PRIVATE ${layer_LIBRARIES})

  set_property(GLOBAL APPEND PROPERTY XNATARCHIVE_LAYERS ${name})
  set_property(GLOBAL APPEND PROPERTY XNATARCHIVE_LIBRARIES ${layer_LIBRARIES})
endfunction()

# xa_test(<name> SOURCES <file>... [LINK <target>...] [LABEL <label>] [LIBRARIES ...])
#
# One doctest program; each test case becomes a ctest test with the label (default "unit").
function(xa_test name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "LABEL" "SOURCES;LINK")
  if(NOT test_LABEL)
    set(test_LABEL unit)
  endif()
  add_executable(${name} ${test_SOURCES})
  target_link_libraries(${name} PRIVATE xa_options xa_test_main ${test_LINK})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${test_LABEL} TIMEOUT 600)
endfunction()
