lintel_fuzz_target(kernel_fuzz SOURCES kernel_fuzz.cc LINKS lintel_boot)
lintel_fuzz_target(arm64_kernel_fuzz SOURCES arm64_kernel_fuzz.cc LINKS lintel_boot)
