# wherry_guest(name SOURCES … OPTIONS …): compiles a WASI program for tests.
#
# The result is ${CMAKE_BINARY_DIR}/guests/<name>.wasm, made by the target guest_<name>, which is
# part of `all`. SOURCES are relative to the calling directory; OPTIONS go to clang.
find_program(WHERRY_GUEST_CLANG clang-22 REQUIRED)  # Debian: clang-22 lld-22 wasi-libc
                                                    # libclang-rt-22-dev-wasm32

function(wherry_guest name)
  cmake_parse_arguments(GUEST "" "" "SOURCES;OPTIONS" ${ARGN})
  if(GUEST_UNPARSED_ARGUMENTS OR NOT GUEST_SOURCES)
    message(FATAL_ERROR "wherry_guest(${name}): SOURCES missing or unknown arguments")
  endif()
  set(output ${CMAKE_BINARY_DIR}/guests/${name}.wasm)
  list(TRANSFORM GUEST_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE sources)
  # --no-wasm-opt: clang would run whatever binaryen is on the PATH.
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/guests
    COMMAND ${WHERRY_GUEST_CLANG} --target=wasm32-wasi -Wno-deprecated -O2 --no-wasm-opt -Wall
            -Wextra -Werror ${GUEST_OPTIONS} -MD -MF ${output}.d -MT guests/${name}.wasm ${sources}
            -o ${output}
    DEPENDS ${sources}
    DEPFILE ${output}.d
    COMMENT "Building guest ${name}.wasm"
    VERBATIM)
  add_custom_target(guest_${name} ALL DEPENDS ${output})
endfunction()
