# Compiles through ccache when there is one, set up so that a second clone in
# another folder finds what the first compiled.

# lapidary_identify_pch(target header): to call beside target_precompile_headers.
# A precompiled header holds absolute paths and so differs between clones. With
# CCACHE_PCH_EXTSUM ccache identifies it by the file written here instead.
function(lapidary_identify_pch target header)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
  file(SHA256 ${header} sum)
  file(CONFIGURE
    OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${target}.dir/cmake_pch.hxx.pch.sum
    CONTENT "${sum} ${CMAKE_CXX_COMPILER_VERSION} ${LLVM_PACKAGE_VERSION}\n")
endfunction()

find_program(CCACHE ccache)
if(NOT CCACHE OR CMAKE_CXX_COMPILER_LAUNCHER)
  return()
endif()
set(launcher ${CMAKE_COMMAND} -E env
  CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
  CCACHE_NOHASHDIR=1
  CCACHE_PCH_EXTSUM=1
  CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
  ${CCACHE})
set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})

# CMake would add `-include <header>`, a path that ccache does not make relative;
# it says nothing that the precompiled header does not.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -Xclang -include-pch -Xclang <PCH_FILE>)
endif()
