lintel_fuzz_target(pci_fuzz SOURCES pci_fuzz.cc LINKS lintel_pci)
