# Debian's cross compiler (g++-aarch64-linux-gnu), with the libraries that guests/sysroot unpacks,
# or those below LINTEL_ARM64_SYSROOT: a folder with usr/include and usr/lib/aarch64-linux-gnu.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)

if(NOT LINTEL_ARM64_SYSROOT)
  execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/../../../guests/sysroot arm64
    OUTPUT_VARIABLE LINTEL_ARM64_SYSROOT OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "guests/sysroot arm64 failed; -DLINTEL_ARM64_SYSROOT= can name a folder")
  endif()
endif()
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LINTEL_ARM64_SYSROOT)

set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
# Not a --sysroot, but a place to look at first: the compiler has a C library of its own.
foreach(language C CXX)
  set(CMAKE_${language}_STANDARD_INCLUDE_DIRECTORIES ${LINTEL_ARM64_SYSROOT}/usr/include
    ${LINTEL_ARM64_SYSROOT}/usr/include/aarch64-linux-gnu)
endforeach()
set(CMAKE_FIND_ROOT_PATH ${LINTEL_ARM64_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
