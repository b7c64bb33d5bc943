# wherry_corpus(name out_var): the unpacked test corpus <name> (say spec-2.0), its directory in out_var.
#
# The archives are data beside the project, never copied into it: ${WHERRY_SHARED_DIR}/corpora. They
# are unpacked into the build folder once, by whichever test directory asks first.
set(WHERRY_SHARED_DIR ${PROJECT_SOURCE_DIR}/../shared CACHE PATH "where corpora/*.tar.xz lie")

function(wherry_corpus name out_var)
  set(directory ${CMAKE_BINARY_DIR}/corpora/${name})
  if(NOT EXISTS ${directory}/MANIFEST.tsv)
    set(archive ${WHERRY_SHARED_DIR}/corpora/${name}.tar.xz)
    if(NOT EXISTS ${archive})
      message(FATAL_ERROR "${archive} is missing: set WHERRY_SHARED_DIR to the folder that holds "
                          "corpora/, or configure with -DWHERRY_TESTS=OFF")
    endif()
    message(STATUS "unpacking ${name}")
    file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${CMAKE_BINARY_DIR}/corpora)
  endif()
  set(${out_var} ${directory} PARENT_SCOPE)
endfunction()
