# Files as C strings: cmake -DOUT=templates.c -DPREFIX=template_ -DFILES="a;b" -P embed.cmake
# Writes OUT and, beside it, the header of the same name. A file's string is called by
# PREFIX and its name up to the first dot.
cmake_path(REPLACE_EXTENSION OUT h OUTPUT_VARIABLE header)
cmake_path(GET header FILENAME header_name)
set(code "/* Made by cmake/embed.cmake. */\n#include \"${header_name}\"\n")
set(declarations "/* Made by cmake/embed.cmake. */\n#pragma once\n\n")
foreach(file IN LISTS FILES)
  cmake_path(GET file STEM name)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" text "${bytes}")
  string(APPEND code "\nconst char ${PREFIX}${name}[] = \"${text}\";\n")
  string(APPEND declarations "extern const char ${PREFIX}${name}[];\n")
endforeach()
file(WRITE ${OUT} "${code}")
file(WRITE ${header} "${declarations}")
