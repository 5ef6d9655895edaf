lintel_fuzz_target(kernel_fuzz SOURCES kernel_fuzz.cc LINKS lintel_boot)
