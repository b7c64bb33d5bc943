# wherry_embed_files(PREFIX OUTPUT FILE…): writes OUTPUT, an assembler file that makes the files part of a
# program. FILE is NAME=PATH. C++ sees `PREFIX_files[]` of base/embedded.h's type and `PREFIX_file_count`.
function(wherry_embed_files prefix output)
  set(contents "")
  set(table "")
  set(count 0)
  set(paths "")
  foreach(file IN LISTS ARGN)
    string(REGEX MATCH "^([^=]*)=(.*)$" _ "${file}")
    string(APPEND contents
           "n${count}: .asciz \"${CMAKE_MATCH_1}\"\nb${count}: .incbin \"${CMAKE_MATCH_2}\"\ne${count}:\n")
    string(APPEND table ".quad n${count}, b${count}, e${count}\n")
    math(EXPR count "${count} + 1")
    list(APPEND paths ${CMAKE_MATCH_2})
  endforeach()
  file(CONFIGURE OUTPUT ${output} CONTENT
"// Made by cmake/EmbedFiles.cmake.
.section .rodata
${contents}.section .data.rel.ro, \"aw\"
.balign 8
.global ${prefix}_files
${prefix}_files:
${table}.section .rodata
.balign 8
.global ${prefix}_file_count
${prefix}_file_count: .quad ${count}
.section .note.GNU-stack, \"\", @progbits
" @ONLY)
  set_source_files_properties(${output} PROPERTIES OBJECT_DEPENDS "${paths}")
endfunction()
