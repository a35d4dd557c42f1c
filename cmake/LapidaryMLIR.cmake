# Finds MLIR 22 and defines how a library or tool of the compiler is built:
# without RTTI as LLVM is, against libMLIR.so and libLLVM.so, with one
# precompiled header for all of them.
find_package(MLIR REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
find_package(LLD REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/lld)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "Lapidary needs MLIR and LLVM 22, found ${LLVM_VERSION}")
endif()
find_package(nlohmann_json REQUIRED)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
# TableGen looks for includes in the directory's own list.
include_directories(${PROJECT_SOURCE_DIR})
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})

add_library(LapidaryCompilerOptions INTERFACE)
separate_arguments(LAPIDARY_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_definitions(LapidaryCompilerOptions INTERFACE ${LAPIDARY_LLVM_DEFINITIONS})
target_compile_options(LapidaryCompilerOptions INTERFACE -fno-rtti)
target_link_libraries(LapidaryCompilerOptions INTERFACE LapidaryOptions MLIR LLVM)

# Owns the precompiled header that every compiler target reuses.
add_library(LapidaryPrecompiled STATIC ${PROJECT_SOURCE_DIR}/cmake/Precompiled.cpp)
target_link_libraries(LapidaryPrecompiled PUBLIC LapidaryCompilerOptions)
target_precompile_headers(LapidaryPrecompiled PRIVATE ${PROJECT_SOURCE_DIR}/cmake/Precompiled.h)
lapidary_identify_pch(LapidaryPrecompiled ${PROJECT_SOURCE_DIR}/cmake/Precompiled.h)
# Without it ccache could not reuse what includes the precompiled header.
target_compile_options(LapidaryPrecompiled PRIVATE
  $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)

# lapidary_library(Name source... [DEPENDS target...] [LINK target...])
function(lapidary_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC LapidaryCompilerOptions ${ARG_LINK})
  target_precompile_headers(${name} REUSE_FROM LapidaryPrecompiled)
  target_compile_options(${name} PRIVATE
    $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# lapidary_tool(name source... [LINK target...])
function(lapidary_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE LapidaryCompilerOptions ${ARG_LINK})
  target_precompile_headers(${name} REUSE_FROM LapidaryPrecompiled)
  target_compile_options(${name} PRIVATE
    $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
endfunction()
