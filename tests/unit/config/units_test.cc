// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/units.h"

#include <gtest/gtest.h>

#include "vmm/base/text.h"

namespace lintel::config {
namespace {

TEST(Size, is_a_whole_number_and_a_unit) {
  EXPECT_EQ(parse_size("512M"), uint64_t{512} << 20);
  EXPECT_EQ(parse_size("16T"), uint64_t{16} << 40);
  EXPECT_EQ(parse_size("0K"), 0U);
}

TEST(Size, anything_else_is_refused) {
  for (const char* text : {"", "512", "M", "512MB", "1.5G", "-1G", " 1G", "1 G", "1g", "0x10M",
                           "18446744073709551615G", "99999999999999999999K"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Size, format_of_it_parses_to_the_same) {
  EXPECT_EQ(parse_size(format_size(uint64_t{3} << 40)), uint64_t{3} << 40);
}

TEST(Size, suggestion_repairs_common_spellings) {
  EXPECT_EQ(suggest_size("512MB"), "512M");
  EXPECT_EQ(suggest_size("2 GiB"), "2G");
  EXPECT_EQ(suggest_size("2g"), "2G");
  EXPECT_EQ(suggest_size("512"), "");
  EXPECT_EQ(suggest_size("much"), "");
}

TEST(Duration, is_a_whole_number_and_a_unit) {
  EXPECT_EQ(parse_duration("250ms"), 250U);
  EXPECT_EQ(parse_duration("30s"), 30'000U);
  EXPECT_EQ(parse_duration("10m"), 600'000U);
  EXPECT_EQ(parse_duration("2h"), 7'200'000U);
  for (const char* text : {"", "30", "s", "30 s", "1.5s", "-1s", "30sec"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, format_parses_to_the_same) {
  for (const uint64_t ms : {0U, 1U, 999U, 1000U, 90'000U, 600'000U, 3'600'000U, 3'600'001U}) {
    EXPECT_EQ(parse_duration(format_duration(ms)), ms) << format_duration(ms);
  }
}

TEST(Duration, suggestion_repairs_common_spellings) {
  EXPECT_EQ(suggest_duration("30"), "30s");
  EXPECT_EQ(suggest_duration("30 sec"), "30s");
  EXPECT_EQ(suggest_duration("5min"), "5m");
  EXPECT_EQ(suggest_duration("soon"), "");
}

TEST(Mac, is_six_bytes_of_one_station) {
  EXPECT_EQ(parse_mac("52:54:00:12:34:56"), (MacAddress{0x52, 0x54, 0, 0x12, 0x34, 0x56}));
  EXPECT_EQ(format_mac(*parse_mac("52:54:00:AB:cd:EF")), "52:54:00:ab:cd:ef");
  for (const char* text : {"", "52:54:00:12:34", "52-54-00-12-34-56", "52:54:00:12:34:5g",
                           "53:54:00:12:34:56", "00:00:00:00:00:00", "52:54:00:12:34:56:"}) {
    EXPECT_FALSE(parse_mac(text)) << text;
  }
}

TEST(Forward, has_ports_and_perhaps_an_address_and_a_transport) {
  const auto plain = parse_forward("2222:22");
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, (PortForward{Transport::kTcp, "", 2222, 22}));
  const auto full = parse_forward("127.0.0.1:5353:53/udp");
  ASSERT_TRUE(full);
  EXPECT_EQ(*full, (PortForward{Transport::kUdp, "127.0.0.1", 5353, 53}));
  const auto six = parse_forward("[::1]:8080:80/tcp");
  ASSERT_TRUE(six);
  EXPECT_EQ(*six, (PortForward{Transport::kTcp, "::1", 8080, 80}));
}

TEST(Forward, format_parses_to_the_same) {
  for (const char* text : {"2222:22", "127.0.0.1:5353:53/udp", "[::1]:8080:80"}) {
    EXPECT_EQ(format_forward(*parse_forward(text)), text);
  }
}

TEST(Forward, anything_else_is_refused) {
  for (const char* text :
       {"", "22", "22:", ":22", "0:22", "22:65536", "22:22/sctp", "a:22", "localhost:22:22",
        "1.2.3:22:22", "[::1]22:22", "[::g]:22:22", "1:2:3:4"}) {
    EXPECT_FALSE(parse_forward(text)) << text;
  }
}

}  // namespace
}  // namespace lintel::config
