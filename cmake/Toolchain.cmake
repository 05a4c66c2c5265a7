# Compiler, linker and sanitizer settings shared by every target.
option(EXPOSEE_WERROR "Warnings are errors" OFF)

if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12) OR
   (CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19))
  message(FATAL_ERROR "${CMAKE_CXX_COMPILER} is ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}; "
                      "C++23 as it is used here needs GCC 12 or Clang 19, or newer: -DCMAKE_CXX_COMPILER=/usr/bin/g++")
endif()

# GCC looks into /usr/local/include before it looks into the system's folders. Where libraries below /usr/local are left
# aside (tools/build says so), their headers are too, or another Boost would be compiled against than is linked.
file(GLOB local_headers /usr/local/include/*)
if(local_headers AND "/usr/local" IN_LIST CMAKE_IGNORE_PREFIX_PATH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-nostdinc $<$<COMPILE_LANGUAGE:CXX>:-nostdinc++>)
  foreach(language C CXX)
    set(folders ${CMAKE_${language}_IMPLICIT_INCLUDE_DIRECTORIES})
    list(REMOVE_ITEM folders /usr/local/include)
    foreach(folder IN LISTS folders)
      add_compile_options($<$<COMPILE_LANGUAGE:${language}>:SHELL:-isystem\ ${folder}>)
    endforeach()
  endforeach()
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers hit the cache only with these; -fpch-preprocess below belongs to them (ccache's manual).
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
  # Another checkout of the same tree, wherever it lies, hits too: paths are compared relative to the tree.
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  # Code that runs at start or hardly ever stands apart, as ld has it by itself, and not on the pages of the rest.
  add_link_options(-fuse-ld=mold LINKER:-z,keep-text-section-prefix)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Werror=return-type -Wno-missing-field-initializers
                    -fno-plt -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  add_compile_options(-fpch-preprocess)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13 AND
   CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  # GCC 13 sees bounds crossed inside fmt 9's own header, wrongly; GCC 12 and 14 see the same code and do not.
  add_compile_options(-Wno-array-bounds -Wno-stringop-overflow)
endif()
if(EXPOSEE_WERROR)
  # Without those that guess along the flow: GCC 12 guesses wrong where sanitizers or inlining change it.
  add_compile_options(-Werror -Wno-error=maybe-uninitialized -Wno-error=restrict -Wno-error=array-bounds
                      -Wno-error=stringop-overflow -Wno-error=stringop-overread -Wno-error=nonnull
                      -Wno-error=free-nonheap-object -Wno-error=dangling-pointer)
endif()
add_compile_definitions(EXPOSEE_VERSION="${PROJECT_VERSION}")

# Bytes from strangers go through this program: checked containers and buffers, also in a release.
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(EXPOSEE_SANITIZE)
  add_compile_options(-fsanitize=${EXPOSEE_SANITIZE} -fno-sanitize-recover=all -O1 -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${EXPOSEE_SANITIZE})
  add_compile_definitions(EXPOSEE_SANITIZED=1)
else()
  add_compile_options(-fstack-protector-strong $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  add_link_options(LINKER:-z,relro,-z,now)
endif()
