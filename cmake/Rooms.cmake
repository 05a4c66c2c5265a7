# Headers that are precompiled once, for all rooms and for all test programs: ten seconds each, which a room of its own
# would pay for nothing, since they hold what no room's definitions change.
add_library(exposee_std_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_precompile_headers(exposee_std_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/std.pch.h)
if(EXPOSEE_TESTS)
  add_library(exposee_test_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
  target_link_libraries(exposee_test_pch PRIVATE GTest::gtest_main GTest::gmock)
  target_precompile_headers(exposee_test_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/test.pch.h)
endif()

# exposee_room(<name> DIR <dir> LINKS <libs...>)
#   One static library per room from every .cc beside each other; x_test.cc files become the
#   room's own test program, <name>_test, found by ctest case by case.
function(exposee_room name)
  cmake_parse_arguments(ROOM "" "DIR" "LINKS" ${ARGN})
  if(NOT ROOM_DIR)
    set(ROOM_DIR ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${ROOM_DIR}/*.cc ${ROOM_DIR}/*.c)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources)
    add_library(exposee_${name} STATIC ${sources})
    target_include_directories(exposee_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(exposee_${name} PUBLIC ${ROOM_LINKS})
    target_precompile_headers(exposee_${name} REUSE_FROM exposee_std_pch)
  else()
    add_library(exposee_${name} INTERFACE)
    target_include_directories(exposee_${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(exposee_${name} INTERFACE ${ROOM_LINKS})
  endif()
  if(EXPOSEE_TESTS AND tests)
    exposee_test(${name}_test SOURCES ${tests} LINKS exposee_${name})
  endif()
endfunction()

# Every GoogleTest program, under one name: ninja suites
add_custom_target(suites)

# Seconds after which a case hangs for certain: the longest takes one minute of a debug build's processor time, and a
# machine may be shared by ten builds.
set(EXPOSEE_CASE_TIMEOUT 1200)

# exposee_test(<name> SOURCES ... LINKS ...): a GoogleTest program whose cases ctest lists one by one.
function(exposee_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE ${TEST_LINKS} exposee_fakes GTest::gtest_main GTest::gmock)
  target_precompile_headers(${name} REUSE_FROM exposee_test_pch)
  gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 300 PROPERTIES TIMEOUT ${EXPOSEE_CASE_TIMEOUT})
  add_dependencies(suites ${name})
endfunction()
