# A layer is a folder below daemon/ that is also a CMake target. Its headers are
# included as "LAYER/name.h" and are visible only to targets that link it: each
# layer has an include root of its own that holds nothing but itself. So an
# include of a layer that is not linked does not build.
#
#   add_layer(store SOURCES db.c … LOWER model LIBS SQLite::SQLite3)
function(add_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LOWER;LIBS" ${ARGN})
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${name} ${root}/${name} SYMBOLIC)
  list(TRANSFORM ARG_SOURCES PREPEND ${name}/)
  add_library(yw_${name} STATIC ${ARG_SOURCES})
  target_include_directories(yw_${name} PUBLIC ${root})
  list(TRANSFORM ARG_LOWER PREPEND yw_)
  target_link_libraries(yw_${name} PUBLIC ${ARG_LOWER} ${ARG_LIBS})
endfunction()
