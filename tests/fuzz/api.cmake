lintel_fuzz_target(http_fuzz SOURCES http_fuzz.cc LINKS lintel_api)
