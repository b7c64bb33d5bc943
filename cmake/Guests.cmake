# Guests for tests: WebAssembly programs, compiled from source. Every function makes
# ${CMAKE_BINARY_DIR}/guests/<name>.wasm in a target guest_<name> that is part of `all`; SOURCES are
# relative to the calling directory. docs/guests.md tells the same commands to people.
#
#   wherry_guest(name SOURCES … OPTIONS …)       C, for WASI; OPTIONS go to clang
#   wherry_guest_cpp(name SOURCES … OPTIONS …)   C++20, for WASI, without exceptions
#   wherry_guest_rust(name SOURCES FILE OPTIONS …)  one crate; for WASI unless OPTIONS have --target
#   wherry_guest_assemblyscript(name SOURCES …)  the first source is the entry
#   wherry_guest_go(name SOURCES …)              one package
#   wherry_guest_text(name SOURCES FILE)         the text format
#   wherry_guest_handler(name SOURCES …), wherry_guest_rust_handler(name SOURCES FILE)
#                                                handlers in C and Rust, with the kits of sdk/

# find_program() for a tool that a Debian package brings; says which when it is missing.
macro(wherry_tool variable program packages)
  find_program(${variable} ${program} ${ARGN})
  if(NOT ${variable})
    message(FATAL_ERROR "${program} not found: install ${packages} (./dev setup does)")
  endif()
endmacro()

wherry_tool(WHERRY_GUEST_CLANG clang-22 "clang-22 lld-22 wasi-libc libclang-rt-22-dev-wasm32")
wherry_tool(WHERRY_GUEST_CLANGXX clang++-22 "clang-22 libc++-22-dev-wasm32 libc++abi-22-dev-wasm32")
# Debian's own, whatever rustup or Go's installer put on the PATH: theirs lack the target's library
# or are another version.
wherry_tool(WHERRY_GUEST_RUSTC rustc "rustc libstd-rust-dev-wasm32 lld-14" PATHS /usr/bin
            NO_DEFAULT_PATH)
wherry_tool(WHERRY_GUEST_GO go "golang-1.23-go (bookworm-backports)" PATHS /usr/lib/go-1.23/bin
            NO_DEFAULT_PATH)
wherry_tool(WHERRY_GUEST_NODE node "nodejs")
wherry_tool(WHERRY_GUEST_WAT2WASM wat2wasm "wabt")

# What a file of a package must exist for, as a compiler's own message would not name the package.
function(wherry_require path packages)
  if(NOT EXISTS ${path})
    message(FATAL_ERROR "${path} not found: install ${packages} (./dev setup does)")
  endif()
endfunction()
wherry_require(/usr/lib/wasm32-wasi/libc++.a "libc++-22-dev-wasm32")
wherry_require(/usr/lib/rustlib/wasm32-wasi "libstd-rust-dev-wasm32")

# --no-wasm-opt: clang would run whatever binaryen is on the PATH.
set(WHERRY_GUEST_C_FLAGS --target=wasm32-wasi -Wno-deprecated -O2 --no-wasm-opt)
set(WHERRY_GUEST_CPP_FLAGS ${WHERRY_GUEST_C_FLAGS} -std=c++20 -stdlib=libc++ -fno-exceptions)

# The arguments of one wherry_guest*(), with absolute `sources` and `output`.
macro(wherry_guest_arguments)
  cmake_parse_arguments(GUEST "" "" "SOURCES;OPTIONS;DEPENDS" ${ARGN})
  if(GUEST_UNPARSED_ARGUMENTS OR NOT GUEST_SOURCES)
    message(FATAL_ERROR "guest ${name}: SOURCES missing or unknown arguments")
  endif()
  set(output ${CMAKE_BINARY_DIR}/guests/${name}.wasm)
  list(TRANSFORM GUEST_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE sources)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/guests)
endmacro()

function(wherry_guest_clang name compiler)
  wherry_guest_arguments(${ARGN})
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${compiler} -Wall -Wextra -Werror ${GUEST_OPTIONS} -MD -MF ${output}.d -MT
            guests/${name}.wasm ${sources} -o ${output}
    DEPENDS ${sources} ${GUEST_DEPENDS}
    DEPFILE ${output}.d
    COMMENT "Building guest ${name}.wasm"
    VERBATIM COMMAND_EXPAND_LISTS)
  add_custom_target(guest_${name} ALL DEPENDS ${output})
