# reference.cmake - the target `docs`: build/.../reference/html/index.html, by Doxygen.
configure_file(${CMAKE_CURRENT_LIST_DIR}/reference/Doxyfile.in ${PROJECT_BINARY_DIR}/Doxyfile @ONLY)
set(make_reference ${CMAKE_CURRENT_LIST_DIR}/reference/reference.sh
  ${PROJECT_BINARY_DIR}/Doxyfile ${PROJECT_BINARY_DIR}/reference/warnings)
add_custom_target(docs COMMAND ${make_reference})
if(XNATARCHIVE_BUILD_TESTS)
  add_test(NAME docs COMMAND ${make_reference})
  set_tests_properties(docs PROPERTIES LABELS tidy SKIP_RETURN_CODE 77 TIMEOUT 120)
endif()
