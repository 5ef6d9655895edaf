lintel_unit_test(firmware_boot_test
  SOURCES
    boot/boot_memory_test.cc
    boot/bzimage_test.cc
    boot/elf_test.cc
    boot/kernel_builder.cc
    boot/kernel_cache_test.cc
    boot/kernel_image_test.cc
    boot/linux_arm64_test.cc
    boot/linux_x86_test.cc
    boot/unpack_test.cc
    boot/x86_entry_test.cc
  LINKS lintel_boot lintel_board_tables)
