# lintel_kernel_headers: the kernel headers for VFIO and iommufd, which change faster than
# distributions. LINTEL_HAVE_IOMMUFD tells whether they know devices that are opened without a group
# (Linux 6.6); a monitor that is built without says so when it is asked to use them.
#
# LINTEL_KERNEL_HEADERS: a folder with linux/vfio.h; "system", for those that the compiler finds.
# Unset, the system's are taken if they are new enough, else those of Debian's backports, unpacked in
# the user's cache; without a network the system's will do.
include(CheckCXXSymbolExists)

function(lintel_look_for_iommufd result)
  set(CMAKE_REQUIRED_INCLUDES ${ARGN})
  check_cxx_symbol_exists(IOMMU_IOAS_MAP linux/iommufd.h ${result}_IOAS)
  check_cxx_symbol_exists(VFIO_DEVICE_BIND_IOMMUFD linux/vfio.h ${result}_BIND)
  if(${result}_IOAS AND ${result}_BIND)
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

lintel_look_for_iommufd(LINTEL_SYSTEM_IOMMUFD)
if(NOT LINTEL_KERNEL_HEADERS)
  set(headers system)
  if(NOT LINTEL_SYSTEM_IOMMUFD)
    execute_process(
      COMMAND ${CMAKE_SOURCE_DIR}/guests/debian_packages.py unpack linux-libc-dev
              --suite bookworm-backports
      OUTPUT_VARIABLE unpacked ERROR_VARIABLE complaint OUTPUT_STRIP_TRAILING_WHITESPACE
      RESULT_VARIABLE failed TIMEOUT 300)
    if(failed)
      message(STATUS "No newer kernel headers, so this build is without iommufd: ${complaint}")
    else()
      set(headers ${unpacked}/usr/include)
    endif()
  endif()
  set(LINTEL_KERNEL_HEADERS ${headers} CACHE STRING "Folder of kernel headers, or \"system\"")
endif()

add_library(lintel_kernel_headers INTERFACE)
if(LINTEL_KERNEL_HEADERS STREQUAL "system")
  set(LINTEL_HAVE_IOMMUFD ${LINTEL_SYSTEM_IOMMUFD})
else()
  target_include_directories(lintel_kernel_headers SYSTEM INTERFACE ${LINTEL_KERNEL_HEADERS})
  lintel_look_for_iommufd(LINTEL_HAVE_IOMMUFD ${LINTEL_KERNEL_HEADERS})
endif()
