lintel_fuzz_target(config_fuzz SOURCES config_fuzz.cc LINKS lintel_config)
