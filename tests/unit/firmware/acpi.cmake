lintel_unit_test(firmware_acpi_test
  SOURCES
    acpi/aml_test.cc
    acpi/loader_test.cc
    acpi/resources_test.cc
    acpi/tables_test.cc
    acpi/virt_tables_test.cc
  LINKS lintel_acpi)
