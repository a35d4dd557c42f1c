# Flags that every part shares, and the libraries both halves may use.
add_library(LapidaryOptions INTERFACE)
target_include_directories(LapidaryOptions INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(LapidaryOptions INTERFACE -Wall -Wextra -Wno-unused-parameter)
if(LAPIDARY_SANITIZE)
  target_compile_options(LapidaryOptions INTERFACE
    -fsanitize=${LAPIDARY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(LapidaryOptions INTERFACE -fsanitize=${LAPIDARY_SANITIZE})
endif()
find_package(Threads REQUIRED)
