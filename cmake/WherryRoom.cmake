# wherry_room(name SOURCES … TESTS … DEPS … LIBS … PUBLIC_LIBS …)
#
# One room is one static library `wherry_<name>` made of src/<name>/SOURCES. DEPS names the other
# rooms it may include (scripts/check_layers.py holds it to that list), LIBS the third-party
# libraries only this room sees, PUBLIC_LIBS those whose headers appear in the room's own headers.
# PROGRAM_DEPS are rooms that only the room's *_main.cc may include; the program links them itself.
# TESTS become one gtest program `<name>_test`, registered with ctest test by test.
function(wherry_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;TESTS;DEPS;TEST_DEPS;PROGRAM_DEPS;LIBS;PUBLIC_LIBS" ${ARGN})
  if(ROOM_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wherry_room(${name}): unknown arguments ${ROOM_UNPARSED_ARGUMENTS}")
  endif()

  set(room_deps)
  foreach(dep IN LISTS ROOM_DEPS)
    list(APPEND room_deps wherry_${dep})
  endforeach()

  if(ROOM_SOURCES)
    add_library(wherry_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(wherry_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(wherry_${name} PUBLIC ${room_deps} ${ROOM_PUBLIC_LIBS} PRIVATE ${ROOM_LIBS})
  else()
    add_library(wherry_${name} INTERFACE)
    target_include_directories(wherry_${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(wherry_${name} INTERFACE ${room_deps} ${ROOM_PUBLIC_LIBS})
  endif()

  if(ROOM_TESTS AND WHERRY_TESTS)
    add_executable(${name}_test ${ROOM_TESTS})
    set(test_deps)
    foreach(dep IN LISTS ROOM_TEST_DEPS)
      list(APPEND test_deps wherry_${dep})
    endforeach()
    target_link_libraries(${name}_test PRIVATE wherry_${name} ${test_deps} GTest::gtest_main)
    set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS unit)
  endif()
endfunction()
