# Files that travel inside the binary. The bytes go in by the assembler's .incbin, because a compiler chews on a
# megabyte of array for a minute; cmake/embed_files.cmake writes the source and measures sizes and hashes at build.

# exposee_embed_text(<target> FILE <file> HEADER <header> FUNCTION <namespace::name>)
#   A static library that defines `std::string_view namespace::name()`, as HEADER declares it.
function(exposee_embed_text target)
  cmake_parse_arguments(EMBED "" "FILE;HEADER;FUNCTION" "" ${ARGN})
  set(source ${CMAKE_BINARY_DIR}/embedded/${target}.cc)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DMODE=text -DFILE=${EMBED_FILE} -DHEADER=${EMBED_HEADER} -DFUNCTION=${EMBED_FUNCTION}
            -DOUTPUT=${source} -P ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${EMBED_FILE} ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    COMMENT "Embedding ${target}"
    VERBATIM)
  exposee_embed_library(${target} ${source})
endfunction()

# exposee_embed_web(<target> DIR <web folder>)
#   A static library with the files of DIR/assets.txt, as embedded/web_assets.h declares them. What npm brings is
#   installed in the build folder, anew whenever package.json or its lock changes.
function(exposee_embed_web target)
  cmake_parse_arguments(EMBED "" "DIR" "" ${ARGN})
  set(stage ${CMAKE_BINARY_DIR}/embedded/web)
  set(source ${CMAKE_BINARY_DIR}/embedded/${target}.cc)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${EMBED_DIR}/assets.txt)

  set(own_files)
  file(STRINGS ${EMBED_DIR}/assets.txt rows REGEX "^/")
  foreach(row IN LISTS rows)
    string(REGEX REPLACE "^[^ ]+ +" "" file "${row}")
    if(NOT file MATCHES "^node_modules/")
      list(APPEND own_files ${EMBED_DIR}/${file})
    endif()
  endforeach()

  set(packages ${EMBED_DIR}/package.json ${EMBED_DIR}/package-lock.json ${EMBED_DIR}/.npmrc)
  add_custom_command(
    OUTPUT ${stage}/npm.stamp
    COMMAND ${CMAKE_COMMAND} -E make_directory ${stage}
    COMMAND ${CMAKE_COMMAND} -E copy ${packages} ${stage}
    COMMAND ${PROJECT_SOURCE_DIR}/tools/npm-ci ${stage}
    COMMAND ${CMAKE_COMMAND} -E touch ${stage}/npm.stamp
    DEPENDS ${packages}
    COMMENT "Installing the web packages"
    VERBATIM)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DMODE=web -DDIR=${EMBED_DIR} -DSTAGE=${stage} -DOUTPUT=${source}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${stage}/npm.stamp ${EMBED_DIR}/assets.txt ${own_files} ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    COMMENT "Embedding ${target}"
    VERBATIM)
  exposee_embed_library(${target} ${source})
endfunction()

function(exposee_embed_library target source)
  add_library(${target} STATIC ${source})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
endfunction()