endfunction()

function(wherry_guest name)
  wherry_guest_clang(${name} "${WHERRY_GUEST_CLANG};${WHERRY_GUEST_C_FLAGS}" ${ARGN})
endfunction()

function(wherry_guest_cpp name)
  wherry_guest_clang(${name} "${WHERRY_GUEST_CLANGXX};${WHERRY_GUEST_CPP_FLAGS}" ${ARGN})
endfunction()

# Debian's rustc 1.63 writes metadata that newer linkers refuse.
function(wherry_guest_rust name)
  wherry_guest_arguments(${ARGN})
  if(NOT "--target" IN_LIST GUEST_OPTIONS)
    list(APPEND GUEST_OPTIONS --target wasm32-wasi)
  endif()
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${WHERRY_GUEST_RUSTC} --edition 2021 -D warnings -C opt-level=2 -C
            linker=wasm-ld-14 -C strip=debuginfo ${GUEST_OPTIONS} ${sources} -o ${output}
    DEPENDS ${sources} ${GUEST_DEPENDS}
    COMMENT "Building guest ${name}.wasm"
    VERBATIM)
  add_custom_target(guest_${name} ALL DEPENDS ${output})
endfunction()

# Handlers, with the kits of sdk/. The one for Rust is a crate that is built once.
function(wherry_guest_handler name)
  wherry_guest(${name} ${ARGN} OPTIONS -mexec-model=reactor -Wl,--strip-debug -I${PROJECT_SOURCE_DIR}/sdk/c
               DEPENDS ${PROJECT_SOURCE_DIR}/sdk/c/wherry.h)
endfunction()

set(WHERRY_GUEST_RUST_KIT ${CMAKE_BINARY_DIR}/guests/libwherry.rlib)
function(wherry_guest_rust_kit)
  set(source ${PROJECT_SOURCE_DIR}/sdk/rust/wherry/src/lib.rs)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/guests)
  add_custom_command(
    OUTPUT ${WHERRY_GUEST_RUST_KIT}
    COMMAND ${WHERRY_GUEST_RUSTC} --edition 2021 -D warnings -C opt-level=2 --target wasm32-wasi
            --crate-type rlib --crate-name wherry ${source} -o ${WHERRY_GUEST_RUST_KIT}
    DEPENDS ${source}
    COMMENT "Building the kit for Rust"
    VERBATIM)
endfunction()
function(wherry_guest_rust_handler name)
  wherry_guest_rust(${name} ${ARGN} OPTIONS --crate-type cdylib --extern
                    wherry=${WHERRY_GUEST_RUST_KIT} DEPENDS ${WHERRY_GUEST_RUST_KIT})
endfunction()

# npm's packages are where ./dev setup puts them, for all presets. The compiler looks for packages
# in the folders above a source, so the sources go there.
set(WHERRY_NPM ${PROJECT_SOURCE_DIR}/build/npm)
function(wherry_guest_assemblyscript name)
  wherry_guest_arguments(${ARGN})
  set(folder ${WHERRY_NPM}/assemblyscript)
  wherry_require(${folder}/node_modules/assemblyscript "npm's packages with ./dev setup")
  list(GET sources 0 entry)
  cmake_path(GET entry FILENAME entry)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}/${name}
    COMMAND ${CMAKE_COMMAND} -E copy ${sources} ${folder}/${name}
    COMMAND ${CMAKE_COMMAND} -E chdir ${folder} ${WHERRY_GUEST_NODE}
            node_modules/assemblyscript/bin/asc.js ${name}/${entry} -O2 -o ${output} --config
            node_modules/@assemblyscript/wasi-shim/asconfig.json
    DEPENDS ${sources} ${folder}/package-lock.json
    COMMENT "Building guest ${name}.wasm"
    VERBATIM)
  add_custom_target(guest_${name} ALL DEPENDS ${output})
endfunction()

