lintel_unit_test(firmware_fdt_test
  SOURCES
    fdt/fdt_builder_test.cc
    fdt/virt_fdt_test.cc
  LINKS lintel_fdt)