function(wherry_guest_go name)
  wherry_guest_arguments(${ARGN})
  add_custom_command(
    OUTPUT ${output}
    COMMAND
      ${CMAKE_COMMAND} -E env GOOS=wasip1 GOARCH=wasm GO111MODULE=off GOTOOLCHAIN=local
      GOPATH=${CMAKE_BINARY_DIR}/go GOCACHE=${CMAKE_BINARY_DIR}/go/cache ${WHERRY_GUEST_GO} build
      -trimpath "-ldflags=-s -w" -o ${output} ${sources}
    DEPENDS ${sources}
    COMMENT "Building guest ${name}.wasm"
    VERBATIM)
  add_custom_target(guest_${name} ALL DEPENDS ${output})
endfunction()

function(wherry_guest_text name)
  wherry_guest_arguments(${ARGN})
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${WHERRY_GUEST_WAT2WASM} --debug-names ${sources} -o ${output}
    DEPENDS ${sources}
    COMMENT "Building guest ${name}.wasm"
    VERBATIM)
  add_custom_target(guest_${name} ALL DEPENDS ${output})
endfunction()

# How guests are compiled in tests: one ctest each, named after the profile.
set(WHERRY_PROFILES dev release)

# wherry_compiled_guests(NAME…): a ctest guests.compile.<name>.<profile> for each, which makes
# guests/<profile>/<name>.wherry and is run before tests that name the fixture
# guest_<name>_<profile>.
function(wherry_compiled_guests)
  foreach(name IN LISTS ARGN)
    foreach(profile IN LISTS WHERRY_PROFILES)
      set(directory ${CMAKE_BINARY_DIR}/guests/${profile})
      file(MAKE_DIRECTORY ${directory})
      add_test(NAME guests.compile.${name}.${profile}
               COMMAND ${PROJECT_SOURCE_DIR}/tests/guests/compile.py $<TARGET_FILE:wherry> ${profile}
                       ${CMAKE_BINARY_DIR}/guests/${name}.wasm ${directory}/${name}.wherry)
      set_tests_properties(guests.compile.${name}.${profile} PROPERTIES
                           FIXTURES_SETUP guest_${name}_${profile} TIMEOUT 600 LABELS guests)
    endforeach()
  endforeach()
endfunction()

# wherry_guest_case(test STEPS FILE FILES DIRECTORY-OR-FILE… PROGRAMS NAME=GUEST… NATIVE NAME=FILE… | EXPECTED
# FILE): a ctest <test>.<profile> that takes the steps with the compiled guests in a copy of FILES
# and compares all that came of it with the native programs or the expected text
# (tests/guests/run_steps.py).
function(wherry_guest_case test)
  cmake_parse_arguments(CASE "" "STEPS;EXPECTED" "FILES;PROGRAMS;NATIVE" ${ARGN})
  foreach(profile IN LISTS WHERRY_PROFILES)
    set(arguments --steps ${CASE_STEPS})
    foreach(file IN LISTS CASE_FILES)
      list(APPEND arguments --files ${file})
    endforeach()
    set(fixtures "")
    foreach(pair IN LISTS CASE_PROGRAMS)
      string(REPLACE "=" ";" pair ${pair})
      list(GET pair 0 program)
      list(GET pair 1 guest)
      list(APPEND arguments --guest
           ${program}=${CMAKE_BINARY_DIR}/guests/${profile}/${guest}.wherry)
      list(APPEND fixtures guest_${guest}_${profile})
    endforeach()
    foreach(pair IN LISTS CASE_NATIVE)
      list(APPEND arguments --native ${pair})
    endforeach()
    if(CASE_EXPECTED)
      list(APPEND arguments --expected ${CASE_EXPECTED})
    endif()
    add_test(NAME ${test}.${profile} COMMAND ${PROJECT_SOURCE_DIR}/tests/guests/run_steps.py
                                             $<TARGET_FILE:wherry> ${arguments})
    set_tests_properties(${test}.${profile} PROPERTIES FIXTURES_REQUIRED "${fixtures}" TIMEOUT 300
                                                       LABELS guests)
  endforeach()
endfunction()
